"""The SMTP server of the tests in a process of its own, so that what it costs is not the sender's: `Sink` starts it and asks it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen
from typing import Any

from benchmarks.common import child, usage
from tests.servers.sent_mail import SentMail
from tests.servers.smtp import SmtpServer


class _Stamped(list[SentMail]):
    """Notes when each mail came, by a clock that all processes of the machine share."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []

    def append(self, mail: SentMail) -> None:
        self.moments.append(time.monotonic())
        super().append(mail)


class Sink:
    """What was handed in: `settings` leads a sender to it, `arrivals` tells when what came for whom."""

    def __init__(self, process: Popen[str]) -> None:
        self._process = process
        self.settings: dict[str, str] = self._ask("settings")
        self.pid = process.pid

    def arrivals(self) -> list[tuple[str, float]]:
        """Each mail's recipient, and when it came, by `time.monotonic`."""
        return [(recipient, moment) for recipient, moment in self._ask("arrivals")]

    def work(self) -> float:
        """Seconds of the processor's time so far."""
        return usage(self.pid).work

    def _ask(self, what: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        assert self._process.stdin
        assert self._process.stdout
        print(what, file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    with child("-m", "benchmarks.smtp_sink") as process:
        yield Sink(process)


def main() -> None:
    """Answers each line on standard input with a line of JSON."""
    with SmtpServer() as server:
        came = _Stamped()
        server.mails = came
        for line in sys.stdin:
            arrivals = [(mail.recipients[0], moment) for mail, moment in zip(list(came), came.moments, strict=False)]
            print(json.dumps(server.settings if line.strip() == "settings" else arrivals), flush=True)


if __name__ == "__main__":
    main()
