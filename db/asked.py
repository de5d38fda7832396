"""The tables of what is asked: by us in a conversation, and by coordinators."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class Conversation(Base):
    """What a person was asked last, and for how long an answer to it is understood as one."""

    __tablename__ = "conversations"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    asked: Mapped[str] = mapped_column(String(16), default="")  # role, name, availability, setting, consent; "" where nothing is pending
    number: Mapped[int | None] = mapped_column(ForeignKey("numbers.id"), index=True)  # the record that the question is about
    options: Mapped[list[str]] = mapped_column(default=list)  # the kinds offered to choose from, in their order
    questions: Mapped[int] = mapped_column(default=0)  # how many were put in this conversation
    expires_at: Mapped[datetime]


class Ask(Base):
    """What a coordinator asked somebody; their next message is handed to that coordinator in the same thread."""

    __tablename__ = "asks"
    __table_args__ = (
        Index("ix_asks_contact_id_answered_at", "contact_id", "answered_at"),
        Index(
            "ix_asks_unanswered",
            "number",
            "asked_at",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("numbers.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    coordinator: Mapped[str] = mapped_column(Text)  # their address
    references: Mapped[str] = mapped_column(Text, default="")  # of the coordinator's thread (RFC 5322)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
