"""Thanks, greetings and reactions want no answer; machines' offers want none either."""

from __future__ import annotations

import re
from functools import lru_cache

from parsers.patterns import patterns_of
from parsers.tokens import flat
from parsers.vocabulary import Vocabulary

_QUOTED = re.compile(r"[\"“«„\uff02]")  # the last of which becomes the first in a flat text
_STRONG, _ENOUGH = 2, 3


def is_courtesy(words: str, vocabulary: Vocabulary) -> bool:
    """Every word is one of courtesy; no words at all (an emoji, nothing) count too."""
    polite = _listed(vocabulary, "courtesy")
    said = [word for word in words.split() if word[0].isalnum()]
    return all(word in polite for word in said)


def is_reaction(text: str, vocabulary: Vocabulary) -> bool:
    """`Liked “…”` and its sisters: what a telephone writes when a message is tapped."""
    head = text[:80]
    if '"' not in head and (head.isascii() or not _QUOTED.search(head)):
        return False  # as most
    said = flat(head).strip()
    verb = _QUOTED.split(said, maxsplit=1)[0].strip()
    if any(verb == opening or verb.startswith(opening + " ") for opening in _listed(vocabulary, "reaction")):
        return len(verb.split()) <= 5
    # An emoji, then "to" in some language, then the message that it is for.
    return bool(verb) and not verb[0].isalnum() and len(verb.split()) == 2 and len(verb.split()[1]) <= 2


def is_spam(words: str, vocabulary: Vocabulary, *, alone: bool = False) -> bool:
    """Advertising and scams are told by several marks together; `alone` where nothing else is looked for in these words."""
    junk = patterns_of(vocabulary, "junk")
    hits = {(hit.name, words[hit.start : hit.end]) for hit in (junk.within(words, 0, len(words)) if alone else junk.find(words))}
    score = sum(_STRONG if name == "strong" else 1 for name, _ in hits)
    return score >= _ENOUGH and any(name == "strong" for name, _ in hits)


@lru_cache(maxsize=8)
def _listed(vocabulary: Vocabulary, name: str) -> frozenset[str]:
    return frozenset(word for language in vocabulary.languages.values() for word in language.get("reply", {}).get(name, ()))
