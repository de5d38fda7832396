"""Everybody answers the newsletter while nobody reads the mailbox: all of it is taken in one pass, and goes out as fast as it may."""

from __future__ import annotations

import pytest

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
