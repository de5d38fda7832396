"""What a writer wishes for what stands on record: to see it, to let it rest until a day, to take it up again, to have it put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, cast, get_args

from parsers.direction import spoken
from parsers.patterns import patterns_of
from parsers.replies import role_kinds
from parsers.told import KINDS, Known, Told
from parsers.until import until
from parsers.vocabulary import Vocabulary

Want = Literal["status", "pause", "resume", "corrects", "adds", "anew", "all", "still"]
_WANTS = frozenset(get_args(Want))
_EXACT = "only_"  # begins the name of what counts only where it is the whole text
_FIRST = "first_"  # and of what counts only where the text begins with it
_CHOICE_WORDS = 6  # a longer answer to "which one" says more than which


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The wishes, the day until which something shall rest, and the kinds that are spoken of."""

    wants: frozenset[Want] = frozenset()
    until: date | None = None
    about: frozenset[str] = frozenset()


def standing(told: Told, known: Known, vocabulary: Vocabulary, *, text: str, today: date | None) -> Standing:
    """Look for the wishes; somebody of whom nothing stands on record can only ask to see it."""
    wants = _wants(told.words, vocabulary)
    if not known.records:
        return Standing(wants=wants & {"status"})
    day = until(text, today, vocabulary=vocabulary) if today else None
    return Standing(wants=wants, until=day, about=_about(told, known, vocabulary, text=text))


def _wants(words: str, vocabulary: Vocabulary) -> frozenset[Want]:
    found: set[str] = set()
    whole = words.strip(" .,?")
    for hit in patterns_of(vocabulary, "want").find(words):
        name = hit.name
        if name.startswith(_EXACT):
            name = name.removeprefix(_EXACT) if words[hit.start : hit.end].strip() == whole else ""
        elif name.startswith(_FIRST):
            name = name.removeprefix(_FIRST) if not words[: hit.start].strip(" .,?") else ""
        found.add(name)
    return frozenset(cast("set[Want]", found & _WANTS))


def _about(told: Told, known: Known, vocabulary: Vocabulary, *, text: str) -> frozenset[str]:
    """The kinds that are named: what is denied before what is only spoken of, and the one that answers "which one"."""
    records = set(known.records)
    if known.asked == "which" and len(told.words.split()) <= _CHOICE_WORDS:
        return frozenset(role_kinds(told, known, vocabulary, text=text) & records)
    named = {place.kind for place in told.places if place.kind in KINDS}
    return frozenset(told.denied & records or named & records or _by_short_words(told, vocabulary) & records)


def _by_short_words(told: Told, vocabulary: Vocabulary) -> set[str]:
    """Tell "pause my hosting" from "my offer", which may be any of them."""
    general = {word for language in vocabulary.languages.values() for word in language.get("want_words", {}).get("general", ())}
    places = spoken(told.words, vocabulary, table="role")
    return {place.kind for place in places if not place.denied and told.words[place.start : place.end].strip() not in general}
