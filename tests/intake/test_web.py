"""The webhook: whom it believes, what it stores, and what it answers when something is wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from waitress.server import create_server
from werkzeug.test import TestResponse

from db import outbox
from db.engine import Database
from db.marks import Heartbeat, Mailbox
from db.models import Case, Contact, Inbound, Outgoing, Record
from db.outbox import Draft
from db.schema import migrate
from intake import web
from intake.listening import web_task
from intake.service import House
from intake.settings import Settings, settings_from
from intake.web import create_app
from notifier.given import Given
from tests.fakes import START, CountedIds, HeldClock, signed_form
from tests.servers.twilio_api import AUTH_TOKEN, NUMBER

URL = "https://intake.example.org"
WRITER = "+14065550111"
COORDINATOR = "sam@example.org"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
WRITTEN = {
    "PUBLIC_URL": URL,
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 31 + "1",
    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    "TWILIO_PHONE_NUMBER": NUMBER,
    "SMTP_HOST": "localhost",
    "MAIL_FROM": "Peer Support <intake@example.org>",
    "COORDINATORS": f"Sam <{COORDINATOR}>",
}


class Bench:
    """A webhook, and a look at what it keeps."""

    def __init__(self, settings: Settings, *, unsigned: bool = False) -> None:
        self.clock = HeldClock()
        self.database = Database(settings.DATABASE_URL)
        migrate(self.database)
        self.house = House(settings, Given(clock=self.clock, ids=CountedIds(), jitter=lambda: 0.5), self.database)
        webhook = replace(self.house.webhook(unsigned=unsigned), mailbox="m")
        self.client: FlaskClient = create_app(webhook).test_client()
        self.url = settings.PUBLIC_URL

    def post(self, path: str, form: dict[str, str] | list[tuple[str, str]], *, signed_for: str | None = None) -> TestResponse:
        """As Twilio posts it, signed for the public address unless told otherwise."""
        signed = signed_form(signed_for or f"{self.url}{path}", form, AUTH_TOKEN)
        return self.client.post(path, data=signed.body, headers=signed.headers)

    def inbox(self) -> list[tuple[str, str, str]]:
        """Channel, outcome and acts of all that came in."""
        with self.database.read() as session:
            rows = session.execute(select(Inbound.channel, Inbound.outcome, Inbound.acts).order_by(Inbound.id))
            return [(row.channel, row.outcome, row.acts) for row in rows]

    def records(self) -> list[str]:
        with self.database.read() as session:
            return list(session.execute(select(Record.kind).order_by(Record.id)).scalars())

    def told(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            rows = session.execute(select(Outgoing.recipient, Outgoing.template).order_by(Outgoing.id))
            return [(row.recipient, row.template) for row in rows]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_from({**WRITTEN, "DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}"})


@pytest.fixture
def bench(settings: Settings) -> Iterator[Bench]:
    made = Bench(settings)
    yield made
    made.database.close()


def sms(body: str = "MENTOR", number: int = 1, **more: str) -> dict[str, str]:
    """What Twilio posts, with some of the parameters that nobody asked for."""
    sid = f"SM{number:032x}"
    form = {"ToCountry": "US", "SmsSid": sid, "MessageSid": sid, "NumMedia": "0", "Body": body, "From": WRITER, "To": NUMBER}
    return form | {"AccountSid": WRITTEN["TWILIO_ACCOUNT_SID"], "FromCity": "", "ApiVersion": "2010-04-01"} | more


# Texts


def test_a_text_is_stored_and_answered_from_the_outbox(bench: Bench) -> None:
    """The answer to Twilio itself is empty."""
    response = bench.post("/sms", sms())
    assert (response.status_code, response.mimetype, response.text) == (200, "text/xml", EMPTY)
    assert bench.records() == ["mentor_offer"]
    assert (WRITER, "recorded") in bench.told()
    assert (COORDINATOR, "alert") in bench.told()


def test_a_repeated_text_changes_nothing(bench: Bench) -> None:
    first = bench.post("/sms", sms())
    told = bench.told()
    second = bench.post("/sms", sms())
    assert (second.status_code, second.text) == (first.status_code, first.text) == (200, EMPTY)
    assert len(bench.inbox()) == 1
    assert bench.told() == told


def test_the_same_words_in_another_text_are_another_message(bench: Bench) -> None:
    bench.post("/sms", sms(number=1))
    bench.post("/sms", sms(number=2))
    assert len(bench.inbox()) == 2
    assert bench.records() == ["mentor_offer"]


@pytest.mark.parametrize(
    "form",
    [
        sms("MENTOR", FromCity="", FromState="", Unheard_of="1", MessagingServiceSid="MG1"),
        sms("Quiero ser mentor, ¿cuándo empiezo? 😀 李明"),
        sms("a+b & c=d; 100% \"quoted\" 'so'\r\nnext line"),
        sms(("MENTOR. " + "Tuesdays after 5 are good for me, and so are Thursdays. " * 40)[:1600]),
        sms("\x00\x01MEN\x00TOR\x1b[2J\x7f"),
        sms(""),
        sms("", NumMedia="2", MediaUrl0="https://api.twilio.com/m/0", MediaUrl1="https://api.twilio.com/m/1"),
        sms("", NumMedia="lots"),
        sms("   \n\t "),
        [*sms().items(), ("Body", "MENTOR"), ("Addons", "a"), ("Addons", "b")],
    ],
    ids=["unknown", "not ASCII", "reserved", "1,600", "control", "empty", "media alone", "media uncounted", "blanks", "repeated names"],
)
def test_whatever_a_text_holds_it_is_stored_and_answered(bench: Bench, form: dict[str, str] | list[tuple[str, str]]) -> None:
    """And the next one after it."""
    assert bench.post("/sms", form).status_code == 200
    assert [outcome for _, outcome, _ in bench.inbox()] == ["handled"]
    assert WRITER in {recipient for recipient, _ in bench.told()}
    assert bench.post("/sms", sms(number=2, From="+14065550112")).text == EMPTY
    assert ("+14065550112", "recorded") in bench.told()


def test_control_characters_reach_nobody(bench: Bench) -> None:
    """Neither the store's text columns nor the coordinator's mail; the words around them do."""
    bench.post("/sms", sms("\x00I would like to be a mentor,\x1b Tuesdays after 5\x07"))
    assert bench.records() == ["mentor_offer"]
    with bench.database.read() as session:
        bodies = list(session.execute(select(Outgoing.body)).scalars())
    assert any("I would like to be a mentor, Tuesdays after 5" in body for body in bodies)
    assert not any(character in body for body in bodies for character in "\x00\x07\x1b")


@pytest.mark.parametrize("sender", ["", "   ", "\x00"])
def test_a_text_from_nobody_is_kept_and_told_of(bench: Bench, sender: str) -> None:
    response = bench.post("/sms", sms(From=sender))
    assert (response.status_code, response.text) == (200, EMPTY)
    assert bench.inbox() == [("sms", "quarantined", "")]
    assert bench.told() == [(COORDINATOR, "quarantined")]


def test_a_text_without_an_id_is_told_by_its_form(bench: Bench) -> None:
    form = {key: value for key, value in sms().items() if not key.endswith("Sid")}
    for _ in range(2):
        assert bench.post("/sms", form).status_code == 200
    assert bench.post("/sms", form | {"Body": "SHADOW"}).status_code == 200
    assert len(bench.inbox()) == 2


# Signatures


@pytest.mark.parametrize(
    ("public_url", "signed_for"),
    [
        ("https://intake.example.org", "https://intake.example.org/sms"),
        ("https://intake.example.org/", "https://intake.example.org/sms"),
        ("https://example.org/peer/intake", "https://example.org/peer/intake/sms"),
        ("https://intake.example.org:8443", "https://intake.example.org:8443/sms"),
        ("https://intake.example.org", "https://intake.example.org:443/sms"),
        ("http://intake.example.org", "http://intake.example.org/sms"),
    ],
)
def test_the_signature_holds_for_the_public_address(settings: Settings, public_url: str, signed_for: str) -> None:
    """Whatever host and path the request has by the time it arrives here."""
    bench = Bench(settings_from({**WRITTEN, "PUBLIC_URL": public_url, "DATABASE_URL": settings.DATABASE_URL}))
    assert bench.post("/sms", sms(), signed_for=signed_for).status_code == 200
    bench.database.close()


def test_a_signature_for_another_address_is_refused(bench: Bench) -> None:
    """Another scheme, host or path, a slash or a question mark more."""
    for start in ("http://intake.example.org", "https://elsewhere.example.org", "https://localhost"):
        assert bench.post("/sms", sms(), signed_for=f"{start}/sms").status_code == 403, start
    for end in ("/sms/", "/sms?", "/SMS", "/voice", "//sms", ""):
        assert bench.post("/sms", sms(), signed_for=f"{URL}{end}").status_code == 403, end
    assert bench.inbox() == []


def test_the_query_counts_to_the_letter(bench: Bench) -> None:
    """Not as it would be written anew: order, blanks and escapes are the caller's."""
    for query in ("a=1&b=2", "b=2&a=1", "a=1&a=2", "a=", "a", "a=%7Ex%20y+z", "a=~x y", "a=%C3%A9", "a=%zz", "&&", "bodySHA256=0"):
        signed = signed_form(f"{URL}/sms?{query}", sms(), AUTH_TOKEN)
        for asked, status in ((query, 200), (f"{query}&c=3", 403), (f"{query}&", 403), ("", 403)):
            response = bench.client.open("/sms", method="POST", query_string=asked, data=signed.body, headers=signed.headers)
            assert response.status_code == status, (query, asked)


