"""Ten thousand messages in line: somebody at risk goes first, the digest is not late, and nobody gets more than they should."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event, insert, select, update

from db.outbox import ANSWER, OUTBOX
from tests.load.station import SAM, SAM_PHONE, Station, phone
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import wait_until

IN_LINE = 10_000
AT_RISK = "+14065550111"


def _fill(station: Station, channel: str) -> None:
    """Answers to as many people, all due."""
    now = station.clock()
    default = {"channel": channel, "template": "recorded", "priority": ANSWER, "subject": "Hello", "html": "", "reply_to": ""}
    default |= {"status": "queued", "attempts": 0, "due_at": now, "created_at": now, "null_sender": False, "despite_opt_out": False}
    default |= {"message_id": "", "references": "", "attachment_name": "", "body": "Thank you."}
    recipient = phone if channel == "sms" else (lambda number: f"writer{number}@example.org")
    rows = [default | {"key": f"line-{channel}-{number}", "recipient": recipient(number)} for number in range(IN_LINE)]
    with station.database.write() as session:
        session.execute(insert(OUTBOX), rows)
    station.clock.advance(minutes=5)


@pytest.fixture
def texting(database_url: str, twilio_api: TwilioApi) -> Station:
    return Station(database_url, **twilio_api.settings)


def test_somebody_at_risk_goes_next(texting: Station, twilio_api: TwilioApi) -> None:
    """And the coordinators with them; then the others, in their order, one a second."""
    _fill(texting, "sms")
    out = texting.texts_out()
    assert out.send_next()
    assert texting.text(1, "I want to kill myself", sender=AT_RISK) == 200
    for _ in range(4):
        texting.clock.advance(seconds=1)
        assert out.send_next()
    assert [sent.to for sent in twilio_api.sent] == [phone(0), AT_RISK, SAM_PHONE, phone(1), phone(2)]
    assert "988" in twilio_api.sent[1].body
    texting.close()


def test_neither_risk_nor_the_digest_waits_for_the_next_hour(
    database_url: str, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as may go in an hour went; what else there is waits, but for the digest and what is urgent."""
    monkeypatch.setenv("SSL_CERT_FILE", smtp_server.settings["SSL_CERT_FILE"])
    station = Station(database_url, **smtp_server.settings, SENDS_PER_HOUR="20")
    _fill(station, "email")
    out = station.mails_out()
    sent = sum(out.send_next() for _ in range(25))
    assert sent == 20
    with station.database.write() as session:
        assert station.house.digests.queue_if_due(session, station.clock())
    assert station.text(1, "I want to kill myself", sender=AT_RISK) == 200
    while out.send_next():
        pass
    urgent, digest = smtp_server.mails[20:]
    assert (urgent.recipients, digest.recipients) == ((SAM,), (SAM,))
    assert urgent.message["Subject"].startswith("URGENT")
    assert "Peer Support:" in digest.message["Subject"]
    station.clock.advance(minutes=61)
    assert sum(out.send_next() for _ in range(25)) == 20
    station.close()


def test_whoever_has_to_wait_for_the_next_hour_holds_up_nobody(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages come in meanwhile, and whose bells ring: the line is looked at when it is time, else once a second."""
    monkeypatch.setattr("notifier.delivery.LOOK_AGAIN", 3600.0)
    _fill(station, "email")
    with station.database.write() as session:
        first = select(OUTBOX.c.id).order_by(OUTBOX.c.id).limit(station.settings.SENDS_PER_HOUR)
        session.execute(update(OUTBOX).where(OUTBOX.c.id.in_(first)).values(status="sent", settled_at=station.clock()))
    begun: list[bool] = []
    event.listen(station.database.engine, "begin", lambda connection: begun.append("readonly" not in connection.get_execution_options()))
    stop = threading.Event()
    sending = threading.Thread(target=station.mails_out().run, args=(stop,))
    sending.start()
    try:
        wait_until(lambda: any(begun))
        for _ in range(100):
            station.house.bell.ring()
            stop.wait(0.002)
    finally:
        stop.set()
        sending.join(timeout=60)
    assert sum(begun) == 1
