"""What the rules found is weighed once more by how messages of such words were meant: a doubt takes a record away, a hunch asks for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Literal

from parsers.direction import Spoken, sentences
from parsers.opinion import UNSAID, Likely, opinion
from parsers.patterns import class_words, patterns_of
from parsers.told import KINDS, Known, Told
from parsers.urgency import screen_words
from parsers.vocabulary import Vocabulary

# Below it such words seldom mean the act. The limits here come from messages that were kept apart when the rest was learned.
SELDOM = {**dict.fromkeys(KINDS, 0.1), "referral": 0.05, "service_seeker": 0.05, "question": 0.015}
# Above it they mostly mean it: a kind is put to the writer as a question.
MOSTLY = {**dict.fromkeys(KINDS, 0.7), "opt_out": 0.95, "referral": 0.8, "service_seeker": 0.8, "question": 0.8, "withdraw": 0.7}
SURE = 0.93  # above it, and below its complement, such words hardly ever mean anything else
BESIDE_A_QUESTION = 0.9  # above it a kind is asked about, where the message may be no more than a question
# A kind less likely than the one, and another likelier than the other: the rules took it the wrong way round.
UNLIKELY, INSTEAD = 0.25, 0.85
DANGER = 0.6  # above it somebody may be at risk
SURE_DANGER = 0.995  # above it somebody is at risk, though nothing dangerous is named
EVERYDAY = 0.03  # above it a message may be small talk among friends
MISCONDUCT = 0.9  # above it somebody complains
NO_MISCONDUCT = 0.05  # below it, nobody does; a danger that the rules found is never ruled out
_LONG_WORD = re.compile(r"[a-z]{3,}")
_CHOICE = re.compile(r"\([^()]{0,2000}\)|<\w{1,40}>")  # one of which may stand
_ACTS = (*KINDS, "question", "referral", "update", "withdraw", "service_seeker", "opt_out", "opt_in", "spam")
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


def danger(words: str, vocabulary: Vocabulary) -> Literal["crisis", "safeguarding"] | None:
    """Name the risk that such words mostly mean.

    A crisis has to name a thing of danger, or to be in words that hardly ever mean anything else; a complaint, one of those
    whom we brought together.
    """
    likely = second_opinion(words, vocabulary)
    crisis = likely.get("crisis", 0.0)
    if crisis > DANGER and not class_words(vocabulary, "peril").isdisjoint(words.split()):
        return "crisis"
    if crisis > SURE_DANGER and likely.get("everyday", 1.0) < EVERYDAY:
        return "crisis"
    if likely.get("safeguarding", 0.0) > MISCONDUCT and next(patterns_of(vocabulary, "partner").find(f" .{words}"), None):
        return "safeguarding"
    return None


def no_misconduct(words: str, vocabulary: Vocabulary) -> bool:
    """Neither the whole, nor a sentence that complains by itself, is of such words: beside much else one sentence weighs little."""
    alone = [words[start:end] for start, end in sentences(words)]
    complaints = [words, *(sentence for sentence in alone if screen_words(sentence, vocabulary))]
    return all(second_opinion(each, vocabulary).get("safeguarding", 1.0) < NO_MISCONDUCT for each in complaints)


def doubt(told: Told, known: Known, likely: Likely, vocabulary: Vocabulary) -> None:
    """Take back kinds that such words, all of them and the sentence alone, seldom mean; what is on record stays, as an opt-out does."""
    if told.guessed or _swapped(told, known, likely):
        return
    found = {kind: [place for place in told.places if place.kind == kind] for kind in told.kinds.difference(known.records)}
    told.doubted = {kind for kind, places in found.items() if places and _doubted(kind, places, told.words, likely, vocabulary)}
    told.kinds -= told.doubted
    told.plain &= told.kinds


def _doubted(act: str, places: Sequence[Spoken], words: str, likely: Likely, vocabulary: Vocabulary) -> bool:
    if not _seldom(act, likely):
        return False
    said = [words[start:end] for start, end in sentences(words) if any(place.start < end and start < place.end for place in places)]
    return all(_seldom(act, second_opinion(sentence, vocabulary)) for sentence in said)


def _swapped(told: Told, known: Known, likely: Likely) -> bool:
    """Where the rules found one kind and such words mostly mean another, that one is asked about."""
    if len(told.kinds) != 1 or known.asked or known.records or not told.places:
        return False
    (found,) = told.kinds
    if likely.get(found, 1.0) >= UNLIKELY:
        return False
    kind, chance = _likeliest(likely)
    if chance <= INSTEAD:
        return False
    told.kinds, told.plain, told.guessed = {kind}, set(), True
    return True


def doubt_acts(acts: set[str], known: Known, likely: Likely) -> set[str]:
    """Leave out what such words seldom mean and what makes no record; somebody with a record may ask of it in any words."""
    kept = {*KINDS, "question"} if known.asked or known.records or known.match else KINDS
    return {act for act in acts if act in kept or not _seldom(act, likely)}


def guess(told: Told, acts: set[str], known: Known, likely: Likely) -> set[str]:
    """Add what such words mostly mean, where the rules found nothing or no more than a question; of strangers, what they surely mean."""
    if not (known.asked or known.records or known.match) and (sure := _sure(told, acts, likely)):
        new = sure.intersection(KINDS) - acts
        told.kinds, told.guessed = sure.intersection(KINDS), told.guessed or bool(new)
        return sure
    if not acts <= {"question"}:
        return acts
    if told.vague and "opt_out" not in told.wishes and _mostly("opt_out", likely):  # nor one that the rules bounded or took back
        return {"opt_out"}
    if known.asked or known.records or known.match:
        return {"withdraw"} if known.records and not acts and _mostly("withdraw", likely) else acts
    if _mostly("service_seeker", likely):
        return {"service_seeker"}
    if _mostly("referral", likely):
        return acts | {"referral"}
    return _guess_kind(told, acts, likely) or acts or ({"question"} if _mostly("question", likely) else set())


def _sure(told: Told, acts: set[str], likely: Likely) -> set[str]:
    """Return what such words mean, where nothing about it is in doubt; an end is never taken back but for a new beginning."""
    sure = set()
    for act in _ACTS:
        chance = likely.get(act, 0.5)
        if chance > SURE:
            sure.add(act)
        elif chance > 1 - SURE:
            return set()
    if ("opt_out" in acts and sure != {"opt_in"}) or ("opt_out" in sure and "opt_out" not in acts):
        return set()
    return sure


def _guess_kind(told: Told, acts: set[str], likely: Likely) -> set[str]:
    """A hunch makes a record that waits for the writer's word; none where the message says no word of the field, or denies it."""
    if told.kinds or not told.sure or told.denied:
        return set()
    kind, chance = _likeliest(likely)
    if kind in told.doubted or not _mostly(kind, likely) or (acts and chance < BESIDE_A_QUESTION):
        return set()
    told.kinds, told.guessed = {kind}, True
    return acts | {kind}


def _likeliest(likely: Likely) -> tuple[str, float]:
    chance = {kind: likely.get(kind, 0.0) for kind in KINDS}
    kind = max(chance, key=chance.__getitem__)
    return kind, chance[kind]


def _seldom(act: str, likely: Likely) -> bool:
    return act in SELDOM and likely.get(act, 1.0) < SELDOM[act]


def _mostly(act: str, likely: Likely) -> bool:
    return likely.get(act, 0.0) > MOSTLY[act]
