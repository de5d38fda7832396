"""Listens to all that is logged and printed while tests run, and fails the one in whose time it named anybody or repeated their words."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

import pytest

from db import inbox
from intake.logs import OURS, Discreet
from tests.servers.dovecot import Mailbox
from tests.servers.twilio_api import TwilioApi

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w")
NUMBER = re.compile(r"\+\d{7,15}|(?<!\d)406\W{0,2}555\W?\d{4}")
WORD = re.compile(r"\w+")
TOGETHER = 3  # words that nobody logs by chance in the order in which somebody wrote them
LOGGED = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} .*$", re.MULTILINE)
# These print people's words, numbers and addresses to whoever runs them, since that is what they are for; their logs do not.
PRINTING = ("sandbox", "export", "digest", "parse")
# What advice to an operator shows as an example is nobody's.
EXAMPLES = ("Sam <sam@example.org> +14065550188", "Jo <jo@example.org>", "Peer Support <intake@example.org>")
TRACE = "Traceback (most recent call last)"


class Listener(logging.Handler):
    """What was said in the log, and what people said."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Discreet("%(name)s: %(message)s"))
        self.lines: dict[str, None] = {}
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines[self.format(record)] = None

    def output(self, command: str, printed: str, *, logged_only: bool = False) -> None:
        """What a process wrote: all of it, or of those that print people's words only their log."""
        lines = LOGGED.findall(printed) if logged_only and command in PRINTING else printed.splitlines()
        self.lines.update(dict.fromkeys(lines))

    def faults(self) -> list[str]:
        """The lines that say too much."""
        told = [f" {_words(one)} " for one in self.told]
        return [line for line in self.lines if _names_somebody(line) or TRACE in line or _repeats(line, told)]

    def forget(self) -> None:
        self.lines.clear()
        self.told.clear()


LISTENER = Listener()


@pytest.fixture(autouse=True)
def discreet() -> Iterator[None]:
    """Nothing is logged, by the tested code or by a process of it, that says who wrote, or what."""
    yield
    faults = LISTENER.faults()
    LISTENER.forget()
    assert not faults, f"logged or printed what is somebody's: {faults}"


def listen() -> None:
    """From now on, with the log as `run.py` sets it up."""
    logging.getLogger().addHandler(LISTENER)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    _note(inbox, "store", lambda *_, **stored: _words_of(stored.get("source") or b""))
    _note(Mailbox, "append_many", lambda _, raws, *__, **___: [words for raw in raws for words in _words_of(raw)])
    _note(TwilioApi, "receive", lambda _, __, body, **___: [body])


def _note(owner: Any, name: str, words: Callable[..., list[str]]) -> None:  # noqa: ANN401
    """Remember what is said whenever this is called."""
    called = getattr(owner, name)

    @wraps(called)
    def noted(*given: Any, **named: Any) -> Any:  # noqa: ANN401
        given = tuple(list(one) if isinstance(one, map | Iterator) else one for one in given)
        LISTENER.told.extend(words(*given, **named))
        return called(*given, **named)

    setattr(owner, name, noted)


def _words_of(source: bytes) -> list[str]:
    """The body of a text, or a mail's subject and lines."""
    text = source.decode("utf-8", "replace")
    if bodies := [value for name, value in parse_qsl(text, errors="replace", max_num_fields=1_000_000) if name == "Body"]:
        return bodies
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    return [*re.findall(r"(?im)^subject:(.*)", head), body]


def _names_somebody(line: str) -> bool:
    for one in EXAMPLES:
        line = line.replace(one, "")
    return bool(ADDRESS.search(line) or NUMBER.search(line))


def _words(text: str) -> str:
    return " ".join(WORD.findall(text.casefold()))


def _repeats(line: str, told: list[str]) -> bool:
    words = _words(line).split()
    runs = [" ".join(words[at : at + TOGETHER]) for at in range(len(words) - TOGETHER + 1)]
    return any(f" {run} " in one for one in told for run in runs if len(run) > 3 * TOGETHER)
