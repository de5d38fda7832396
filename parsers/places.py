"""Where the writer is: a town or an area, by what stands before it and how it is written, with known towns as a help."""

from __future__ import annotations

from parsers.name_words import known_names
from parsers.phrasebook import word_set
from parsers.phrases import Mark, Text
from parsers.towns import FORGIVEN, is_state, known_place, named_place, state_names
from parsers.vocabulary import Vocabulary

_LONGEST = 3  # words of a place that nobody knew
_VALUES = ("days", "parts", "setting", "population", "languages", "modality")


def read_place(
    text: Text, vocabulary: Vocabulary, *, skipped: frozenset[int] = frozenset(), name_end: int = 0, sure_only: bool = False
) -> str | None:
    """Read the writer's whereabouts; `name_end` is where their name ends, behind which a town may stand by itself."""
    for mark in (*text.of("places.now"), *text.of("places.self")):
        if not _refused(text, mark) and mark.start not in skipped and (end := _place(text, mark.end, vocabulary, sure=True)):
            return _written(text, _past_article(text, mark.end, vocabulary), end, vocabulary)
    if sure_only:
        return _beside_name(text, name_end, vocabulary) if name_end else None
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
    return (
        _alone(text, vocabulary, skipped, name_end)
        or _town_here(text, vocabulary)
        or _in_passing(text, vocabulary, skipped=skipped, name_end=name_end)
    )


def _refused(text: Text, mark: Mark) -> bool:
    """Tell "I don't live in Butte any more" and "mine moved to Ohio" from where the writer is."""
    return (
        text.at("times_glue.not", mark.start - 1) is not None or text.ends("places.others", mark.start) is not None or _former(text, mark)
    )


def _house(text: Text, mark: Mark, vocabulary: Vocabulary) -> bool:
    """Tell the "at Riverside" of "at Riverside in Great Falls" from a town."""
    end = named_place(text, mark.end, vocabulary) if text.word(mark.end - 1) in word_set(vocabulary, "places", "weak") else 0
    near = text.at("places.near", end) if end else None
    return near is not None and named_place(text, near.end, vocabulary) > 0


def _former(text: Text, mark: Mark) -> bool:
    """Tell "moved from Boise" and "grew up in Ohio" from where somebody is now."""
    return text.ends("places.former", mark.end, longest=5) is not None


def _place(text: Text, index: int, vocabulary: Vocabulary, *, sure: bool) -> int:
    start = _past_article(text, index, vocabulary)
    known = named_place(text, start, vocabulary)
    if known and (start == index or _capital(text, start) or known > start + 1) and _may_be_known(text, start, vocabulary, sure=sure):
        return known
    if index != start or (text.word(index - 1) in word_set(vocabulary, "places", "weak") and not (sure and _dwells(text, index))):
        return 0
    end = start
    while end - start < _LONGEST and _capital(text, end) and (_unknown(text, end, vocabulary) or _goes_on(text, start, end, vocabulary)):
        end += 1
    if end == start and sure and _unknown(text, start, vocabulary) and _closes(text, start + 1) and not text.at("names.plain", start):
        return start + 1 if _dwells(text, index) else 0
    return end if end > start else 0


