"""How fast a channel's messages may go, counted for all processes on one database together."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import heartbeats
from db.clocks import CLOCKS_DIFFER


def wait(session: Session, channel: str, now: datetime, *, gap: timedelta) -> timedelta:
    """How long until the next message of a channel may go.

    A moment that lies further ahead than clocks differ was written by one that has been set back since.
    """
    free = heartbeats.at(session, _name(channel))
    return free - now if free is not None and now < free <= now + gap + CLOCKS_DIFFER else timedelta()


def take(session: Session, channel: str, now: datetime, *, gap: timedelta) -> None:
    """A message goes now, and the next one not before the gap is over."""
    heartbeats.beat(session, _name(channel), now + gap)


def _name(channel: str) -> str:
    return f"pace {channel}"
