"""A programme at work without its servers: people write, coordinators answer its mails, and what goes out is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select, update

from db import export, history, items, models
from db.engine import Database
from db.history import Entry
from db.items import Item
from db.models import Inbound, Outgoing
from db.schema import migrate
from intake import sms
from intake.arrival import Arrival, Receipt
from intake.identity import identity
from intake.service import House
from intake.settings import settings_from
from notifier.given import Given
from tests.fakes import CountedIds, HeldClock

SAM, JO = "sam@example.org", "jo@example.org"
SAM_PHONE, JO_PHONE = "+14065550188", "+14065550189"
ANA, BO, CY = "+14065550111", "+14065550112", "+14065550113"
PROOF = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org"
SETTINGS = {
    "COORDINATORS": f"Sam <{SAM}> {SAM_PHONE}; Jo <{JO}> {JO_PHONE}",
    "MAIL_FROM": "Peer Support <intake@example.org>",
    "SMTP_HOST": "localhost",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_PHONE_NUMBER": "+14065550100",
    "SECRET_KEY": "a key of the tests",
    "TRUSTED_AUTHSERV_ID": "mx.example.org",
    "TIMEZONE": "UTC",
}


class Office:
    """What a message brings about is what was queued with it."""

    def __init__(self, database_url: str, **settings: str) -> None:
        self.clock = HeldClock()
        self.database = Database(database_url)
        migrate(self.database)
        given = Given(clock=self.clock, ids=CountedIds(), jitter=lambda: 0.5)
        self.house = House(settings_from(SETTINGS | settings), given, self.database)
        self._number = 0
        self.receipt = Receipt(inbox_id=0, outcome="handled", repeat=False)

    def text(self, body: str, sender: str = ANA, *, sid: str = "") -> list[Outgoing]:
        """Somebody texts."""
        self._number += 1
        posted = urlencode({"MessageSid": sid or f"SM{self._number}", "From": sender, "Body": body}).encode()
        return self._bring(sms.arrival(posted, channel="sms", received_at=self.clock()))

    def mail(self, body: str, *headers: str, sender: str = "Ana Ruiz <ana@example.net>", subject: str = "Hello") -> list[Outgoing]:
        """Somebody mails; headers stand on top, as a server puts them there."""
        self._number += 1
        head = [*headers, f"From: {sender}", "To: intake@example.org", f"Subject: {subject}", f"Message-ID: <{self._number}@example.net>"]
        if not any(header.startswith("Content-Type") for header in headers):
            head.append("Content-Type: text/plain; charset=utf-8")
        return self.bring_mail("\r\n".join([*head, "", *body.splitlines()]).encode())

    def bring_mail(self, source: bytes) -> list[Outgoing]:
        return self._bring(Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=self.clock()))

    def say(self, body: str, *, by: str = SAM, about: int | None = None, proof: str = PROOF) -> list[Outgoing]:
        """A coordinator answers the last mail that they got, or the last about a number."""
        answered = self.last_to(by, about)
        sender = "Sam <sam@example.org>" if by == SAM else "Jo <jo@example.org>"
        thread = f"In-Reply-To: {answered.message_id}"
        return self.mail(body, *filter(None, [proof]), thread, sender=sender, subject=f"Re: {answered.subject}")

    def told(self, body: str, *, by: str = SAM, about: int | None = None) -> str:
        """The text of the one mail that comes back, without its first line, and in one line."""
        back = [one for one in self.say(body, by=by, about=about) if one.recipient == by]
        assert len(back) == 1, [one.template for one in back]
        return " ".join(back[0].body.partition("---\n")[2].split())

    def last_to(self, who: str, about: int | None = None) -> Outgoing:
        found = [one for one in self.sent() if one.recipient == who and (about is None or one.number == about)]
        return found[-1]

    def sent(self, inbox_id: int | None = None) -> list[Outgoing]:
        query = select(Outgoing).order_by(Outgoing.id)
        with self.database.read() as session:
            return list(session.execute(query if inbox_id is None else query.where(Outgoing.inbox_id == inbox_id)).scalars())

    def item(self, number: int) -> Item:
        with self.database.read() as session:
            found = items.find(session, number)
        assert found is not None
        return found

    def status(self, number: int) -> str:
        return self.item(number).status

    def history(self, number: int) -> list[Entry]:
        with self.database.read() as session:
            return history.of(session, number)

    def records(self) -> list[Mapping[str, Any]]:
        with self.database.read() as session:
            return list(export.rows(session))

    def inbox(self) -> list[Inbound]:
        with self.database.read() as session:
            return list(session.execute(select(models.Inbound).order_by(models.Inbound.id)).scalars())

    def change(self, number: int, **values: object) -> None:
        """As if it stood otherwise."""
        with self.database.write() as session:
            session.execute(update(models.Record).where(models.Record.id == number).values(**values))

    def _bring(self, arrival: Arrival) -> list[Outgoing]:
        self.receipt = self.house.doorway.receive(arrival)
        return [] if self.receipt.repeat else self.sent(self.receipt.inbox_id)
