"""The matrix: processes serve and are killed, one after the other, while people write; at the end everything is counted."""

from __future__ import annotations

import logging
import random
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from tests.crash import books
from tests.crash.aims import ANY_MOMENT, LEAVES_A_DOUBT, Aim
from tests.crash.books import Finding
from tests.crash.scene import A_DAY, Scene
from tests.fakes import fixed_random
from tests.servers.waiting import wait_until

logger = logging.getLogger(__name__)

KINDS = ("lost", "doubled", "listed")
PERHAPS = 1 / 3  # how often a process is killed as soon as it can be, while it still mends what the last one left


@dataclass(frozen=True, slots=True)
class Kill:
    """One end of a process, and what it left in flight."""

    life: int
    aim: Aim
    rows: frozenset[int]


@dataclass(slots=True)
class Siege:
    """One process after the other, each killed at its step."""

    engine: str
    scene: Scene
    kills: list[Kill] = field(default_factory=list)
    missed: list[Aim] = field(default_factory=list)  # that were not reached
    _suspects: frozenset[int] = frozenset()  # mails that a killed process had taken up
    _chance: random.Random = field(default_factory=fixed_random)

    def run(self, aims: Iterable[Aim]) -> list[Finding]:
        """Kill at each of them, then let everything come to rest, and compare."""
        with self.scene.crowd.flowing():
            for aim in aims:
                self._kill(aim)
        self.scene.calm()
        return self.scene.compare()

    def blame(self, finding: Finding) -> Aim | None:
        """The kill that a finding is due to, as far as it can be told."""
        for kill in self.kills:
            if finding.row in kill.rows or (finding.during is not None and finding.during == kill.life):
                return kill.aim
        return None

    def _kill(self, aim: Aim) -> None:
        if aim.later >= A_DAY:
            self.scene.calm()  # a text that two starts in a row do not see would be too old to be answered
            self._suspects = frozenset()
        while aim.at_start and self._suspects:  # a mail that is there when a process dies twice is kept aside the third time
            self._kill_at_some_moment()
        if aim.retry:
            self._keep_one_aside()
        while aim.way == "doubt" and not books.in_doubt(self.scene.database):
            self._kill(LEAVES_A_DOUBT)
            self._let_it_be_found()
        if aim.step in ("trouble told", "trouble committed"):
            self.scene.refuse_a_login(aim.later)
        at_once = aim.at_start or (not aim.marks and not self._suspects and self._chance.random() < PERHAPS)
        self.scene.next_life(aim.later)
        self.scene.victim.start(ahead=self.scene.ahead, aim=aim, nth=self._chance.randint(1, aim.most), loaded=at_once)
        if not at_once:
            self._wait_for_suspects()
            self.scene.victim.load()
        self._bury(aim)

    def _kill_at_some_moment(self) -> None:
        self.scene.next_life()
        self.scene.victim.start(ahead=self.scene.ahead)
        self._wait_for_suspects()
        self.scene.victim.signal(signal.SIGKILL)
        self._bury(ANY_MOMENT)

    def _bury(self, aim: Aim) -> None:
        try:
            wait_until(lambda: not self.scene.victim.alive)
        except AssertionError:
            logger.warning("never reached: %s, %s", aim.way, aim.step)
            self.missed.append(aim)
            self.scene.victim.signal(signal.SIGKILL)
            aim = ANY_MOMENT
        assert self.scene.victim.wait() == -signal.SIGKILL, self.scene.victim.tail()
        self._suspects = self.scene.taken_up()
        self.kills.append(Kill(self.scene.life, aim, frozenset(books.in_flight(self.scene.database))))
        logger.info("kill %s: %s, %s", len(self.kills), aim.way, aim.step)
        self.scene.forget_old_texts()

    def _let_it_be_found(self) -> None:
        """Whoever sends finds that a claim has run out."""
        self.scene.next_life()
        self.scene.victim.start(ahead=self.scene.ahead)
        sending = partial(books.in_flight, self.scene.database)
        gone = set(sending())
        wait_until(lambda: not gone & set(sending()), what=self.scene.victim.tail)
        self._wait_for_suspects()
        self.scene.victim.signal(signal.SIGTERM)
        assert self.scene.victim.wait() == 0, self.scene.victim.tail()
        self._suspects = self.scene.taken_up()

    def _keep_one_aside(self) -> None:
        self.scene.next_life()
        self.scene.victim.start(ahead=self.scene.ahead)
        wait_until(lambda: self.scene.crowd.text("poison").acknowledged, what=self.scene.victim.tail, pause=0.2)
        self._wait_for_suspects()
        self.scene.victim.signal(signal.SIGTERM)
        assert self.scene.victim.wait() == 0, self.scene.victim.tail()
        assert books.kept_aside(self.scene.database)

    def _wait_for_suspects(self) -> None:
        wait_until(
            lambda: not self.scene.victim.alive or not self._suspects & self.scene.taken_up(),
            what=lambda: f"the mails of the last process\n{self.scene.victim.tail()}",
            pause=0.1,
        )


def table(sieges: Sequence[tuple[Siege, Sequence[Finding]]]) -> Iterator[str]:
    """A line for each step and way: how many kills on each engine, and what came of them."""
    kills: Counter[tuple[str, str, str]] = Counter()
    found: Counter[tuple[str, str, str, str]] = Counter()
    for siege, findings in sieges:
        kills.update((kill.aim.way, kill.aim.step, siege.engine) for kill in siege.kills)
        for finding in findings:
            aim = siege.blame(finding)
            found[aim.way if aim else "", aim.step if aim else "unknown", siege.engine, finding.kind] += 1
    lines = dict.fromkeys((way, step, engine) for way, step, engine in [*kills, *(key[:3] for key in found)])
    yield f"{'way':12} {'step':22} {'engine':11} {'kills':>6} {'lost':>6} {'doubled':>8} {'listed':>7}"
    for way, step, engine in lines:
        lost, doubled, listed = (found[way, step, engine, kind] for kind in KINDS)
        yield f"{way:12} {step:22} {engine:11} {kills[way, step, engine]:6} {lost:6} {doubled:8} {listed:7}"
    lost, doubled, listed = (sum(found[key] for key in found if key[3] == kind) for kind in KINDS)
    yield f"{'in all':12} {'':22} {'':11} {kills.total():6} {lost:6} {doubled:8} {listed:7}"
