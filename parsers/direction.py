"""Who would mentor whom, who would follow whom: the kinds of record that a text speaks of, and how it speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parsers.patterns import Hit, class_words, patterns_of
from parsers.vocabulary import Vocabulary

_ENDS = (" . ", " ? ")
_NEAR = 60  # a "not" further ahead than this speaks of something else
_FAR = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One place where a kind of record is spoken of."""

    kind: str
    start: int
    end: int
    denied: bool  # "I can't mentor"
    told: bool  # a story of the past
    other: bool  # somebody else would
    asked: bool  # within a question
    only_asked: bool  # "what does a mentor do": about the kind, not for it
    yours: bool  # "you need mentors"


def spoken(words: str, vocabulary: Vocabulary, *, table: str = "kind") -> list[Spoken]:
    """Find every kind that is spoken of, each with what is said around it."""
    hits = _outermost(list(patterns_of(vocabulary, table).find(words)), words, vocabulary)
    return [_look_around(hit, words, vocabulary) for hit in hits]


def sentences(words: str) -> list[tuple[int, int]]:
    """Return the bounds of each sentence, its mark included."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for at in range(len(words)):
        if words.startswith(_ENDS, at):
            bounds.append((start, at + 3))
            start = at + 2
    if words[start:].strip(" .?"):
        bounds.append((start, len(words)))
    return bounds


def is_question(sentence: str, vocabulary: Vocabulary) -> bool:
    """A question has its mark, or opens as one."""
    if "?" in sentence:
        return True
    start = len(sentence) - len(sentence.lstrip(" .,"))
    return any(hit.name == "opens" and hit.start <= start for hit in patterns_of(vocabulary, "asking").find(sentence))


def _outermost(hits: Sequence[Hit], words: str, vocabulary: Vocabulary) -> list[Hit]:
    """Of hits that overlap, one that ends with "me" knows who does what to whom; then the longest."""
    kept: list[Hit] = []
    objects = class_words(vocabulary, "object")
    ranked = sorted(hits, key=lambda hit: (words[hit.start : hit.end].rsplit(maxsplit=1)[-1] in objects, hit.end - hit.start), reverse=True)
    for hit in ranked:
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _look_around(hit: Hit, words: str, vocabulary: Vocabulary) -> Spoken:
    start, end = _sentence_of(hit, words)
    sentence = words[start:end]
    before = words[start : hit.start]
    asked = is_question(sentence, vocabulary)
    around = {found.name: found for found in patterns_of(vocabulary, "around").find(sentence)}
    asking = patterns_of(vocabulary, "asking").names(sentence) if asked else frozenset()
    subject = _subject(before, vocabulary)
    mine = _speaks_of_me(words[hit.start : hit.end], vocabulary)
    return Spoken(
        kind=hit.name,
        start=hit.start,
        end=hit.end,
        denied=_denied(before, words[hit.start : hit.end], vocabulary),
        told="story" in around and not _hoped(before, words[hit.start : hit.end], vocabulary),
        other=subject == "third" and not (hit.name == "shadow_offer" and mine),
        asked=asked,
        only_asked="only" in asking and "kind_too" not in asking,
        yours=subject == "you" and hit.name.endswith("request") and not mine,
    )


def _sentence_of(hit: Hit, words: str) -> tuple[int, int]:
    start = max(words.rfind(end, 0, hit.start) for end in _ENDS)
    ends = [at for mark in _ENDS if (at := words.find(mark, hit.end - 1)) >= 0]
    return (start + 2 if start >= 0 else 0), (min(ends) + 3 if ends else len(words))


def _denied(before: str, within: str, vocabulary: Vocabulary) -> bool:
    """A "not" counts as far as the clause goes."""
    around = patterns_of(vocabulary, "around")
    clause = " " + before.lstrip()
    hits = [hit for hit in around.find(clause) if hit.end > len(clause) - _NEAR]
    last_break = max((hit.end for hit in hits if hit.name == "break"), default=0)
    if any(hit.name == "not" and hit.end > last_break for hit in hits):
        return True
    return any(hit.name == "not" for hit in around.find(" " + within))


def _subject(before: str, vocabulary: Vocabulary) -> str:
    """Say who is nearest ahead: the writer (`first`), somebody else (`third`) or we (`you`)."""
    near = before[-_FAR:]
    near = near[near.find(" ") :]
    nearest, who = -1, ""
    for hit in patterns_of(vocabulary, "subject").find(near):
        if hit.name in ("first", "third", "you") and hit.end > nearest and not _no_subject(near, hit, vocabulary):
            nearest, who = hit.end, hit.name
    return who


def _no_subject(near: str, hit: Hit, vocabulary: Vocabulary) -> bool:
    """Neither "by my boss" nor "my boss said I should" makes the boss the one who would."""
    if hit.name != "third":
        return False
    for around in patterns_of(vocabulary, "subject").find(near):
        if around.name == "not_subject" and around.end == hit.start:
            return True
        if around.name == "says" and hit.end <= around.start <= hit.end + 25:
            return True
    return False


def _hoped(before: str, within: str, vocabulary: Vocabulary) -> bool:
    """A wish at the start of the kind, or right ahead of it, makes it one of today whatever story stands around it."""
    near = before[-_FAR:]
    return any(hit.end >= len(near) - 1 and hit.start <= len(near) for hit in patterns_of(vocabulary, "hope").find(near + within))


def _speaks_of_me(within: str, vocabulary: Vocabulary) -> bool:
    return any(hit.name == "me" for hit in patterns_of(vocabulary, "subject").find(" " + within))
