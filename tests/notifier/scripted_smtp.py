"""An SMTP server that says what a test writes down for it, for what no good server says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.servers.waiting import HOST

# Command (in upper case, the whole line) -> reply; "" ends the connection without one, None is the usual reply.
Script = Callable[[str], str | None]
USUAL = {"EHLO": "250 smtp.example.org", "DATA": "354 Go ahead", "QUIT": "221 Bye"}


class ScriptedSmtp:
    """`with ScriptedSmtp(script) as server:`; the greeting is asked for as "GREETING", the reply to a content as "."."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server((HOST, 0))
        self.host, self.port = HOST, int(self._listener.getsockname()[1])
        self.commands: list[str] = []
        self.contents: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, name="scripted smtp", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=60)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(OSError):
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        if not self._say(connection, "GREETING", "220 smtp.example.org"):
            return
        while line := lines.readline():
            command = line.decode().strip().upper()
            self.commands.append(command)
            reply = self._say(connection, command, USUAL.get(command.partition(" ")[0], "250 OK"))
            if not reply or reply.startswith("221"):
                return
            if reply.startswith("354"):
                content = b"".join(iter(lines.readline, b".\r\n"))
                self.contents.append(content)
                if not self._say(connection, ".", "250 OK"):
                    return

    def _say(self, connection: socket.socket, command: str, usual: str) -> str:
        scripted = self._script(command)
        reply = usual if scripted is None else scripted
        if reply:
            connection.sendall(f"{reply}\r\n".encode())
        return reply