def test_a_missing_wrong_or_malformed_signature_is_refused(bench: Bench) -> None:
    signed = signed_form(f"{URL}/sms", sms(), AUTH_TOKEN)
    kind = {"Content-Type": signed.headers["Content-Type"]}
    right = signed.headers["X-Twilio-Signature"]
    assert bench.client.post("/sms", data=signed.body, headers=kind).status_code == 403
    for wrong in (
        "",
        "x",
        "AAAA",
        "=",
        "é",
        "\xff\xfe",
        "A" * 28,
        "A" * 27 + "=",
        "A" * 5000,
        "Bearer abc",
        right[:-1],
        right + "=",
        right.swapcase(),
    ):
        response = bench.client.post("/sms", data=signed.body, headers={**kind, "X-Twilio-Signature": wrong})
        assert response.status_code == 403, wrong
    assert bench.inbox() == []


@pytest.mark.parametrize("path", ["/sms", "/sms/status", "/voice"])
def test_every_way_in_wants_a_signature(bench: Bench, path: str) -> None:
    assert bench.client.post(path, data=sms()).status_code == 403
    assert bench.post(path, sms()).status_code == 200


def test_another_accounts_signature_is_refused(bench: Bench) -> None:
    signed = signed_form(f"{URL}/sms", sms(), "another token")
    assert bench.client.post("/sms", data=signed.body, headers=signed.headers).status_code == 403


