"""A phone number or an e-mail address that a text gives as the writer's own."""

from __future__ import annotations

import functools
import re

from parsers.phrasebook import fold, word_set
from parsers.vocabulary import Vocabulary

_BEFORE = 60  # characters before a number that tell whose it is
_CALLED = re.compile(r"\d(?:[\s().+-]{0,3}\d){9,14}")
_EMAIL = re.compile(r"(?<![\w.+-])[\w+-][\w.+-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.!?;\n]")
_NEAR = 6


def own_phone(plain: str, vocabulary: Vocabulary, *, of_others: bool) -> str | None:
    """Read the writer's number in E.164; where a message is about somebody else, "my" has to stand before it."""
    for found in _CALLED.finditer(plain):
        number = _valid(plain, found.start())
        if number and _own(plain[: found.start()], vocabulary, of_others=of_others):
            return number
    return None


def own_email(plain: str, vocabulary: Vocabulary, *, of_others: bool) -> str | None:
    for found in _EMAIL.finditer(plain):
        if _own(plain[: found.start()], vocabulary, of_others=of_others):
            return found[0].rstrip(".").lower()
    return None


def any_phone(plain: str) -> str | None:
    """Read the first number of a text in E.164, whosesoever it is."""
    return next((number for found in _CALLED.finditer(plain) if (number := _valid(plain, found.start()))), None)


def any_email(plain: str) -> str | None:
    found = _EMAIL.search(plain)
    return found[0].rstrip(".").lower() if found else None


def _own(before: str, vocabulary: Vocabulary, *, of_others: bool) -> bool:
    words = [fold(word) for word in _WORD.findall(before[-_BEFORE:].replace("\u2019", "'"))][-_NEAR:]
    ends = [place for place, word in enumerate(words) if word in ".!?;\n"]
    sentence = words[ends[-1] + 1 :] if ends and ends[-1] + 1 < len(words) else words
    last = " ".join(sentence[-3:])
    if any(last.endswith(phrase) or f"{phrase} " in f"{last} " for phrase in word_set(vocabulary, "own_number", "old")):
        return False
    theirs = [place for place, word in enumerate(sentence) if word in word_set(vocabulary, "own_number", "theirs")]
    ours = [place for place, word in enumerate(sentence) if word in word_set(vocabulary, "own_number", "own")]
    if theirs and (not ours or ours[-1] < theirs[-1]):
        return False
    return bool(ours) or not of_others


@functools.lru_cache(maxsize=512)
def _e164(written: str) -> str | None:
    import phonenumbers

    leniency = phonenumbers.Leniency.VALID
    for match in phonenumbers.PhoneNumberMatcher(written, "US", leniency=leniency, max_tries=4):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _valid(plain: str, start: int) -> str | None:
    start -= plain[max(0, start - 1) : start] in ("(", "+")
    start -= plain[max(0, start - 1) : start] == "+"
    return _e164(plain[start : start + 24].split("\n", maxsplit=1)[0])
