"""The books find what is missing, and take nothing for lost that is listed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from db import outbox
from db.engine import Database
from db.outbox import COORDINATOR, OUTBOX
from tests.crash import books
from tests.crash.books import World, compare
from tests.notifier.samples import NOW, draft
from tests.servers.sent_mail import SentMail

LATER = NOW + timedelta(minutes=15)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("status", "said", "found"),
    [
        ("sent", "#1 and #2", []),
        ("sent", "#1", ["lost"]),
        ("uncertain", None, ["listed"]),  # the mail itself, and not once more what it tells of
        ("failed", None, ["lost", "lost", "lost"]),
    ],
)
def test_alerts_that_were_put_together(database_url: str, status: str, said: str | None, found: list[str]) -> None:
    """They are told where the mail came and has their numbers; where nobody can know whether it came, that is listed."""
    database = Database(database_url)
    with database.write() as session:
        session.execute(text("INSERT INTO numbers (what) VALUES ('record'), ('record')"))
        for number in (1, 2):
            alert = draft(f"alert-{number}", recipient=books.COORDINATOR, template="alert", priority=COORDINATOR, number=number)
            outbox.queue(session, alert, inbox_id=None, now=NOW)
        session.execute(update(OUTBOX).values(status="gathered", settled_at=LATER))
        outbox.queue(session, draft("all", recipient=books.COORDINATOR, template="gathered"), inbox_id=None, now=LATER)
        session.execute(update(OUTBOX).where(OUTBOX.c.key == "all").values(status=status, body=""))
    raw = f"Message-ID: <all@example.org>\r\n\r\n{said}\r\n".encode()
    mails = [SentMail("", (books.COORDINATOR,), raw, None, encrypted=False)] if said else []
    assert [finding.kind for finding in compare(database, [], World([], mails))] == found
    database.close()
