"""A line that breaks: it passes on what two parties say to each other until it is cut, or falls silent with both still connected."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.waiting import HOST

_AT_ONCE = 16_384


class Proxy:
    """`with Proxy(server.tls_port) as line:` and connect to `line.port`; `line.connections` counts them."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        self.octets = 0  # of the server's that came through
        self._lock = threading.Lock()
        self._left: int | None = None  # octets of the server's that still come through; None without end
        self._silenced = threading.Event()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def cut_after(self, octets: int) -> None:
        """Of what the server says from now on so much comes through; then every connection is cut."""
        with self._lock:
            self._left = octets

    def silence(self) -> None:
        """Nothing comes through any more in either direction, for those who are connected now."""
        self._silenced.set()

    def mend(self) -> None:
        """Those who connect from now on hear all; those who were silenced before are still not heard."""
        with self._lock:
            self._left = None
            self._silenced = threading.Event()

    def cut(self) -> None:
        """Every connection, now."""
        with self._lock:
            connections, self._open = self._open, []
        for one in connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection((HOST, self._to))
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open += [client, server]
                silenced = self._silenced
            for source, target, counted in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pass_on, args=(source, target, silenced), kwargs={"counted": counted}, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, silenced: threading.Event, *, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_AT_ONCE):
                if silenced.is_set():
                    continue
                passed = data[: self._allowed(len(data))] if counted else data
                target.sendall(passed)
                if len(passed) < len(data):
                    self.cut()
                    return
            if not silenced.is_set():
                target.shutdown(socket.SHUT_WR)

    def _allowed(self, octets: int) -> int:
        with self._lock:
            allowed = octets if self._left is None else min(self._left, octets)
            self._left = None if self._left is None else self._left - allowed
            self.octets += allowed
            return allowed
