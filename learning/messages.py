"""Messages of which somebody said what they mean: what is learned from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parsers.tokens import closed, plain_words
from parsers.vocabulary import Vocabulary

HELD = frozenset({"twenty_sixth", "twenty_seventh", "twenty_eighth"})  # of the tests' readings: what they show is not learned
_SAID = Path(__file__).parent / "said"
_TESTS = Path(__file__).parent.parent / "tests"


@dataclass(frozen=True, slots=True)
class Labelled:
    """The words of one message, as the parsers spell them, and what it means."""

    words: str
    labels: frozenset[str]  # acts and risks
    fair: frozenset[str] = frozenset()  # what another careful reader might find besides
    screened_only: bool = False  # nobody said which acts it has


def labelled(vocabulary: Vocabulary, *, said: Path = _SAID, tests: Path = _TESTS) -> Iterator[Labelled]:
    """Read what was written for learning and what the tests read, always in the same order."""
    for text, labels, fair, screened_only in _messages(said, tests):
        yield Labelled(closed(plain_words(text, vocabulary)), frozenset(labels), frozenset(fair), screened_only)


def _messages(said: Path, tests: Path) -> Iterator[tuple[str, set[str], set[str], bool]]:
    for path in sorted(said.glob("*.txt")):
        told = {"everyday"} if path.stem == "everyday" else set()
        yield from ((text, labels | told, set(), path.stem == "risk") for labels, text in _lines(path))
    risks, parsers = tests / "parsers" / "risk", tests / "parsers"
    yield from ((text, labels, set(), False) for labels, text in _lines(parsers / "wordings.txt"))
    for name, label in (("crisis", "crisis"), ("safeguarding", "safeguarding"), ("harmless", "none")):
        yield from ((text, {label}, set(), True) for text in _texts(risks / f"{name}.txt"))
    for path in sorted(risks.glob("*.jsonl")):
        yield from ((row["body"], {row["label"]}, set(), True) for row in map(json.loads, _texts(path)))
    for path in sorted(path for path in (tests / "readings").glob("*.jsonl") if path.stem not in HELD):
        for row in map(json.loads, _texts(path)):
            expect, context = row["expect"], row.get("context") or {}
            if context.get("asked") != "role":  # there a number says the kind
                fair = {act for acts in row.get("also", ()) for act in acts}
                yield expect["reply_text"] or "", {*expect["acts"], expect["urgent"] or "none"}, fair, False


def _lines(path: Path) -> Iterator[tuple[set[str], str]]:
    for line in _texts(path):
        labels, _, text = line.partition(" | ")
        if "{" not in labels:  # what hangs on what is known of the sender
            yield set(labels.split()), text


def _texts(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
