"""A programme, its people, and what may happen to them, for the tests of what is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from db import people
from db.outbox import ANSWER, Draft
from db.people import Sender
from db.records import Kept
from notifier.outcomes import Happened, Outcome
from notifier.programme import Coordinator, Programme
from parsers.message import InboundMessage
from parsers.reading import Reading

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SAM = Coordinator(name="Sam", email="sam@example.org", phone="+14065550188")
JO = Coordinator(name="Jo", email="jo@example.org")
PROGRAMME = Programme(
    name="Peer Support",
    languages=("en", "es"),
    timezone=ZoneInfo("America/Denver"),
    coordinators=(SAM, JO),
    mail_address="intake@example.org",
    texts=True,
    secret_key="a key of the tests",
)
CASEY_PHONE, CASEY_MAIL = "+14065550123", "casey@example.org"


def draft(key: str = "id-0001", **changes: Any) -> Draft:  # noqa: ANN401
    values: dict[str, Any] = {
        "key": key,
        "channel": "email",
        "recipient": CASEY_MAIL,
        "template": "recorded",
        "priority": ANSWER,
        "subject": "Hello",
        "body": "Thank you.\n",
        "html": "<p>Thank you.</p>\n",
        "message_id": f"<{key}@example.org>",
    }
    return Draft(**(values | changes))


def text_draft(key: str = "id-0001", **changes: Any) -> Draft:  # noqa: ANN401
    return draft(key, **({"channel": "sms", "recipient": CASEY_PHONE, "subject": "", "html": "", "message_id": ""} | changes))


def casey(session: Session, channel: str = "sms", *, now: datetime = NOW, value: str = "") -> Sender:
    """Somebody who writes by text, or by mail, as the database knows them."""
    value = value or (CASEY_PHONE if channel == "sms" else CASEY_MAIL)
    return people.find_or_make_sender(session, channel=channel, value=value, now=now)


def kept(
    kind: str = "mentor_offer",
    *,
    number: int = 12,
    status: str = "open",
    details: Mapping[str, Any] | None = None,
    until: datetime | None = None,
) -> Kept:
    return Kept(number=number, kind=kind, status=status, details=details or {}, paused_until=until)


def happened(
    sender: Sender,
    *outcomes: Outcome,
    reading: Reading | None = None,
    message: InboundMessage | None = None,
    inbox_id: int,
    urgent_number: int | None = None,
) -> Happened:
    channel: Any = sender.channel
    return Happened(
        inbox_id=inbox_id,
        sender=sender,
        message=message or InboundMessage(channel=channel, sender=sender.value, body="I can be a mentor"),
        reading=reading or Reading(reply_text="I can be a mentor", acts=("other",)),
        outcomes=outcomes,
        urgent_number=urgent_number,
    )
