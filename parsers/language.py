"""The language that a text is in, by the small words of its sentences' frames."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from parsers.vocabulary import Vocabulary


def language_of(words: str, vocabulary: Vocabulary, *, default: str = "en") -> str:
    """Return the language with most of its common words in the text; a tie goes to the default."""
    said = words.split()
    best, most = default, 0
    for language, common in _common(vocabulary).items():
        count = sum(map(common.__contains__, said))
        if count > most or (count == most and language == default):
            best, most = language, count
    return best


@lru_cache(maxsize=8)
def _common(vocabulary: Vocabulary) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words.get("language", {}).get("common", ())) for name, words in vocabulary.languages.items()}