def test_a_changed_form_is_refused(bench: Bench) -> None:
    signed = signed_form(f"{URL}/sms", sms(), AUTH_TOKEN)
    for name, value in (("Body", "SHADOW"), ("From", "+14065550199"), ("Extra", "1"), ("FromCity", " ")):
        changed = signed_form(f"{URL}/sms", sms() | {name: value}, AUTH_TOKEN)
        assert bench.client.post("/sms", data=changed.body, headers=signed.headers).status_code == 403, name
    assert bench.inbox() == []


def test_a_malformed_body_is_refused(bench: Bench) -> None:
    """With a signature of the right form, and without one: never 500."""
    malformed = [
        b"",
        b"%",
        b"Body=%zz",
        b"Body=%ff%fe",
        b"\xff\xfe=\x00",
        b"=&=&=",
        b"&" * 2000,
        b"a=1&" * 2000,
        b'{"Body": "MENTOR"}',
        b"Body",
    ]
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json", "text/plain; charset=x", "")
    for body, kind in product(malformed, kinds):
        for signature in ({"X-Twilio-Signature": "A" * 27 + "="}, {}):
            response = bench.client.post("/sms", data=body, headers={**signature, "Content-Type": kind})
            assert response.status_code == 403, (body, kind)


def test_a_signed_form_may_hold_bytes_of_no_charset(bench: Bench) -> None:
    """They are replaced, in the signature's check as in the words."""
    body = b"Body=MENTOR+%ff%fe&From=%2B14065550111&MessageSid=SM1"
    signed = signed_form(f"{URL}/sms", {"Body": "MENTOR \ufffd\ufffd", "From": WRITER, "MessageSid": "SM1"}, AUTH_TOKEN)
    assert bench.client.post("/sms", data=body, headers=signed.headers).status_code == 200
    assert bench.records() == ["mentor_offer"]


