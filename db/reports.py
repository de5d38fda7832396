"""What the provider reports of a text that was sent: how far it got, never backwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import outbox
from db.outbox import OUTBOX

# Twilio's statuses, in the order in which a message passes them; callbacks come late, twice and out of order.
RANKS = {"accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "delivered": 4, "undelivered": 4, "failed": 4, "read": 5}
WENT = ("sent", "delivered", "read")
UNDELIVERED = ("undelivered", "failed")
OPTED_OUT = "Twilio 21610"


def note_status(session: Session, *, key: str, provider_id: str, status: str, error: str, now: datetime) -> bool:
    """Take in a delivery callback; a status never goes backwards.

    Returns:
        Whether the row is ours.

    """
    row = session.execute(select(OUTBOX).where(OUTBOX.c.key == key).with_for_update()).first()
    if row is None:
        return False
    if RANKS.get(status, -1) <= RANKS.get(row.provider_status or "", -1):
        return True
    values: dict[str, Any] = {"provider_status": status, "provider_id": row.provider_id or provider_id}
    if status in UNDELIVERED:
        values |= {"status": "failed", "error": error or status, "settled_at": now, "claim": None, "claimed_until": None}
    elif row.status in ("uncertain", "unknown", "queued"):  # it went after all, and must not go again
        values |= {"status": "sent", "error": None, "settled_at": now}
    session.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(values))
    if error == OPTED_OUT and row.address_id is not None:
        outbox.stop_for(session, row.address_id, now)
    return True
