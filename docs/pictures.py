"""Takes pictures of an invented programme's digest with headless Chromium: `make pictures`, or `python -m docs.pictures FOLDER`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from db import asks, inbox, outbox, people, records
from db.engine import Database
from db.history import Author
from db.marks import Digest
from db.models import Case, Outgoing, Record
from db.outbox import Draft
from db.schema import migrate
from db.statements import insert_new, table
from notifier.digest import Digests
from notifier.programme import Coordinator, Programme
from notifier.templates import Templates

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 19, 13, 30, tzinfo=UTC)  # 07:30 in Denver
SAM, JO = Coordinator(name="Sam", email="sam@example.org"), Coordinator(name="Jo", email="jo@example.org")
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
DARK = ("--blink-settings=preferredColorScheme=0", "--enable-features=WebContentsForceDark:none")
WIDTHS = {375: 2490, 700: 2250}
KEPT = {"digest-375-dark.png", "digest-700-light.png"}  # those that README shows
AGES = (0.1, 0.4, 1.2, 2.3, 3, 6.5, 0.6, 1.5, 9, 12, 14, 17, 20, 24, 28, 33, 38, 41, 45)


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody's record."""

    name: str
    kind: str
    days: float  # ago
    status: str = "open"
    owner: str = ""
    setting: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    town: str = ""


SAID = (
    Said("Ana Ruiz", "mentor_request", 6.2, owner=SAM.email, language=("es",), town="Billings"),
    Said("Marisol Vega", "mentor_request", 2.4, owner=SAM.email, language=("es",)),
    Said("Dani Whitcomb", "shadow_request", 5.3, setting=("warmline",)),
    Said("Terry Oaks", "mentor_offer", 3.1, town="Helena"),
    Said("Bartholomew Longfellow-Sandoval", "shadow_request", 1.2, setting=("warmline",), town="Great Falls"),
    Said("", "shadow_request", 0.5, setting=("warmline",)),
    Said("Kim Lattimore", "shadow_offer", 0.2, setting=("er",), town="Billings"),
    Said("Robin Ashe", "mentor_request", 4.0, owner=JO.email),
    Said("Lou Byrd", "mentor_request", 0.3, status="unconfirmed"),
    Said("Jesse Tall", "mentor_offer", 15, status="paused"),
    *(Said(f"Past {at}", "mentor_offer", days, status="closed") for at, days in enumerate(AGES[3:11])),
    *(Said(f"Past {at}", "shadow_offer", days, status="withdrawn") for at, days in enumerate(AGES[8:13], 20)),
    *(Said(f"Past {at}", "mentor_request", days, status="closed") for at, days in enumerate(AGES[5:], 40)),
    *(Said(f"Past {at}", "shadow_request", days, status="closed") for at, days in enumerate(AGES[::3], 60)),
)


