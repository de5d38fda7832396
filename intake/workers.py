"""Processes beside this one that listen to messages: two processors work, and what a message does to its parser is not done to us."""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import select
import signal
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from intake.arrival import Arrival, Understood
from intake.hearing import Listener
from intake.line import heard, say
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


@dataclass(slots=True, eq=False)
class Question:
    """Some messages that a process was asked about, and what it made of them."""

    before: int  # messages that it was asked about earlier
    count: int
    told: bool = False  # all of it
    found: list[Understood] | Gone | None = None


class Worker:
    """One process, forked from this one. Any thread may ask it, whether or not others wait for an answer: it is never idle then.

    Args:
        listener: what it listens with.
        others: those made before, whose lines the new process must not keep open.

    """

    def __init__(self, listener: Listener, *, others: Sequence[Worker] = ()) -> None:
        ours, theirs = socket.socketpair()
        self._begun = memoryview(mmap.mmap(-1, 8)).cast("Q")  # how many messages it has begun, in memory that both have
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
            _work(theirs, listener, self._begun)
        theirs.close()
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):  # the kernel keeps the time: Python would ask it anew for each message
            ours.setsockopt(socket.SOL_SOCKET, option, struct.pack("@ll", *divmod(round(LONGEST * 1e6), 1_000_000)))
        self._line = ours
        self._ready = select.poll()
        self._ready.register(ours, select.POLLIN)
        self._asks, self._hears = threading.Lock(), threading.Lock()
        self._open: deque[Question] = deque()  # in their order
        self._asked = self._answered = 0  # messages
        self._over = False  # nothing more is to be heard of it

    @property
    def owes(self) -> int:
        """About how many messages it still has to answer."""
        return self._asked - self._answered

    def ask(self, arrivals: Sequence[Arrival]) -> Question:
        """Have it listen to some messages, after those that it has; where it is gone already, `answer` tells."""
        with self._asks:
            question = Question(self._asked, len(arrivals))
            self._asked += question.count
            self._open.append(question)
            if not self._has_ended():
                with suppress(OSError):  # it ended, or was ended, in this very moment, or takes nothing
                    say(self._line, arrivals)
                    question.told = True
        return question

    def answer(self, question: Question) -> list[Understood]:
        """Wait for what it understood; what it answers to others before is kept for them, whether or not they come for it.

        Raises:
            Gone: it had ended, ended over it, or takes too long.

        """
        with self._hears:
            while question.found is None:
                self._open[0].found = self._found(self._open[0])
                self._answered += self._open.popleft().count
        if isinstance(question.found, Gone):
            raise question.found
        return question.found

    def _has_ended(self) -> bool:
        with suppress(ChildProcessError):
            return bool(os.waitpid(self.pid, os.WNOHANG)[0])
        return True

    def let_go(self) -> None:
        """In another process that was forked: keep the line open no longer than this one does."""
        os.close(self._line.fileno())

    def end(self) -> None:
        self._over = True
        if not self._has_ended():  # else its number may be another's by now
            with suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        self._line.close()

    def _found(self, question: Question) -> list[Understood] | Gone:
        if self._over or not question.told:
            return Gone()
        try:
            if not self._answers_in_time():
                before = worked(self.pid)
                if not self._answers(SIGN_OF_WORK):  # where the whole machine was stopped, it may need no more than that
                    return self._gone(question) if worked(self.pid) > before else Gone()
            found: list[Understood] = heard(self._line)
        except (OSError, ValueError, EOFError, pickle.UnpicklingError):
            return self._gone(question)
        return found

    def _gone(self, question: Question) -> Gone:
        """It ends over the message that it began last, unless we end it ourselves."""
        over = self._begun[0] - 1 - question.before
        gone = Gone(over=over if over in range(question.count) and not self._over else None)
        self._over = True
        return gone

    def _answers_in_time(self) -> bool:
        """However many messages it was asked about, none of them may keep it for long: others' texts wait behind these."""
        at, until = self._begun[0], time.monotonic() + LONGEST
        while not self._answers(LONGEST / LOOKS):
            if self._begun[0] != at:
                at, until = self._begun[0], time.monotonic() + LONGEST
            elif time.monotonic() >= until:
                return False
        return True

    def _answers(self, seconds: float) -> bool:
        return bool(self._ready.poll(seconds * 1000))


class Workers:
    """The processes there are. They share what is loaded when they are made, so that has to be before any thread and any connection.

    Raises:
        OSError: the system has no room for another process.

    """

    def __init__(self, listener: Listener, *, count: int) -> None:
        self._all: list[Worker] = []
        gc.freeze()
        try:
            for _ in range(count):
                self._all.append(Worker(listener, others=self._all))
        except OSError:
            self.close()
            raise

    @property
    def pids(self) -> list[int]:
        return [worker.pid for worker in self._all]

    def quickest(self) -> Worker | None:
        """The one that has least to do; None where there is none."""
        return min([*self._all], key=lambda worker: worker.owes, default=None)

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


def _work(line: socket.socket, listener: Listener, begun: memoryview) -> NoReturn:
    """Listen until whoever asks is gone; a signal to the whole group is theirs to heed."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        with suppress(EOFError, OSError):
            _settle_in(listener)
            while True:
                say(line, [*_understood(listener, heard(line), begun)])
        code = 0
    finally:
        os._exit(code)


def _understood(listener: Listener, arrivals: Sequence[Arrival], begun: memoryview) -> Iterator[Understood]:
    for arrival in arrivals:
        begun[0] += 1
        yield listener.understand(arrival, guessing=True)


def _settle_in(listener: Listener) -> None:
    warm_up(listener.vocabulary)
    gc.freeze()  # to look through what is shared with the other process would make a copy of it
    gc.enable()
