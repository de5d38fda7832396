"""What the benchmarks share: figures beside their limits, what a process costs, and what the disk can do in the same minute."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from intake.service import House

Result = TypeVar("Result")
ROOT = Path(__file__).parent.parent
TOKEN = "a token of these measurements"
PUBLIC_URL = "https://intake.example.org"
SYNCS = 100
IDLE_SECONDS = 0.3
WIDE = 76

# What an operator would write, with servers that nobody reaches; those that a benchmark does start win over them.
SETTINGS = {
    "PUBLIC_URL": PUBLIC_URL,
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_PHONE_NUMBER": "+14065550100",
    "TWILIO_API_URL": "http://127.0.0.1:9",
    "COORDINATORS": "Sam <sam@example.org>",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_TLS": "none",
    "MAIL_FROM": "Peer Support <intake@example.org>",
    "SECRET_KEY": "a secret of these measurements",
    "TIMEZONE": "America/Denver",
    "SENDS_PER_HOUR": "1000000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a process has cost so far."""

    work: float  # seconds of the processor's time
    resident: float  # MB
    peak: float


def usage(pid: int | str = "self") -> Usage:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    resident, peak = (int(status.partition(f"{name}:")[2].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return Usage(work=ticks / os.sysconf("SC_CLK_TCK"), resident=resident, peak=peak)


def beside(pid: int | str = "self") -> list[Usage]:
    """What those cost that a process has beside it."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [usage(int(child)) for thread in threads for child in (thread / "children").read_text(encoding="ascii").split()]


def beside_work(pid: int | str = "self") -> float:
    """Seconds of the processor's time that all of them have taken so far."""
    return sum(one.work for one in beside(pid))


def wait_until_idle(pid: int | str) -> None:
    """A start is over when the process has nothing left to prepare."""
    worked = -1.0
    while (now := usage(pid).work + beside_work(pid)) > worked:
        worked = now
        time.sleep(IDLE_SECONDS)


def heading(words: str) -> None:
    print(f"\n{words}", flush=True)


def show(what: str, figure: float, note: str = "", *, digits: int = 0) -> None:
    print(f"  {what:<{WIDE}} {figure:10.{digits}f}   {note}".rstrip(), flush=True)


def at_least(what: str, figure: float, limit: float, *, of: str = "", digits: int = 0) -> None:
    show(what, figure, f"at least {limit:.{digits}f}{of}{'' if figure >= limit else ': MISSED'}", digits=digits)


def at_most(what: str, figure: float, limit: float, *, of: str = "", digits: int = 0) -> None:
    show(what, figure, f"at most {limit:.{digits}f}{of}{'' if figure <= limit else ': MISSED'}", digits=digits)


def in_turn(rounds: int, ways: Mapping[str, Callable[[], Result]], *, disk: Path) -> dict[str, list[Result]]:
    """Run each way once a round, one after the other, so that a busy minute of the machine falls on all of them.

    What the disk can do is looked at in each round too, and shown: no figure of a durable commit means anything without it.
    """
    found: dict[str, list[Result]] = {name: [] for name in ways}
    syncs = []
    for number in range(rounds):
        for name, run in ways.items():
            note(f"round {number + 1} of {rounds}: {name}")
            found[name].append(run())
        syncs.append(_sync_milliseconds(disk))
    heading("The disk in the same minutes")
    show("a raw fdatasync of 4 KB, milliseconds: median", statistics.median(syncs), f"from {min(syncs):.2f} to {max(syncs):.2f}", digits=2)
    return found


def note(words: str) -> None:
    """What is being done, for whoever watches; no figure."""
    print(f"  ... {words}", file=sys.stderr, flush=True)


def median(results: Sequence[Result], pick: Callable[[Result], float]) -> float:
    return statistics.median(map(pick, results))


def percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def _sync_milliseconds(folder: Path) -> float:
    """What the disk takes to keep 4 KB: a commit that is durable cannot be quicker."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def measured_apart(*arguments: object, python: Path | str = sys.executable, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a process of its own prints last, as JSON: it has the memory of nothing but its own work."""
    command = [str(python), *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=env)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def measured() -> Iterator[dict[str, Any]]:
    """Prints what a block took and cost this process, as `measured_apart` wants it; the block may add to it."""
    found: dict[str, Any] = {}
    began, began_work, began_beside = time.perf_counter(), time.process_time(), beside_work()
    yield found
    found |= {"seconds": time.perf_counter() - began, "work": time.process_time() - began_work, "peak": usage().peak}
    found |= {"beside": beside_work() - began_beside}
    print(json.dumps(found))


@contextmanager
def child(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process of the benchmark's own beside it, gone at the end."""
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def house_on(
    url: str, settings: Mapping[str, str] = MappingProxyType({}), *, clock: Callable[[], datetime] | None = None, with_workers: bool = False
) -> House:
    """The program's parts, wired as `serve` wires them; imported here, so that its peers do not pay for them.

    Args:
        url: the database's.
        settings: what is to win over `SETTINGS`.
        clock: the machine's, unless another is given.
        with_workers: with the processes beside it, too: once in a process at the most, since they leave it a single processor.

    """
    from intake.beside import workers_for
    from intake.settings import settings_from

    read = settings_from({**SETTINGS, **settings})
    workers = workers_for(read, ()) if with_workers else None
    from db.engine import Database
    from db.schema import migrate
    from intake.service import House
    from notifier.given import Given
    from tests.fakes import CountedIds

    database = Database(url)
    migrate(database)
    given = Given(clock=clock or (lambda: datetime.now(UTC)), ids=CountedIds(), jitter=lambda: 0.5)
    return House(read, given, database, workers)


def options(description: str, *, rounds: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help="interleaved runs, of which the medians are shown")
    parser.add_argument("--quick", action="store_true", help="less of everything: an impression within a minute")
    found = parser.parse_args()
    if found.quick:
        found.rounds = 1
    return found
