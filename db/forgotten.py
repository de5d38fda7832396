"""What keeps those who were erased from coming back: keyed hashes of their messages' ids, and of the addresses that opted out."""

from __future__ import annotations

import hmac
from dataclasses import replace

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from db.inbox import Stored
from db.models import Address, Inbound
from db.people import Sender
from db.statements import first, table

HASHED = "hashed:"
INBOX = table(Inbound)
ADDRESSES = table(Address)
SAME_MESSAGE = select(INBOX.c.id, INBOX.c.outcome).where(
    INBOX.c.channel == bindparam("channel"), INBOX.c.external_id == bindparam("hashed")
)
SAME_ADDRESS = select(ADDRESSES.c.id, ADDRESSES.c.opted_out_at).where(
    ADDRESSES.c.channel == bindparam("channel"), ADDRESSES.c.value == bindparam("hashed")
)


def hashed(key: str, channel: str, value: str) -> str:
    """What stays of an id or an address: nothing by which anybody who has not the key could guess it."""
    return HASHED + hmac.digest(key.encode(), f"{channel} {value}".encode(), "sha256").hex()


def unless_erased(session: Session, stored: Stored, *, channel: str, external_id: str, key: str) -> Stored:
    """A message that was just stored, unless it was here before and was erased: then what is kept of that, and nothing new."""
    before = first(session, SAME_MESSAGE, channel=channel, hashed=hashed(key, channel, external_id))
    if before is None:
        return stored
    session.execute(delete(INBOX).where(INBOX.c.id == stored.inbox_id))
    return Stored(inbox_id=before.id, outcome=before.outcome, repeat=True)


def opted_out_before(session: Session, sender: Sender, *, key: str) -> Sender:
    """Somebody who writes from an address for the first time, as far as we know; they may have opted out before they were erased."""
    row = first(session, SAME_ADDRESS, channel=sender.channel, hashed=hashed(key, sender.channel, sender.value))
    if row is None:
        return sender
    session.execute(update(ADDRESSES).where(ADDRESSES.c.id == sender.address_id).values(opted_out_at=row.opted_out_at))
    session.execute(delete(ADDRESSES).where(ADDRESSES.c.id == row.id))
    return replace(sender, opted_out=True)
