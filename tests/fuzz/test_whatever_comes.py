"""Whatever comes by any channel ends as a receipt that says what became of it, and whatever an operator writes as a clear error or in use.

`FUZZ_EXAMPLES=2000 pytest tests/fuzz` tries more than CI does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from db.base import Base
from db.engine import Database
from db.models import Inbound, Outgoing
from db.schema import migrate
from intake.arrival import Arrival
from intake.doorway import BATCH
from intake.forms import pairs
from intake.identity import identity
from intake.sandbox import FolderSender
from intake.web import LARGEST_BODY, create_app
from notifier.templates import Templates
from parsers.errors import VocabularyError
from parsers.message import InboundMessage
from parsers.reading import Context, hear, read
from parsers.ready import verify
from parsers.vocabulary import PATTERNS, load
from tests.fakes import START, signed_form
from tests.fuzz import inputs
from tests.intake.office import ANA, PROOF, SAM_PHONE, SETTINGS, Office
from tests.notifier.test_templates import _answers

URL = "https://intake.example.org"
TOKEN = SETTINGS["TWILIO_AUTH_TOKEN"]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "20"))
# What a message may be kept aside for; any other error is a fault of ours.
CLEAR = ("nobody",)

Test = TypeVar("Test", bound=Callable[..., None])


def fuzzed(*, share: int = 1) -> Callable[[Test], Test]:
    """So many examples, or a share of them where one takes long."""
    return settings(
        max_examples=max(5, EXAMPLES // share),
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


class House(Office):
    """An office with a webhook, emptied between examples, whose answers go into a folder."""

    def __init__(self, database_url: str, folder: Path) -> None:
        super().__init__(database_url, PUBLIC_URL=URL)
        self.client: FlaskClient = create_app(self.house.webhook()).test_client()
        mail_from = self.house.settings.MAIL_FROM
        senders = [FolderSender(channel, folder, mail_from=mail_from, say=lambda _: None) for channel in ("email", "sms")]
        self._deliveries = [self.house.delivery(sender) for sender in senders]

    def empty(self) -> None:
        self.clock.set(START)
        with self.database.write() as session:
            for each in reversed(Base.metadata.sorted_tables):
                session.execute(delete(each))

    def deliver(self) -> None:
        """Everything that is queued can be sent: no answer breaks what sends it."""
        for delivery in self._deliveries:
            while delivery.send_next():
                self.clock.advance(seconds=5)
        with self.database.read() as session:
            settled = Outgoing.status.in_(("sent", "suppressed"))  # the latter is what somebody who wrote STOP does not want any more
            left = session.execute(select(Outgoing.template, Outgoing.status, Outgoing.error).where(~settled))
            assert [tuple(row) for row in left] == []

    def stored(self) -> int:
        with self.database.read() as session:
            return int(session.execute(select(func.count(Inbound.id))).scalar_one())

    def well(self) -> None:
        """Each message has an outcome, and what was kept aside was for a reason that its reader understands."""
        for row in self.inbox():
            assert row.outcome in ("handled", "automatic", "quarantined")
            assert row.outcome != "quarantined" or row.error in CLEAR, row.error
        self.deliver()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{folder / 'peer-intake.db'}"
    migrate(Database(url))
    made = House(url, folder / "sent")
    yield made
    made.database.close()


# Forms


@fuzzed()
@given(inputs.FORMS, st.sampled_from(["/sms", "/voice", "/sms/status?key=id-0001"]))
@example([("MessageSid", "SM1"), ("From", ANA), ("Body", "a"), ("Body", "b")], "/sms")
@example([("MessageSid", "S" * 9_000), ("From", ANA), ("Body", "MENTOR")], "/sms")
def test_a_signed_form_is_taken_in_whatever_it_holds(house: House, fields: list[tuple[str, str]], path: str) -> None:
    """Odd fields, names that come twice, letters of every kind; none is lost, and none brings the webhook down."""
    house.empty()
    signed = signed_form(f"{URL}{path}", fields, TOKEN)
    answer = house.client.post(path, data=signed.body, headers=signed.headers)
    assert answer.status_code == (413 if len(signed.body) > LARGEST_BODY else 200)
    if answer.status_code == 200 and "status" not in path:
        (row,) = house.inbox()
        assert row.source == signed.body
    house.well()


@fuzzed()
@given(
    inputs.BODIES,
    st.sampled_from(["right", "wrong", "none"]),
    st.sampled_from(["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""]),
)
@example(b"", "right", "multipart/form-data")
def test_a_form_as_no_client_writes_it_is_taken_in_or_refused(house: House, body: bytes, signature: str, kind: str) -> None:
    """Too long a body and a wrong signature leave nothing behind; nothing else is refused."""
    house.empty()
    try:
        right = signed_form(f"{URL}/sms", pairs(body), TOKEN).headers["X-Twilio-Signature"]
    except ValueError:  # more fields than anybody reads
        right = ""
    headers = {
        "Content-Type": kind,
        **({} if signature == "none" else {"X-Twilio-Signature": right if signature == "right" else "d3Jvbmc="}),
    }
    answer = house.client.post("/sms", input_stream=BytesIO(body), headers=headers)  # of no `data` it would make a form of its own
    if len(body) > LARGEST_BODY:
        assert answer.status_code == 413
    else:
        assert answer.status_code == (200 if signature == "right" and right else 403)
    assert house.stored() == (answer.status_code == 200)
    house.well()


@fuzzed(share=3)
@given(st.text(max_size=40), st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS"]), st.binary(max_size=100))
def test_any_other_address_is_answered_and_keeps_nothing(house: House, path: str, method: str, body: bytes) -> None:
    house.empty()
    answer = house.client.open(f"/{path}", method=method, data=body)
    assert answer.status_code < 500
    assert house.stored() == 0


# Mails


@fuzzed()
@given(st.lists(inputs.MAILS, min_size=1, max_size=4))
def test_mails_of_any_make_are_taken_in(house: House, mails: list[bytes]) -> None:
    """In one batch: headers that break off, parts without an end, charsets that nobody knows; each is stored as it came."""
    house.empty()
    received_at = house.clock()
    arrivals = [
        Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=received_at) for source in mails
    ]
    receipts = house.house.doorway.receive_many(arrivals[:BATCH])
    assert len(receipts) == len(mails)
    assert {row.source for row in house.inbox()} <= set(mails)
    assert house.stored() == sum(not receipt.repeat for receipt in receipts)
    house.well()


# Coordinators


@fuzzed()
@given(
    st.lists(inputs.ORDERS, min_size=1, max_size=3), st.sampled_from([PROOF, "Authentication-Results: mx.example.org; dmarc=fail", "X: y"])
)
def test_whatever_a_coordinator_mails_is_answered(house: House, said: list[str], proof: str) -> None:
    """Commands in any words and order, with numbers that are none; what is not proven to be theirs changes nothing."""
    house.empty()
    house.text("I want to be a mentor, tuesdays. My name is Ana")
    house.text("I want to shadow someone", sender="+14065550112")
    before = house.records()
    for words in said:
        house.say(words, proof=proof)
        assert house.receipt.outcome in ("handled", "automatic")
    assert proof == PROOF or house.records() == before
    house.well()


@fuzzed()
@given(st.lists(inputs.ORDERS, min_size=1, max_size=3))
def test_whatever_a_coordinator_texts_is_taken_in(house: House, said: list[str]) -> None:
    house.empty()
    house.text("I want to be a mentor, tuesdays. My name is Ana")
    for words in said:
        house.text(words, sender=SAM_PHONE)
        assert house.receipt.outcome == "handled"
    house.well()


# What an operator writes

_numbers = count(1)
ENTRIES = st.one_of(
    st.text(max_size=12),
    st.lists(
        st.sampled_from(["mentor", "<mentor>", "<nobody>", "(a|b", "a)", "~3", "+99", "~", "?", "be", "a?", "(a|b)?", "<", "\u00e9", "A"]),
        max_size=5,
    ).map(" ".join),
)
VALUES = st.recursive(
    st.one_of(ENTRIES, st.integers(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ENTRIES, inner, max_size=2)),
    max_leaves=4,
)
TABLES = st.dictionaries(
    st.sampled_from(
        [*PATTERNS[:8], "class", "spelling", "command", "days", "names", "places", "twilio", "without", "reply_words", "nothing"]
    ),
    st.one_of(
        st.dictionaries(
            st.sampled_from(["mentor_offer", "opt_out", "words", "mon", "expand", "call"]),
            st.one_of(st.lists(ENTRIES, max_size=3), VALUES),
            max_size=2,
        ),
        VALUES,
    ),
    max_size=3,
)


def _toml(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


@fuzzed(share=4)
@given(st.one_of(TABLES.map(lambda tables: "".join(f"{name} = {_toml(value)}\n" for name, value in tables.items())), st.text(max_size=60)))
@example('[kind]\nmentor_offer = ["be (a|"]\n')
@example('wish = {"opt_out" = [["nested"]]}\n')
@example("class = 3\n")
def test_words_of_one_s_own_are_understood_or_refused_with_their_place(tmp_path: Path, written: str) -> None:
    """No other error than the one that names the file and says what is wrong there."""
    folder = tmp_path / str(next(_numbers))
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "vocabulary.toml").write_text(written, encoding="utf-8", newline="")
    try:
        words = load.__wrapped__(folder)
        verify(words)
    except VocabularyError as error:
        told = str(error)
    else:
        told = ""
    if told:
        assert "en/vocabulary.toml" in told
        assert "\n" not in told
        return
    heard = hear(InboundMessage(channel="sms", sender=ANA, body="I want to be a mentor, tuesdays until june 1"), words)
    assert read(heard, words, Context()).acts


PIECES = (
    "{{ name }}",
    "{{ nobody }}",
    "{{ 1 / 0 }}",
    "{% if",
    "{% endif %}",
    "{% for a in records %}",
    "{% endfor %}",
    "{{ records[9] }}",
    "{{ name | odd }}",
)
MORE = (
    "{% include 'recorded.sms.txt' %}",
    "{% extends 'x' %}",
    "{{ 'a' * 9999 }}",
    "{% import 'words.txt' as w %}",
    "{{ w.nothing() }}",
    "{#",
    "\0",
    "Thanks!",
    "\n",
)


@fuzzed()
@given(
    st.sampled_from(["recorded.sms.txt", "recorded.email.txt", "words.txt", "layout.html"]),
    st.lists(st.sampled_from([*PIECES, *MORE]), max_size=6).map(" ".join),
)
def test_a_template_of_one_s_own_that_is_broken_stops_no_answer(tmp_path: Path, filename: str, written: str) -> None:
    """It is filled in or passed over for the built-in one; whoever wrote gets words in any case."""
    folder = tmp_path / str(next(_numbers))
    (folder / "en").mkdir(parents=True)
    (folder / "en" / filename).write_text(written, encoding="utf-8")
    templates = Templates(("en", "es"), folder)
    values = next(_answers())
    for language in ("en", "es"):
        mail = templates.mail("recorded", language, **values)
        assert templates.text("recorded", language, **values, terse=0)
        assert mail.html.strip()
        assert (mail.subject + mail.body).strip()
