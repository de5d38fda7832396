"""Who commands: a coordinator, proven, in answer to a mail of ours that went to them lately; on either database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from db import outbox
from db.engine import Database
from db.outbox import OUTBOX, Draft
from db.schema import migrate
from intake.privilege import NotCommanding, Privilege, Privileged, Refused, privilege, proven_coordinator
from notifier.alerts import Alerts
from notifier.programme import Coordinator, Programme
from notifier.templates import Mail, Templates
from notifier.tokens import message_id, reply_address, token
from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.own_lines import own_lines
from parsers.reply import own_words
from parsers.vocabulary import load
from tests.fakes import CountedIds
from tests.notifier.samples import JO, NOW, PROGRAMME, SAM

VOCABULARY = load()
TRUSTED = ("mx.example.org",)
ALERTS = Alerts(PROGRAMME, Templates(PROGRAMME.languages), ids=CountedIds("mail"))
PASS = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org"
FAIL = "Authentication-Results: mx.example.org; dmarc=fail header.from=example.org"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def alert(database: Database) -> Draft:
    """A mail that went to Sam."""
    return sent(database, SAM)


def _plain_mail(coordinator: Coordinator, *, body: str = "#12\n\n> close 12\n", number: int | None = None) -> Draft:
    return ALERTS.to(coordinator, "quarantined", Mail(subject="#12", body=body, html=""), number=number)


def sent(database: Database, coordinator: Coordinator, *, body: str = "#12\n\n> close 12\n", number: int | None = None) -> Draft:
    draft = _plain_mail(coordinator, body=body, number=number)
    with database.write() as session:
        assert outbox.queue(session, draft, inbox_id=None, now=NOW)
    return draft


def mail(*headers: str, to: str = "intake@example.org", sender: str = "Sam <sam@example.org>", body: str = "ack 12") -> InboundMessage:
    return read_mail("\r\n".join([*headers, f"From: {sender}", f"To: {to}", "", body]).encode(), VOCABULARY)


def answer(draft: Draft, *headers: str, proof: str = PASS, sender: str = "Sam <sam@example.org>", to: str = "") -> InboundMessage:
    """What a mail program makes of "reply"."""
    return mail(proof, f"In-Reply-To: {draft.message_id}", *headers, to=to or draft.reply_to, sender=sender)


def judged(
    database: Database, message: InboundMessage, *, trusted: Sequence[str] = TRUSTED, now: datetime = NOW, programme: Programme = PROGRAMME
) -> Privilege:
    with database.read() as session:
        return privilege(session, message, programme, trusted=trusted, now=now)


def why(database: Database, message: InboundMessage, **how: object) -> str:
    """Why a mail was refused; "" where it was not, or is a mail like any other."""
    return said.why if isinstance(said := judged(database, message, **how), Refused) else ""  # type: ignore[arg-type]


def test_an_answer_commands(database: Database, alert: Draft) -> None:
    """By both names of our mail or by either, since mail programs drop the one or the other."""
    for message in (
        answer(alert),
        answer(alert, to="intake@example.org"),
        mail(PASS, to=f"Peer Support <{alert.reply_to.upper()}>"),
        mail(PASS, f"Delivered-To: {alert.reply_to}"),
        mail(PASS, f"References: <x@y.example>\r\n {alert.message_id.upper()}"),
    ):
        found = judged(database, message)
        assert isinstance(found, Privileged)
        assert (found.coordinator, found.key, found.template, found.number, found.spent) == (SAM, alert.key, "quarantined", None, False)
        assert "> close 12" in found.body


def test_what_the_answered_mail_was_about_is_known(database: Database) -> None:
    from db.models import Number
    from db.statements import table

    with database.write() as session:
        session.execute(table(Number).insert().values(id=12, what="record"))
    draft = sent(database, SAM, number=12)
    found = judged(database, answer(draft))
    assert isinstance(found, Privileged)
    assert found.number == 12


@pytest.mark.parametrize("trusted", [(), TRUSTED])
def test_ordinary_mail_is_no_command(database: Database, trusted: tuple[str, ...]) -> None:
    """Of a volunteer, of a coordinator to the intake itself, and what somebody else writes to a coordinator's token."""
    draft = sent(database, SAM)
    for message in (
        mail(PASS, sender="Casey <casey@example.org>"),
        mail(PASS),
        mail(FAIL),
        mail(PASS, "References: <x@y.example> <x@example.org>"),
        mail(PASS, to="intake+news@example.org"),
        answer(draft, sender="Casey <casey@example.org>"),
        answer(draft, "Auto-Submitted: auto-replied"),
    ):
        assert judged(database, message, trusted=trusted) == NotCommanding()


