"""A database as a programme leaves it after years: people, messages, records, cases and what was sent about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert

from db.asked import Ask
from db.base import Base
from db.engine import Database
from db.models import Address, Case, Contact, ContactAddress, Inbound, Number, Outgoing, Record
from db.schema import migrate
from db.statements import table

NOW = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
KINDS = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
STATUSES = ("open",) * 10 + ("unconfirmed", "paused") + ("withdrawn",) * 3 + ("closed",) * 5
SETTINGS = ("inpatient", "er", "crisis", "outpatient", "warmline", "drop_in", "outreach", "rco", "forensic", "va", "campus")
SLOTS = [f"{day}:{part}" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") for part in ("morning", "afternoon", "evening")]
OWNERS = ("", "", "sam@example.org", "jo@example.org")
AT_ONCE = 5_000
YEAR = 365 * 86_400  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How much there is: for each record a person, a fifth of a case, two and a half messages that came and three that went."""

    records: int
    recent: int | None = None  # how many are of the last two years, the others being older and long closed; None for all

    @property
    def cases(self) -> int:
        return self.records // 5

    @property
    def asks(self) -> int:
        return self.records * 6 // 100

    def fill(self, url: str) -> None:
        """Lay the database out and fill it."""
        database = Database(url)
        migrate(database)
        chance = Random(20260303)  # noqa: S311 - predictable is what it is for
        with database.write() as session:
            for model, rows in self._rows(chance):
                while batch := list(islice(rows, AT_ONCE)):
                    session.execute(insert(table(model)), batch)
        database.close()

    def _rows(self, chance: Random) -> Iterable[tuple[type[Base], Iterator[dict[str, Any]]]]:
        """Table by table, in the order in which they refer to one another."""
        people = range(1, self.records + 1)
        numbers = range(1, self.records + self.cases + 1)
        yield (
            Contact,
            ({"id": at, "name": f"Name {at}", "phone": f"+1406{at:07}", "created_at": self._then(at, 1, chance)} for at in people),
        )
        yield Address, (self._address(at, chance) for at in people)
        yield ContactAddress, ({"contact_id": at, "address_id": at, "used_at": self._then(at, 1, chance)} for at in people)
        yield Inbound, (self._inbound(at, chance) for at in range(1, self.records * 5 // 2 + 1))
        yield Number, ({"id": at, "what": "record" if at <= self.records else "case"} for at in numbers)
        yield Record, (self._record(at, chance) for at in people)
        yield Case, (self._case(at, chance) for at in range(1, self.cases + 1))
        yield Ask, (self._ask(at, chance) for at in range(1, self.asks + 1))
        yield Outgoing, (self._outgoing(at, chance) for at in range(1, self.records * 3 + 1))

    def _is_recent(self, at: int, each: float) -> bool:
        """Of rows of which there are so many for each record."""
        return self.recent is None or at <= self.recent * each

    def _then(self, at: int, each: float, chance: Random) -> datetime:
        """Some time in the last two years, or in the ten before them."""
        ago = timedelta(seconds=chance.randrange(2 * YEAR))
        return NOW - ago if self._is_recent(at, each) else NOW - timedelta(seconds=2 * YEAR) - ago * 5

    def _address(self, at: int, chance: Random) -> dict[str, Any]:
        left = self._then(at, 1, chance) if at % 20 == 0 else None
        return {"id": at, "channel": "sms", "value": f"+1406{at:07}", "opted_out_at": left, "created_at": self._then(at, 1, chance)}

    def _inbound(self, at: int, chance: Random) -> dict[str, Any]:
        outcome = chance.choices(("handled", "automatic", "quarantined"), (80, 19, 1))[0]
        source = b"Subject: Peer Update\n\n" + b"a word of theirs " * 20
        resembles = "mentor_offer" if outcome == "automatic" and at % 50 == 0 else ""
        about = {"outcome": outcome, "resembles": resembles, "received_at": self._then(at, 2.5, chance), "source": source}
        return {"id": at, "channel": "email", "external_id": f"mail-{at}", **about}

    def _record(self, at: int, chance: Random) -> dict[str, Any]:
        status, created = chance.choice(STATUSES), self._then(at, 1, chance)
        if not self._is_recent(at, 1):
            status = "closed"
        details: dict[str, Any] = {"availability": chance.sample(SLOTS, 6), "setting": chance.sample(SETTINGS, 1 + at % 2)}
        details |= {"language": ["es"]} if at % 7 == 0 else {}
        details |= {"location": f"Town {chance.randrange(150)}"} if at % 2 else {}
        details |= {"capacity": 1 + at % 3} if at % 5 == 0 else {}
        return {
            "id": at,
            "contact_id": at,
            "kind": chance.choice(KINDS),
            "status": status,
            "channel": "sms",
            "details": details,
            "assigned_to": chance.choice(OWNERS),
            "snoozed_until": NOW + timedelta(days=3) if at % 30 == 0 else None,
            "created_at": created,
            "updated_at": created,
            "closed_at": min(created + timedelta(days=20), NOW) if status in ("withdrawn", "closed") else None,
        }

    def _case(self, at: int, chance: Random) -> dict[str, Any]:
        kind = chance.choices(("question", "referral", "service_seeker", "crisis"), (60, 20, 19, 1))[0]
        is_open = at % 10 == 0 and (kind != "crisis" or at % 100 == 0) and self._is_recent(at, 0.2)
        about = {"assigned_to": chance.choice(OWNERS), "created_at": self._then(at, 0.2, chance)}
        return {"id": self.records + at, "kind": kind, "status": "open" if is_open else "closed", "contact_id": at, **about}

    def _ask(self, at: int, chance: Random) -> dict[str, Any]:
        number, asked = chance.randrange(1, self.records), self._then(at, 0.06, chance)
        answered = None if chance.random() < 0.1 and self._is_recent(at, 0.06) else asked
        return {"number": number, "contact_id": number, "coordinator": "sam@example.org", "asked_at": asked, "answered_at": answered}

    def _outgoing(self, at: int, chance: Random) -> dict[str, Any]:
        settled, status = self._then(at, 3, chance), chance.choices(("sent", "failed", "uncertain"), (97, 2, 1))[0]
        recipient = f"+1406{at % self.records:07}"
        kept = {"key": f"key-{at}", "channel": "sms", "recipient": recipient, "template": "recorded", "priority": 2}
        return {**kept, "body": "Thank you. " * 10, "status": status, "due_at": settled, "created_at": settled, "settled_at": settled}
