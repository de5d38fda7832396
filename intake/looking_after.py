"""What whoever runs the program does by hand about single messages, people and digests, and what they are told of it."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from db import originals, private, quarantine
from db.engine import Database
from db.erase import erase, people_at
from db.originals import Reach
from intake.servers import places
from intake.service import House
from notifier.programme import Programme
from notifier.templates import Templates
from parsers.errors import IntakeError


def list_kept(programme: Programme, database: Database) -> int:
    """Say which messages are kept aside, and why, as the digest says it."""
    templates = Templates(programme.languages, programme.templates_dir)
    with database.read() as session:
        for kept in quarantine.waiting(session):
            print(templates.spoken("kept", programme.language, kept=kept))
    return 0


def retry(house: House, inbox_id: int) -> int:
    """Handle one of them once more."""
    receipt = house.doorway.retry(inbox_id)
    print(f"message {receipt.inbox_id}: {receipt.outcome}")
    return 0 if receipt.outcome != "quarantined" else 1


def drop(database: Database, inbox_id: int) -> int:
    """Forget what one of them says."""
    with database.write() as session:
        if not quarantine.drop(session, inbox_id):
            raise IntakeError(f"no message {inbox_id} is kept aside; `run.py quarantine list` shows those that are")
    print(f"message {inbox_id}: dropped")
    return 0


def show_digest(house: House, day: date | None, *, html: Path | None) -> int:
    """Print a day's digest, and write its page into a file; nothing is sent."""
    with house.database.read() as session:
        mail = house.digests.copy(session, day, now=house.given.clock())
    if html:
        private.write(html, mail.html.encode())
    print(f"{mail.subject}\n\n{mail.body}", end="")
    return 0


def copy_digest(house: House, day: date | None) -> int:
    """Send a day's digest once more."""
    if not (house.programme.mail_address and house.programme.coordinators):
        raise IntakeError("there is nobody to send it to: set COORDINATORS, SMTP_HOST and MAIL_FROM, or use --dry-run")
    with house.database.write() as session:
        house.digests.queue_copy(session, day, now=house.given.clock())
    print("queued; `run.py serve` sends it")
    return 0


def erase_person(house: House, address: str) -> int:
    """Forget whoever writes from an address, here and with providers."""
    settings = house.settings
    if not settings.SECRET_KEY:
        raise IntakeError("SECRET_KEY is needed: with it are kept what must not come back")
    reach = Reach(places=places(settings), now=house.given.clock())
    with house.database.write() as session:
        found = people_at(session, address)
        if not found:
            raise IntakeError("nobody is known at that address; a phone number is written as +14065550111")
        erased = [erase(session, contact_id, key=settings.SECRET_KEY, reach=reach) for contact_id in found]
    records, messages = sum(one.records for one in erased), sum(one.messages for one in erased)
    print(f"forgotten: {len(found)} person(s), {records} record(s), {messages} message(s) and what was sent about them")
    house.originals().work()
    return _say_what_is_left(house.database, reach)


def _say_what_is_left(database: Database, reach: Reach) -> int:
    with database.read() as session:
        left = {place: originals.left(session, place) for place in reach.places}
    print(f"originals deleted: {', '.join(place for place, count in left.items() if not count) or 'none'}")
    for place in filter(left.get, left):
        print(f"not reached: {left[place]} original(s), {place}; `run.py serve` tries again for three days", file=sys.stderr)
    others = ["Twilio's log of calls" if originals.TWILIO in left else "Twilio's logs"]
    others += [] if originals.MAILBOX in left else ["the mailbox's folders"]
    print(f"still held elsewhere: {', '.join(others)}, backups, and the coordinators' own mailboxes; please delete there too")
    return 1 if any(left.values()) else 0
