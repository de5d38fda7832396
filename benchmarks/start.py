"""How soon `run.py serve` is ready, and how much memory it takes then and after work: `python -m benchmarks.start`."""

from __future__ import annotations

import http.client
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.common import (
    SETTINGS,
    Usage,
    at_most,
    beside,
    child,
    heading,
    in_turn,
    measured_apart,
    median,
    options,
    show,
    usage,
    wait_until_idle,
)
from benchmarks.postbox import fill, in_plain, mail_server
from benchmarks.smtp_sink import smtp_sink
from tests.servers.dovecot import Mailbox
from tests.servers.process import Process
from tests.servers.waiting import free_port, wait_until

MOST_SECONDS, MOST_MEGABYTES = 1.5, 120
AGAIN, FIRST, PEER = "again", "the first time", "the tutorial's application"
CLIENTS = 8
PAUSE = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Until `/healthz` answered 200, and what that cost."""

    seconds: float
    used: Usage


def main() -> None:
    chosen = options(__doc__, rounds=5)
    texts, mails = (200, 200) if chosen.quick else (2_000, 1_000)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sink = stack.enter_context(smtp_sink())
        server = stack.enter_context(mail_server(folder))
        # Compiled once and kept, as where it is installed; the tests' processes leave nothing behind.
        settings = {**SETTINGS, **sink.settings, "HOME": name, "PYTHONDONTWRITEBYTECODE": ""}
        mailbox = server.mailbox("start") if server else None
        settings |= in_plain(mailbox) if mailbox else {}
        known = settings | {"DATABASE_URL": f"sqlite:///{folder}/known.db"}
        _start(folder, known)
        numbers = count(1)
        ways: dict[str, Callable[[], Start]] = {
            AGAIN: lambda: _start(folder, known),
            FIRST: lambda: _start(folder, settings | {"DATABASE_URL": f"sqlite:///{folder}/new{next(numbers)}.db"}),
            PEER: partial(_tutorial, folder),
        }
        found = in_turn(chosen.rounds, ways, disk=folder)
        _print(found, chosen.rounds)
        _print_memory(folder, known, mailbox, texts=texts, mails=mails)


def _print(found: Mapping[str, list[Start]], rounds: int) -> None:
    heading(f"From `run.py serve` to a 200 at /healthz; medians of {rounds} runs in turn")
    for name in (AGAIN, FIRST):
        at_most(f"seconds, {name}", median(found[name], lambda one: one.seconds), MOST_SECONDS, digits=2)
    show(f"  {PEER}, until it answers anything", median(found[PEER], lambda one: one.seconds), digits=2)
    for name in (AGAIN, FIRST, PEER):
        show(f"seconds of the processor's time, {name}", median(found[name], lambda one: one.used.work), digits=2)


def _print_memory(folder: Path, settings: dict[str, str], mailbox: Mailbox | None, *, texts: int, mails: int) -> None:
    """Web, mailbox, sender and clock in one process; what it has taken at the most counts."""
    port = free_port()
    with Process("serve", environment=settings | {"HTTP_PORT": str(port)}, folder=folder) as serve:
        _wait_until_ready(port, "/healthz")
        heading("Resident memory of `run.py serve`, all parts in one process, MB")
        show("when it is ready", usage(serve.pid).resident)
        wait_until_idle(serve.pid)
        show("when every pattern is compiled", usage(serve.pid).resident)
        measured_apart("-m", "benchmarks.texting", port, 600, CLIENTS, 1, texts)
        show(f"after {texts} texts", usage(serve.pid).resident)
        if mailbox is not None:
            fill(mailbox, range(mails))
            wait_until(partial(_has_read, folder / "known.db", mails), timeout=600, pause=0.2, what="the mails")
            show(f"after {mails} mails besides", usage(serve.pid).resident)
        wait_until_idle(serve.pid)
        at_most("at its peak", usage(serve.pid).peak, MOST_MEGABYTES)
        show("each of the processes that listen beside it", max((one.resident for one in beside(serve.pid)), default=0))


def _has_read(path: Path, mails: int) -> bool:
    with sqlite3.connect(path, timeout=30) as connection:
        return bool(connection.execute("SELECT count(*) FROM inbox WHERE channel = 'email'").fetchone()[0] >= mails)


def _start(folder: Path, settings: dict[str, str]) -> Start:
    port = free_port()
    began = time.monotonic()
    with Process("serve", environment=settings | {"HTTP_PORT": str(port)}, folder=folder) as serve:
        ready = _wait_until_ready(port, "/healthz")
        return Start(seconds=ready - began, used=usage(serve.pid))


def _tutorial(folder: Path) -> Start:
    port = free_port()
    began = time.monotonic()
    with child("-m", "benchmarks.tutorial", port, f"sqlite:///{folder}/tutorial.db", "durable") as process:
        ready = _wait_until_ready(port, "/", wanted=404)
        return Start(seconds=ready - began, used=usage(process.pid))


def _wait_until_ready(port: int, path: str, *, wanted: int = 200) -> float:
    """The moment of the first answer, looked for every few milliseconds."""
    wait_until(lambda: _status(port, path) == wanted, timeout=60, pause=PAUSE, what=path)
    return time.monotonic()


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    main()
