"""How people would meet (modality), and how they wish to be written or called to (channel)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from parsers.name_words import known_names
from parsers.phrasebook import word_set
from parsers.phrases import SENTENCE_ENDS, Text
from parsers.vocabulary import Vocabulary

_CHANNELS = ("sms", "email", "voice")
_SPOKEN = frozenset(("modality", *(f"channel.{channel}" for channel in _CHANNELS)))
_AS_MODALITY = {"sms": "text", "voice": "phone"}
_BARE = 5  # words of a clause that says how somebody is best reached and nothing else
_REFUSING = 8  # words of a clause that refuses one channel and names another
_REACH = 3  # words that a "not" or a preference reaches over
_FAR = 4  # words that a "not" reaches over to a way of meeting


class Clause(NamedTuple):
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Meeting:
    modality: tuple[str, ...] = ()
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    channel: str
    wanted: bool
    directed: bool  # "email me", against a bare "email"
    strong: bool  # "best", "rather", "instead"


def read_meeting(text: Text, vocabulary: Vocabulary, *, skipped: frozenset[int] = frozenset()) -> Meeting:
    if _SPOKEN.isdisjoint(text.kinds):
        return Meeting()
    modality: set[str] = set()
    wishes: list[Wish] = []
    refusal = _refusal(text)
    for clause in _clauses(text):
        if clause.start in skipped:
            continue
        met = set(_met(text, clause))
        wished = list(_wishes(text, clause, vocabulary, met=met))
        wishes += wished
        if refusal and not wished and (instead := _instead(text, clause, refusal, met=met)):
            wishes.append(instead)
            wished = [instead]
        about_contact = any(wish.directed for wish in wished) or _of_either(text, clause)
        modality |= met - set(_AS_MODALITY.values()) if about_contact else met
    return Meeting(modality=tuple(sorted(modality)), channel=_chosen(wishes))


def _clauses(text: Text) -> Iterator[Clause]:
    start = 0
    for index, token in enumerate(text.tokens):
        if token.word in SENTENCE_ENDS or token.word in ",:()" or text.at("times_glue.but", index) or text.at("times_glue.release", index):
            yield Clause(start, index)
            start = index + 1
    yield Clause(start, len(text.tokens))


def _met(text: Text, clause: Clause) -> Iterator[str]:
    """Yield each way of meeting that the clause names."""
    for mark in text.within("modality", *clause):
        blocked = _blocked(text, "modality_block.any", mark.start, mark.end)
        if not blocked and not _negated(text, clause, mark.start, _FAR) and not text.at("channel.lacking", mark.end):
            yield mark.value


def _wishes(text: Text, clause: Clause, vocabulary: Vocabulary, *, met: set[str]) -> Iterator[Wish]:
    if _of_either(text, clause):
        return
    reach = any(not _negated(text, clause, mark.start) for mark in text.within("channel.reach", *clause))
    strong = bool(text.within("channel.strong", *clause))
    for channel in _CHANNELS:
        for mark in text.within(f"channel.{channel}", *clause):
            directed = text.at("channel.directed", mark.start) is not None
            if directed and (_is_name(text, mark.end, vocabulary) or text.at("channel.or", mark.start - 1)):
                continue
            wanted = not _negated(text, clause, mark.start)
            if (
                directed
                or (reach and wanted)
                or _bare(text, clause, channel, strong=strong, met=met)
                or (channel == "email" and _preferred(text, mark.end))
            ):
                yield Wish(channel, wanted, directed or reach, strong)


def _refusal(text: Text) -> str | None:
    """Return the channel that is plainly refused: "please don't call", "I never check email"."""
    return next((channel for channel in _CHANNELS if text.of(f"channel.no_{channel}")), None)


def _instead(text: Text, clause: Clause, refused: str, *, met: set[str]) -> Wish | None:
    """Read the "text pls" that stands beside a refusal of another channel."""
    named = {
        channel
        for channel in _CHANNELS
        for mark in text.within(f"channel.{channel}", *clause)
        if channel != refused and not _negated(text, clause, mark.start)
    }
    if refused != "voice" and any(not _negated(text, clause, mark.start) for mark in text.within("channel.calls", *clause)):
        named.add("voice")  # "call, don't text"
    most = _REFUSING if text.within(f"channel.no_{refused}", *clause) else _BARE
    alone = len(named) == 1 and _is_short(text, clause, most) and met <= {_AS_MODALITY.get(channel, "") for channel in named}
    return Wish(named.pop(), wanted=True, directed=True, strong=True) if alone else None


def _of_either(text: Text, clause: Clause) -> bool:
    return bool(text.within("channel.either", *clause))


def _bare(text: Text, clause: Clause, channel: str, *, strong: bool, met: set[str]) -> bool:
    """Say whether "phone is best" stands by itself: it then speaks of contact as well as of meeting."""
    if channel == "email":
        return strong
    others = met - {_AS_MODALITY[channel]}
    return strong and not others and _is_short(text, clause)


def _is_short(text: Text, clause: Clause, most: int = _BARE) -> bool:
    """Count no further than to what is too many: a clause may be as long as the text, and have all its channels asked for this."""
    words = (index for index in range(clause.start, clause.end) if text.word(index).isalnum())
    return len(list(islice(words, most + 1))) <= most


def _preferred(text: Text, index: int) -> bool:
    if any(text.at("channel.prefer", place) for place in (index - 3, index - 2)):
        return True
    for place in range(index, index + _REACH):
        if text.at("channel.prefer", place):
            return True
        if not text.word(place).isalnum():
            return False
    return False


def _negated(text: Text, clause: Clause, index: int, reach: int = _REACH) -> bool:
    negated = text.within("channel.negated", max(clause.start, index - reach), index)
    return any(not text.within("channel.strong", mark.end, index) for mark in negated)


def _blocked(text: Text, kind: str, start: int, end: int) -> bool:
    """Say whether a longer phrase that means something else covers this one."""
    for place in range(max(0, start - 4), end):
        mark = text.at(kind, place)
        if mark and mark.start <= start and mark.end >= end and (mark.end - mark.start) >= (end - start):
            return True
        if mark and start <= mark.start < end <= mark.end:
            return True
    return False


def _is_name(text: Text, index: int, vocabulary: Vocabulary) -> bool:
    """Tell "call me Bo" from "call me"."""
    if index >= len(text.tokens):
        return False
    word, raw = text.word(index), text.tokens[index].raw
    capital = text.cased and raw[:1].isupper() and word not in word_set(vocabulary, "names", "stop")
    return capital or word in known_names(vocabulary).given


def _chosen(wishes: list[Wish]) -> str | None:
    """Choose where one channel is wanted more plainly than any other."""
    unwanted = {wish.channel for wish in wishes if not wish.wanted}
    for plainly in (
        [wish for wish in wishes if wish.wanted and wish.directed and wish.strong],
        [wish for wish in wishes if wish.wanted and wish.directed],
        [wish for wish in wishes if wish.wanted],
    ):
        channels = {wish.channel for wish in plainly} - unwanted
        if len(channels) == 1:
            return channels.pop()
        if channels:
            return None
    return None
