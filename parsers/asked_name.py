"""The answer to "What is your name?", in which a name need not be known as one."""

from __future__ import annotations

from collections.abc import Iterator

from parsers.name_words import Name, NameReader
from parsers.phrasebook import word_set
from parsers.phrases import SENTENCE_ENDS

_LONGEST = 3  # words that a name has


def answered_name(reader: NameReader) -> Name | None:
    """Read what they wish to be called, else what they say their name is, else a name that stands by itself."""
    return _wished(reader) or _stated(reader) or _alone(reader)


def _wished(reader: NameReader) -> Name | None:
    """Read "Theodora is for my grandmother. Teddy, please" and "Jonathan, Jon for short"."""
    text = reader.text
    for mark in text.of("names.preferred"):
        if taken := reader.take(mark.end, sure=True):
            return reader.spelt(*taken)
    for mark in text.of("names.behind"):
        end = mark.start - (text.word(mark.start - 1) == ",")
        for start in range(max(0, end - _LONGEST), end):
            opens = not start or not text.word(start - 1).isalnum() or text.at("times_glue.but", start - 1) or _named(reader, start)
            if opens and (taken := reader.take(start, sure=True)) and taken[1] == end:
                return reader.spelt(*taken)
    return None


def _named(reader: NameReader, start: int) -> bool:
    return any(reader.text.ends(f"names.{kind}", start) for kind in ("sure", "plain"))


def _stated(reader: NameReader) -> Name | None:
    text = reader.text
    for mark in (*text.of("names.sure"), *text.of("names.plain")):
        start = mark.end + (text.word(mark.end) in (":", "-"))
        if text.ends("names.not_me", mark.start) or text.at("names.not_me", mark.start):
            continue
        if taken := reader.take(start, sure=True):
            return _whole(reader, taken)
    return None


def _whole(reader: NameReader, taken: tuple[int, int]) -> Name:
    """Read on where the name is said once more in full, or its last name by itself: "Bond. James Bond"."""
    text = reader.text
    last = text.at("names.last", taken[1])
    if last and (surname := reader.take(last.end, sure=True)):
        first, second = reader.spelt(*taken), reader.spelt(*surname)
        return Name(f"{first.called} {second.called}", second.end)
    if text.word(taken[1]) in (",", ".") and (again := reader.take(taken[1] + 1, sure=True)):
        said = {text.word(place) for place in range(*taken)}
        if again[1] - again[0] > taken[1] - taken[0] and said & {text.word(place) for place in range(*again)}:
            return reader.spelt(*again)
    return reader.spelt(*taken)


def _alone(reader: NameReader) -> Name | None:
    """Read the first stretch of words that may be a name, with nothing of a sentence in it."""
    for start, end in _stretches(reader):
        if _has_sentence(reader, start, end):
            return None
        if end - start <= _LONGEST + 1 and reader.text.word(start) not in reader.known.stop - reader.known.given_words:
            taken = reader.take(start, sure=True)
            if taken and taken[1] == end:
                return _whole(reader, taken)
            return reader.spelt(start, end)
        if end - start > _LONGEST + 1:
            return None
    return None


def _has_sentence(reader: NameReader, start: int, end: int) -> bool:
    """Tell "Prefer not to say" from "María de la Cruz"."""
    stop = reader.known.stop - reader.known.given_words - word_set(reader.vocabulary, "names", "particles")
    text = reader.text
    small = [place for place in range(start, end) if place == start or not (text.cased and text.tokens[place].raw[:1].isupper())]
    return end - start > 1 and any(text.word(place) in stop for place in small)


def _stretches(reader: NameReader) -> Iterator[tuple[int, int]]:
    """Yield the stretches between marks; greetings, a yes and apologies before a name are passed over."""
    text = reader.text
    place = 0
    while place < len(text.tokens):
        polite = next((mark for kind in _POLITE if (mark := text.at(kind, place))), None)
        if polite or not text.word(place).isalpha():
            place = polite.end if polite else place + 1
            continue
        end = place + 1
        while end < len(text.tokens) and not text.at("names.here", end) and (text.word(end).isalpha() or _joins(reader, end)):
            end += 1
        if not text.ends("names.not_me", place) and not text.at("names.not_me", place):
            yield place, end
        place = end


_POLITE = ("names.greeting", "consent_words.yes", "names.apology")


def _joins(reader: NameReader, at: int) -> bool:
    """Tell the points of "R. J. Poole" and the hyphen of "Jo-Ann" from the end of a sentence."""
    text = reader.text
    mark, before = text.word(at), text.tokens[at - 1]
    if mark == ".":
        known = len(before.word) == 1 or before.word in reader.known.titles
        return known and at + 1 < len(text.tokens) and text.word(at + 1).isalpha()
    return mark in ("-", "'") and mark not in SENTENCE_ENDS and before.end == text.tokens[at].start and text.word(at + 1).isalpha()
