"""Answers below quoted questions: the question says what a bare "Yes, gladly" is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from parsers.direction import spoken
from parsers.patterns import patterns_of
from parsers.tokens import closed, plain_words
from parsers.vocabulary import Vocabulary

_OPENING = 12


def inline_kinds(inline: Iterable[tuple[str, str]], vocabulary: Vocabulary) -> Iterator[tuple[str, bool]]:
    """Yield each kind that a quoted line asks for, and whether the answer below it is yes."""
    for quoted, answer in inline:
        words = closed(plain_words(answer, vocabulary))
        if spoken(words, vocabulary):
            continue  # "Fine by me if somebody watches" has a sense of its own, whatever stands above it
        said = answer_of(words, vocabulary, within=_OPENING, yes=("yes", "too"))
        for kind in _asked_for(quoted, vocabulary) if said else ():
            yield kind, said == "yes"


def answer_of(words: str, vocabulary: Vocabulary, *, within: int = 10_000, yes: tuple[str, ...] = ("yes",)) -> str | None:
    """`yes` or `no`, by whichever comes first, so many letters into the words at most."""
    hits = sorted(patterns_of(vocabulary, "reply").find(words), key=lambda hit: (hit.start, -hit.end))
    for hit in hits:
        if hit.name in (*yes, "no") and hit.start <= within:
            return "no" if hit.name == "no" else "yes"
    return None


def _asked_for(quoted: str, vocabulary: Vocabulary) -> Iterable[str]:
    """`Mentors wanted!` asks for offers, whatever else the line says of following and guiding."""
    called = patterns_of(vocabulary, "called").names(plain_words(quoted, vocabulary))
    return called or dict.fromkeys(place.kind for question in _to_the_writer(quoted, vocabulary) for place in spoken(question, vocabulary))


def _to_the_writer(quoted: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Questions say "you" where the writer would say "I" or "me"."""
    words = plain_words(quoted, vocabulary)
    for view in ("as_subject", "as_object"):
        swaps = {
            said: meant for language in vocabulary.languages.values() for said, meant in language.get("turned", {}).get(view, {}).items()
        }
        yield " " + " ".join(swaps.get(word, word) for word in words.split()) + " "
