"""A whole programme against real servers, on one database, with its clock held: what comes in, what goes out, what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from db.engine import Database
from db.models import Inbound, Outgoing
from db.schema import migrate
from intake import servers
from intake.service import House
from intake.settings import settings_from
from intake.web import create_app
from notifier.delivery import Delivery
from notifier.given import Given
from notifier.senders import Sender
from notifier.senders.email import EmailSender
from notifier.senders.sms import SmsSender
from tests.fakes import CountedIds, HeldClock, signed_form

URL = "https://intake.example.org"
SAM = "sam@example.org"
SAM_PHONE = "+14065550188"
SETTINGS = {
    "PUBLIC_URL": URL,
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 31 + "1",
    "TWILIO_AUTH_TOKEN": "token-of-the-stand-in",
    "TWILIO_PHONE_NUMBER": "+14065550100",
    "SMTP_HOST": "localhost",
    "MAIL_FROM": "Peer Support <intake@example.org>",
    "COORDINATORS": f"Sam <{SAM}> {SAM_PHONE}",
    "SECRET_KEY": "a key of the tests",
    "TIMEZONE": "UTC",
}


class Station:
    """The house and its webhook; what is there is asked of the tables."""

    def __init__(self, database_url: str, ids: str = "id", **settings: str) -> None:
        self.clock = HeldClock()
        self.settings = settings_from(SETTINGS | settings | {"DATABASE_URL": database_url})
        self._senders: list[Sender] = []
        self.database = Database(database_url)
        migrate(self.database)
        self.house = House(self.settings, Given(clock=self.clock, ids=CountedIds(ids), jitter=lambda: 0.5), self.database)
        self.client: FlaskClient = create_app(self.house.webhook()).test_client()

    def text(self, number: int, body: str = "MENTOR", *, sender: str = "") -> int:
        """The status with which a text is answered; the same number again is the same text."""
        return self.post({"MessageSid": f"SM{number:032x}", "From": sender or phone(number), "To": "+14065550100", "Body": body})

    def post(self, posted: Mapping[str, str]) -> int:
        signed = signed_form(f"{URL}/sms", posted, self.settings.TWILIO_AUTH_TOKEN)
        return self.client.post("/sms", data=signed.body, headers=signed.headers).status_code

    def health(self, question: str = "") -> TestResponse:
        self.clock.advance(seconds=2)  # the last answer is good for a second
        return self.client.get(f"/healthz{question}")

    def mails_out(self) -> Delivery:
        return self._delivery(EmailSender(servers.mail_out(self.settings)))

    def texts_out(self) -> Delivery:
        return self._delivery(SmsSender(servers.texts(self.settings)))

    def _delivery(self, sender: Sender) -> Delivery:
        self._senders.append(sender)
        return self.house.delivery(sender)

    def close(self) -> None:
        for sender in self._senders:
            sender.close()
        self.database.close()

    def inbox(self) -> Counter[tuple[str, str]]:
        """How many messages there are, by channel and outcome."""
        with self.database.read() as session:
            return Counter((row.channel, row.outcome) for row in session.execute(select(Inbound.channel, Inbound.outcome)))

    def outbox(self) -> Counter[tuple[str, str, str]]:
        """How many messages there are to whom, of which template and in which state."""
        with self.database.read() as session:
            columns = select(Outgoing.recipient, Outgoing.template, Outgoing.status)
            return Counter((row.recipient, row.template, row.status) for row in session.execute(columns))


def phone(number: int) -> str:
    return f"+1406{number:07}"


def letter(number: int, body: str = "I would like to be a mentor.", *, sender: str = "") -> bytes:
    """A newsletter reply of one of many people."""
    head = [f"From: {sender or f'writer{number}@example.org'}", "To: intake@example.org", "Subject: Re: Peer Update"]
    head += [f"Message-ID: <{number}@mail.example.org>", "Content-Type: text/plain; charset=utf-8"]
    return "\r\n".join([*head, "", body, ""]).encode()
