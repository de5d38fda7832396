"""`python run.py …` as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.discretion import LISTENER
from tests.servers.waiting import PATIENCE, wait_until

ROOT = Path(__file__).resolve().parents[2]
_RUN = ROOT / "run.py"
_TAIL = 4000


class Process:
    """`with Process("serve", environment=…, folder=tmp_path) as serve:`; it is gone at the end of the block."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], folder: Path) -> None:
        self.arguments = arguments
        with tempfile.NamedTemporaryFile(dir=folder, prefix="run-", suffix=".log", delete=False) as log:
            self._log = Path(log.name)
            self._process = subprocess.Popen(
                [sys.executable, str(_linked(folder)), *arguments],
                cwd=folder,
                env=_environment(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def output(self) -> str:
        """All that this process wrote so far, to standard output and standard error."""
        return self._log.read_bytes().decode(errors="replace")

    def wait_for_text(self, pattern: str, timeout: float = PATIENCE) -> re.Match[str]:
        """The first place in the output that the regular expression matches."""
        wait_until(lambda: self._matches(pattern) or not self.running, timeout=timeout, what=lambda: f"{pattern!r} in\n{self._tail()}")
        found = re.search(pattern, self.output, re.MULTILINE)
        if found is None:
            raise AssertionError(f"ended with {self._process.returncode} before {pattern!r}:\n{self._tail()}")
        return found

    def wait_for_url(self, url: str) -> int:
        """The HTTP status with which the address first answers."""
        statuses: list[int] = []
        wait_until(lambda: _asked(url, statuses) or not self.running, what=lambda: f"{url}:\n{self._tail()}")
        if not statuses:
            raise AssertionError(f"ended with {self._process.returncode} before {url} answered:\n{self._tail()}")
        return statuses[0]

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def terminate(self, timeout: float = PATIENCE) -> int:
        """SIGTERM, and the exit code; AssertionError where it takes longer."""
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(timeout=PATIENCE)

    def wait(self, timeout: float = PATIENCE) -> int:
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {timeout} s:\n{self._tail()}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        LISTENER.output(self.arguments[0], self.output, logged_only=True)

    def _matches(self, pattern: str) -> bool:
        return re.search(pattern, self.output, re.MULTILINE) is not None

    def _tail(self) -> str:
        return self.output[-_TAIL:]


def run(
    *arguments: str, environment: Mapping[str, str], folder: Path, standard_input: str = "", timeout: float = 2 * PATIENCE
) -> subprocess.CompletedProcess[str]:
    """One command to its end; `returncode`, `stdout` and `stderr` tell how it went."""
    done = subprocess.run(
        [sys.executable, str(_linked(folder)), *arguments],
        cwd=folder,
        env=_environment(environment),
        input=standard_input,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    LISTENER.output(arguments[0] if arguments else "", done.stderr)
    LISTENER.output(arguments[0] if arguments else "", done.stdout, logged_only=True)
    return done


def _linked(folder: Path) -> Path:
    """A link to run.py in the test's own folder, where no developer's `.env` lies beside it."""
    link = folder / _RUN.name
    if not link.exists():
        link.symlink_to(_RUN)
    return link


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the developer's settings; warnings that the program itself causes are seen in its output."""
    base = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return base | dict(own)


def _asked(url: str, statuses: list[int]) -> bool:
    with suppress(requests.RequestException):
        statuses.append(requests.get(url, timeout=PATIENCE / 4).status_code)
    return bool(statuses)
