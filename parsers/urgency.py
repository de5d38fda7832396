"""Anybody at risk? The writer's own words are screened first and by themselves."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import Literal

from parsers.patterns import Hit, class_words, patterns_of
from parsers.together import tells
from parsers.tokens import ENDS, closed, plain_words
from parsers.vocabulary import Vocabulary

Urgent = Literal["crisis", "safeguarding"]

_CERTAIN = "certain"  # of [crisis]: what no idiom explains away
_GRAVE = frozenset({"conduct", "alone"})


def screen(text: str, vocabulary: Vocabulary) -> Urgent | None:
    """Say whether the words tell of somebody in danger, or complain of a mentor's or mentee's conduct; danger outranks conduct."""
    return screen_words(closed(plain_words(text, vocabulary)), vocabulary)


@lru_cache(maxsize=64)  # the reading asks again what the hearing asked a moment before
def screen_words(words: str, vocabulary: Vocabulary) -> Urgent | None:
    if _standing(words, list(patterns_of(vocabulary, "crisis").find(words)), vocabulary):
        return "crisis"
    if _alarmed(words, vocabulary) or _foreboding(words, vocabulary):
        return "crisis"
    if _misconduct(words, vocabulary):
        return "safeguarding"
    return None


def _alarmed(words: str, vocabulary: Vocabulary) -> bool:
    """A word of danger and a word of alarm that no idiom and no story explains."""
    hits = list(patterns_of(vocabulary, "alarm").find(words))
    if len({hit.name for hit in hits}) < 2:
        return False
    return {hit.name for hit in _standing(words, hits, vocabulary)} == {"danger", "sign"}


def _foreboding(words: str, vocabulary: Vocabulary) -> bool:
    """Harmless words that do not stay so beside one another: pills and "counted out", a goodbye and no answer."""
    hits = list(patterns_of(vocabulary, "cue").find(words))
    return bool(hits) and tells(hits, vocabulary, "crisis") and tells(_standing(words, hits, vocabulary), vocabulary, "crisis")


def _standing(words: str, hits: list[Hit], vocabulary: Vocabulary) -> list[Hit]:
    """Leave out hits within an idiom, a job's name or a story of long ago."""
    if not hits:
        return []
    harmless = list(patterns_of(vocabulary, "harmless").find(words))
    return [hit for hit in _unexplained(hits, harmless) if not _long_ago(words, hit, vocabulary)]


def _unexplained(hits: list[Hit], harmless: list[Hit]) -> list[Hit]:
    """Leave out what something harmless explains; of that only what begins near a hit is held against it."""
    ordered = sorted(harmless, key=lambda safe: safe.start)
    starts = [safe.start for safe in ordered]
    longest = max((safe.end - safe.start for safe in ordered), default=0)
    near = ((hit, ordered[bisect_left(starts, hit.start - longest) : bisect_left(starts, hit.end)]) for hit in hits)
    return [hit for hit, safe in near if hit.name == _CERTAIN or not any(_explained(hit, one) for one in safe)]


def _explained(hit: Hit, harmless: Hit) -> bool:
    """Most of the words of the one are words of the other."""
    shared = min(hit.end, harmless.end) - max(hit.start, harmless.start)
    return 2 * shared > min(hit.end - hit.start, harmless.end - harmless.start) and shared >= 0.4 * (hit.end - hit.start)


def _long_ago(words: str, hit: Hit, vocabulary: Vocabulary) -> bool:
    start, end = _sentence(words, hit)
    sentence = words[start:end]
    told = list(patterns_of(vocabulary, "past").find(sentence))
    if not told:
        return False
    # Found in the whole sentence, which the next of its hits asks for again; "today I run a group" is of the story.
    found = [one for one in patterns_of(vocabulary, "present").find(sentence) if one.name != "being"]
    now = [one for one in found if not any(story.start <= one.start and one.end <= story.end for story in told)]
    if any(start + one.start > hit.start or one.name == "no_past" for one in now):
        return False
    return not _of_now(words, hit, vocabulary, within=(start, end))


def _of_now(words: str, hit: Hit, vocabulary: Vocabulary, *, within: tuple[int, int]) -> bool:
    """`Ten years sober and I am in the bar`: what is told in the words of today, and the years stand in another clause."""
    first, last = within
    marks = [f" {word} " for word in (",", *class_words(vocabulary, "clause"))]
    begins = [at + len(mark) - 1 for mark in marks if (at := words.rfind(mark, first, hit.start + 1)) >= 0]
    start = max(begins, default=first)
    end = min((at for mark in marks if (at := words.find(mark, hit.end - 1, last)) >= 0), default=last)
    clause = words[start : end + 1]
    present = any(found.name == "being" for found in patterns_of(vocabulary, "present").find(clause))
    return present and not next(patterns_of(vocabulary, "past").find(clause), None)


def _misconduct(words: str, vocabulary: Vocabulary) -> bool:
    hits = list(patterns_of(vocabulary, "safeguarding").find(words))
    if not hits:
        return False
    fine = [hit for hit in hits if hit.name == "fine"]
    supposed = [_sentence(words, hit) for hit in hits if hit.name == "supposed"]
    complaints = _complaints(hits)
    told = [
        hit
        for hit in _unexplained([hit for hit in hits if hit.name in complaints], fine)
        if _sentence(words, hit) not in supposed and not _long_ago(words, hit, vocabulary)
    ]
    if not told:
        return False
    return any(hit.name == "alone" for hit in told) or next(patterns_of(vocabulary, "partner").find(" ." + words), None) is not None


def _complaints(hits: list[Hit]) -> frozenset[str]:
    names = {hit.name for hit in hits}
    # What is merely close, a hand held or a favour asked, is no complaint of somebody who is glad of it.
    glad = "praise" in names and "unease" not in names
    return _GRAVE if glad else _GRAVE | {"soft"}


def _sentence(words: str, hit: Hit) -> tuple[int, int]:
    start = max(words.rfind(end, 0, hit.start + 1) for end in ENDS) + 1
    end = min((at for mark in ENDS if (at := words.find(mark, hit.end - 1)) >= 0), default=len(words)) + 1
    return max(start, 0), end
