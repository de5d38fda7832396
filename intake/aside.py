"""Keeps a message aside that could not be handled, and tells of it; whoever is at risk in it is answered all the same."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from db import inbox, outbox, records
from intake.arrival import Ready
from notifier.compose import Composer

logger = logging.getLogger(__name__)


def keep_aside(session: Session, ready: Ready, inbox_id: int, error: str, *, composer: Composer, now: datetime) -> None:
    """Keep the message, and tell of it by its id and the kind and place of the error; its words might be the writer's."""
    logger.error("inbox %s quarantined: %s", inbox_id, error)
    inbox.note(session, inbox_id, outcome="quarantined", error=error)
    values: dict[str, object] = {"inbox_id": inbox_id, "channel": ready.arrival.channel, "error": error}
    for alert in composer.alerts.once("quarantined", key=f"quarantined-{inbox_id}", values=values):
        outbox.queue(session, alert, inbox_id=inbox_id, now=now)
    heard = ready.understood.heard
    if heard is not None and heard.urgent:
        number = records.open_case(session, kind=heard.urgent, contact_id=None, inbox_id=inbox_id, now=now)
        composer.queue_for_risk(session, heard, heard.urgent, number=number, inbox_id=inbox_id, now=now)
