"""Who would mentor whom, who would follow whom: the kinds of record that a text speaks of, and how it speaks of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from parsers.patterns import Hit, class_words, patterns_of
from parsers.refusals import refusals, refuses
from parsers.tokens import ENDS
from parsers.vocabulary import Vocabulary

_END = re.compile(r" (?=[.?] )")
_NEAR = 60  # a "not" further ahead than this speaks of something else
_FAR = 140
_MODAL = 6  # letters of "would "
_WIDE = 1_000  # characters of a sentence to either side of a kind; of one without an end the rest speaks of something else
_SUBJECTS = ("first", "third", "named", "wants", "you", "any")
MOST_HITS = 60  # no person speaks of the kinds more often in one message


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


def spoken(words: str, vocabulary: Vocabulary, *, table: str = "kind", among: Collection[str] = ()) -> list[Spoken]:
    """Find every kind that is spoken of, or every one of those named, each with what is said around it."""
    found = [hit for hit in patterns_of(vocabulary, table).find(words) if not among or hit.name in among]
    hits = sorted(found, key=lambda hit: hit.start)[:MOST_HITS]
    places = [_look_around(hit, words, vocabulary) for hit in _outermost(hits, words, vocabulary)]
    refused = refusals(words, vocabulary) if any(place.kind.endswith("offer") for place in places) else []
    return [replace(place, denied=True) if not place.other and refuses(place, refused) else place for place in places]


def sentences(words: str) -> list[tuple[int, int]]:
    """Return the bounds of each sentence, its mark included."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(words):
        bounds.append((start, end.start() + 3))
        start = end.start() + 2
    if words[start:].strip(" .?"):
        bounds.append((start, len(words)))
    return bounds


def set_apart(words: str, vocabulary: Vocabulary) -> str:
    """Begin a sentence where a comma leads to a question, as in `I can host, and do you pay for parking?`."""
    for hit in patterns_of(vocabulary, "asking").find(words):
        begins = hit.name == "aside" and asks_how(words[hit.start + 1 : hit.end + _FAR], vocabulary)
        if hit.name in ("tail", "aside") and not begins:
            words = words[: hit.start] + "." + words[hit.start + 1 :]
    return words


def asks_how(asked: str, vocabulary: Vocabulary) -> bool:
    """Say whether it opens as one asks for what one wants: `how do I start`, `where can I get treatment`."""
    return any(hit.name == "kind_too" and hit.start == 1 for hit in patterns_of(vocabulary, "asking").find(asked))


def asks_anywhere(words: str, vocabulary: Vocabulary) -> bool:
    """What opens no question anywhere opens none in a sentence, which then need not be looked through."""
    return "?" in words or "opens" in patterns_of(vocabulary, "asking").names(words)


def is_question(sentence: str, vocabulary: Vocabulary) -> bool:
    """A question has its mark, or opens as one."""
    if "?" in sentence:
        return True
    start = len(sentence) - len(sentence.lstrip(" .,"))
    return any(hit.name == "opens" and hit.start <= start for hit in patterns_of(vocabulary, "asking").find(sentence))


def _outermost(hits: Sequence[Hit], words: str, vocabulary: Vocabulary) -> list[Hit]:
    """Of hits that overlap, one that ends with "me" knows who does what to whom; then the longest."""
    if len(hits) < 2:
        return list(hits)
    kept: list[Hit] = []
    objects = class_words(vocabulary, "object")
    ranked = sorted(
        hits, key=lambda hit: (words[hit.start : hit.end].rsplit(maxsplit=1)[-1] in objects, hit.end - hit.start, hit.name), reverse=True
    )
    for hit in ranked:
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def _look_around(hit: Hit, words: str, vocabulary: Vocabulary) -> Spoken:
    start, end = _sentence_of(hit, words)
    sentence = words[start:end]
    kind = Hit(hit.name, hit.start - start, hit.end - start)
    asked = asks_anywhere(words, vocabulary) and is_question(sentence, vocabulary)
    asking = patterns_of(vocabulary, "asking").names(sentence) if asked else frozenset()
    subject = _subject(sentence, kind, vocabulary)
    mine = _speaks_of_me(sentence, kind, vocabulary)
    return Spoken(
        kind=_turned(hit.name, subject, mine=mine, asked=asked),
        start=hit.start,
        end=hit.end,
        denied=_denied(sentence, kind, vocabulary) or _taken_back(sentence, kind, vocabulary),
        told=bool(patterns_of(vocabulary, "around").within(sentence, 0, len(sentence), "story")) and not _hoped(sentence, kind, vocabulary),
        other=(_is_others(hit.name, subject, mine=mine, asked=asked) and not _lets_me(hit, words, vocabulary))
        or (hit.name.endswith("request") and _goes_on("for_another", sentence, kind, vocabulary))
        or ((hit.name == "shadow_offer" or subject == "any") and _goes_on("follows_another", sentence, kind, vocabulary)),
        asked=asked,
        only_asked="about" in asking or ("only" in asking and "kind_too" not in asking),
        yours=subject == "you" and hit.name.endswith("request") and not mine,
    )


def _sentence_of(hit: Hit, words: str) -> tuple[int, int]:
    first, last = hit.start - _WIDE, hit.end + _WIDE
    start = max(words.rfind(end, max(first, 0), hit.start) for end in ENDS)
    ends = [at for mark in ENDS if (at := words.find(mark, hit.end - 1, last)) >= 0]
    left = start + 2 if start >= 0 else words.find(" ", first) if first > 0 else 0
    return left, (min(ends) + 3 if ends else len(words) if last >= len(words) else words.rfind(" ", 0, last) + 1)


