"""Whether a text, a mail, a send and a digest cost the same however much is stored: `python -m benchmarks.flat`."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import insert

from benchmarks.common import at_most, heading, house_on, in_turn, median, note, options, show
from benchmarks.filling import NOW, Filling
from benchmarks.messages import reply, text
from db.marks import Digest
from db.outbox import Draft
from db.statements import table
from intake import sms
from intake.arrival import Arrival
from intake.doorway import BATCH
from intake.identity import identity
from intake.service import House
from parsers.ready import warm_up
from tests.fakes import HeldClock

FEW, MANY = 1_000, 100_000
ONCE = 100  # texts and mails of one run
SENDS = 400  # which take so little that a hundred say more of the machine than of us
FEWEST = 3  # runs, of which even in quick the medians are taken
NEW = 5_000_000  # numbers from here on are of nobody who is stored
MOST = 1.3
DAY = timedelta(days=1)
TEXT, MAIL, SEND, DIGEST = "a text", "a mail", "a claim, a send that takes no time, its settling", "the digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds, of one."""

    work: float  # of the processor's time
    clock: float


class _NoSender:
    """Takes so many mails in no time, and then has the delivery stop."""

    channel = "email"
    deadline = 1.0

    def __init__(self, stop: threading.Event, most: int) -> None:
        self._stop = stop
        self._left = most

    def send(self, draft: Draft, **_: object) -> str:
        self._left -= 1
        if not self._left:
            self._stop.set()
        return draft.message_id

    def close(self) -> None:
        """Nothing is kept open."""


def main() -> None:
    chosen = options(__doc__, rounds=5)
    few, many = (FEW, 20_000) if chosen.quick else (FEW, MANY)
    with tempfile.TemporaryDirectory() as name:
        houses = {size: _house(Path(name), size, few) for size in (few, many)}
        ways: dict[str, Callable[[], Cost]] = {}
        for what, measure in ((TEXT, _texts), (MAIL, _mails), (SEND, _sends), (DIGEST, _digest)):
            for size, house in houses.items():
                numbers = count(NEW)
                ways[f"{what}, {size}"] = partial(measure, house, numbers)
        for run in ways.values():  # what is built once is no run's cost
            run()
        rounds = max(chosen.rounds, FEWEST)
        found = in_turn(rounds, ways, disk=Path(name))
    _print(found, few, many, rounds)


def _print(found: Mapping[str, list[Cost]], few: int, many: int, rounds: int) -> None:
    heading(f"With {many} records over with {few}, of which as many are of the last two years; medians of {rounds} runs in turn")
    for what in (TEXT, MAIL, SEND, DIGEST):
        small, large = found[f"{what}, {few}"], found[f"{what}, {many}"]
        ratio = median(large, _work) / median(small, _work)
        at_most(
            f"{what}, of the processor's time", ratio, MOST, digits=2, of=f"; {median(small, _work):.2f} and {median(large, _work):.2f} ms"
        )
        clocks = median(small, _clock), median(large, _clock)
        show("  by the clock", clocks[1] / clocks[0], f"{clocks[0]:.2f} and {clocks[1]:.2f} ms", digits=2)


def _work(cost: Cost) -> float:
    return cost.work


def _clock(cost: Cost) -> float:
    return cost.clock


def _house(folder: Path, size: int, recent: int) -> House:
    note(f"{size} records are stored")
    url = f"sqlite:///{folder}/{size}.db"
    Filling(records=size, recent=recent).fill(url)
    house = house_on(url, clock=HeldClock(NOW))
    warm_up(house.words)
    with house.database.write() as session:  # yesterday's digest told of what is older
        session.execute(insert(table(Digest)).values(day=(NOW - DAY).date(), until=NOW - DAY))
    return house


def _texts(house: House, numbers: Iterator[int]) -> Cost:
    """Every other one comes from somebody who is known."""
    bodies = []
    for number in (next(numbers) for _ in range(ONCE)):
        posted = text(number)
        bodies.append(urlencode(posted | {"From": f"+1406{1 + number % FEW:07}"} if number % 2 else posted).encode())
    arrivals = [sms.arrival(body, channel="sms", received_at=NOW) for body in bodies]
    return _cost(lambda: [house.doorway.receive(arrival) for arrival in arrivals], ONCE)


def _mails(house: House, numbers: Iterator[int]) -> Cost:
    """By fifties, as the reader brings them."""
    arrivals = _replies(numbers, ONCE)
    return _cost(lambda: _bring(house, arrivals), ONCE)


def _sends(house: House, numbers: Iterator[int]) -> Cost:
    """Of the answers to mails that were brought before, with the alerts that stand in line with them."""
    _bring(house, _replies(numbers, SENDS))
    stop = threading.Event()
    delivery = house.delivery(_NoSender(stop, SENDS))
    return _cost(lambda: delivery.run(stop), SENDS)


def _replies(numbers: Iterator[int], most: int) -> list[Arrival]:
    sources = [reply(next(numbers)) for _ in range(most)]
    return [Arrival(channel="email", external_id=identity(raw, len(raw)), source=raw, received_at=NOW) for raw in sources]


def _bring(house: House, arrivals: Sequence[Arrival]) -> None:
    for start in range(0, len(arrivals), BATCH):
        house.doorway.receive_many(arrivals[start : start + BATCH])


def _digest(house: House, _: Iterator[int]) -> Cost:
    def write() -> None:
        with house.database.read() as session:
            house.digests.copy(session, NOW.date(), now=NOW)

    return _cost(write, 1)


def _cost(do: Callable[[], object], number: int) -> Cost:
    began, began_work = time.perf_counter(), time.process_time()
    do()
    return Cost(work=(time.process_time() - began_work) / number * 1000, clock=(time.perf_counter() - began) / number * 1000)


if __name__ == "__main__":
    main()
