"""Where the writer is: a town or an area, by what stands before it and how it is written, with known towns as a help."""

from __future__ import annotations

from parsers.phrasebook import table, word_set
from parsers.phrases import Mark, Text
from parsers.towns import FORGIVEN, is_state, known_place
from parsers.vocabulary import Vocabulary

_LONGEST = 3  # words of a place that nobody knew
_VALUES = ("days", "parts", "setting", "population", "languages", "modality")


def read_place(
    text: Text, vocabulary: Vocabulary, *, skipped: frozenset[int] = frozenset(), name_end: int = 0, sure_only: bool = False
) -> str | None:
    """Read the writer's whereabouts; `name_end` is where their name ends, behind which a town may stand by itself."""
    for mark in text.of("places.self"):
        refused = text.at("times_glue.not", mark.start - 1) is not None or _former(text, mark)  # "I don't live in Butte any more"
        if not refused and mark.start not in skipped and (end := _place(text, mark.end, vocabulary, sure=True)):
            return _written(text, _past_article(text, mark.end, vocabulary), end, vocabulary)
    if sure_only:
        return None
    for mark in text.of("places.after"):
        if start := _known_before(text, mark.start, vocabulary):
            return _written(text, start - 1, mark.start, vocabulary)
    if name_end and (place := _beside_name(text, name_end, vocabulary)):
        return place
    for mark in text.of("places.near"):
        led = text.at("places.self", mark.start) or text.ends("places.self", mark.end) or _former(text, mark)
        if (
            not led
            and mark.start not in skipped
            and not _house(text, mark, vocabulary)
            and (end := _place(text, mark.end, vocabulary, sure=False))
        ):
            return _written(text, _past_article(text, mark.end, vocabulary), end, vocabulary)
    return _alone(text, vocabulary, skipped, name_end) or _town_here(text, vocabulary)


def _house(text: Text, mark: Mark, vocabulary: Vocabulary) -> bool:
    """Tell the "at Riverside" of "at Riverside in Great Falls" from a town."""
    end = known_place(text, mark.end, vocabulary) if text.word(mark.end - 1) in word_set(vocabulary, "places", "weak") else 0
    near = text.at("places.near", end) if end else None
    return near is not None and known_place(text, near.end, vocabulary) > 0


def _former(text: Text, mark: Mark) -> bool:
    """Tell "moved from Boise" and "grew up in Ohio" from where somebody is now."""
    return text.ends("places.former", mark.end, longest=5) is not None


def _place(text: Text, index: int, vocabulary: Vocabulary, *, sure: bool) -> int:
    start = _past_article(text, index, vocabulary)
    known = known_place(text, start, vocabulary)
    if known and (sure or text.cased or start == index) and _may_be_known(text, start, vocabulary, sure=sure):
        return known
    if index != start or (text.word(index - 1) in word_set(vocabulary, "places", "weak") and not (sure and _dwells(text, index))):
        return 0
    end = start
    while end - start < _LONGEST and _unknown(text, end, vocabulary) and text.cased and text.tokens[end].raw[:1].isupper():
        end += 1
    if end == start and sure and _unknown(text, start, vocabulary) and _closes(text, start + 1) and not text.at("names.plain", start):
        return start + 1 if _dwells(text, index) else 0
    return end if end > start else 0


def _dwells(text: Text, index: int) -> bool:
    """Say whether a verb of living stands before: only then may a word in small letters be a town that nobody knew."""
    mark = text.ends("places.self", index)
    return mark is not None and mark.end - mark.start > 1


def _may_be_known(text: Text, at: int, vocabulary: Vocabulary, *, sure: bool) -> bool:
    common = text.word(at) in word_set(vocabulary, "places", "common")
    led = text.at("places.near", at - 1) is not None and text.word(at - 1) not in word_set(vocabulary, "places", "weak")
    return sure or not common or text.tokens[at].raw[:1].isupper() or (led and _closes(text, at + 1))


