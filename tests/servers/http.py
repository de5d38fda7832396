"""A small JSON-over-HTTP listener whose connections can be cut."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.waiting import HOST, PATIENCE

# Method, target, body, Authorization header -> status and JSON; raises NoAnswer to end the connection without one.
Answer = Callable[[str, str, str, str], tuple[int, dict[str, Any] | None]]


class NoAnswer(Exception):  # a way out, no error
    """The connection ends here, as when a line is cut."""


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Answer, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="http", daemon=True)
        self._thread.start()

    def hang_up(self) -> None:
        """No new connections, and the open ones are cut."""
        self.shutdown()
        self.server_close()
        self._thread.join(timeout=PATIENCE)
        for connection in list(self._open):
            cut(connection)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # as the base class has it
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # as the base class has it
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # as the base class has it
        """A client that is killed is none of ours; all else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Tests look at what was recorded instead."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        if len(content) < length:  # whoever sends it is gone, and half a request is none
            self.close_connection = True
            return
        try:
            status, answer = self.server.answer(self.command, self.path, content.decode(), self.headers.get("Authorization") or "")
        except NoAnswer:
            self.close_connection = True
            cut(self.connection)
            return
        content = b"" if answer is None else json.dumps(answer).encode()
        with suppress(OSError):  # the client may have given up
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)


def cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