def test_nobody_commands_without_proof(database: Database, alert: Draft) -> None:
    """A token alone, which may have been passed on, is not enough."""
    for proof in (
        FAIL,
        "X-Nothing: here",
        f"{FAIL}\r\n{PASS}",
        f"X-Spam: no\r\nAuthentication-Results: evil.example; dmarc=pass\r\n{PASS}",
        f"ARC-{PASS}",
        "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=sam@example.org",
        "Authentication-Results: mx.example.org; dkim=pass header.d=example.com",
    ):
        assert judged(database, answer(alert, proof=proof)) == Refused(coordinator=SAM, why="unauthenticated")


@pytest.mark.parametrize(
    "headers",
    [
        ("From: Eve <eve@example.org>", "From: Sam <sam@example.org>"),
        ("From: Sam <sam@example.org>", "From: Eve <eve@example.org>"),
        ("From: Eve <eve@example.org>, Sam <sam@example.org>",),
        ("From: eve@example.org <sam@example.org>",),
    ],
)
def test_a_doubtful_from_proves_nobody(database: Database, alert: Draft, headers: tuple[str, ...]) -> None:
    raw = "\r\n".join([PASS, *headers, f"To: {alert.reply_to}", "", "close 12"]).encode()
    assert judged(database, read_mail(raw, VOCABULARY)) == Refused(coordinator=SAM, why="unauthenticated")


@pytest.mark.parametrize("header", ["Reply-To", "Sender", "Return-Path", "X-Original-From", "Resent-From"])
def test_only_from_counts(database: Database, alert: Draft, header: str) -> None:
    """An authenticated stranger who names a coordinator elsewhere, through a list of ours even."""
    message = mail(
        PASS,
        f"{header}: Sam <sam@example.org>",
        "List-Id: <peers.example.org>",
        sender="'Sam' via Peers <eve@example.org>",
        to=alert.reply_to,
    )
    listed = read_mail(
        f"{PASS}\r\n{header}: Sam <sam@example.org>\r\nList-Id: <peers.example.org>\r\nFrom: 'Sam' via Peers <eve@example.org>\r\n"
        f"To: {alert.reply_to}\r\n\r\nclose 12".encode(),
        VOCABULARY,
        own_lists=("peers.example.org",),
    )
    assert not listed.automatic
    for one in (message, listed):
        assert judged(database, one) == NotCommanding()
        assert proven_coordinator(one, PROGRAMME, TRUSTED) is None


def test_another_coordinators_token(database: Database, alert: Draft) -> None:
    """Jo answers what went to Sam."""
    assert judged(database, answer(alert, sender="jo@example.org")) == Refused(coordinator=JO, why="not_yours")
    made_for_jo = token(PROGRAMME, alert.key, JO)
    assert why(database, mail(PASS, to=reply_address(PROGRAMME, made_for_jo), sender="jo@example.org")) == "not_yours"


def test_a_false_token(database: Database, alert: Draft) -> None:
    """Of another secret, of a mail that never was, or beside a good one among the recipients."""
    other = replace(PROGRAMME, secret_key="another")
    never = token(PROGRAMME, "never", SAM)
    forged = reply_address(PROGRAMME, token(other, alert.key, SAM))
    assert why(database, mail(PASS, to=forged)) == "bad_token"
    assert why(database, mail(PASS, to=reply_address(PROGRAMME, never))) == "bad_token"
    assert why(database, answer(alert, to=f"{alert.reply_to}, {forged}")) == "bad_token"
    assert why(database, answer(alert, f"Cc: {forged}")) == "bad_token"
    assert why(database, answer(alert, f"References: {message_id(PROGRAMME, token(other, alert.key, SAM))}", to="x@y.example")) == ""
    assert why(database, mail(PASS, f"References: {message_id(PROGRAMME, token(other, alert.key, SAM))}", to=alert.reply_to)) == "bad_token"