def test_without_an_account_nothing_is_taken(tmp_path: Path) -> None:
    """Nor is it without a public address: there is nothing to check a signature against."""
    for number, missing in enumerate((("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"), ("PUBLIC_URL",))):
        written = {key: value for key, value in WRITTEN.items() if key not in missing}
        bench = Bench(settings_from({**written, "DATABASE_URL": f"sqlite:///{tmp_path / f'{number}.db'}"}))
        for token in (AUTH_TOKEN, ""):
            for url in (URL, "", "http://localhost"):
                signed = signed_form(f"{url}/sms", sms(), token)
                assert bench.client.post("/sms", data=signed.body, headers=signed.headers).status_code == 403
        assert bench.inbox() == []
        bench.database.close()


def test_a_refusal_names_nobody_in_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.client.post("/sms", data=sms("private words"))
    bench.post("/sms", sms("MENTOR private words"))
    assert "no valid signature" in caplog.text
    assert WRITER not in caplog.text
    assert "private words" not in caplog.text


# Sizes, and a store that fails


@pytest.mark.parametrize("path", ["/sms", "/sms/status", "/voice"])
def test_too_long_a_body_is_refused_before_its_signature(bench: Bench, path: str) -> None:
    """64 KiB are taken, one more is not."""
    url = f"{URL}{path}"
    fits = sms("x" * (64 * 1024 - len(signed_form(url, sms(""), AUTH_TOKEN).body)))
    assert bench.post(path, fits).status_code == 200
    assert bench.post(path, fits | {"Body": fits["Body"] + "x"}).status_code == 413
    assert bench.client.post(path, data=b"x" * (64 * 1024 + 1)).status_code == 413
    assert bench.client.post(path, data=b"x" * (64 * 1024)).status_code == 403


@pytest.fixture
def impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """One whose database waits for no lock."""
    monkeypatch.setattr("db.engine.BUSY_MILLISECONDS", 1)
    made = Bench(settings)
    yield made
    made.database.close()


def test_a_locked_database_is_503_and_the_repeat_is_stored(impatient: Bench, settings: Settings) -> None:
    other = Database(settings.DATABASE_URL)
    with other.write() as session:
        session.execute(select(1))
        responses = [impatient.post(path, sms()) for path in ("/sms", "/sms/status")]
        assert [response.status_code for response in responses] == [503, 503]
        assert "locked" not in responses[0].text
        assert impatient.client.get("/healthz").status_code == 503
    other.close()
    assert impatient.inbox() == []
    assert impatient.post("/sms", sms()).status_code == 200
    assert impatient.records() == ["mentor_offer"]
    assert impatient.client.get("/healthz").status_code == 200


def test_a_database_without_its_tables_is_503(bench: Bench) -> None:
    with bench.database.write() as session:
        session.execute(text("DROP TABLE outbox"))
        session.execute(text("DROP TABLE heartbeats"))
    assert bench.post("/sms", sms()).status_code == 503
    assert bench.inbox() == []
    health = bench.client.get("/healthz")
    assert (health.status_code, health.json) == (503, {"database": "SQLITE_ERROR"})


def test_a_database_that_is_gone_is_503(postgres_url: str) -> None:
    """PostgreSQL cuts every connection and takes no new one; when it is back, so is the webhook."""
    bench = Bench(settings_from({**WRITTEN, "DATABASE_URL": postgres_url}))
    assert bench.post("/sms", sms()).status_code == 200
    name = bench.database.url.database
    admin = Database(bench.database.url.set(database="postgres").render_as_string(hide_password=False))
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name})
        assert bench.post("/sms", sms("SHADOW", number=2)).status_code == 503
        assert bench.client.get("/healthz").status_code == 503
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    assert bench.post("/sms", sms("SHADOW", number=2)).status_code == 200
    assert len(bench.inbox()) == 2
    bench.database.close()
    admin.close()


# Delivery reports


@pytest.fixture
def sent(bench: Bench) -> Bench:
    """With one text that Twilio has taken."""
    draft = Draft(key="key-1", channel="sms", recipient=WRITER, template="recorded", priority=outbox.ANSWER, body="Thank you.")
    with bench.database.write() as session:
        outbox.queue(session, draft, inbox_id=None, now=START)
        session.execute(update(Outgoing).values(status="sent", provider_id="SM1", settled_at=START))
    return bench


