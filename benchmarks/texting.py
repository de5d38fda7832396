"""The load: clients that post signed texts over connections kept open, each the next one when its last was answered."""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass

from benchmarks.messages import signed_text

READ = 65536
LONGEST = 120.0  # seconds without any answer


@dataclass(slots=True)
class _Client:
    """One connection, and when its last text went out."""

    connection: socket.socket
    sent_at: float = 0.0
    answered: bytes = b""


def main(port: int, seconds: float, clients: int, first: int, most: int) -> None:
    """Prints, as JSON, what each request took and what this process worked; texts are signed before the clock starts."""
    requests = [_request(number) for number in range(first, first + most)]
    began_work = time.process_time()
    taken, lasted = _post(port, requests, seconds=seconds, clients=clients)
    print(json.dumps({"taken": taken, "seconds": lasted, "work": time.process_time() - began_work}))


def _request(number: int) -> bytes:
    form = signed_text(number)
    head = "".join(f"{name}: {value}\r\n" for name, value in form.headers.items())
    return f"POST /sms HTTP/1.1\r\nHost: intake.example.org\r\n{head}Content-Length: {len(form.body)}\r\n\r\n".encode() + form.body


def _post(port: int, requests: list[bytes], *, seconds: float, clients: int) -> tuple[list[float], float]:
    """One thread for all clients: they wait far longer than they work."""
    waiting = selectors.DefaultSelector()
    for _ in range(clients):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(connection, selectors.EVENT_READ, _Client(connection))
    taken: list[float] = []
    following = iter(requests)
    began = time.perf_counter()
    until = began + seconds
    busy = sum(_send(key.data, following) for key in list(waiting.get_map().values()))
    while busy:
        ready = waiting.select(LONGEST)
        if not ready:
            raise RuntimeError("no answer")
        for key, _ in ready:
            client: _Client = key.data
            if not _answered(client):
                continue
            now = time.perf_counter()
            taken.append(now - client.sent_at)
            busy -= 1
            if now < until:
                busy += _send(client, following)
    return taken, time.perf_counter() - began


def _send(client: _Client, following: object) -> bool:
    request = next(following, None)  # type: ignore[call-overload]
    if request is None:
        return False
    client.answered = b""
    client.sent_at = time.perf_counter()
    client.connection.sendall(request)
    return True


def _answered(client: _Client) -> bool:
    """Whether the whole answer is there; anything but a 200 ends the measurement."""
    got = client.connection.recv(READ)
    client.answered += got
    head, end, body = client.answered.partition(b"\r\n\r\n")
    if not got or (end and b" 200 " not in head.partition(b"\r\n")[0]):
        raise RuntimeError(f"answered {head[:200]!r}")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return bool(end) and len(body) >= int(length)


if __name__ == "__main__":
    _port, _seconds, _clients, _first, _most = sys.argv[1:]
    main(int(_port), float(_seconds), int(_clients), int(_first), int(_most))
