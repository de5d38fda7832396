"""A line between a program and its server on which it is seen when the server said something."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

READ = 65536


class Tap:
    """`with Tap(port, b" EXISTS") as tap:` passes on what comes to `tap.port`, and notes when the server says such words."""

    def __init__(self, port: int, words: bytes) -> None:
        self._server = ("127.0.0.1", port)
        self._words = words
        self._moments: list[float] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def first_after(self, moment: float) -> float:
        """When they were first said after a moment, by `time.monotonic`."""
        return next(said for said in self._moments if said > moment)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="tap", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                for here, there, listen in ((client, server, False), (server, client, True)):
                    here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=self._pass_on, args=(here, there), kwargs={"listen": listen}, daemon=True).start()

    def _pass_on(self, here: socket.socket, there: socket.socket, *, listen: bool) -> None:
        with suppress(OSError):  # either end may hang up
            while data := here.recv(READ):
                if listen and self._words in data:
                    self._moments.append(time.monotonic())
                there.sendall(data)
        for end in (here, there):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
