"""How many mails a second come from a mailbox to their records, answers queued, beside peers: `python -m benchmarks.mailbox`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.common import (
    at_least,
    at_most,
    heading,
    house_on,
    in_turn,
    measured,
    measured_apart,
    median,
    note,
    options,
    show,
    wait_until_idle,
)
from benchmarks.postbox import fill, in_plain, mail_server
from tests.servers.dovecot import Dovecot

FEW, MANY = 1_000, 5_000
MOST_MEGABYTES, MOST_GROWTH = 120, 5
PACKAGES = ("django-mailbox==4.10.1", "django<6")
OURS, FLOOR_A, FLOOR_B, DJANGO = "ours", "floor A", "floor B", "django-mailbox"
TOLD = {
    OURS: "read, recorded and answered",
    FLOOR_A: "fetched by fifties, parsed with compat32, a row each, flagged",
    FLOOR_B: "the same with policy.default",
    DJANGO: "4.10, which neither reads nor answers",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One mailbox taken in."""

    rate: float
    work: float  # milliseconds of the processor's time, for each mail
    beside: float  # the same, of the process that listens beside it
    peak: float  # MB


Ways = dict[str, Callable[[], Run]]


def main() -> None:
    chosen = options(__doc__, rounds=5)
    few, many = (200, 1_000) if chosen.quick else (FEW, MANY)
    with tempfile.TemporaryDirectory() as name, mail_server(Path(name)) as server, _django(Path(name), skip=chosen.quick) as django:
        if server is None:
            return
        bring = partial(_bring, server, Path(name), count(1), django)
        peers = [OURS, FLOOR_A, FLOOR_B, *([DJANGO] if django else [])]
        ways: Ways = {f"{peer}, {mails}": partial(bring, peer, mails) for mails in (few, many) for peer in peers}
        found = in_turn(chosen.rounds, ways, disk=Path(name))
    _print(found, peers, few, many, chosen.rounds)


def _print(found: Mapping[str, list[Run]], peers: list[str], few: int, many: int, rounds: int) -> None:
    heading(f"Newsletter replies of 2.7 KB from IMAP to the database; medians of {rounds} runs in turn")
    rate = {name: median(runs, lambda one: one.rate) for name, runs in found.items()}
    work = {name: median(runs, lambda one: one.work) for name, runs in found.items()}
    peak = {name: median(runs, lambda one: one.peak) for name, runs in found.items()}
    ours_few, ours_many = f"{OURS}, {few}", f"{OURS}, {many}"
    ours = rate[ours_many]
    at_least(f"mails a second, ours, {many} waiting", ours, 250)
    floor = rate[f"{FLOOR_B}, {many}"]
    at_least("  the same", ours, floor / 2, of=f", half of floor B's {floor:.0f}")
    if DJANGO in peers:
        django = rate[f"{DJANGO}, {many}"]
        at_least("  the same", ours, 3 * django, of=f", three times django-mailbox's {django:.0f}")
    at_most(f"the cost of a mail at {many}, over that at {few}", rate[ours_few] / ours, 1.15, digits=2)
    show("  the same in the processor's time", work[ours_many] / work[ours_few], digits=2)
    at_most(f"resident memory at its peak, MB, {many}", peak[ours_many], MOST_MEGABYTES)
    at_most(f"  more than with {few}", peak[ours_many] - peak[ours_few], MOST_GROWTH, digits=1)
    for peer in peers:
        heading(f"{peer}: {TOLD[peer]}")
        for mails in (few, many):
            name = f"{peer}, {mails}"
            there = median(found[name], lambda one: one.beside)
            told = f"{work[name]:.2f} ms of the processor a mail, {peak[name]:.0f} MB" + (f"; beside it {there:.2f} ms" if there else "")
            show(f"mails a second, {mails} waiting", rate[name], told)


def _bring(server: Dovecot, folder: Path, numbers: Iterator[int], django: Path | None, peer: str, mails: int) -> Run:
    """One peer, in a process of its own, on a mailbox that nobody has read."""
    number = next(numbers)
    mailbox = fill(server.mailbox(f"reader{number}"), range(number * MANY, number * MANY + mails))
    database = folder / f"{number}.db"
    about = json.dumps(in_plain(mailbox))
    if peer == DJANGO:
        # Isolated, or it would take the modules beside it for the standard library's.
        found = measured_apart("-I", Path(__file__).with_name("django_reader.py"), database, about, python=django or "")
    elif peer == OURS:
        found = measured_apart("-m", "benchmarks.mailbox", database, about)
    else:
        found = measured_apart("-m", "benchmarks.floors", peer, database, about)
    if found["taken"] != mails:
        raise RuntimeError(f"{peer}: {mails} mails waited, {found['taken']} were taken in")
    work, there = (found.get(of, 0.0) / mails * 1000 for of in ("work", "beside"))
    return Run(rate=mails / found["seconds"], work=work, beside=there, peak=found["peak"])


def take_in(database: Path, settings: dict[str, str]) -> None:
    """Ours: one pass over the mailbox, once the words are ready, as they are when `serve` has run for a second."""
    from sqlalchemy import func, select

    from db.models import Outgoing, Record
    from parsers.ready import warm_up

    house = house_on(f"sqlite:///{database}", settings, with_workers=True)
    warm_up(house.words)
    wait_until_idle("self")
    with measured() as found:
        found["taken"] = house.mailbox().read_once(since=date(2000, 1, 1))
    with house.database.read() as session:
        records = session.execute(select(func.count()).select_from(Record)).scalar_one()
        answers = session.execute(select(func.count()).where(Outgoing.address_id.is_not(None))).scalar_one()
    if {records, answers} != {found["taken"]}:
        raise RuntimeError(f"{found['taken']} mails made {records} records, {answers} answers")


@contextmanager
def _django(folder: Path, *, skip: bool) -> Iterator[Path | None]:
    """A Python that has django-mailbox, for this run alone; None, with the reason said, where it cannot be had."""
    python = folder / "django" / "bin" / "python"
    if skip:
        note("django-mailbox left out: it takes minutes")
        yield None
        return
    try:
        venv.create(folder / "django", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True, timeout=300)
    except (subprocess.SubprocessError, OSError) as error:
        note(f"django-mailbox left out: it cannot be installed ({type(error).__name__})")
        yield None
    else:
        yield python


if __name__ == "__main__":
    if sys.argv[1:2] and not sys.argv[1].startswith("--"):
        take_in(Path(sys.argv[1]), json.loads(sys.argv[2]))
    else:
        main()
