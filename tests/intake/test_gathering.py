"""What several bring at once is taken in together, and each hears of their own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from intake.gathering import Gathering
from tests.servers.waiting import wait_until


class Taker:
    """Takes numbers in; the first time only when it is let."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.may_go_on = threading.Event()
        self.broken: Exception | None = None

    def take(self, numbers: Sequence[int]) -> list[str | Exception]:
        self.together.append(list(numbers))
        assert self.may_go_on.wait(60)
        if self.broken:
            return [self.broken] * len(numbers)
        return [ValueError(number) if number == 13 else f"took {number}" for number in numbers]


@pytest.fixture
def taker() -> Taker:
    return Taker()


def _at_once(taker: Taker, gathering: Gathering[int, str], *brought: Sequence[int]) -> list[Future[list[str | Exception]]]:
    """The first is being taken when the others come, in their order."""
    pool = ThreadPoolExecutor(len(brought))
    futures = []
    for place, numbers in enumerate(brought):
        futures.append(pool.submit(gathering.bring, numbers))
        wait_until(partial(_in_line, taker, gathering, place), what="one more in line")
    taker.may_go_on.set()
    pool.shutdown()
    return futures


def _in_line(taker: Taker, gathering: Gathering[int, str], others: int) -> bool:
    return bool(taker.together) and gathering.waiting >= others


def test_one_alone_is_taken_at_once(taker: Taker) -> None:
    taker.may_go_on.set()
    gathering = Gathering(taker.take, most=5, away=OSError)
    assert gathering.bring([1]) == ["took 1"]
    assert gathering.bring([2, 3]) == ["took 2", "took 3"]
    assert taker.together == [[1], [2, 3]]


def test_those_who_come_meanwhile_go_together(taker: Taker) -> None:
    """As many as there is room for, in the order in which they came, and never half of what one brought."""
    done = _at_once(taker, Gathering(taker.take, most=5, away=OSError), [1], [2], [3, 4], [5, 6, 7], [8])
    assert [future.result() for future in done] == [
        ["took 1"],
        ["took 2"],
        ["took 3", "took 4"],
        ["took 5", "took 6", "took 7"],
        ["took 8"],
    ]
    assert taker.together == [[1], [2, 3, 4], [5, 6, 7, 8]]


def test_more_than_the_most_is_taken_where_one_brings_it(taker: Taker) -> None:
    taker.may_go_on.set()
    assert len(Gathering(taker.take, most=2, away=OSError).bring([1, 2, 3])) == 3


def test_the_trouble_of_one_is_not_the_others(taker: Taker) -> None:
    done = _at_once(taker, Gathering(taker.take, most=5, away=OSError), [1], [13], [2])
    assert [type(future.result()[0]) for future in done] == [str, ValueError, str]


def test_nor_is_it_theirs_who_still_wait(taker: Taker) -> None:
    done = _at_once(taker, Gathering(taker.take, most=1, away=OSError), [13], [1])
    assert isinstance(done[0].result()[0], ValueError)
    assert done[1].result() == ["took 1"]


def test_where_nothing_is_taken_nobody_waits_in_vain_once_more(taker: Taker) -> None:
    """All who wait have waited as long as whoever called them does."""
    gathering = Gathering(taker.take, most=1, away=OSError)
    taker.broken = OSError("away")
    done = _at_once(taker, gathering, [1], [2], [3])
    assert [future.result() for future in done] == [[taker.broken]] * 3
    assert taker.together == [[1]]
    taker.broken = None
    assert gathering.bring([4]) == ["took 4"]


def test_a_thread_that_breaks_leaves_the_line_in_order() -> None:
    """Its own error is raised to it; whoever went with it hears that nothing came of it."""
    began, may_break = threading.Event(), threading.Event()

    def take(numbers: Sequence[int]) -> list[str | Exception]:
        if numbers == [1]:
            began.set()
            assert may_break.wait(60)
            return ["took 1"]
        if 2 in numbers:
            raise ZeroDivisionError
        return ["took"] * len(numbers)

    gathering = Gathering[int, str](take, most=2, away=OSError)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(gathering.bring, [1])
        assert began.wait(60)
        second = pool.submit(gathering.bring, [2])
        wait_until(lambda: gathering.waiting == 1, what="the second in line")
        third = pool.submit(gathering.bring, [3])
        wait_until(lambda: gathering.waiting == 2, what="the third in line")
        may_break.set()
    assert first.result() == ["took 1"]
    assert isinstance(second.exception(), ZeroDivisionError)
    assert isinstance(third.result()[0], RuntimeError)
    assert gathering.bring([4]) == ["took"]


def _beside_the_first(taker: Taker, gathering: Gathering[int, str], *others: tuple[int, float]) -> list[list[str | Exception]]:
    """While the first is being taken the others come, each with their patience."""
    with ThreadPoolExecutor(len(others) + 1) as pool:
        done = [pool.submit(gathering.bring, [1])]
        for place, (number, patience) in enumerate(others):
            wait_until(partial(_in_line, taker, gathering, place), what="one more in line")
            done.append(pool.submit(gathering.bring, [number], patience=patience))
        wait_until(partial(_in_line, taker, gathering, len(others)), what="all in line")
        wait_until(lambda: all(each.items != [13] for each in [*gathering._patient]), what="13 to be patient no longer")
        taker.may_go_on.set()
    return [future.result() for future in done]


def test_who_is_patient_lets_the_others_go_first(taker: Taker) -> None:
    """And has their turn once nobody else waits."""
    found = _beside_the_first(taker, Gathering(taker.take, most=1, away=OSError), (2, 60), (3, 60), (4, 0), (5, 0))
    assert found == [[f"took {number}"] for number in range(1, 6)]
    assert taker.together == [[1], [4], [5], [2], [3]]


def test_nobody_is_patient_for_ever(taker: Taker) -> None:
    """Whose patience is over stands in line with the others."""
    _beside_the_first(taker, Gathering(taker.take, most=1, away=OSError), (2, 60), (13, 0.001), (4, 60))
    assert taker.together == [[1], [13], [2], [4]]


def test_who_is_patient_does_not_wait_in_vain_either(taker: Taker) -> None:
    taker.broken = OSError("away")
    found = _beside_the_first(taker, Gathering(taker.take, most=1, away=OSError), (2, 60), (3, 0))
    assert found == [[taker.broken]] * 3
    assert taker.together == [[1]]
