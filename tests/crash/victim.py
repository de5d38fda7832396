"""One process after the other that can be killed at a step."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.crash.aims import Aim
from tests.servers.process import ROOT
from tests.servers.waiting import wait_until


class Victim:
    """`with Victim(environment, folder) as victim: victim.start(…); victim.wait()`; one lives at a time."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.log = folder / "serve.log"
        self._environment = dict(environment)
        self._told: queue.Queue[dict[str, int]] = queue.Queue()
        self._pid = 0
        self._ended: int | None = 0
        base = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.serve"], cwd=ROOT, env=base, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._ears = threading.Thread(target=self._listen, name="victim", daemon=True)
        self._ears.start()

    def start(self, *, ahead: timedelta, aim: Aim | None = None, nth: int = 1, loaded: bool = False, retry: bool = False) -> None:
        """Start a process whose clock is so many seconds ahead, and that dies when it reaches its aim for the n-th time."""
        assert not self.alive
        plan = {
            "environment": self._environment,
            "log": str(self.log),
            "ahead": ahead.total_seconds(),
            "step": aim.step if aim else None,
            "thread": aim.thread if aim else "",
            "nth": nth,
            "loaded": loaded,
            "retry": retry or (aim is not None and aim.retry),
        }
        assert self._parent.stdin is not None
        self._ended = None
        self._parent.stdin.write(json.dumps(plan) + "\n")
        self._parent.stdin.flush()
        self._pid = self._next()["ready"]

    @property
    def alive(self) -> bool:
        if self._ended is None:
            with suppress(queue.Empty):
                self._ended = self._told.get_nowait()["ended"]
        return self._ended is None

    def load(self) -> None:
        """From now on the steps count."""
        self.signal(signal.SIGUSR1)

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)

    def wait(self, timeout: float = 60) -> int:
        """The exit code, or the signal that ended it as a negative number."""
        wait_until(lambda: not self.alive, timeout=timeout, what=lambda: f"the process to end\n{self.tail()}")
        assert self._ended is not None
        return self._ended

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-9000:] if self.log.exists() else ""

    def stacks(self) -> str:
        """Where each thread stands, for whoever has waited in vain."""
        self.signal(signal.SIGUSR2)
        time.sleep(1)
        return self.tail()

    def close(self) -> None:
        self.signal(signal.SIGKILL)
        self._parent.kill()
        with self._parent:  # waits, and closes its pipes
            self._ears.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _listen(self) -> None:
        assert self._parent.stdout is not None
        for line in self._parent.stdout:
            self._told.put(json.loads(line))

    def _next(self) -> dict[str, Any]:
        told = self._told.get(timeout=180)
        assert "ready" in told, f"ended with {told} before it was ready\n{self.tail()}"
        return told