@pytest.mark.parametrize(
    ("reports", "status", "provider_status"),
    [
        (["queued", "sent", "delivered"], "sent", "delivered"),
        (["delivered", "sent", "queued"], "sent", "delivered"),
        (["sent", "sent"], "sent", "sent"),
        (["sent", "undelivered"], "failed", "undelivered"),
        (["undelivered", "sent"], "failed", "undelivered"),
        (["delivered", "undelivered"], "sent", "delivered"),
        (["undreamt-of"], "sent", None),
        ([""], "sent", None),
    ],
)
def test_a_delivery_status_never_goes_backwards(sent: Bench, reports: list[str], status: str, provider_status: str | None) -> None:
    """In whatever order the reports come, and however often."""
    for report in reports:
        response = sent.post("/sms/status?key=key-1", {"MessageSid": "SM1", "MessageStatus": report, "ErrorCode": "30003"})
        assert (response.status_code, response.text) == (200, EMPTY)
    assert _outgoing(sent) == (status, provider_status, "Twilio 30003" if status == "failed" else None)


@pytest.mark.parametrize("query", ["", "?key=", "?key=unknown", "?key=%00", "?key=" + "x" * 500])
def test_a_report_on_nothing_of_ours_changes_nothing(sent: Bench, query: str) -> None:
    before = _outgoing(sent)
    form = {"MessageSid": "SM1", "MessageStatus": "undelivered"}
    assert sent.post(f"/sms/status{query}", form).status_code == 200
    assert _outgoing(sent) == before


@pytest.mark.parametrize(
    "form", [{}, {"MessageStatus": "\x00"}, {"MessageStatus": "undelivered", "ErrorCode": "x\x00", "MessageSid": "S" * 500 + "\x00"}]
)
def test_a_report_may_hold_anything(database_url: str, form: dict[str, str]) -> None:
    bench = Bench(settings_from({**WRITTEN, "DATABASE_URL": database_url}))
    draft = Draft(key="key-1", channel="sms", recipient=WRITER, template="recorded", priority=outbox.ANSWER, body="Thank you.")
    with bench.database.write() as session:
        outbox.queue(session, draft, inbox_id=None, now=START)
    assert bench.post("/sms/status?key=key-1", form).status_code == 200
    bench.database.close()


# Calls


def call(number: int = 1) -> dict[str, str]:
    return {"CallSid": f"CA{number:032x}", "From": WRITER, "To": NUMBER, "CallStatus": "ringing", "Direction": "inbound"}


def test_a_caller_hears_in_each_language_where_help_is(bench: Bench) -> None:
    response = bench.post("/voice", call())
    assert (response.status_code, response.mimetype) == (200, "text/xml")
    said = {verb.attrib["language"]: verb.text or "" for verb in ET.fromstring(response.text).iter("Say")}  # noqa: S314 - our own answer
    assert set(said) == {"en-US", "es-MX"}
    for words in said.values():
        digits = words.replace(" ", "")
        assert "911" in digits
        assert "988" in digits
        assert "Peer Support" in words


def test_the_coordinator_hears_once_of_somebody_who_calls(bench: Bench) -> None:
    """However often they try; the caller is sent nothing."""
    for number in (1, 1, 2):
        bench.post("/voice", call(number))
    assert bench.told() == [(COORDINATOR, "case")]
    with bench.database.read() as session:
        assert list(session.execute(select(Case.kind)).scalars()) == ["call"]
        assert list(session.execute(select(Contact.phone)).scalars()) == [WRITER]


def test_a_caller_hears_it_even_when_nothing_can_be_stored(impatient: Bench, settings: Settings) -> None:
    other = Database(settings.DATABASE_URL)
    with other.write() as session:
        session.execute(select(1))
        response = impatient.post("/voice", call())
    other.close()
    assert response.status_code == 200
    assert "9 8 8" in response.text


def test_a_withheld_number_hears_it_too(bench: Bench) -> None:
    response = bench.post("/voice", call() | {"From": ""})
    assert response.status_code == 200
    assert "9 8 8" in response.text


# Health


def test_health_tells_of_database_mailbox_and_outbox(bench: Bench) -> None:
    found = bench.client.get("/healthz")
    assert found.status_code == 200
    nothing = {"mailbox_read_seconds": None, "outbox_depth": 0, "outbox_oldest_seconds": None, "outbox_stuck": False}
    assert found.json == {"database": "ok", **nothing}
    _read_mailbox(bench)
    bench.post("/sms", sms())
    bench.clock.advance(seconds=90)
    depth = len(bench.told())
    assert bench.client.get("/healthz").json == {
        "database": "ok",
        "mailbox_read_seconds": 90,
        "outbox_depth": depth,
        "outbox_oldest_seconds": 90,
        "outbox_stuck": False,
    }


