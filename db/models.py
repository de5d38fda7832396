"""The tables: messages in, people, what they offer and ask, and messages out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, filled

ACTIVE = ("open", "unconfirmed", "paused")
URGENT = ("crisis", "safeguarding")  # kinds of cases that no coordinator may overlook


class Contact(Base):
    """A person."""

    __tablename__ = "contacts"
    __table_args__ = (filled("ix_contacts_merged_into", "merged_into", by="merged_into"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(40), default="")  # where they say they are reached, E.164
    email: Mapped[str] = mapped_column(Text, default="")
    prefers: Mapped[str] = mapped_column(String(8), default="")  # the channel they asked for: sms, email, voice
    language: Mapped[str] = mapped_column(String(8), default="")  # of the answers to them
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))  # a coordinator said that they are one person
    created_at: Mapped[datetime]


class Address(Base):
    """Where messages come from and go to; opting out is an address's, not a person's."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel", "value"), filled("ix_addresses_opted_out_at", "opted_out_at", by="opted_out_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))  # sms or email
    value: Mapped[str] = mapped_column(Text)
    opted_out_at: Mapped[datetime | None]
    greeted_at: Mapped[datetime | None]  # when an answer first told them who we are and how to stop
    created_at: Mapped[datetime]


class ContactAddress(Base):
    """Who writes from where: a person may have several addresses, and an address may, rarely, serve several people."""

    __tablename__ = "contact_addresses"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id"), primary_key=True, index=True)
    used_at: Mapped[datetime]


class Inbound(Base):
    """One message that came in, kept as it came."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_inbox_outcome_received_at", "outcome", "received_at"),
        filled("ix_inbox_contact_id", "contact_id", by="contact_id"),
        filled("ix_inbox_address_id", "address_id", by="address_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))
    external_id: Mapped[str] = mapped_column(String(255))
    outcome: Mapped[str] = mapped_column(String(12), default="handled")  # handled, automatic, quarantined
    error: Mapped[str | None] = mapped_column(Text)  # type and place, never the message's own words
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("addresses.id"))
    acts: Mapped[str] = mapped_column(String(200), default="")
    urgent: Mapped[str | None] = mapped_column(String(16))
    resembles: Mapped[str] = mapped_column(String(200), default="")  # acts that an automatic mail would have, were it a person's
    message_id: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(index=True)
    source: Mapped[bytes | None] = mapped_column(LargeBinary)  # gone when its retention ends


class Number(Base):
    """The one series of numbers, written #12, of everything that a coordinator may act on."""

    __tablename__ = "numbers"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    what: Mapped[str] = mapped_column(String(8))  # record or case


class Record(Base):
    """An offer or a request."""

    __tablename__ = "records"
    __table_args__ = (
        Index(
            "uq_records_one_active_kind",
            "contact_id",
            "kind",
            unique=True,
            sqlite_where=text("status IN ('open', 'unconfirmed', 'paused')"),
            postgresql_where=text("status IN ('open', 'unconfirmed', 'paused')"),
        ),
        Index("ix_records_status_created_at", "status", "created_at"),
        filled("ix_records_paused_until", "paused_until", by="paused_until"),
        filled("ix_records_closed_at_status", "closed_at", "status", by="closed_at"),
    )
    id: Mapped[int] = mapped_column(ForeignKey("numbers.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(8))  # the one it came by
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the reading guide's fields that belong to an offer or a request
    note: Mapped[str] = mapped_column(Text, default="")
    assigned_to: Mapped[str] = mapped_column(Text, default="")  # the address of the coordinator who took it
    snoozed_until: Mapped[datetime | None]  # until then no digest lists it among what needs somebody
    paused_until: Mapped[datetime | None]  # when a pause ends by itself
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Case(Base):
    """Something else that a coordinator has to see to: a question, a referral, somebody who seeks support, an urgent case."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_status_created_at", "status", "created_at"),
        Index("ix_cases_remind_at", "remind_at"),
    )
    id: Mapped[int] = mapped_column(ForeignKey("numbers.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))  # question, referral, service_seeker, call, crisis, safeguarding
    status: Mapped[str] = mapped_column(String(12), default="open")
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    assigned_to: Mapped[str] = mapped_column(Text, default="")  # the address of the coordinator who took it
    snoozed_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]  # of an urgent case: when a coordinator said that they see to it
    acknowledged_by: Mapped[str] = mapped_column(Text, default="")
    rounds: Mapped[int] = mapped_column(default=0)  # how often the coordinators were told again
    remind_at: Mapped[datetime | None]  # when they are told again; none where that is over


class Change(Base):
    """One change to a record or a case, by whom and by what message: the history that `show` prints and `undo` takes back."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_author", "author", sqlite_where=text("author != ''"), postgresql_where=text("author != ''")),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("numbers.id"), index=True)
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), index=True)
    author: Mapped[str] = mapped_column(Text, default="")  # a coordinator's address; "" for the person themself, "clock" for time
    what: Mapped[str] = mapped_column(String(16))  # opened, changed, asked, merged, erased
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    undone_at: Mapped[datetime | None]
    at: Mapped[datetime]


