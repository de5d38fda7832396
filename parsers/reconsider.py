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
SELDOM = {**dict.fromkeys(KINDS, 0.07), "referral": 0.05, "service_seeker": 0.05, "question": 0.015}
# Above it they mostly mean it: a kind is put to the writer as a question.
MOSTLY = {**dict.fromkeys(KINDS, 0.6), "opt_in": 0.9, "referral": 0.65, "service_seeker": 0.8, "question": 0.6, "withdraw": 0.7}
SURE = 0.9  # above it, and below its complement, such words hardly ever mean anything else
SURE_WITHOUT_A_WORD = 0.995  # of the field
AN_END, AN_END_OF_ALL = 0.95, 0.99  # above it somebody wants no more messages; of somebody with records, above the other
AGAINST_THE_RULES = 0.8  # above it a kind is asked about, where the message may be no more than a question, or deny it
# A kind less likely than the one, and another likelier than the other: the rules took it the wrong way round.
UNLIKELY, INSTEAD = 0.3, 0.8
DANGER = 0.6  # above it somebody may be at risk
SURE_DANGER = 0.995  # above it somebody is at risk, though nothing dangerous is named
SURE_DANGER_BY_MAIL = 0.9  # friends and families do not chat there
EVERYDAY = 0.03  # above it a message may be small talk among friends
MISCONDUCT, SURE_MISCONDUCT = 0.85, 0.97  # above it somebody complains; above the other, though nobody of ours is named
NO_MISCONDUCT = 0.02  # below it, nobody does; a danger that the rules found is never ruled out
NO_SPAM = 0.03  # below it, somebody is no cheat
_LONG_WORD = re.compile(r"[a-z]{3,}")
_CHOICE = re.compile(r"\([^()]{0,2000}\)|<\w{1,40}>")  # one of which may stand
_ACTS = (*KINDS, "question", "referral", "update", "withdraw", "service_seeker", "opt_out", "spam")
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
    than among the texts that friends send; a complaint, one of those whom we brought together, or to be as plain.
    """
    likely = second_opinion(words, vocabulary)
    crisis, complaint = likely.get("crisis", 0.0), likely.get("safeguarding", 0.0)
    if crisis > DANGER and not class_words(vocabulary, "peril").isdisjoint(words.split()):
        return "crisis"
    if max(crisis, complaint) < MISCONDUCT:
        return None
    talk = likely.get("everyday", 1.0) > EVERYDAY
    if crisis > (SURE_DANGER_BY_MAIL if mail else SURE_DANGER) and not talk:
        return "crisis"
    if complaint > MISCONDUCT and next(patterns_of(vocabulary, "partner").find(f" .{words}"), None):
        return "safeguarding"
    return "safeguarding" if complaint > SURE_MISCONDUCT and not talk else None


def no_misconduct(words: str, vocabulary: Vocabulary) -> bool:
    """Neither the whole, nor a sentence that complains by itself, is of such words: beside much else one sentence weighs little."""
    alone = [words[start:end] for start, end in sentences(words)]
    complaints = [words, *(sentence for sentence in alone if screen_words(sentence, vocabulary))]
    return all(second_opinion(each, vocabulary).get("safeguarding", 1.0) < NO_MISCONDUCT for each in complaints)


def no_spam(words: str, vocabulary: Vocabulary) -> bool:
    """People too speak of jackpots, gift cards and work from home."""
    return second_opinion(words, vocabulary).get("spam", 1.0) < NO_SPAM


def doubt(told: Told, known: Known, likely: Likely, vocabulary: Vocabulary) -> None:
    """Take back kinds that such words, all of them and the sentence alone, seldom mean; what is on record stays, as an opt-out does."""
    if told.guessed or known.asked or _swapped(told, known, likely):
        return
    found = {kind: _places(kind, told) for kind in told.kinds.difference(known.records)}
    told.doubted = {kind for kind, places in found.items() if places and _doubted(kind, places, told.words, likely, vocabulary)}
    told.kinds -= told.doubted
    told.plain &= told.kinds


def _places(kind: str, told: Told) -> list[Spoken]:
    return [place for place in told.places if place.kind == kind]


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


def guess(told: Told, acts: set[str], known: Known, likely: Likely, vocabulary: Vocabulary) -> set[str]:
    """Add what such words mostly mean where the rules found nothing or no more than a question; elsewhere, what they surely mean."""
    stranger = not (known.asked or known.records or known.match)
    if (stranger or not (acts or known.asked)) and (sure := _sure(told, acts, known, likely, vocabulary)):
        told.kinds = sure.intersection(KINDS)
        told.guessed |= not told.kinds <= acts
        return sure
    if acts <= ({"question", "withdraw"} if stranger else {"question"}) and _ends(told, known, likely):
        return {"opt_out"}
    if not acts <= {"question"}:
        return acts
    if stranger:
        return _guess_act(told, acts, likely)
    return {"withdraw"} if known.records and not acts and _mostly("withdraw", likely) else acts


def _guess_act(told: Told, acts: set[str], likely: Likely) -> set[str]:
    if _mostly("service_seeker", likely):
        return {"service_seeker"}
    if _mostly("referral", likely):
        return acts | {"referral"}
    if _mostly("opt_in", likely) and not acts and "opt_out" not in told.wishes:
        return {"opt_in"}
    return _guess_kind(told, acts, likely) or acts or ({"question"} if _mostly("question", likely) else set())


def _sure(told: Told, acts: set[str], known: Known, likely: Likely, vocabulary: Vocabulary) -> set[str]:
    """Return what such words mean, where nothing about it is in doubt; ends are weighed apart, and an offer by its sentence."""
    sure = set()
    for act in _ACTS:
        chance = likely.get(act, 0.5)
        if chance > SURE:
            sure.add(act)
        elif chance > 1 - SURE:
            return set()
    ended = "withdraw" in sure - acts and told.kinds  # "to give back" ends nothing
    if ended or "opt_out" in sure | acts or known.match or not sure.isdisjoint(known.records):
        return set()
    if not told.sure and any(likely.get(kind, 0.0) < SURE_WITHOUT_A_WORD for kind in sure.intersection(KINDS)):
        return set()  # friends teach one another much
    if any(not _doubted(kind, _places(kind, told), told.words, likely, vocabulary) for kind in told.kinds & acts - sure):
        return set()
    return sure


def _ends(told: Told, known: Known, likely: Likely) -> bool:
    """None is heard in an answer, nor where the field is spoken of, a time is named, or something shall go on."""
    if known.asked or not told.vague or not told.wishes.keys().isdisjoint(("bounded", "keep")):
        return False
    return likely.get("opt_out", 0.0) > (AN_END_OF_ALL if known.records or known.match else AN_END)


def _guess_kind(told: Told, acts: set[str], likely: Likely) -> set[str]:
    """A hunch makes a record that waits for the writer's word; none where the message says no word of the field."""
    if told.kinds or not told.sure:
        return set()
    kind, chance = _likeliest(likely)
    if kind in told.doubted or not _mostly(kind, likely) or ((acts or told.denied) and chance < AGAINST_THE_RULES):
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
