"""The language that a text is in, by the small words of its sentences' frames."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from parsers.vocabulary import Vocabulary


def language_of(words: str, vocabulary: Vocabulary, *, default: str = "en") -> str:
    """Return the language with most of its common words in the text; a tie goes to the default."""
    said = words.split()
    counts = {language: sum(word in common for word in said) for language, common in _common(vocabulary).items()}
    best = max(counts, key=lambda language: (counts[language], language == default), default=default)
    return best if counts.get(best) else default


@lru_cache(maxsize=8)
def _common(vocabulary: Vocabulary) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words.get("language", {}).get("common", ())) for name, words in vocabulary.languages.items()}