class Outgoing(Base):
    """One message that goes out, and how far it got."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_next", "channel", "status", "priority", "due_at"),
        Index(
            "uq_outbox_one_in_flight",
            "channel",
            "recipient",
            unique=True,
            sqlite_where=text("status = 'sending' AND priority > 0"),
            postgresql_where=text("status = 'sending' AND priority > 0"),
        ),
        Index("ix_outbox_recipient_created_at", "recipient", "created_at"),
        Index("ix_outbox_status_settled_at", "status", "settled_at"),
        filled("ix_outbox_erased", "channel", "erased_at", by="erased_at"),
        filled("ix_outbox_address_id", "address_id", by="address_id"),
        filled("ix_outbox_number", "number", by="number"),
        filled("ix_outbox_provider_id", "provider_id", by="provider_id"),
        Index("ix_outbox_message_id", "message_id", sqlite_where=text("message_id != ''"), postgresql_where=text("message_id != ''")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)  # names the row in Message-IDs, Reply-To addresses and callbacks
    channel: Mapped[str] = mapped_column(String(8))
    recipient: Mapped[str] = mapped_column(Text)
    address_id: Mapped[int | None] = mapped_column(ForeignKey("addresses.id"))  # none for a coordinator
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"), index=True)
    number: Mapped[int | None] = mapped_column(ForeignKey("numbers.id"))
    template: Mapped[str] = mapped_column(String(40))
    priority: Mapped[int]
    subject: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    null_sender: Mapped[bool] = mapped_column(default=False)  # RFC 3834: an automatic answer bounces to nobody
    message_id: Mapped[str] = mapped_column(Text, default="")
    references: Mapped[str] = mapped_column(Text, default="")
    reply_to: Mapped[str] = mapped_column(Text, default="")
    despite_opt_out: Mapped[bool] = mapped_column(default=False)  # the crisis answer, and the one confirmation of an opt-out
    # queued, sending, unknown (it may have gone, and is looked for), sent, uncertain (nobody can know), failed, suppressed,
    # gathered (another tells of it)
    status: Mapped[str] = mapped_column(String(12), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    claim: Mapped[str | None] = mapped_column(String(40))
    claimed_until: Mapped[datetime | None]
    claimed_in: Mapped[str | None] = mapped_column(String(40))  # the database's era, see there
    started_at: Mapped[datetime | None]  # just before it left; none where it certainly has not
    looks: Mapped[int] = mapped_column(default=0, server_default="0")  # how often it was looked for since nobody knows whether it went
    doubtful: Mapped[bool] = mapped_column(default=False, server_default=false())  # it was repeated, and may have gone twice
    provider_id: Mapped[str | None] = mapped_column(String(64))
    provider_status: Mapped[str | None] = mapped_column(String(20))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    spent_at: Mapped[datetime | None]  # when its token let data leave, which it does once
    erased_at: Mapped[datetime | None]  # when its person was erased while it was under way; it is never repeated
    attachment_name: Mapped[str] = mapped_column(Text, default="")
    attachment: Mapped[bytes | None] = mapped_column(LargeBinary)
