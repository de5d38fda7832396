"""What a clock leaves behind that ran ahead and was set right: times that lie in the future, and would keep things waiting for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from db.asked import Ask
from db.marks import Digest, Heartbeat, Mailbox
from db.models import Address, Case, Change, Inbound, Outgoing, Record
from db.statements import table

CLOCKS_DIFFER = timedelta(minutes=2)  # by so much those of several machines may, at the most
LONGEST_SEND = timedelta(minutes=10)  # no send and no claim takes longer

INBOX, OUTBOX, CASES, DIGESTS = table(Inbound), table(Outgoing), table(Case), table(Digest)
RECORDS, ASKS, HISTORY, ADDRESSES = table(Record), table(Ask), table(Change), table(Address)
HEARTBEATS, MAILBOXES = table(Heartbeat), table(Mailbox)
# When something happened, by which it is capped, paced, listed or looked for.
HAPPENED = (
    INBOX.c.received_at,
    OUTBOX.c.created_at,
    OUTBOX.c.settled_at,
    *(RECORDS.c.created_at, RECORDS.c.updated_at, RECORDS.c.closed_at),
    *(CASES.c.created_at, CASES.c.closed_at),
    *(ASKS.c.asked_at, ASKS.c.answered_at),
    HISTORY.c.at,
    ADDRESSES.c.opted_out_at,
    HEARTBEATS.c.at,
    *(MAILBOXES.c.started_at, MAILBOXES.c.read_at),
)


def ran_ahead(session: Session, now: datetime) -> bool:
    """Whether something is said to have happened that cannot have happened yet; asked of the tables that always know of the last hour."""
    seen = (INBOX.c.received_at, HEARTBEATS.c.at, MAILBOXES.c.read_at)
    return session.execute(select(or_(*(exists().where(column > now + CLOCKS_DIFFER) for column in seen)))).scalar_one()


def set_back(session: Session, now: datetime) -> None:
    """What happened in the future happened now, what waits for it is due now, and the digests of days to come are still to be written."""
    edge = now + CLOCKS_DIFFER
    session.execute(update(OUTBOX).where(OUTBOX.c.due_at > edge).values(due_at=now))
    held = [OUTBOX.c.status == "sending", OUTBOX.c.claimed_until > now + LONGEST_SEND]
    session.execute(update(OUTBOX).where(*held).values(claimed_until=now + LONGEST_SEND))
    session.execute(update(CASES).where(CASES.c.remind_at > edge).values(remind_at=now))
    session.execute(delete(DIGESTS).where(DIGESTS.c.until > edge))
    for column in HAPPENED:
        session.execute(update(column.table).where(column > edge).values({column: now}))
