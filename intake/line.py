"""What a process and those beside it say to each other: pickled, and led by its length."""

from __future__ import annotations

import pickle
import socket
from typing import Any

LENGTH = 8  # bytes, before what is said


def say(line: socket.socket, what: object) -> None:
    """Send something to the other end.

    Raises:
        OSError: it is gone, or does not take it in the time that the line allows.

    """
    words = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
    line.sendall(len(words).to_bytes(LENGTH) + words)


def heard(line: socket.socket) -> Any:  # noqa: ANN401
    """Wait for what the other end says.

    Raises:
        EOFError: it is gone.
        OSError, ValueError, pickle.UnpicklingError: it broke off, or said what nobody can read.

    """
    size = int.from_bytes(_exactly(line, LENGTH))
    return pickle.loads(_exactly(line, size))  # noqa: S301 - it is our own code that wrote it


def _exactly(line: socket.socket, size: int) -> bytes:
    words = b""
    while len(words) < size:
        more = line.recv(size - len(words), socket.MSG_WAITALL)
        if not more:
            raise EOFError
        words += more
    return words
