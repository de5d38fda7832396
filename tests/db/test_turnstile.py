"""Whoever waits longest goes first."""

from __future__ import annotations

import threading

from db.turnstile import Turnstile
from tests.servers.waiting import wait_until


def test_turns_go_round_in_the_order_of_coming() -> None:
    """Also where the one who gives it back wants it again at once."""
    turnstile, order = Turnstile(), list[int]()
    assert turnstile.acquire(timeout=1)
    threads = [_waiting(turnstile, order, number) for number in range(5)]
    turnstile.release()
    assert turnstile.acquire(timeout=60)
    order.append(5)
    turnstile.release()
    for thread in threads:
        thread.join(60)
    assert order == [0, 1, 2, 3, 4, 5]


def test_whoever_has_waited_too_long_goes_without_and_holds_up_nobody() -> None:
    turnstile = Turnstile()
    assert turnstile.acquire(timeout=1)
    assert not turnstile.acquire(timeout=0.01)
    turnstile.release()
    assert turnstile.acquire(timeout=0.01)


def test_one_at_a_time() -> None:
    turnstile, inside, most = Turnstile(), [0], [0]

    def work() -> None:
        for _ in range(200):
            assert turnstile.acquire(timeout=60)
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1
            turnstile.release()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert turnstile.acquire(timeout=0)


def _waiting(turnstile: Turnstile, order: list[int], number: int) -> threading.Thread:
    """A thread that stands in line behind so many others, and says when it goes."""

    def wait() -> None:
        assert turnstile.acquire(timeout=60)
        order.append(number)
        turnstile.release()

    thread = threading.Thread(target=wait)
    thread.start()
    wait_until(lambda: turnstile.length > number, what="a thread in line")
    return thread