def _goes_on(text: Text, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Say whether a word that names no town by itself is a part of one: the City of "Grove City"."""
    return end > start and text.word(end) in _compass(vocabulary)


def _capital(text: Text, index: int) -> bool:
    return text.cased and index < len(text.tokens) and text.tokens[index].raw[:1].isupper()


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
    named = index + 1 < len(text.tokens) and text.tokens[index + 1].raw[:1].isupper() and named_place(text, index, vocabulary)
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
        if start >= 0 and named_place(text, start, vocabulary) == index:
            return start + 1
    before = index - 1
    return before + 1 if before > 0 and _capital(text, before) and _unknown(text, before, vocabulary) else 0


def _beside_name(text: Text, index: int, vocabulary: Vocabulary) -> str | None:
    """Read what stands behind the name: "Jo, billings", "Carla W., CPSS, Browning", "Wanda Havre", "Chela, de Socorro"."""
    while text.word(index) in (",", ".", "-", "(") or text.word(index) in word_set(vocabulary, "names", "credentials"):
        index += 1
    apart = text.word(index - 1) in (",", "(", "-")
    if led := text.at("places.self", index) or text.at("places.near", index):
        index = led.end
    if end := named_place(text, index, vocabulary):
        return _written(text, index, end, vocabulary)
    end = index
    while end - index < _LONGEST and _capital(text, end) and (_unknown(text, end, vocabulary) or _goes_on(text, index, end, vocabulary)):
        end += 1
    if end == index or not apart or _of_a_house(text, index, end, vocabulary):
        return None
    return _written(text, index, end, vocabulary) if end == len(text.tokens) or (led and _closes(text, end)) else None


def _of_a_house(text: Text, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Tell "Jo, Harbor House" from "Jo, Harbor Springs"."""
    houses = word_set(vocabulary, "names", "offices")
    return any(text.word(index) in houses for index in range(start, end + 1))


def _alone(text: Text, vocabulary: Vocabulary, skipped: frozenset[int], name_end: int) -> str | None:
    """Read a known town that stands between two stops: "MILES CITY", "…, billings."."""
    for index, before in zip(range(len(text.words)), ("", *text.words), strict=False):
        if before.isalnum() or index in skipped or index < name_end - 3 < index + 3 == name_end:
            continue
        end = named_place(text, index, vocabulary)
        if not end or (name_end and index < name_end <= end):
            continue
        closes = _closes(text, end) or _closes(text, _past_state(text, end, vocabulary))
        if closes and (_may_be_known(text, index, vocabulary, sure=False) or (before == "," and end == len(text.tokens))):
            return _written(text, index, end, vocabulary)
    return None


def _town_here(text: Text, vocabulary: Vocabulary) -> str | None:
    """Read "Missoula here", not "Helena here", who is a person."""
    for mark in text.of("names.here"):
        start = _known_before(text, mark.start, vocabulary) - 1
        begins = start >= 0 and not text.word(start - 1).isalnum()
        if begins and text.word(start) not in known_names(vocabulary).given and named_place(text, start, vocabulary):
            return _written(text, start, mark.start, vocabulary)
    return None


def _in_passing(text: Text, vocabulary: Vocabulary, *, skipped: frozenset[int], name_end: int) -> str | None:
    """Read a town that is named with no word about who is there, as a last resort: "I walk Missoula with socks", "the Selma clinic"."""
    if not text.cased:
        return None
    for index in range(len(text.tokens)):
        end = named_place(text, index, vocabulary) if _capital(text, index) and index not in skipped else 0
        if end and end != name_end and _plainly(text, index, end, vocabulary):
            return _written(text, index, end, vocabulary)
    return None


def _plainly(text: Text, index: int, end: int, vocabulary: Vocabulary) -> bool:
    """Say whether a town is nothing else, neither a person, a state nor a part of a longer name."""
    common = end == index + 1 and text.word(index) in word_set(vocabulary, "places", "common") | known_names(vocabulary).given
    state = " ".join(text.words[index:end]) in state_names(vocabulary)
    longer = _capital(text, index - 1) or (_capital(text, end) and not is_state(text.word(end), vocabulary))
    led = any(text.ends(f"places.{kind}", index, longest=5) for kind in ("near", "self", "former"))
    return not (common or state or longer or led or text.tokens[end - 1].raw.lower().endswith("'s"))


def _past_state(text: Text, index: int, vocabulary: Vocabulary) -> int:
    return index + 1 if is_state(text.word(index), vocabulary) else known_place(text, index, vocabulary) or index


def _written(text: Text, start: int, end: int, vocabulary: Vocabulary) -> str:
    if text.word(end) in word_set(vocabulary, "places", "suffix"):
        end += 1
    written = text.plain[text.tokens[start].start : text.tokens[end - 1].end]
    if text.cased and written[:1].isupper() and not (written.isupper() and len(written) > FORGIVEN):
        return " ".join(written.split())
    return " ".join(word[:1].upper() + (word[1:].lower() if word.isupper() else word[1:]) for word in written.split())
