"""How long a digest over 100,000 records takes, and how much memory: `python -m benchmarks.digest`."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from itertools import count, islice
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from db.engine import Database
from db.models import Address, Ask, Base, Case, Contact, ContactAddress, Inbound, Number, Outgoing, Record
from db.schema import migrate
from db.statements import table
from notifier.digest import Digests
from notifier.programme import Coordinator, Programme
from notifier.templates import Templates

RECORDS, CASES, ASKS, INBOX, OUTBOX = 100_000, 20_000, 6_000, 250_000, 300_000
MOST_SECONDS, MOST_MEGABYTES = 2.0, 100.0
NOW = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)
OUT = table(Outgoing)
KINDS = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
STATUSES = ("open",) * 10 + ("unconfirmed", "paused") + ("withdrawn",) * 3 + ("closed",) * 5
SETTINGS = ("inpatient", "er", "crisis", "outpatient", "warmline", "drop_in", "outreach", "rco", "forensic", "va", "campus")
SLOTS = [f"{day}:{part}" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") for part in ("morning", "afternoon", "evening")]
OWNERS = ("", "", "sam@example.org", "jo@example.org")
COORDINATORS = (Coordinator(name="Sam", email="sam@example.org"), Coordinator(name="Jo", email="jo@example.org"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/intake.db"
        _fill(url)
        # A process of its own, as the clock's is: this one has the memory of filling.
        done = subprocess.run([sys.executable, "-m", "benchmarks.digest", url], stdout=subprocess.PIPE, text=True, check=True)
    seconds, worked, megabytes, size = map(float, done.stdout.split())
    print(f"records                                   {RECORDS:8}")
    print(f"seconds, one digest for each of two       {seconds:8.2f}   at most {MOST_SECONDS:.0f}")
    print(f"of which this processor worked             {worked:7.2f}")
    print(f"memory at its peak, MB                    {megabytes:8.0f}   at most {MOST_MEGABYTES:.0f}")
    print(f"size of the page, KB                      {size:8.0f}   at most 102, where Gmail cuts it")


def measure(url: str) -> None:
    """Write both digests; prints seconds, those of the processor, megabytes and kilobytes."""
    database = Database(url)
    languages, timezone = ("en", "es"), ZoneInfo("America/Denver")
    programme = Programme(
        name="Peer Support", languages=languages, timezone=timezone, coordinators=COORDINATORS, mail_address="intake@example.org"
    )
    ids = map("digest-{}".format, count())
    digests = Digests(programme, Templates(languages), at=hour(7, 30), ids=lambda: next(ids))
    began, began_work = time.perf_counter(), time.process_time()
    with database.write() as session:
        assert digests.queue_if_due(session, NOW)
    taken, worked = time.perf_counter() - began, time.process_time() - began_work
    with database.read() as session:
        sizes = session.execute(select(func.length(OUT.c.html)).where(OUT.c.template == "digest")).scalars().all()
    print(taken, worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, max(sizes) / 1000)


def _fill(url: str) -> None:
    database = Database(url)
    migrate(database)
    chance = Random(20260303)  # noqa: S311 - predictable is what it is for
    with database.write() as session:
        for model, rows in _rows(chance):
            while batch := list(islice(rows, 5_000)):
                session.execute(insert(table(model)), batch)
    database.close()


def _rows(chance: Random) -> Iterable[tuple[type[Base], Iterator[dict[str, Any]]]]:
    """Two years of a large programme, table by table in the order in which they refer to one another."""
    people = range(1, RECORDS + 1)
    yield Contact, ({"id": at, "name": f"Name {at}", "phone": f"+1406{at:07}", "created_at": _then(chance)} for at in people)
    yield Address, (_address(at, chance) for at in people)
    yield ContactAddress, ({"contact_id": at, "address_id": at, "used_at": NOW} for at in people)
    yield Inbound, (_inbound(at, chance) for at in range(1, INBOX + 1))
    yield Number, ({"id": at, "what": "record" if at <= RECORDS else "case"} for at in range(1, RECORDS + CASES + 1))
    yield Record, (_record(at, chance) for at in range(1, RECORDS + 1))
    yield Case, (_case(RECORDS + at, chance) for at in range(1, CASES + 1))
    yield Ask, (_ask(chance) for _ in range(ASKS))
    yield Outgoing, (_outgoing(at, chance) for at in range(1, OUTBOX + 1))


def _then(chance: Random) -> datetime:
    return NOW - timedelta(seconds=chance.randrange(2 * 365 * 86_400))


def _address(at: int, chance: Random) -> dict[str, Any]:
    left = _then(chance) if at % 20 == 0 else None
    return {"id": at, "channel": "sms", "value": f"+1406{at:07}", "opted_out_at": left, "created_at": NOW}


def _inbound(at: int, chance: Random) -> dict[str, Any]:
    outcome = chance.choices(("handled", "automatic", "quarantined"), (80, 19, 1))[0]
    source = b"Subject: Peer Update\n\n" + b"a word of theirs " * 20
    resembles = "mentor_offer" if outcome == "automatic" and at % 50 == 0 else ""
    about = {"outcome": outcome, "resembles": resembles, "received_at": _then(chance), "source": source}
    return {"id": at, "channel": "email", "external_id": f"mail-{at}", **about}


def _record(at: int, chance: Random) -> dict[str, Any]:
    status, created = chance.choice(STATUSES), _then(chance)
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


def _case(number: int, chance: Random) -> dict[str, Any]:
    kind = chance.choices(("question", "referral", "service_seeker", "crisis"), (60, 20, 19, 1))[0]
    status = "open" if number % 10 == 0 and (kind != "crisis" or number % 100 == 0) else "closed"
    about = {"assigned_to": chance.choice(OWNERS), "created_at": _then(chance)}
    return {"id": number, "kind": kind, "status": status, "contact_id": number - RECORDS, **about}


def _ask(chance: Random) -> dict[str, Any]:
    number, asked = chance.randrange(1, RECORDS), _then(chance)
    answered = None if chance.random() < 0.1 else asked
    return {"number": number, "contact_id": number, "coordinator": "sam@example.org", "asked_at": asked, "answered_at": answered}


def _outgoing(at: int, chance: Random) -> dict[str, Any]:
    settled, status = _then(chance), chance.choices(("sent", "failed", "uncertain"), (97, 2, 1))[0]
    kept = {"key": f"key-{at}", "channel": "sms", "recipient": f"+1406{at % RECORDS:07}", "template": "recorded", "priority": 2}
    return {**kept, "body": "Thank you. " * 10, "status": status, "due_at": settled, "created_at": settled, "settled_at": settled}


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
