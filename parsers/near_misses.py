"""The command that a word was probably meant to be."""

from __future__ import annotations

from rapidfuzz.distance import OSA

from parsers.order_words import OrderWords

_FEW_SLIPS = {1: 0, 2: 0, 3: 1, 4: 1, 5: 1}  # by the length of a word; longer ones may have two


def nearest(word: str, words: OrderWords) -> str | None:
    """The command whose word is written nearly so; None where none is near enough."""
    commands = words.tables["command"]
    best = min(commands, key=lambda phrase: (_slips(word, phrase[0]), len(phrase)))
    slips = _FEW_SLIPS.get(len(word), 2)
    return commands[best] if word.isalpha() and slips and _slips(word, best[0]) <= slips else None


def _slips(word: str, command: str) -> int:
    """How far a word is from a command; another form of the same verb ("closing") is one slip away."""
    same_stem = len(command) > 3 and word[:4] == command[:4]
    return min(OSA.distance(word, command), 1 if same_stem else len(word))
