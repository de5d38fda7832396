"""How fast senders empty one outbox together, where the server takes its time over each message."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from db import outbox
from db.engine import Database
from db.outbox import ANSWER, Draft
from tests.servers.process import Process
from tests.servers.smtp import SmtpServer

SLOW = 0.1  # seconds for each message
_numbers = count(1)


def rate(senders: int, *, messages: int, database: Database, environment: Mapping[str, str], folder: Path) -> float:
    """Mails a second from the second to the last, by the wall clock, which is what the server's slowness takes."""
    with SmtpServer() as smtp, ExitStack() as stack:
        smtp.faults.slow = SLOW
        settings = {**environment, **smtp.settings, "SENDS_PER_HOUR": "1000000"}
        for _ in range(senders):
            process = stack.enter_context(Process("serve", "--only", "send", environment=settings, folder=folder))
            process.wait_for_text("started: ")
        with database.write() as session:
            for number in (next(_numbers) for _ in range(messages)):
                outbox.queue(session, _draft(number), inbox_id=None, now=datetime.now(UTC))
        smtp.wait_for(1)
        began = time.monotonic()
        smtp.wait_for(messages, timeout=60 + messages)
        return (messages - 1) / (time.monotonic() - began)


def _draft(number: int) -> Draft:
    return Draft(
        key=f"key{number}",
        channel="email",
        recipient=f"writer{number}@example.org",
        template="recorded",
        priority=ANSWER,
        subject="Hello",
        body="Thank you.",
        html="<p>Thank you.</p>",
        message_id=f"<key{number}@example.org>",
    )
