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
OK = b"200"
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
    taken, refused, lasted = _post(port, requests, seconds=seconds, clients=clients)
    print(json.dumps({"taken": taken, "refused": refused, "seconds": lasted, "work": time.process_time() - began_work}))


def _request(number: int) -> bytes:
    form = signed_text(number)
    head = "".join(f"{name}: {value}\r\n" for name, value in form.headers.items())
    return f"POST /sms HTTP/1.1\r\nHost: intake.example.org\r\n{head}Content-Length: {len(form.body)}\r\n\r\n".encode() + form.body


def _post(port: int, requests: list[bytes], *, seconds: float, clients: int) -> tuple[list[float], int, float]:
    """What those took that were acknowledged, and how many were not. One thread for all clients: they wait far longer than they work."""
    waiting = selectors.DefaultSelector()
    for _ in range(clients):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        waiting.register(connection, selectors.EVENT_READ, _Client(connection))
    taken: list[float] = []
    refused = 0
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
            status = _status(client)
            if status is None:
                continue
            now = time.perf_counter()
            if status == OK:
                taken.append(now - client.sent_at)
            refused += status != OK
            busy -= 1
            if now < until:
                busy += _send(client, following)
    return taken, refused, time.perf_counter() - began


def _send(client: _Client, following: object) -> bool:
    request = next(following, None)  # type: ignore[call-overload]
    if request is None:
        return False
    client.answered = b""
    client.sent_at = time.perf_counter()
    client.connection.sendall(request)
    return True


def _status(client: _Client) -> bytes | None:
    """With what it was answered, once the whole answer is there."""
    got = client.connection.recv(READ)
    if not got:
        raise RuntimeError("the server hung up")
    client.answered += got
    head, end, body = client.answered.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return head.split()[1] if end and len(body) >= int(length) else None


if __name__ == "__main__":
    _port, _seconds, _clients, _first, _most = sys.argv[1:]
    main(int(_port), float(_seconds), int(_clients), int(_first), int(_most))