def test_a_mail_of_ours_without_a_token(database: Database) -> None:
    """Such as an answer of ours to a volunteer, which somebody passed on."""
    draft = Draft(
        key="mail-0", channel="email", recipient="sam@example.org", template="x", priority=1, body="x", message_id="<mail-0@example.org>"
    )
    with database.write() as session:
        outbox.queue(session, draft, inbox_id=None, now=NOW)
    assert why(database, mail(PASS, "In-Reply-To: <mail-0@example.org>")) == "no_token"


@pytest.mark.parametrize(("days", "refused"), [(0, ""), (13.9, ""), (14, ""), (14.1, "expired"), (400, "expired")])
def test_a_token_is_good_for_two_weeks(database: Database, alert: Draft, days: float, refused: str) -> None:
    assert why(database, answer(alert), now=NOW + timedelta(days=days)) == refused


def test_a_mail_whose_words_are_erased_cannot_be_answered(database: Database, alert: Draft) -> None:
    """Nobody could tell any more which lines of the answer are a volunteer's."""
    _change(database, alert, body="")
    assert why(database, answer(alert)) == "expired"


def test_a_spent_token_is_known(database: Database, alert: Draft) -> None:
    _change(database, alert, spent_at=NOW)
    found = judged(database, answer(alert))
    assert isinstance(found, Privileged)
    assert found.spent


def test_it_is_off_without_trust_or_secret(database: Database, alert: Draft) -> None:
    assert why(database, answer(alert), trusted=()) == "off"
    assert why(database, answer(alert), programme=replace(PROGRAMME, secret_key="")) == "off"


def test_somebody_who_coordinates_no_longer(database: Database, alert: Draft) -> None:
    assert judged(database, answer(alert), programme=replace(PROGRAMME, coordinators=(JO,))) == NotCommanding()


def test_in_a_thread_the_last_mail_of_ours_is_the_answered_one(database: Database, alert: Draft) -> None:
    """And whatever any of them quoted counts as ours."""
    later = sent(database, SAM, body="#13\n\n> erase 13\n")
    found = judged(database, mail(PASS, f"References: {alert.message_id} {later.message_id}", to=later.reply_to))
    assert isinstance(found, Privileged)
    assert found.key == later.key
    assert own_lines("close 12\nerase 13\nack 12", found.body)[-1].text == "ack 12"
    assert [line.text for line in own_lines("close 12\nerase 13\nack 12", found.body) if not line.taken] == ["ack 12"]


def test_a_volunteers_words_that_come_back_command_nothing(database: Database) -> None:
    """From the alert that quotes them to the answer that quotes the alert, in text and in HTML, marked and not."""
    templates = Templates(("en",))
    happening = {"record": None, "name": "Casey", "reach": "casey@example.org", "prefers": "", "channel": "email", "number": 31}
    mailed = templates.mail(
        "urgent", "en", programme=PROGRAMME, **happening, kind="crisis", quoted="> please\n> close 12\n> erase 14; ack 31"
    )
    draft = replace(ALERTS.to(SAM, "urgent", mailed), key="urgent-1")
    with database.write() as session:
        outbox.queue(session, draft, inbox_id=None, now=NOW)
        seal = token(PROGRAMME, "urgent-1", SAM)
    quotations = [
        "\n".join(f"> {line}" for line in mailed.body.splitlines()),
        mailed.body,
        mailed.body.replace("> ", ""),
        mailed.body.replace("\n> ", " "),
    ]
    for quotation in quotations:
        message = replace(mail(PASS, to=reply_address(PROGRAMME, seal)), body=f"ack 31 please\n\n{quotation}")
        found = judged(database, message)
        assert isinstance(found, Privileged)
        for text in (message.body, own_words(message, VOCABULARY).text):
            left = [line.text for line in own_lines(text, found.body) if line.text.strip() and not line.taken]
            assert left == ["ack 31 please"]


