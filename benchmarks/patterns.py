"""Whether any text makes a pattern or a parser slow, 100 KB of each hostile kind under 100 ms: `python -m benchmarks.patterns`."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from benchmarks.stages import stages
from parsers.patterns import tables_of
from parsers.ready import verify, warm_up
from parsers.tokens import CHARACTERS
from parsers.vocabulary import load
from tests.fuzz.hostile import KINDS, against

ROOT = Path(__file__).parent.parent
FLOORS = ("parsers", "db", "notifier", "intake")
LIMIT = 0.1  # seconds of the processor's time
GIVEN_UP = 2.0
AGAIN = 2  # tries, since other work on the machine slows down a single one
SHOWN = 12
AT_THE_START = frozenset({"match", "fullmatch"})
VOCABULARY = "parsers/patterns.py"  # where its patterns are made
WORDS = ("a a a", "words", "and and", "commas")
USES = AT_THE_START | {"search", "findall", "finditer", "sub", "split"}
ORDINARY = "From: Ana <ana@example.org>\nSubject: Re: Peers\n\nclose 12\nI want to be a mentor, tuesdays until 5 May\n"

Place = str  # the file and line where a pattern was made
Found = dict[re.Pattern[Any], Place]


class Taken(NamedTuple):
    seconds: float
    what: str
    kind: str


class TooSlow(Exception):
    """Nobody waits for its end."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", choices=("patterns", "stages", "phrases"), help="measure but one of the three")
    only = arguments.parse_args().only
    signal.signal(signal.SIGVTALRM, _give_up)
    found = collected()
    slow = 0
    if only in (None, "patterns"):
        print(f"{len(found)} patterns, each on up to {len(KINDS)} kinds of text and on near-matches of its own", flush=True)
        slow += _tell(_patterns(found))
    if only in (None, "stages"):
        print(f"{len(stages())} stages of the parsers, each on {len(KINDS)} kinds of text")
        slow += _tell(_taken(stage, name, kind, text) for name, stage in stages().items() for kind, text in KINDS.items())
    if only in (None, "phrases"):
        phrases = [text for pattern, place in found.items() if place.startswith(VOCABULARY) for text in against(pattern, most=1)]
        print(f"a text in which one of {len(phrases)} phrases of the vocabulary comes again and again")
        slow += _tell(_taken(stages()["a text"], f"a text, {text[:60]!r}", "its own", text) for text in phrases)
    return 1 if slow else 0


def collected() -> Found:
    """Every pattern of the tree: those that are made while it is imported, made ready and used, and those that stand in its source."""
    found: Found = {}
    with _watched(found):
        for path in _sources():
            importlib.import_module(_module(path))
        words = load()
        verify(words)
        warm_up(words)
        for patterns in tables_of(words).values():
            patterns.compile()
        for stage in stages().values():  # whatever else is made only when it is needed
            stage(ORDINARY)
    for path in _sources():
        for call in _calls(path):
            if isinstance(call.args[0], ast.Constant) and not ast.unparse(call.func).endswith("compile"):
                found.setdefault(re.compile(call.args[0].value), f"{path.relative_to(ROOT)}:{call.lineno}")
    return found


def _sources() -> list[Path]:
    return sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py") if "migrations" not in path.parts)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _calls(path: Path) -> Iterator[ast.Call]:
    """Where a function of `re` is given a pattern."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[_, *_]) if name in USES | {"compile"}:
                yield node


@contextmanager
def _watched(found: Found) -> Iterator[None]:
    """Note each pattern that our own code has made, the vocabulary's among them."""
    original = re._compile  # type: ignore[attr-defined] # noqa: SLF001 - what each function of the module makes its patterns by

    def watched(pattern: Any, flags: int) -> re.Pattern[Any]:  # noqa: ANN401
        made: re.Pattern[Any] = original(pattern, flags)
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - who asked for it
        while frame and frame.f_code.co_filename == re.__file__:
            frame = frame.f_back
        place = Path(frame.f_code.co_filename) if frame else Path()
        if frame and place.is_relative_to(ROOT) and place.relative_to(ROOT).parts[0] in FLOORS:
            found.setdefault(made, f"{place.relative_to(ROOT)}:{frame.f_lineno}")
        return made

    re._compile = watched  # type: ignore[attr-defined] # noqa: SLF001
    try:
        yield
    finally:
        re._compile = original  # type: ignore[attr-defined] # noqa: SLF001


