"""The tables of how far we are: where each reader stands, what is to be deleted elsewhere, which digest went, what last happened when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class Original(Base):
    """What somebody who was erased wrote or was sent, where it lies with a provider still; the row goes with it."""

    __tablename__ = "originals"
    __table_args__ = (Index("ix_originals_place_due_at", "place", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int | None]  # of what was erased, as the coordinators know it
    place: Mapped[str] = mapped_column(String(8))  # twilio or mailbox
    what: Mapped[str] = mapped_column(String(12))  # sid, message_id, or address: all mail to and from it
    value: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]  # what came later stays
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)


class Mailbox(Base):
    """Where the reader of one mailbox stands."""

    __tablename__ = "mailboxes"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    first_uid: Mapped[int] = mapped_column(BigInteger)  # mail below it was there before the first start
    started_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class MailAttempt(Base):
    """A mail that was taken up and is not yet filed away."""

    __tablename__ = "mail_attempts"
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailboxes.id"), primary_key=True)
    uidvalidity: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    uid: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str | None] = mapped_column(String(12))


class Digest(Base):
    """A daily digest that was queued; its local date is unique, so that there is one a day whoever sends it."""

    __tablename__ = "digests"
    day: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[datetime]


class Heartbeat(Base):
    """What `/healthz` writes to see that the database still takes it."""

    __tablename__ = "heartbeats"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
