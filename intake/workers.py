"""Processes beside this one that listen to messages: two processors work, and what a message does to its parser is not done to us."""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import queue
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from intake.arrival import Arrival, Understood
from intake.hearing import Listener
from intake.procfs import worked
from parsers.errors import IntakeError
from parsers.ready import warm_up

LONGEST = 10.0  # seconds that a message is waited for, which takes a few thousandths of one; Twilio waits for fifteen in all
LOOKS = 10  # meanwhile at which of several messages it is
SIGN_OF_WORK = 0.5  # seconds in which whoever is late has to answer, or to work at least


class Gone(IntakeError):
    """The process beside us ended, or does not answer; `over` is the number of the message over which, None where it was none."""

    def __init__(self, *, over: int | None = None) -> None:
        super().__init__("a process that listens to messages has ended, or takes too long")
        self.over = over


class Worker:
    """One process, forked from this one, and the only one that talks to it; no two threads may do so at once.

    Args:
        listener: what it listens with.
        others: those made before, whose lines the new process must not keep open.

    """

    def __init__(self, listener: Listener, *, others: Sequence[Worker] = ()) -> None:
        ours, theirs = socket.socketpair()
        self._at = memoryview(mmap.mmap(-1, 4)).cast("I")  # the message that it listens to, in memory that both have
        try:
            self.pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if not self.pid:
            ours.close()
            for other in others:
                other.let_go()
            _work(theirs, listener, self._at)
        theirs.close()
        self._line: socket.socket = ours
        self._in, self._out = ours.makefile("rb"), ours.makefile("wb")
        self._owes = False  # an answer
        self._told = False  # all of what it was asked

    def ask(self, arrivals: Sequence[Arrival]) -> None:
        """Have it listen to some messages; where it is gone already, `answer` tells."""
        self._owes, self._told = True, False
        if self._has_ended():
            return
        with suppress(OSError, ValueError):  # it ended, or was ended, in this very moment, or takes nothing
            self._at[0] = 0
            self._line.settimeout(LONGEST)
            pickle.dump(arrivals, self._out, pickle.HIGHEST_PROTOCOL)
            self._out.flush()
            self._told = True

    def answer(self) -> list[Understood]:
        """Wait for what it understood of what it was asked last.

        Raises:
            Gone: it had ended, ended over it, or takes too long.

        """
        self._owes = False
        if not self._told:
            raise Gone
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
        if not self._has_ended():  # else its number may be another's by now
            with suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        with suppress(OSError):  # words that it will never read
            self._out.close()
        self._in.close()
        self._line.close()

    def _hear(self) -> Any:  # noqa: ANN401
        try:
            if not self._answers_in_time():
                before = worked(self.pid)
                if not self._answers(SIGN_OF_WORK):  # where the whole machine was stopped, it may need no more than that
                    raise Gone(over=self._at[0] if worked(self.pid) > before else None)
            return pickle.load(self._in)  # noqa: S301 - it is our own code that wrote it
        except (OSError, ValueError, EOFError, pickle.UnpicklingError) as error:
            raise Gone(over=self._at[0]) from error

    def _answers_in_time(self) -> bool:
        """However many messages it was asked about, none of them may keep it for long: others' texts wait behind these."""
        at, until = self._at[0], time.monotonic() + LONGEST
        while not self._answers(LONGEST / LOOKS):
            if self._at[0] != at:
                at, until = self._at[0], time.monotonic() + LONGEST
            elif time.monotonic() >= until:
                return False
        return True

    def _answers(self, seconds: float) -> bool:
        self._line.settimeout(seconds)
        with suppress(TimeoutError):
            self._line.recv(1, socket.MSG_PEEK)
            return True
        return False


class Workers:
    """The processes there are. They share what is loaded when they are made, so that has to be before any thread and any connection.

    Raises:
        OSError: the system has no room for another process.

    """

    def __init__(self, listener: Listener, *, count: int) -> None:
        self._all: list[Worker] = []
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        gc.freeze()
        try:
            for _ in range(count):
                self._all.append(Worker(listener, others=self._all))
                self._free.put(self._all[-1])
        except OSError:
            self.close()
            raise

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

    def drop(self, worker: Worker) -> bool:
        """Do without one from now on: a process with threads must not be forked, so it has no successor until the next start.

        Returns:
            Whether nobody else had done so already.

        """
        try:
            self._all.remove(worker)
        except ValueError:
            return False
        worker.end()
        return True

    def close(self) -> None:
        """End them; whoever listens from then on listens here."""
        while self._all:
            self.drop(self._all[0])


def _work(line: socket.socket, listener: Listener, at: memoryview) -> NoReturn:
    """Listen until whoever asks is gone; a signal to the whole group is theirs to heed."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        with line.makefile("rb") as asked, line.makefile("wb") as answers, suppress(EOFError, OSError):
            _settle_in(listener)
            while True:
                arrivals = pickle.load(asked)  # noqa: S301 - as above
                pickle.dump([*_understood(listener, arrivals, at)], answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
        code = 0
    finally:
        os._exit(code)


def _understood(listener: Listener, arrivals: Sequence[Arrival], at: memoryview) -> Iterator[Understood]:
    for number, arrival in enumerate(arrivals):
        at[0] = number
        yield listener.understand(arrival, guessing=True)


def _settle_in(listener: Listener) -> None:
    warm_up(listener.vocabulary)
    gc.freeze()  # to look through what is shared with the other process would make a copy of it
    gc.enable()
