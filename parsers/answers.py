"""Answers that a writer put among the lines of an unmarked mail, after saying so, are told from its questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parsers.layout import Line, line_of

FEWEST_CAPITALS = 2
_ANSWER_MARK = re.compile(r"^\s{0,4}(?:>>+|\*{2,3}|={1,3}>|-{1,2}>|\[[A-Z]{1,3}\]|→|#{2,3})\s{0,3}\S")
_ASKED_AND_ANSWERED = re.compile(r"^(.{3,300}\?)[)\"*]?\s{1,4}(\S.{0,500})$")


def answers_among(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """Question and answer, line by line: capitals among small letters, marked lines, else what stands after a question mark."""
    filled = [line for line in lines if not line.blank]
    capitals = [line for line in filled if _shouts(line)]
    chosen = capitals if 0 < len(capitals) <= len(filled) // 2 + 1 else [line for line in filled if _ANSWER_MARK.match(line.text)]
    if chosen:
        yield from _chosen(filled, chosen)
    else:
        yield from _after_questions(lines)


def _chosen(filled: list[Line], chosen: list[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    picked = set(map(id, chosen))
    question: list[Line] = []
    for line in filled:
        if id(line) in picked:
            yield question, [line]
            question = []
        else:
            question.append(line)


def _after_questions(lines: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    question: list[Line] = []
    answering = False
    for line in lines:
        text = line.text.strip()
        if found := _ASKED_AND_ANSWERED.match(text):
            yield [line_of(found[1])], [line_of(found[2])]
            answering, question = False, []
        elif text.endswith("?"):
            question, answering = [line], True
        elif text and answering:
            yield question, [line]
            question = []
        elif question == [] and not text:
            answering = False


def _shouts(line: Line) -> bool:
    letters = [letter for letter in line.text if letter.isalpha()]
    return len(letters) >= FEWEST_CAPITALS and all(letter.isupper() for letter in letters)
