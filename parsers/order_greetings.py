"""Lines around a coordinator's orders that are none: a greeting, a closing, thanks."""

from __future__ import annotations

import re

from parsers.folding import fold
from parsers.order_numbers import TOKEN, skip
from parsers.order_words import OrderWords, order_words


def is_greeting(line: str) -> bool:
    """Whether a line greets or closes, with a name or two, or is empty."""
    return not line.strip() or any(is_only(line, order_words(), name) for name in ("greeting", "close"))


def closes(line: str, words: OrderWords) -> bool:
    """Whether a line is "Thanks, Sam" or "Best", rather than a part of a sentence that begins like one."""
    head = re.split(r"[,!]", line.rstrip(" .!,"), maxsplit=1)[0]
    return words.is_small("close", fold(head).split()) == len(head.split()) and is_only(line, words, "close")


def is_courtesy(piece: str, words: OrderWords) -> bool:
    """Whether a sentence is no more than "Thanks" or "Ok, good morning Sam"."""
    said = [fold(match[0]) for match in TOKEN.finditer(piece)]
    return skip(said, 0, words, "lead", ",", "!") == len(said) or is_only(piece, words, "greeting")


def is_only(line: str, words: OrderWords, name: str) -> bool:
    """Whether a line is a greeting, or a closing, and at most a name or two."""
    said = [fold(match[0]) for match in TOKEN.finditer(line)]
    end = words.is_small(name, said)
    return end is not None and len([word for word in said[end:] if word.isalpha()]) <= 2 and not any(word.isdigit() for word in said)