def test_health_writes(bench: Bench) -> None:
    """A database that can only be read is not well."""
    for _ in range(2):
        now = bench.clock.advance(minutes=1)
        bench.client.get("/healthz")
        with bench.database.read() as session:
            assert session.execute(select(Heartbeat.at)).scalar_one() == now


@pytest.mark.parametrize("what", ["mailbox", "outbox"])
def test_only_a_strict_question_minds_mailbox_and_outbox(bench: Bench, what: str) -> None:
    """A load balancer must not drain a web process because a mailbox is down."""
    if what == "mailbox":
        _read_mailbox(bench)
    else:
        bench.post("/sms", sms())
    bench.clock.advance(minutes=9)
    assert bench.client.get("/healthz?strict").status_code == 200
    bench.clock.advance(minutes=7)
    assert bench.client.get("/healthz").status_code == 200
    strict = bench.client.get("/healthz?strict")
    assert strict.status_code == 503
    assert strict.json is not None
    assert strict.json["database"] == "ok"


def test_a_mailbox_that_never_was_read_is_unread_since_the_start(bench: Bench) -> None:
    bench.clock.advance(minutes=14)
    assert bench.client.get("/healthz?strict").status_code == 200
    bench.clock.advance(minutes=2)
    assert bench.client.get("/healthz?strict").status_code == 503
    assert bench.client.get("/healthz").status_code == 200


def test_what_waits_for_its_hour_is_not_stuck(settings: Settings) -> None:
    """Where as many messages went as may in an hour, the others wait as they ought to, and no monitor need wake anybody."""
    bench = Bench(settings.model_copy(update={"SENDS_PER_HOUR": 1, "IMAP_HOST": "imap.example.org"}))
    _read_mailbox(bench)
    bench.post("/sms", sms())
    bench.clock.advance(minutes=5)
    with bench.database.write() as session:
        first = select(Outgoing.id).limit(1).scalar_subquery()
        session.execute(update(Outgoing).where(Outgoing.id == first).values(status="sent", settled_at=bench.clock()))
    bench.clock.advance(minutes=9)
    assert bench.client.get("/healthz?strict").status_code == 200
    bench.database.close()


# Nothing else


def test_there_is_nothing_else(bench: Bench) -> None:
    """No page, no folder, no other method; whoever asks what there is needs a signature too."""
    for path in ("/", "/sms/", "/SMS", "/static/x", "/../run.py", "/sms/status/x", "/healthz/"):
        for method in ("GET", "POST"):
            assert bench.client.open(path, method=method).status_code == 404, path
    for path in ("/sms", "/sms/status", "/voice"):
        for method in ("GET", "HEAD", "PUT", "DELETE", "BREW"):
            assert bench.client.open(path, method=method).status_code == 405, (method, path)
        assert bench.client.options(path).status_code == 403
    assert bench.client.post("/healthz").status_code == 405


def test_an_error_within_is_503_and_tells_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("private words")

    monkeypatch.setattr(bench.house.doorway, "receive", broken)
    response = bench.post("/sms", sms())
    assert response.status_code == 503
    assert "private words" not in response.text + caplog.text
    assert "RuntimeError" in caplog.text


# On this machine alone


@pytest.fixture
def sandboxed(settings: Settings) -> Iterator[Bench]:
    made = Bench(settings, unsigned=True)
    yield made
    made.database.close()


def test_the_sandbox_takes_unsigned_texts_from_this_machine(sandboxed: Bench) -> None:
    for host in ("127.0.0.1:8000", "localhost:8000", "localhost", "127.0.0.1", "[::1]:8000", "[::1]"):
        assert sandboxed.client.post("/sms", data=sms(), headers={"Host": host}).status_code == 200, host
    assert sandboxed.records() == ["mentor_offer"]


def test_the_sandbox_refuses_other_hosts(sandboxed: Bench) -> None:
    """Whatever is asked of it: a name that somebody pointed at this machine is not its own."""
    ways = (("POST", "/sms"), ("POST", "/voice"), ("POST", "/sms/status"), ("GET", "/healthz"))
    hosts = (
        "intake.example.org",
        "127.0.0.1.example.org",
        "localhost.example.org:8000",
        "192.0.2.1:8000",
        "[::1].example.org",
        "example.org:127.0.0.1",
    )
    for host, (method, path) in product(hosts, ways):
        assert sandboxed.client.open(path, method=method, headers={"Host": host}).status_code == 403, (host, path)
    assert sandboxed.inbox() == []


