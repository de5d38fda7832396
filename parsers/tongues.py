"""The languages that a writer says they speak or want to be spoken to in."""

from __future__ import annotations

from parsers.phrasebook import word_set
from parsers.phrases import SENTENCE_ENDS, Mark, Text
from parsers.vocabulary import Vocabulary

_REFUSED = 3  # words before a language in which a "not" is looked for
_LACKING = 3  # words behind a language in which it may be called poor
_BETWEEN = 5  # words between two languages of one list
_AROUND = 5  # words around a language in which its cue is looked for


def spoken_languages(text: Text, vocabulary: Vocabulary, *, skipped: frozenset[int]) -> set[str]:
    always = word_set(vocabulary, "language_cues", "always")
    spoken: set[str] = set()
    waiting: list[Mark] = []  # named in a list of which none was yet said to be spoken: "Arabic or English"
    last: Mark | None = None
    for mark in text.of("languages"):
        listed = last is not None and _listed_on(text, last.end, mark.start)
        if not listed:
            waiting = []
        if mark.start in skipped or cued(text, mark, "language_cues.lacking", 0, _LACKING):
            continue
        heard = listed and not waiting
        if not heard and cued(text, mark, "language_cues.negated", _REFUSED, 0):
            continue
        last = mark
        if heard or mark.value in always or _is_cued(text, mark):
            spoken |= {each.value for each in (*waiting, mark)}
            waiting = []
        else:
            waiting.append(mark)
    return spoken


def _is_cued(text: Text, mark: Mark) -> bool:
    return text.ends("language_cues.beside", mark.start) is not None or cued(text, mark, "language_cues.spoken", _AROUND, 2)


def _listed_on(text: Text, end: int, start: int) -> bool:
    """Say whether a language goes on a list of others: "English, Somali or Arabic", "español y un poquito de portugués"."""
    between = range(end, start)
    if not 0 < len(between) <= _BETWEEN:
        return False
    return text.word(end) in ",/&" or text.at("times_glue.and", end) is not None


def cued(text: Text, mark: Mark, kind: str, before: int, after: int) -> bool:
    refusing = kind.endswith("negated")
    for place in (*range(mark.start - 1, mark.start - before - 1, -1), *range(mark.end, mark.end + after)):
        if place < mark.start and (text.word(place) in SENTENCE_ENDS or (refusing and text.word(place) == ",")):
            return False
        if text.at(kind, place):
            return True
    return False