def _past_article(text: Text, index: int, vocabulary: Vocabulary) -> int:
    """Pass over an article, but for that of "El Paso"."""
    if text.word(index) not in word_set(vocabulary, "places", "articles"):
        return index
    named = index + 1 < len(text.tokens) and text.tokens[index + 1].raw[:1].isupper() and known_place(text, index, vocabulary)
    return index if named else index + 1


def _unknown(text: Text, index: int, vocabulary: Vocabulary) -> bool:
    word = text.word(index)
    if not word.isalpha() or word in word_set(vocabulary, "places", "stop") or len(word) < 3:
        return False
    return not any(text.at(kind, index) for kind in _VALUES) and word not in word_set(vocabulary, "names", "stop") - frozenset(
        _compass(vocabulary)
    )


def _compass(vocabulary: Vocabulary) -> frozenset[str]:
    return word_set(vocabulary, "places", "parts")


def _closes(text: Text, index: int) -> bool:
    return (
        index >= len(text.tokens)
        or not text.word(index).isalnum()
        or text.at("times_glue.and", index) is not None
        or text.at("times_glue.but", index) is not None
    )


def _known_before(text: Text, index: int, vocabulary: Vocabulary) -> int:
    """Return one more than where a place that ends here begins, or 0."""
    for length in (3, 2, 1):
        start = index - length
        if start >= 0 and known_place(text, start, vocabulary) == index:
            return start + 1
    before = index - 1
    capital = text.cased and before >= 0 and text.tokens[before].raw[:1].isupper()
    return before + 1 if capital and before and _unknown(text, before, vocabulary) else 0


def _beside_name(text: Text, index: int, vocabulary: Vocabulary) -> str | None:
    """Read what stands behind the name: "Jo, billings", "Carla W., CPSS, Browning", "Wanda Havre"."""
    while text.word(index) in (",", ".", "-", "(") or text.word(index) in word_set(vocabulary, "names", "credentials"):
        index += 1
    if end := known_place(text, index, vocabulary):
        return _written(text, index, end, vocabulary)
    end = index
    while (
        end - index < _LONGEST
        and text.word(index - 1) == ","
        and text.cased
        and _unknown(text, end, vocabulary)
        and text.tokens[end].raw[:1].isupper()
    ):
        end += 1
    return _written(text, index, end, vocabulary) if end > index and end == len(text.tokens) else None


def _alone(text: Text, vocabulary: Vocabulary, skipped: frozenset[int], name_end: int) -> str | None:
    """Read a known town that stands between two stops: "MILES CITY", "…, billings."."""
    for index, before in zip(range(len(text.words)), ("", *text.words), strict=False):
        if before.isalnum() or index in skipped or index < name_end - 3 < index + 3 == name_end:
            continue
        end = known_place(text, index, vocabulary)
        ends_name = name_end and index < name_end <= end
        if (
            end
            and not ends_name
            and _closes(text, _past_state(text, end, vocabulary))
            and _may_be_known(text, index, vocabulary, sure=False)
        ):
            return _written(text, index, end, vocabulary)
    return None


def _town_here(text: Text, vocabulary: Vocabulary) -> str | None:
    """Read "Missoula here", not "Helena here", who is a person."""
    for mark in text.of("names.here"):
        start = _known_before(text, mark.start, vocabulary) - 1
        given = start >= 0 and any(text.word(start) in found["given"].split() for found in table(vocabulary, "names"))
        if start == 0 and not given and known_place(text, 0, vocabulary):
            return _written(text, start, mark.start, vocabulary)
    return None


def _past_state(text: Text, index: int, vocabulary: Vocabulary) -> int:
    return index + 1 if is_state(text.word(index), vocabulary) else known_place(text, index, vocabulary) or index


def _written(text: Text, start: int, end: int, vocabulary: Vocabulary) -> str:
    if text.word(end) in word_set(vocabulary, "places", "suffix"):
        end += 1
    written = text.plain[text.tokens[start].start : text.tokens[end - 1].end]
    if text.cased and written[:1].isupper() and not (written.isupper() and len(written) > FORGIVEN):
        return " ".join(written.split())
    return " ".join(word[:1].upper() + (word[1:].lower() if word.isupper() else word[1:]) for word in written.split())
