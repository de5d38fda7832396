"""How many signed texts a second are acknowledged, everything stored, beside the tutorial's application: `python -m benchmarks.webhook`."""

from __future__ import annotations

import socket
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.common import (
    SETTINGS,
    Usage,
    at_least,
    at_most,
    beside_work,
    child,
    heading,
    in_turn,
    measured_apart,
    median,
    options,
    percentile,
    show,
    usage,
    wait_until_idle,
)
from benchmarks.postbox import fill, mail_server
from benchmarks.tutorial import THREADS
from intake.listening import WEB_THREADS
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.process import Process, run
from tests.servers.waiting import free_port, wait_until

CLIENTS = 8
SECONDS = 5.0
FIRST = 300  # texts that are not counted: what is built at its first use is built by then
A_SECOND = 2_500  # texts made ready for each second of a run: more than any of them answers
MAILS = 4_000  # waiting when a run beside the mailbox begins
MOST_MEGABYTES = 120
OURS, DURABLE, PLAIN, READING = "ours", "the tutorial's, WAL and FULL", "the tutorial's, SQLite as it comes", "ours, the mailbox being read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run found."""

    rate: float
    middle: float  # milliseconds
    slow: float  # milliseconds, 99 of 100 took less
    refused: int  # not acknowledged, whatever was answered
    work: float  # milliseconds of the processor's time, for each text
    there: float  # the same, of the processes that listen beside it
    load: float  # the same, of the clients
    used: Usage
    mails: int = 0  # taken in meanwhile


def main() -> None:
    chosen = options(__doc__, rounds=5)
    seconds = 3.0 if chosen.quick else SECONDS
    numbers = count(1)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        ours = stack.enter_context(_ours(folder / "ours"))
        durable = stack.enter_context(_tutorial(folder, "durable"))
        plain = stack.enter_context(_tutorial(folder, "plain"))
        ways: dict[str, Callable[[], Run]] = {
            OURS: lambda: _load(ours, numbers, seconds),
            DURABLE: lambda: _load(durable, numbers, seconds),
            PLAIN: lambda: _load(plain, numbers, seconds),
        }
        if dovecot := stack.enter_context(mail_server(folder)):
            ways[READING] = partial(_beside_the_mailbox, dovecot, folder, numbers, seconds)
        for server in (ours, durable, plain):
            _warm_up(server, numbers)
        found = in_turn(chosen.rounds, ways, disk=folder)
    _print(found, chosen.rounds)


def _print(found: dict[str, list[Run]], rounds: int) -> None:
    heading(f"Signed texts of 1 KB acknowledged, {CLIENTS} clients; medians of {rounds} runs in turn")
    print(f"  waitress with {WEB_THREADS} threads for ours, as it serves, and with {THREADS} for the tutorial's")
    names = [name for name in (OURS, DURABLE, PLAIN, READING) if name in found]
    rate, middle, slow, work = ({name: median(found[name], pick) for name in names} for pick in _PICKS)
    at_least("texts a second, ours", rate[OURS], rate[DURABLE] / 2, of=f", half of the tutorial's {rate[DURABLE]:.0f} with WAL and FULL")
    at_least("  the same", rate[OURS], rate[PLAIN], of=", the tutorial's with SQLite as it comes")
    at_most("milliseconds, 99 of 100, ours", slow[OURS], 2 * slow[DURABLE], of=", twice the tutorial's with WAL and FULL", digits=1)
    if READING in rate:
        at_most("  the same while the mailbox is read", slow[READING], 4 * slow[DURABLE], of=", four times the tutorial's", digits=1)
        show("  texts a second meanwhile", rate[READING])
        show(
            "  mails a second meanwhile",
            median(found[READING], lambda one: one.mails),
            "over the whole run, so that it was read throughout",
        )
    for name in names:
        show(f"milliseconds, median and 99 of 100: {name}", middle[name], f"{slow[name]:.1f}", digits=1)
    for name in names:
        if refused := sum(one.refused for one in found[name]):
            show(f"not acknowledged: {name}", refused)
    for name in names:
        show(f"milliseconds of the processor for each text: {name}", work[name], digits=2)
    show("  and of the process that listens beside ours", median(found[OURS], lambda one: one.there), digits=2)
    show("  and of the clients, in a process of their own", median(found[OURS], lambda one: one.load), digits=2)
    for name in names:
        peak = max(one.used.peak for one in found[name])
        (at_most(f"resident memory at its peak, MB: {name}", peak, MOST_MEGABYTES) if "ours" in name else show(f"  {name}", peak))


