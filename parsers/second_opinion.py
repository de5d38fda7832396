"""What a second reader says of words, and what it fears or rules out of risk and fraud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Literal

from parsers.direction import sentences
from parsers.opinion import UNSAID, Likely, opinion
from parsers.patterns import class_words, patterns_of
from parsers.phrasebook import word_set
from parsers.urgency import screen_words
from parsers.vocabulary import Vocabulary

# The limits come from messages that were kept apart when the rest was learned.
DANGER = 0.7  # above it somebody may be at risk
SURE_DANGER = 0.997  # above it somebody is at risk, though nothing dangerous is named
SURE_DANGER_BY_MAIL = 0.9  # friends and families do not chat there
EVERYDAY = 0.03  # above it a message may be small talk among friends
MISCONDUCT, SURE_MISCONDUCT = 0.85, 0.97  # above it somebody complains; above the other, though nobody of ours is named
IN_ALL = 0.5  # above it a single sentence counts for the whole
DANGER_IN_A_SENTENCE, MISCONDUCT_IN_A_SENTENCE = 0.95, 0.9  # above it the one that says it is among others that say nothing of it
NO_MISCONDUCT = 0.02  # below it, nobody does; a danger that the rules found is never ruled out
NO_SPAM = 0.03  # below it, somebody is no cheat
_LONG_WORD = re.compile(r"[a-z]{3,}")
_CHOICE = re.compile(r"\([^()]{0,2000}\)|<\w{1,40}>")  # one of which may stand
_FEW_WORDS = 5  # and marks; so few say what they say


@lru_cache(maxsize=32)  # the reading asks again what the screening for risk asked a moment before
def second_opinion(words: str, vocabulary: Vocabulary) -> Likely:
    """Return how likely each act and risk is; nothing where there is too little to tell by, or where a programme's own words stand."""
    said = words.split()
    different = set(said)
    if len(said) <= _FEW_WORDS or any(entry <= different for entry in _added(vocabulary)):
        return UNSAID
    return opinion().of(words)


@lru_cache(maxsize=8)
def _added(vocabulary: Vocabulary) -> tuple[frozenset[str], ...]:
    """The longer words of each entry that a programme added: nobody who wrote it down shall be overruled by what was learned before."""
    entries = (_entries(tables) for name, tables in vocabulary.files.items() if "/" in name)
    longer = (frozenset(_LONG_WORD.findall(_CHOICE.sub(" ", entry))) for entry in chain.from_iterable(entries))
    return tuple(filter(None, longer))


def _entries(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _entries(inner)


def danger(words: str, vocabulary: Vocabulary, *, mail: bool = False) -> Literal["crisis", "safeguarding"] | None:
    """Name the risk that such words mostly mean.

    A crisis has to name a thing of danger, or to be in words that hardly ever mean anything else, which is sooner so in a mail
    than among the texts that friends send; a complaint, one of those whom we brought together, or to be as plain. In a longer
    message a sentence may be plainer than the whole.
    """
    likely = second_opinion(words, vocabulary)
    crisis, complaint = likely.get("crisis", 0.0), likely.get("safeguarding", 0.0)
    if crisis > DANGER and not class_words(vocabulary, "peril").isdisjoint(words.split()):
        return "crisis"
    if max(crisis, complaint) < IN_ALL:
        return None
    talk = likely.get("everyday", 1.0) > EVERYDAY
    if not talk and (crisis > SURE_DANGER or (mail and _feared("crisis", words, vocabulary))):
        return "crisis"
    if complaint > MISCONDUCT and next(patterns_of(vocabulary, "partner").find(f" .{words}"), None):
        return "safeguarding"
    return "safeguarding" if not talk and _feared("safeguarding", words, vocabulary) else None


def _feared(risk: Literal["crisis", "safeguarding"], words: str, vocabulary: Vocabulary) -> bool:
    whole, part = (SURE_DANGER_BY_MAIL, DANGER_IN_A_SENTENCE) if risk == "crisis" else (SURE_MISCONDUCT, MISCONDUCT_IN_A_SENTENCE)
    chance = second_opinion(words, vocabulary).get(risk, 0.0)
    alone = (words[start:end] for start, end in sentences(words))
    return chance > whole or (chance > IN_ALL and any(second_opinion(each, vocabulary).get(risk, 0.0) > part for each in alone))


def no_misconduct(words: str, vocabulary: Vocabulary) -> bool:
    """Neither the whole, nor a sentence that complains by itself, is of such words: beside much else one sentence weighs little."""
    alone = [words[start:end] for start, end in sentences(words)]
    complaints = [words, *(sentence for sentence in alone if screen_words(sentence, vocabulary))]
    return all(second_opinion(each, vocabulary).get("safeguarding", 1.0) < NO_MISCONDUCT for each in complaints)


def speaks_of_itself(words: str, vocabulary: Vocabulary) -> bool:
    """Say whether a sentence names a danger to its writer, and not, as answering machines do, to whoever may read it.

    "This mailbox is not monitored, is it? I want to die", and not "if you are thinking of suicide, call 988".
    """
    own, addressed = (word_set(vocabulary, "other_people", name) for name in ("self", "addressed"))
    said = (words[start:end] for start, end in sentences(words))
    mine = (each for each in said if not own.isdisjoint(each.split()) and addressed.isdisjoint(each.split()))
    return any(screen_words(each, vocabulary) == "crisis" for each in mine)


def no_spam(words: str, vocabulary: Vocabulary) -> bool:
    """People too speak of jackpots, gift cards and work from home."""
    return second_opinion(words, vocabulary).get("spam", 1.0) < NO_SPAM