def _patterns(found: Found) -> Iterator[Taken]:
    at_the_start = _at_the_start()
    for pattern, place in found.items():
        what = f"{place} {str(pattern.pattern)[:70]}"
        use = _match if pattern in at_the_start else _search
        # Thousands, all of one build, and of a message they are given so much: texts of words, and what is nearly theirs.
        of_words = place.startswith(VOCABULARY)
        kinds = {kind: KINDS[kind] for kind in WORDS} if of_words else KINDS
        own = (("its own", text) for text in against(pattern, most=4 if of_words else 12))
        for kind, text in (*kinds.items(), *own):
            given = text[:CHARACTERS] if of_words else text
            yield (taken := _taken(partial(use, pattern), what, kind, given))
            if taken.seconds > GIVEN_UP:
                break


def _at_the_start() -> set[re.Pattern[Any]]:
    """The patterns that no module ever searches a text for."""
    uses: dict[re.Pattern[Any], set[str]] = {}
    for path in _sources():
        patterns = {name: value for name, value in vars(sys.modules[_module(path)]).items() if isinstance(value, re.Pattern)}
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in patterns and node.attr in USES:
                uses.setdefault(patterns[node.value.id], set()).add(node.attr)
        for call in _calls(path):
            if isinstance(call.args[0], ast.Constant) and isinstance(call.func, ast.Attribute) and call.func.attr in USES:
                uses.setdefault(re.compile(call.args[0].value), set()).add(call.func.attr)
    return {pattern for pattern, used in uses.items() if used <= AT_THE_START}


def _match(pattern: re.Pattern[Any], text: str) -> None:
    given = _as_given(pattern, text)
    pattern.match(given)
    pattern.fullmatch(given)


def _search(pattern: re.Pattern[Any], text: str) -> None:
    for _ in pattern.finditer(_as_given(pattern, text)):
        pass


def _as_given(pattern: re.Pattern[Any], text: str) -> Any:  # noqa: ANN401
    return text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text


def _taken(do: Callable[[str], object], what: str, kind: str, text: str) -> Taken:
    """The least of several tries where the first was slow, each with another end, since what was read before is remembered."""
    least = _seconds(do, text)
    for number in range(AGAIN):
        if least < LIMIT or least > GIVEN_UP:
            break
        least = min(least, _seconds(do, f"{text[:-1]}{number}"))
    return Taken(least, what, kind)


def _seconds(do: Callable[[str], object], text: str) -> float:
    signal.setitimer(signal.ITIMER_VIRTUAL, GIVEN_UP)
    began = time.process_time()
    try:
        do(text)
    except TooSlow:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - began


def _give_up(*_: object) -> None:
    raise TooSlow


def _tell(all_taken: Iterable[Taken]) -> int:
    """Print the slowest of each; returns how many were too slow."""
    worst: dict[str, Taken] = {}
    for taken in all_taken:
        worst[taken.what] = max(taken, worst.get(taken.what, taken))
        if taken.seconds >= LIMIT:
            print(f"{taken.seconds * 1000:8.1f} ms   {taken.what}   on {taken.kind}", flush=True)
    ordered = sorted(worst.values(), reverse=True)
    slow = [taken for taken in ordered if taken.seconds >= LIMIT]
    for taken in slow or ordered[:SHOWN]:
        print(f"{taken.seconds * 1000:8.1f} ms   under {LIMIT * 1000:.0f}   {taken.what}   on {taken.kind}")
    print(f"{len(slow)} of {len(worst)} take {LIMIT * 1000:.0f} ms or more")
    return len(slow)


if __name__ == "__main__":
    sys.exit(main())