_PICKS: tuple[Callable[[Run], float], ...] = (
    lambda one: one.rate,
    lambda one: one.middle,
    lambda one: one.slow,
    lambda one: one.work,
)


@dataclass(frozen=True, slots=True)
class _Server:
    pid: int
    port: int
    stored: Callable[[], int]


@contextmanager
def _ours(folder: Path, *, only: tuple[str, ...] = ("web",), mailbox: Mailbox | None = None) -> Iterator[_Server]:
    folder.mkdir(exist_ok=True)
    settings = _settings(folder, mailbox)
    parts = [word for part in only for word in ("--only", part)]
    port = int(settings["HTTP_PORT"])
    with Process("serve", *parts, environment=settings, folder=folder) as serve:
        serve.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        if mailbox is None:
            wait_until_idle(serve.pid)
        yield _Server(serve.pid, port, lambda: _rows(folder / "intake.db", "records WHERE channel = 'sms'"))


def _settings(folder: Path, mailbox: Mailbox | None) -> dict[str, str]:
    about = {"HTTP_PORT": str(free_port()), "DATABASE_URL": f"sqlite:///{folder}/intake.db", "HOME": str(folder)}
    return {**SETTINGS, **about, **(mailbox.settings if mailbox else {})}


@contextmanager
def _tutorial(folder: Path, how: str) -> Iterator[_Server]:
    port, path = free_port(), folder / f"{how}.db"
    with child("-m", "benchmarks.tutorial", port, f"sqlite:///{path}", how) as process:
        wait_until(lambda: _listens(port), what="the tutorial's application")
        yield _Server(process.pid, port, lambda: _rows(path, "messages"))


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _rows(path: Path, of: str) -> int:
    with sqlite3.connect(path, timeout=30) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {of}").fetchone()[0])  # noqa: S608 - our own words


def _warm_up(server: _Server, numbers: Iterator[int], texts: int = FIRST) -> None:
    measured_apart("-m", "benchmarks.texting", server.port, 600, CLIENTS, next(numbers) * FIRST, texts)


def _load(server: _Server, numbers: Iterator[int], seconds: float) -> Run:
    """Everything that was acknowledged must be there afterwards."""
    most = round(A_SECOND * seconds)
    before, there, stored = usage(server.pid), beside_work(server.pid), server.stored()
    found = measured_apart("-m", "benchmarks.texting", server.port, seconds, CLIENTS, next(numbers) * most, most)
    taken, used = found["taken"], usage(server.pid)
    if server.stored() - stored != len(taken):
        raise RuntimeError(f"{len(taken)} were acknowledged, {server.stored() - stored} are stored")
    return Run(
        rate=len(taken) / found["seconds"],
        refused=found["refused"],
        middle=percentile(taken, 0.5) * 1000,
        slow=percentile(taken, 0.99) * 1000,
        work=(used.work - before.work) / len(taken) * 1000,
        there=(beside_work(server.pid) - there) / len(taken) * 1000,
        load=found["work"] / len(taken) * 1000,
        used=used,
    )


def _beside_the_mailbox(server: Dovecot, folder: Path, numbers: Iterator[int], seconds: float) -> Run:
    number = next(numbers)
    mailbox = server.mailbox(f"reading{number}")
    home = folder / f"reading{number}"
    home.mkdir()
    run("poll", environment=_settings(home, mailbox), folder=home)  # the reader's place is before what comes now
    fill(mailbox, range(number * MAILS, (number + 1) * MAILS))
    with _ours(home, only=("web", "mail"), mailbox=mailbox) as ours:
        mails = partial(_rows, home / "intake.db", "inbox WHERE channel = 'email'")
        wait_until(lambda: mails() > 0, timeout=60, what="the first mails")
        _warm_up(ours, numbers, FIRST // 5)  # the mails have had most of it built
        before = mails()
        one = _load(ours, numbers, seconds)
        after = mails()
    if after >= MAILS:
        raise RuntimeError("the mailbox was read to its end before the texts were: let more mails wait")
    return replace(one, mails=round((after - before) / seconds))


if __name__ == "__main__":
    main()