def test_the_sandbox_refuses_what_is_passed_on(sandboxed: Bench) -> None:
    """By a proxy, which writes its own Host; or by a page that a browser shows."""
    for header in (*web.FORWARDING, "Origin"):
        response = sandboxed.client.post("/sms", data=sms(), headers={"Host": "localhost:8000", header: "http://example.org"})
        assert response.status_code == 403, header
    assert sandboxed.inbox() == []


def test_too_long_a_body_is_refused_in_the_sandbox_too(sandboxed: Bench) -> None:
    assert sandboxed.client.post("/sms", data=b"x" * (64 * 1024 + 1), headers={"Host": "localhost"}).status_code == 413


# Over real sockets


@pytest.fixture
def served(bench: Bench) -> Iterator[str]:
    """The webhook as `serve` runs it; its address."""
    yield from _serve(bench, unsigned=False)


@pytest.fixture
def served_sandbox(sandboxed: Bench) -> Iterator[str]:
    yield from _serve(sandboxed, unsigned=True)


def _serve(bench: Bench, *, unsigned: bool) -> Iterator[str]:
    servers: list[Any] = []

    def kept(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        servers.append(create_server(*arguments, **options))
        return servers[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("intake.listening.create_server", kept)
        task = web_task(bench.house.webhook(unsigned=unsigned), host="127.0.0.1", port=0)
    stop = threading.Event()
    thread = threading.Thread(target=task, args=(stop,))
    thread.start()
    yield f"http://127.0.0.1:{servers[0].effective_port}"
    stop.set()
    thread.join(timeout=60)


def test_over_real_sockets_a_text_is_taken(served: str, bench: Bench) -> None:
    """With its query to the letter, and a body whose length is told or is not."""
    signed = signed_form(f"{URL}/sms?a=%7Ex+y&b", sms("MENTOR é"), AUTH_TOKEN)
    for body in (signed.body, iter([signed.body[:9], signed.body[9:]])):
        connection = HTTPConnection(served.removeprefix("http://"), timeout=60)
        connection.request("POST", "/sms?a=%7Ex+y&b", body, signed.headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read().decode()) == (200, EMPTY)
        connection.close()
    assert bench.inbox() == [("sms", "handled", "mentor_offer")]


def test_over_real_sockets_too_long_a_body_is_413(served: str) -> None:
    """Also one that does not say beforehand how long it is."""
    for size in (64 * 1024 + 1, 128 * 1024 + 1, 3_000_000):
        for body in (b"x" * size, iter([b"x" * size])):
            assert requests.post(f"{served}/sms", data=body, timeout=60).status_code == 413, size


def test_over_real_sockets_the_rest_is_refused(served: str) -> None:
    assert requests.post(f"{served}/sms", data=sms(), timeout=60).status_code == 403
    assert requests.post(f"{served}/sms", data=sms(), headers={"X-Twilio-Signature": b"\xff\xfe"}, timeout=60).status_code == 403
    assert requests.get(f"{served}/sms", timeout=60).status_code == 405
    assert requests.get(f"{served}/healthz", timeout=60).json()["database"] == "ok"
    assert "server" not in {name.lower() for name in requests.get(f"{served}/", timeout=60).headers}


def test_over_real_sockets_the_sandbox_sees_what_is_passed_on(served_sandbox: str) -> None:
    """The server must not take the headers out before anybody looks at them."""
    assert requests.post(f"{served_sandbox}/sms", data=sms(), timeout=60).status_code == 200
    headers = (*web.FORWARDING, "Origin")
    passed = [requests.post(f"{served_sandbox}/sms", data=sms(), headers={header: "http"}, timeout=60).status_code for header in headers]
    assert dict(zip(headers, passed, strict=True)) == dict.fromkeys(headers, 403)


def _outgoing(bench: Bench) -> tuple[str, str | None, str | None]:
    """Status, Twilio's status, and the error."""
    with bench.database.read() as session:
        row = session.execute(select(Outgoing.status, Outgoing.provider_status, Outgoing.error)).one()
        return row.status, row.provider_status, row.error


def _read_mailbox(bench: Bench) -> None:
    with bench.database.write() as session:
        session.add(Mailbox(name="m", uidvalidity=1, first_uid=1, started_at=START, read_at=bench.clock()))
