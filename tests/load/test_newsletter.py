"""Everybody answers the newsletter while nobody reads the mailbox: all of it is taken in one pass, and goes out as fast as it may."""

from __future__ import annotations

import re

import pytest

from intake.arrival import Arrival
from intake.identity import identity
from notifier.gatherer import MOST_AN_HOUR
from tests.load.station import SAM, Station, letter
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer

REPLIES = 80
AT_RISK = 60  # its number
AN_HOUR = 25


@pytest.fixture
def waiting(mailbox: Mailbox, smtp_server: SmtpServer, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Station:
    """A mailbox that was entered and then left alone for a while."""
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])
    station = Station(database_url, **mailbox.settings | smtp_server.settings, COORDINATORS=f"Sam <{SAM}>", SENDS_PER_HOUR=str(AN_HOUR))
    assert station.house.mailbox().read_once() == 0
    mailbox.append_many(letter(number, "I want to kill myself" if number == AT_RISK else "MENTOR") for number in range(REPLIES))
    return station


def test_everybody_is_answered_in_time(waiting: Station, mailbox: Mailbox, smtp_server: SmtpServer) -> None:
    """Whoever is at risk first, the digest on its day, everybody else hour by hour; nothing is lost and nothing is twice."""
    assert waiting.house.mailbox().read_once() == REPLIES
    assert waiting.inbox() == {("email", "handled"): REPLIES}
    assert len(mailbox.messages("Processed")) == REPLIES
    with waiting.database.write() as session:
        assert waiting.house.digests.queue_if_due(session, waiting.clock())
    out = waiting.mails_out()
    assert sum(out.send_next() for _ in range(AN_HOUR + 10)) == AN_HOUR + 1  # the digest is one more
    first = smtp_server.mails[0].recipients[0], smtp_server.mails[1].recipients[0]
    assert set(first) == {f"writer{AT_RISK}@example.org", SAM}
    assert [mail.message["Subject"] for mail in smtp_server.to(SAM) if "Peer Support:" in mail.message["Subject"]] != []
    while any(status == "queued" for _, _, status in waiting.outbox()):
        waiting.clock.advance(minutes=61)
        assert 0 < sum(out.send_next() for _ in range(AN_HOUR + 10)) <= AN_HOUR
    answered = [len(smtp_server.to(f"writer{number}@example.org")) for number in range(REPLIES)]
    assert answered == [1] * REPLIES
    waiting.close()


MANY = 300
SENDS = 100


def test_alerts_are_gathered_so_that_answers_go(database_url: str, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The coordinator gets some mails of their own and one with all the others; in the first hour most of what goes is answers."""
    monkeypatch.setenv("SSL_CERT_FILE", smtp_server.settings["SSL_CERT_FILE"])
    station = Station(database_url, **smtp_server.settings, COORDINATORS=f"Sam <{SAM}>", SENDS_PER_HOUR=str(SENDS))
    sources = [letter(number, "I want to kill myself" if number == AT_RISK else "MENTOR") for number in range(MANY)]
    now = station.clock()
    station.house.doorway.receive_many(
        [Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=now) for source in sources]
    )
    out = station.mails_out()
    answered: list[int] = []
    while any(status == "queued" for _, _, status in station.outbox()):
        for _ in range(4):
            while out.send_next():
                pass
            station.clock.advance(minutes=15)
        station.clock.advance(minutes=1)
        answered.append(len(smtp_server.mails) - len(smtp_server.to(SAM)))
    assert answered[0] > SENDS - MOST_AN_HOUR - 5
    assert answered[-1] == MANY
    told = smtp_server.to(SAM)
    assert len(told) == MOST_AN_HOUR + 2  # and whoever is at risk, and all the others in one
    numbers = {int(number) for mail in told for number in re.findall(r"#(\d+)", f"{mail.message['Subject']} {mail.text}")}
    assert numbers == set(range(1, MANY + 1))
    station.close()
