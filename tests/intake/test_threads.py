"""Tasks run side by side, and end together."""

from __future__ import annotations

import threading

import pytest

from intake import threads

OTHERS = 99


def test_who_needs_longer_than_the_others_to_end_has_the_time_that_they_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mailbox in the middle of a pass is not cut off because there are many tasks."""
    monkeypatch.setattr(threads, "SHUTDOWN_SECONDS", 60.0)
    ended: list[str] = []

    def slow(stop: threading.Event) -> None:
        stop.wait()
        threading.Event().wait(2)
        ended.append("slow")

    stop = threading.Event()
    stop.set()
    others = {f"task {number}": threading.Event.wait for number in range(OTHERS)}
    assert threads.run({"slow": slow, **others}, stop)  # type: ignore[dict-item]
    assert ended == ["slow"]


def test_who_does_not_end_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """And whoever breaks ends the others, and is told of."""
    monkeypatch.setattr(threads, "SHUTDOWN_SECONDS", 0.1)
    hanging = threading.Event()

    def breaks(_: threading.Event) -> None:
        raise ZeroDivisionError

    try:
        assert not threads.run({"hangs": lambda _: bool(hanging.wait()), "breaks": breaks}, threading.Event())  # type: ignore[dict-item]
    finally:
        hanging.set()
