"""The bell that wakes senders."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from db.engine import Database
from db.wire import Wire
from notifier.bell import Bell


def test_a_ring_before_the_wait_is_not_missed() -> None:
    """Whoever was busy while it rang does not wait for the next ring."""
    bell = Bell()
    bell.ring()
    bell.ring()
    heard = bell.wait(0, timeout=60)
    assert heard == 2
    assert bell.wait(heard, timeout=0) == 2


def test_everybody_who_waits_hears_it() -> None:
    """One ring wakes the sender of each channel."""
    bell = Bell()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(bell.wait, 0, 60) for _ in range(2)]
        bell.ring()
        assert [one.result(timeout=60) for one in waiting] == [1, 1]


def test_a_ring_in_one_process_wakes_the_senders_of_another(postgres_url: str) -> None:
    """What the webhook's process commits goes out at once, though another process sends it."""
    webhooks, senders = Database(postgres_url), Database(postgres_url)
    rung, awaited = Bell(Wire(webhooks)), Bell(Wire(senders))
    stop = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        for bell in (rung, awaited):
            pool.submit(bell.listen, stop)
        try:
            heard = awaited.wait(0, timeout=60)  # the line is laid
            assert (heard, rung.wait(0, timeout=60)) == (1, 1)  # and so is the one on which the ring goes out
            rung.ring()
            assert awaited.wait(heard, timeout=60) == 2
        finally:
            stop.set()
    webhooks.close()
    senders.close()