def main(folder: Path) -> None:
    """Leave the pictures in a folder: light and dark, at a phone's width and a desk's."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Chromium is needed for pictures. On Debian, as root: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "digest.html"
        page.write_text(digest(f"sqlite:///{scratch}/intake.db"), encoding="utf-8")
        for width, height in WIDTHS.items():
            for scheme, flags in (("light", ()), ("dark", DARK)):
                name = f"digest-{width}-{scheme}.png"
                if folder != HERE or name in KEPT:
                    _shoot(chromium, page, folder / name, size=f"{width},{height}", flags=(f"--user-data-dir={scratch}/{name}", *flags))


def digest(url: str) -> str:
    """The page that Sam gets on the morning of an invented day."""
    database = Database(url)
    migrate(database)
    ids = map("picture-{}".format, count())
    programme = Programme(
        name="Peer Support",
        languages=("en", "es"),
        timezone=ZoneInfo("America/Denver"),
        coordinators=(SAM, JO),
        mail_address="intake@example.org",
    )
    with database.write() as session:
        insert_new(session, Digest, day=(NOW - timedelta(days=1)).date(), until=NOW - timedelta(days=1))
        for at, said in enumerate(SAID):
            _record(session, at, said)
        _incidents(session)
        digests = Digests(programme, Templates(programme.languages), at=time(7, 30), ids=lambda: next(ids))
        html = digests.copy(session, digests.day(NOW), now=NOW).html.replace("(Copy) ", "")
    database.close()
    return html


def _record(session: Session, at: int, said: Said) -> None:
    then = NOW - timedelta(days=said.days)
    inbox_id = _message(session, f"text-{at}", then)
    sender = people.find_or_make_sender(session, channel="sms", value=f"+1406555{100 + at:04}", now=then)
    people.describe(session, sender.contact_id, name=said.name)
    details: dict[str, Any] = {"setting": list(said.setting), "language": list(said.language), "location": said.town}
    kept = records.open_record(
        session,
        contact_id=sender.contact_id,
        author=Author(inbox_id=inbox_id),
        kind=said.kind,
        status=said.status,
        channel="sms",
        details={key: value for key, value in details.items() if value},
        now=then,
    )
    closed_at = min(then + timedelta(days=3), NOW) if said.status in ("closed", "withdrawn") else None
    told = update(table(Record)).where(table(Record).c.id == kept.number)
    session.execute(told.values(assigned_to=said.owner, closed_at=closed_at))
    if said.name == "Terry Oaks":
        asked = NOW - timedelta(days=2.5)
        asks.ask(session, number=kept.number, contact_id=sender.contact_id, coordinator=SAM.email, references="", now=asked)


def _message(session: Session, key: str, then: datetime, **became: str) -> int:
    source = b"From: Pat Moreno <pat@example.org>\nSubject: Automatic reply: Peer Update\n\nI could be a mentor in May.\n"
    inbox_id = inbox.store(session, channel="email", external_id=key, source=source, received_at=then).inbox_id
    inbox.note(session, inbox_id, **({"outcome": "handled"} | became))
    return inbox_id


def _incidents(session: Session) -> None:
    """Two at risk, of whom one is seen to; a question; what went wrong, and somebody who left."""
    for hours, kind, acknowledged in ((3, "crisis", ""), (30, "safeguarding", JO.email), (28, "question", "")):
        then = NOW - timedelta(hours=hours)
        sender = people.find_or_make_sender(session, channel="email", value=f"{kind}@example.org", now=then)
        inbox_id = _message(session, kind, then)
        number = records.open_case(session, kind=kind, contact_id=sender.contact_id, inbox_id=inbox_id, now=then)
        if acknowledged:
            seen = {"acknowledged_at": then, "acknowledged_by": acknowledged}
            session.execute(update(table(Case)).where(table(Case).c.id == number).values(seen))
    then = NOW - timedelta(hours=5)
    sender = people.find_or_make_sender(session, channel="sms", value="+14065550190", now=then)
    people.describe(session, sender.contact_id, name="Wren Holt")
    people.opt_out(session, sender.address_id, then)
    _message(session, "odd", then, outcome="quarantined", error="LookupError at mime.py:88")
    _message(session, "machine", then, outcome="automatic", resembles="mentor_offer")
    out = table(Outgoing)
    for number, status, error in ((1, "failed", "Twilio 30006"), (2, "uncertain", "no answer")):
        draft = Draft(key=status, channel="sms", recipient=f"+140655501{number:02}", template="recorded", priority=2, body="Thanks!")
        outbox.queue(session, draft, inbox_id=None, now=then)
        session.execute(update(out).where(out.c.key == status).values(status=status, error=error, settled_at=then, number=number))


def _shoot(chromium: str, page: Path, picture: Path, *, size: str, flags: tuple[str, ...]) -> None:
    command = [chromium, *CHROMIUM, *flags, f"--screenshot={picture}", f"--window-size={size}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
