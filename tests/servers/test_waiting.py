"""Ports, and waiting."""

from __future__ import annotations

import socket
from itertools import count

import pytest

from tests.servers import waiting
from tests.servers.waiting import HOST, PORTS, free_port, wait_until


def test_each_port_is_given_once_and_none_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one that the system gives to whoever connects somewhere, as long as that is left to it."""
    with socket.create_server((HOST, free_port())) as listener:
        taken = listener.getsockname()[1]
        monkeypatch.setattr(waiting, "_places", count(taken - PORTS.start))
        given = [free_port() for _ in range(20)]
    assert len({taken, *given}) == 21
    assert set(given) < set(PORTS)


def test_what_was_waited_for_in_vain_is_told() -> None:
    with pytest.raises(AssertionError, match="in vain for the moon"):
        wait_until(lambda: False, timeout=0.01, what="the moon")
