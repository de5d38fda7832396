"""A database in which things happen, and the digests of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row, select, update

from db import asks, inbox, outbox, people, records
from db.engine import Database
from db.history import Author
from db.models import Case, Record
from db.outbox import OUTBOX
from db.records import Kept
from db.statements import table
from notifier.digest import Digests
from notifier.programme import Coordinator, Programme
from notifier.templates import Mail, Templates
from tests.fakes import CountedIds, HeldClock
from tests.notifier.samples import CASEY_PHONE, PROGRAMME, SAM, casey, text_draft

HEADINGS = (
    "Needs you", "Waiting for somebody else", "What the scheme lacks", "This month so far", "Opted out",
    "Could not be read or delivered", "Automatic, but reads like a person",
)  # fmt: skip
MORNING = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)  # 07:30 in Denver


@dataclass
class Day:
    """A database in which things happen, and the digests of it."""

    database: Database
    programme: Programme = PROGRAMME
    at: time = time(7, 30)
    clock: HeldClock = field(default_factory=lambda: HeldClock(MORNING))
    ids: CountedIds = field(default_factory=CountedIds)

    def digests(self, prefix: str = "digest") -> Digests:
        return Digests(
            self.programme,
            Templates(self.programme.languages, self.programme.templates_dir),
            at=self.at,
            ids=CountedIds(f"{prefix}{self.ids()}"),
        )

    def queue_if_due(self) -> bool:
        """As a process does that has just started; what it queued is delivered."""
        with self.database.write() as session:
            queued = self.digests().queue_if_due(session, self.clock())
            session.execute(update(OUTBOX).where(OUTBOX.c.template == "digest").values(status="sent"))
        return queued

    def queued(self) -> list[Row[Any]]:
        with self.database.read() as session:
            return list(session.execute(select(OUTBOX).where(OUTBOX.c.template == "digest").order_by(OUTBOX.c.id)).all())

    def today(self, reader: Coordinator = SAM) -> Row[Any]:
        """The digest of today as a coordinator gets it."""
        assert self.queue_if_due()
        found = [row for row in self.queued() if row.recipient == reader.email]
        return found[-1]

    def body(self, reader: Coordinator = SAM) -> str:
        return str(self.today(reader).body)

    def section(self, heading: str, reader: Coordinator = SAM) -> list[str]:
        """The lines of one section of what today's digest would say; none where it is left out."""
        body = self.copy(self.digests().day(self.clock()), reader).body
        after = body.partition(f"\n{heading}")[2].splitlines()[1:]
        ends = (at for at, line in enumerate(after) if line in HEADINGS)
        return [line for line in after[: next(ends, len(after))] if line]

    def copy(self, day: date, reader: Coordinator | None = None) -> Mail:
        with self.database.read() as session:
            return self.digests().copy(session, day, now=self.clock(), reader=reader)

    def message(self, source: bytes = b"", **became: Any) -> int:  # noqa: ANN401
        with self.database.write() as session:
            stored = inbox.store(session, channel="sms", external_id=self.ids(), source=source, received_at=self.clock())
            inbox.note(session, stored.inbox_id, **({"outcome": "handled"} | became))
            return stored.inbox_id

    def record(
        self,
        kind: str = "mentor_offer",
        *,
        value: str = CASEY_PHONE,
        name: str = "Casey",
        status: str = "open",
        details: Mapping[str, Any] | None = None,
    ) -> Kept:
        inbox_id = self.message()
        with self.database.write() as session:
            sender = casey(session, "sms" if value.startswith("+") else "email", value=value, now=self.clock())
            people.describe(session, sender.contact_id, name=name)
            return records.open_record(
                session,
                contact_id=sender.contact_id,
                author=Author(inbox_id=inbox_id),
                kind=kind,
                status=status,
                channel="sms",
                details=details or {},
                now=self.clock(),
            )

    def case(self, kind: str = "question") -> int:
        inbox_id = self.message()
        with self.database.write() as session:
            sender = casey(session, now=self.clock())
            people.describe(session, sender.contact_id, name="Casey")
            return records.open_case(session, kind=kind, contact_id=sender.contact_id, inbox_id=inbox_id, now=self.clock())

    def sent(
        self,
        key: str,
        status: str,
        *,
        error: str = "",
        recipient: str = CASEY_PHONE,
        number: int | None = None,
        doubtful: bool = False,
    ) -> None:
        """A text that ended so."""
        with self.database.write() as session:
            draft = text_draft(key, recipient=recipient, number=number)
            outbox.queue(session, draft, inbox_id=None, now=self.clock())
            settled = {
                "status": status,
                "doubtful": doubtful,
                "error": error or None,
                "settled_at": None if status == "queued" else self.clock(),
            }
            session.execute(update(OUTBOX).where(OUTBOX.c.key == key).values(settled))

    def mark(self, number: int, **values: Any) -> None:  # noqa: ANN401
        """Change columns of a record or a case, as commands do."""
        with self.database.write() as session:
            for model in (Record, Case):
                known = {key: value for key, value in values.items() if key in table(model).c}
                session.execute(update(table(model)).where(table(model).c.id == number).values({"snoozed_until": None} | known))

    def ask(self, number: int, value: str = CASEY_PHONE) -> None:
        """A coordinator asks whoever a number is about."""
        with self.database.write() as session:
            contact_id = casey(session, value=value, now=self.clock()).contact_id
            asks.ask(session, number=number, contact_id=contact_id, coordinator=SAM.email, references="", now=self.clock())

    def answer(self, value: str = CASEY_PHONE) -> None:
        with self.database.write() as session:
            asks.mark_answered(session, casey(session, value=value, now=self.clock()).contact_id, self.clock())

    def opt_out(self, value: str = CASEY_PHONE, *, name: str = "Casey") -> None:
        with self.database.write() as session:
            sender = casey(session, "sms" if value.startswith("+") else "email", value=value, now=self.clock())
            people.describe(session, sender.contact_id, name=name)
            people.opt_out(session, sender.address_id, self.clock())
