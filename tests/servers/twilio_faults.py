"""The ways in which Twilio can fail a request, and which request is to fail next."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Lock

# A hanging request is let go by then, whatever the test does.
_LONGEST_HANG = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal in Twilio's form; or, with `hangs` or `drops`, no answer at all. With `takes` the text is sent even so."""

    status: int = 400
    code: int = 0
    message: str = ""
    takes: bool = False
    hangs: bool = False
    drops: bool = False

    @property
    def silent(self) -> bool:
        return self.hangs or self.drops


RATE_LIMITED = Fault(429, 20429, "Too Many Requests")
SERVER_ERROR = Fault(500, 20500, "An internal server error has occurred")
UNAVAILABLE = Fault(503, 20503, "Service unavailable")
OPTED_OUT = Fault(400, 21610, "Attempt to send to unsubscribed recipient")
BAD_NUMBER = Fault(400, 21211, "Invalid 'To' Phone Number")
FILTERED = Fault(201, 30007, "Message filtered", takes=True)  # answered with 201, found undelivered later
HANGS = Fault(hangs=True)
TAKES_THEN_HANGS = Fault(takes=True, hangs=True)
DROPS = Fault(drops=True)
TAKES_THEN_DROPS = Fault(takes=True, drops=True)


@dataclass(slots=True)
class _Planned:
    fault: Fault
    to: str | None
    times: int | None
    reads: bool


class Plan:
    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = Lock()
        self._freed = Event()

    def add(self, fault: Fault, *, to: str | None, times: int | None, reads: bool) -> None:
        with self._lock:
            self._freed.clear()
            self._planned.append(_Planned(fault, to, times, reads))

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
            self._freed.set()

    def due(self, *, to: str | None, creates: bool) -> Fault | None:
        """The first planned fault that fits this request; one of its times is used up."""
        with self._lock:
            for planned in self._planned:
                if planned.times == 0 or planned.to not in {None, to} or not (creates or planned.reads):
                    continue
                if planned.times is not None:
                    planned.times -= 1
                return planned.fault
        return None

    def hang(self) -> None:
        self._freed.wait(_LONGEST_HANG)

    def free(self) -> None:
        self._freed.set()