def _denied(sentence: str, kind: Hit, vocabulary: Vocabulary) -> bool:
    """A "not" counts as far as the clause goes."""
    around = patterns_of(vocabulary, "around")
    ahead = around.within(sentence, 0, kind.start, "not", "break")
    hits = [hit for hit in ahead if hit.end > kind.start - _NEAR] if any(hit.name == "not" for hit in ahead) else ()
    last_break = max((hit.end for hit in hits if hit.name == "break"), default=0)
    if any(hit.name == "not" and hit.end > last_break for hit in hits):
        return True
    return bool(around.within(sentence, kind.start, kind.end, "not"))


def _taken_back(sentence: str, kind: Hit, vocabulary: Vocabulary) -> bool:
    """`I'd love to, but I can't just now`; and `I wish I could mentor` is no offer, though `I wish I could find a mentor` is a request."""
    around = patterns_of(vocabulary, "around")
    rest = sentence[kind.start :]
    closed = f"{rest.strip(' .?')} . "
    text, start = (sentence, kind.start) if rest == closed else (f" {closed}", 0)
    behind = {hit.name for hit in around.within(text, start, len(text), "retracted", "postponed")}
    if "retracted" in behind and "postponed" not in behind:
        return True
    begun = around.within(sentence, 0, kind.end, "begun")
    if begun and around.within(sentence, kind.start + 1, len(sentence), "turn"):
        return True
    if not kind.name.endswith("offer"):
        return False
    return any(found.end > kind.start - _NEAR for found in around.within(sentence, 0, kind.end, "regret"))


def _turned(kind: str, subject: str, *, mine: bool, asked: bool) -> str:
    """What anybody at all may wish for is what the writer gives: `whoever wants to watch is welcome`."""
    if subject != "any" or mine:
        return kind
    if kind.endswith("request"):
        return kind.replace("request", "offer")
    return kind.replace("offer", "request") if asked else kind


def _is_others(kind: str, subject: str, *, mine: bool, asked: bool) -> bool:
    if subject == "any":
        return kind == "mentor_offer" and not mine and not asked
    return subject == "third" and not (mine and kind in ("shadow_offer", "mentor_request"))


def _goes_on(name: str, sentence: str, kind: Hit, vocabulary: Vocabulary) -> bool:
    """With whom it is for, or whom they would follow: `I want a mentor for my sister`, `anybody can shadow her`."""
    behind = patterns_of(vocabulary, "around").within(sentence, kind.start, len(sentence), name)
    return any(found.start < kind.end <= found.end for found in behind)


def _lets_me(hit: Hit, words: str, vocabulary: Vocabulary) -> bool:
    """Whoever it is that `let me follow`, the one who follows is the writer."""
    objects = class_words(vocabulary, "object")
    return hit.name == "shadow_request" and any(word in objects for word in words[hit.start : hit.end].split())


def _subject(sentence: str, kind: Hit, vocabulary: Vocabulary) -> str:
    """Say who is nearest ahead: the writer (`first`), somebody else (`third`), anybody at all (`any`) or we (`you`)."""
    near = sentence.find(" ", max(0, kind.start - _FAR))
    found = sorted(
        patterns_of(vocabulary, "subject").within(sentence, near, kind.end, *_SUBJECTS, "known"),
        key=lambda hit: (hit.end, hit.name == "any", hit.name == "first"),
        reverse=True,
    )
    said_i = {hit.end for hit in found if hit.name == "first"}
    for hit in found:
        # "anybody who wants" and "wants a mentor" may reach into the kind itself, which begins with the wish.
        within_kind = _reaches_in(hit, kind.start) and not (hit.name == "wants" and hit.start in said_i)
        ahead = hit.end <= kind.start or within_kind
        if hit.name not in _SUBJECTS or not ahead:
            continue
        if _no_subject(sentence, hit, near=near, ahead=kind.start, vocabulary=vocabulary):
            continue
        anybody = [other for other in found if other.name == "any" and other.start < hit.end and hit.start <= other.end]
        if not anybody or hit.name in ("first", "you"):
            return "third" if hit.name in ("wants", "named") else hit.name
        return "third" if any(other.name == "known" and other.start <= anybody[0].start for other in found) else "any"
    return ""


def _reaches_in(hit: Hit, ahead: int) -> bool:
    """Say whether who would is said at the very start of the kind: "sign up my cousin", "wants to shadow", "Rudy would host"."""
    match hit.name:
        case "wants":
            return hit.start <= ahead
        case "any":
            return hit.start < ahead
        case "third":
            return hit.start < ahead < hit.end <= ahead + _MODAL
        case _:
            return hit.name == "named" and hit.start == ahead


def _no_subject(sentence: str, hit: Hit, *, near: int, ahead: int, vocabulary: Vocabulary) -> bool:
    """Neither "by my boss" nor "my boss said I should" makes the boss the one who would."""
    if hit.name not in ("third", "wants"):
        return False
    for around in patterns_of(vocabulary, "subject").within(sentence, near, ahead, "not_subject", "says"):
        if around.name == "not_subject" and around.end == hit.start:
            return hit.name == "third" or not sentence[near : hit.start].rstrip().endswith((" and", " y", " or", " o"))
        if around.name == "says" and hit.end <= around.start <= hit.end + 25:
            return True
    return False


def _hoped(sentence: str, kind: Hit, vocabulary: Vocabulary) -> bool:
    """A wish within the kind, or right ahead of it, makes it one of today whatever story stands around it."""
    hopes = patterns_of(vocabulary, "hope").within(sentence, max(0, kind.start - _FAR) + 1, kind.end)
    return any(hit.end >= kind.start - 1 for hit in hopes)


def _speaks_of_me(sentence: str, kind: Hit, vocabulary: Vocabulary) -> bool:
    return bool(patterns_of(vocabulary, "subject").within(sentence, kind.start, kind.end, "me"))
