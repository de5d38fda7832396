"""Processes beside this one that listen to messages: two processors work, and what a message does to its parser is not done to us."""

from __future__ import annotations

import gc
import os
import pickle
import queue
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from intake.arrival import Arrival, Understood
from intake.hearing import Listener
from parsers.errors import IntakeError
from parsers.ready import warm_up

LONGEST = 20.0  # seconds for one portion; a message takes a few thousandths of one


class Gone(IntakeError):
    """The process beside us ended; `over_it` where that may be the fault of what it was asked."""

    def __init__(self, *, over_it: bool) -> None:
        super().__init__("a process that listens to messages has ended, or takes too long")
        self.over_it = over_it


class Worker:
    """One process, forked from this one, and the only one that talks to it; no two threads may do so at once.

    Args:
        listener: what it listens with.
        others: those made before, whose lines the new process must not keep open.

    """

    def __init__(self, listener: Listener, *, others: Sequence[Worker] = ()) -> None:
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            ours.close()
            for other in others:
                other.let_go()
            _work(theirs, listener)
        theirs.close()
        ours.settimeout(LONGEST)
        self._line: socket.socket = ours
        self._in, self._out = ours.makefile("rb"), ours.makefile("wb")
        self._owes = False  # an answer
        self._was_ended = False  # by us

    def ask(self, arrivals: Sequence[Arrival]) -> None:
        """Have it listen to some messages; where it is gone already, `answer` tells."""
        self._owes = not self._has_ended()
        with suppress(OSError, ValueError):  # it ended, or was ended, in this very moment
            if self._owes:
                pickle.dump(arrivals, self._out, pickle.HIGHEST_PROTOCOL)
                self._out.flush()

    def answer(self) -> list[Understood]:
        """Wait for what it understood of what it was asked last.

        Raises:
            Gone: it had ended, ended over it, or takes too long.

        """
        if not self._owes:
            raise Gone(over_it=False)
        self._owes = False
        found: list[Understood] = self._hear()
        return found

    def rest(self) -> None:
        """Take an answer that nobody waits for any more, so that the next one is another's."""
        if self._owes:
            self.answer()

    def _has_ended(self) -> bool:
        with suppress(ChildProcessError):
            return bool(os.waitpid(self.pid, os.WNOHANG)[0])
        return True

    def let_go(self) -> None:
        """In another process that was forked: keep the line open no longer than this one does."""
        os.close(self._line.fileno())

    def end(self) -> None:
        self._was_ended = True
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        with suppress(OSError):  # words that it will never read
            self._out.close()
        self._in.close()
        self._line.close()

    def _hear(self) -> Any:  # noqa: ANN401
        try:
            return pickle.load(self._in)  # noqa: S301 - it is our own code that wrote it
        except (OSError, ValueError, EOFError, pickle.UnpicklingError) as error:
            raise Gone(over_it=not self._was_ended) from error


class Workers:
    """The processes there are. They share what is loaded when they are made, so that has to be before any thread and any connection."""

    def __init__(self, listener: Listener, *, count: int) -> None:
        self._all: list[Worker] = []
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        gc.freeze()
        for _ in range(count):
            self._all.append(Worker(listener, others=self._all))
            self._free.put(self._all[-1])

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._all]

    def take(self, patience: float) -> Worker | None:
        """One that is free, soon; None where there is none."""
        try:
            worker = self._free.get(timeout=patience) if self._all else None
        except queue.Empty:
            return None
        return worker if worker in self._all else None

    def give_back(self, worker: Worker) -> None:
        """Let others have it, unless it was dropped."""
        try:
            worker.rest()
        except Gone:
            self.drop(worker)
        if worker in self._all:
            self._free.put(worker)

    def drop(self, worker: Worker) -> None:
        """Do without one from now on: a process with threads must not be forked, so it has no successor until the next start."""
        with suppress(ValueError):  # another thread closes them all
            self._all.remove(worker)
            worker.end()

    def close(self) -> None:
        """End them; whoever listens from then on listens here."""
        while self._all:
            self.drop(self._all[0])


def _work(line: socket.socket, listener: Listener) -> NoReturn:
    """Listen until whoever asks is gone; a signal to the whole group is theirs to heed."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        with line.makefile("rb") as asked, line.makefile("wb") as answers, suppress(EOFError, OSError):
            _settle_in(listener)
            while True:
                arrivals = pickle.load(asked)  # noqa: S301 - as above
                pickle.dump([listener.understand(arrival, guessing=True) for arrival in arrivals], answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
        code = 0
    finally:
        os._exit(code)


def _settle_in(listener: Listener) -> None:
    warm_up(listener.vocabulary)
    gc.freeze()  # to look through what is shared with the other process would make a copy of it
    gc.enable()