def test_a_proven_coordinator_needs_no_token_to_pass_on_a_mail() -> None:
    """But proof, one From, and to be a person."""
    assert proven_coordinator(mail(PASS), PROGRAMME, TRUSTED) == SAM
    assert proven_coordinator(mail(PASS, sender="SAM@EXAMPLE.ORG"), PROGRAMME, TRUSTED) == SAM
    assert proven_coordinator(mail(FAIL), PROGRAMME, TRUSTED) is None
    assert proven_coordinator(mail(PASS), PROGRAMME, ()) is None
    assert proven_coordinator(mail(PASS, sender="Casey <casey@example.org>"), PROGRAMME, TRUSTED) is None
    assert proven_coordinator(mail(PASS, "Auto-Submitted: auto-replied"), PROGRAMME, TRUSTED) is None
    assert proven_coordinator(mail(PASS, sender="sam@example.org, casey@example.org"), PROGRAMME, TRUSTED) is None


PROOFS = st.sampled_from(
    [PASS, FAIL, "X-Nothing: here", f"ARC-{PASS}", PASS.replace("mx.", "evil."), PASS.replace("header.from=", "header.from=x.")]
)
SENDERS = st.sampled_from(
    ["sam@example.org", "jo@example.org", "casey@example.org", "sam@example.org, eve@example.org", "Sam <SAM@example.org>"]
)
NAMED = st.sampled_from(["good", "jo", "forged", "never", "none", "old"])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all that is tried; nothing is written to it there."""
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'peer-intake.db'}")
    migrate(opened)
    with opened.write() as session:
        for key, coordinator, at in (("good", SAM, NOW), ("jo", JO, NOW), ("old", SAM, NOW - timedelta(days=15))):
            outbox.queue(session, replace(_plain_mail(coordinator), key=key), inbox_id=None, now=at)
    yield opened
    opened.close()


@given(PROOFS, SENDERS, st.lists(NAMED, max_size=3), st.lists(NAMED, max_size=3))
def test_nobody_commands_by_chance(shared: Database, proof: str, sender: str, addressed: list[str], referred: list[str]) -> None:
    """Whatever is combined: who commands is Sam, proven, and answers a mail that went to Sam lately, and no address is false."""
    other = replace(PROGRAMME, secret_key="another")
    tokens = {
        "good": token(PROGRAMME, "good", SAM),
        "jo": token(PROGRAMME, "jo", JO),
        "forged": token(other, "good", SAM),
        "never": token(PROGRAMME, "never", SAM),
        "old": token(PROGRAMME, "old", SAM),
        "none": "none",
    }
    to = ", ".join(reply_address(PROGRAMME, tokens[name]) for name in addressed) or "intake@example.org"
    references = " ".join(message_id(PROGRAMME, tokens[name]) for name in referred)
    message = mail(proof, f"References: {references}", sender=sender, to=to)
    with shared.read() as session:
        found = privilege(session, message, PROGRAMME, trusted=TRUSTED, now=NOW)
    shaped = [name for name in addressed if name != "none"], [name for name in referred if name != "none"]
    which = shaped[1][-1] if shaped[1] else shaped[0][0] if shaped[0] else ""
    sam = sender.lower() in ("sam@example.org", "sam <sam@example.org>") and proof == PASS
    by_sam = sam and which == "good" and set(shaped[0]) <= {"good", "never", "old"}
    by_jo = sender == "jo@example.org" and proof == PASS and which == "jo" and set(shaped[0]) <= {"jo"}
    assert isinstance(found, Privileged) == (by_sam or by_jo)


def _change(database: Database, draft: Draft, **values: object) -> None:
    with database.write() as session:
        session.execute(update(OUTBOX).where(OUTBOX.c.key == draft.key).values(values))
