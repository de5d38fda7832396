"""All of it: `python -m tests.crash` kills some hundred times, prints what came of it, and fails where anything was lost or doubled."""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from db.engine import Database
from db.schema import migrate
from tests.crash.aims import AIMS, Aim
from tests.crash.books import Finding, settings
from tests.crash.fleet import Fleet
from tests.crash.matrix import Siege, table
from tests.crash.scene import Scene
from tests.crash.senders import SLOW, rate
from tests.servers.certificate import make_certificate
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.waiting import free_port

WHAT = ("sqlite", "postgresql", "fleet", "senders")
TIMES = 4  # each aim on each engine
KILLS, EVERY = 60, 3.0  # of the fleet
PAIRS, MESSAGES = 3, 100
WANTED = 1.6  # times as fast as one, two senders ought to be


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES, help="kills at each step, by each way, on each engine")
    parser.add_argument("--minutes", type=float, default=60, help="for each engine, after which no further step is aimed at")
    parser.add_argument("--kills", type=int, default=KILLS, help="of the many processes")
    parser.add_argument("--only", choices=WHAT, action="append", default=[])
    parser.add_argument("--way", action="append", default=[], help="only steps on this way (mail, text, …)")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("tests.crash").setLevel(logging.INFO)
    aims = [aim for aim in AIMS if not options.way or aim.way in options.way] * options.times
    random.Random(options.times).shuffle(aims)  # noqa: S311 - the same order every time
    bench = Bench(options.only or WHAT, minutes=options.minutes)
    with bench.stack:
        wrong = bench.matrix(aims)
        wrong += bench.fleet(options.kills)
        wrong += bench.senders()
    return 1 if wrong else 0


class Bench:
    """The servers, and what is asked for."""

    def __init__(self, wanted: Sequence[str], *, minutes: float) -> None:
        self._minutes = minutes
        self.stack = ExitStack()
        self._wanted = wanted
        self._folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self._dovecot = self.stack.enter_context(Dovecot(make_certificate(self._folder)))
        self._postgres = self.stack.enter_context(Postgres())

    def matrix(self, aims: Sequence[Aim]) -> int:
        results: list[tuple[Siege, Sequence[Finding]]] = []
        for engine in [engine for engine in WHAT[:2] if engine in self._wanted]:
            with self._scene(engine) as scene:
                siege = Siege(engine, scene)
                until = time.monotonic() + self._minutes * 60
                results.append((siege, siege.run(itertools.takewhile(lambda _: time.monotonic() < until, aims))))  # noqa: B023
                print(f"{engine}: {len(siege.kills)} kills while {len(scene.crowd.written)} messages were written", flush=True)
                print("\n".join(table(results[-1:])), flush=True)
        return sum(_wrong(findings) + len(siege.missed) for siege, findings in results)

    def fleet(self, kills: int) -> int:
        if "fleet" not in self._wanted:
            return 0
        soon = datetime.now(UTC) + timedelta(minutes=2)  # when both clocks are at work
        with self._scene("fleet", digest_at=f"{soon:%H:%M}") as scene:
            fleet = Fleet(scene)
            findings = fleet.sail(kills=kills, every=EVERY)
        counts = ", ".join(f"{part} {number}" for part, number in sorted(fleet.kills.items()))
        print(f"many processes: killed {counts}, while {len(scene.crowd.written)} messages were written")
        return _wrong(findings)

    def senders(self) -> int:
        if "senders" not in self._wanted:
            return 0
        url = self.stack.enter_context(self._postgres.database())
        database = Database(url)
        self.stack.callback(database.close)
        migrate(database)
        environment = settings(url, free_port(), self._dovecot.mailbox("senders"))
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(PAIRS):
            for number, measured in rates.items():
                measured.append(rate(number, messages=MESSAGES, database=database, environment=environment, folder=self._folder))
        one, two = (median(measured) for measured in rates.values())
        print(
            f"senders, {SLOW * 1000:.0f} ms a mail: one {one:.1f}/s, two {two:.1f}/s, {two / one:.2f} times (at least {WANTED})", flush=True
        )
        return int(two / one < WANTED)

    def _scene(self, name: str, digest_at: str = "00:00") -> Scene:
        place = self._folder / name
        place.mkdir()
        url = f"sqlite:///{place}/peer-intake.db" if name == "sqlite" else self.stack.enter_context(self._postgres.database())
        return Scene(url, self._dovecot.mailbox(name), place, digest_at=digest_at)


def _wrong(findings: Sequence[Finding]) -> int:
    for finding in findings:
        print(f"  {finding.kind}: {finding.what}")
    return sum(finding.kind != "listed" for finding in findings)


if __name__ == "__main__":
    sys.exit(main())
