"""Processes that serve as `run.py serve` does, but for a clock that may be ahead, and that kill themselves at a step.

Each is forked off one that has everything imported, so that hundreds of starts cost seconds and not minutes:
`python -m tests.crash.serve` reads a plan a line, and tells of each process when it is ready and when it has ended.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import run
from db import steps
from db.engine import Database
from db.quarantine import waiting
from db.steps import Step
from intake import catchup, forms, logs, service
from intake.beside import workers_for
from intake.service import House
from intake.settings import settings_from
from notifier import reconciler
from notifier.given import Given
from parsers.message import InboundMessage
from parsers.ready import verify, warm_up
from parsers.vocabulary import load

FOREVER = 3600
BESIDE = ("psycopg", "twilio.rest.api.v2010.account.message")  # what a process otherwise imports when it first needs it
HURRY = 600  # times as fast as ours passes the time for which a claim has to stand still
PAGE = 10  # of Twilio's list, so that there are several
POISON = b"xyzzy"  # a text with this word breaks whoever reads it


class Gun:
    """Kills the process, by SIGKILL, when a thread reaches a step for the n-th time after it was loaded."""

    def __init__(self, step: Step | None, *, thread: str, nth: int, loaded: bool) -> None:
        self._step = step
        self._thread = thread
        self._left = nth
        self._lock = threading.Lock()
        self.loaded = loaded

    def load(self, *_: object) -> None:
        self.loaded = True

    def __call__(self, step: Step) -> None:
        if not self.loaded or step != self._step or not threading.current_thread().name.startswith(self._thread):
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(FOREVER)


@dataclass(frozen=True, slots=True)
class AheadClock:
    """The system's clock, so many seconds ahead."""

    seconds: float

    def __call__(self) -> datetime:
        return run._clock() + timedelta(seconds=self.seconds)


def main() -> None:
    words = load(None)
    verify(words)
    warm_up(words)
    for name in BESIDE:
        importlib.import_module(name)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        _, status = os.waitpid(pid, 0)
        _tell(ended=os.waitstatus_to_exitcode(status))


def _become(plan: dict[str, Any]) -> None:
    """Never returns."""
    code = 1
    try:
        log = os.open(plan["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, sys.stderr.fileno())
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        code = _live(plan)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(plan: dict[str, Any]) -> int:
    gun = Gun(plan["step"], thread=plan["thread"], nth=plan["nth"], loaded=plan["loaded"])
    setattr(steps, "reached", gun)  # noqa: B010 - mypy would rather not
    signal.signal(signal.SIGUSR1, gun.load)
    faulthandler.register(signal.SIGUSR2, file=sys.stderr)
    setattr(catchup, "PAGE", PAGE)  # noqa: B010
    setattr(service, "CLOCK_SECONDS", 0.5)  # noqa: B010
    setattr(reconciler, "LOOK_SECONDS", 0.5)  # noqa: B010
    if not plan["retry"]:
        setattr(forms, "read_text", _poisoned)  # noqa: B010
    logs.set_up()
    settings = settings_from(plan["environment"])
    workers = workers_for(settings, ())
    given = Given(clock=AheadClock(plan["ahead"]), ids=run._ids, jitter=random.random, elapsed=lambda: time.monotonic() * HURRY)
    house = House(settings, given, Database(settings.DATABASE_URL), workers)
    if plan["retry"]:
        _tell(ready=os.getpid())
        return _retry(house)
    chosen = service.tasks(house, ())
    _tell(ready=os.getpid())
    return run._run_until_stopped(house, chosen)


def _retry(house: House) -> int:
    """What `run.py quarantine retry` does, with all that there is."""
    with house.database.read() as session:
        ids = [kept.inbox_id for kept in waiting(session)]
    return sum(house.doorway.retry(one).outcome == "quarantined" for one in ids)


_read_text = forms.read_text


def _poisoned(source: bytes) -> InboundMessage:
    if POISON in source:
        raise ValueError("poison")
    return _read_text(source)


def _tell(**what: int) -> None:
    os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
