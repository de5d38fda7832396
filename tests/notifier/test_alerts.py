"""What the coordinators are told, and the names by which their answers are known."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from db.outbox import COORDINATOR, CRISIS, Draft
from db.people import Sender
from notifier.alerts import Alerts
from notifier.outcomes import CaseOpened, HelpWanted, Outcome, RecordChanged, RecordOpened, RecordWithdrawn
from notifier.programme import Programme
from notifier.templates import Templates
from notifier.tokens import message_id, reply_address, token
from parsers.message import InboundMessage
from parsers.reading import Reading
from tests.fakes import CountedIds
from tests.notifier.samples import CASEY_PHONE, JO, PROGRAMME, SAM, happened, kept

CASEY = Sender(
    address_id=1,
    channel="sms",
    value=CASEY_PHONE,
    opted_out=False,
    greeted=False,
    contact_id=1,
    name="Casey",
    language="en",
    phone=CASEY_PHONE,
    email="",
    prefers="",
)
SAID = Reading(reply_text="I can be a mentor\n\nTuesdays", acts=("mentor_offer",))


def _alerts(
    *outcomes: Outcome, programme: Programme = PROGRAMME, reading: Reading = SAID, sender: Sender = CASEY, urgent_number: int | None = None
) -> list[Draft]:
    alerts = Alerts(programme, Templates(programme.languages), ids=CountedIds())
    told = happened(sender, *outcomes, reading=reading, inbox_id=7, urgent_number=urgent_number)
    return list(alerts.about(told))


def test_each_coordinator_gets_one_mail_of_a_new_record() -> None:
    """Who, what, in which words, how to reach them, and its number; no text, which is for what is urgent."""
    mails = _alerts(RecordOpened(kept(details={"location": "Helena"})))
    assert [(mail.channel, mail.recipient, mail.priority, mail.number) for mail in mails] == [
        ("email", "sam@example.org", COORDINATOR, 12),
        ("email", "jo@example.org", COORDINATOR, 12),
    ]
    assert mails[0].subject == "#12 New mentor offer: Casey"
    for said in ("#12", "mentor offer", "Casey", CASEY_PHONE, "Place: Helena", "> I can be a mentor\n>\n> Tuesdays\n"):
        assert said in mails[0].body
    assert {mail.address_id for mail in mails} == {None}
    assert {mail.null_sender for mail in mails} == {False}


def test_every_way_to_reach_them_is_told_once() -> None:
    """The one they wrote from first, then what they said, then what was known."""
    sender = replace(CASEY, email="casey@example.org")
    reading = replace(SAID, fields={"phone": "+14065550124", "email": "casey@example.org", "channel": "voice", "name": "Casey Lee"})
    body = _alerts(RecordOpened(kept()), reading=reading, sender=sender)[0].body
    assert f"How to reach them: {CASEY_PHONE}, +14065550124, casey@example.org, best by phone call\n" in body
    assert "Who: Casey Lee\n" in body


def test_a_guess_is_marked_and_its_answer_told() -> None:
    """To be confirmed, then confirmed; more details of a known record are in the digest's records, not in an alert."""
    assert _alerts(RecordOpened(kept(status="unconfirmed")))[0].subject.endswith("(to be confirmed)")
    assert _alerts(RecordChanged(kept(), confirmed=True))[0].subject == "#12 Confirmed mentor offer: Casey"
    assert _alerts(RecordChanged(kept(), confirmed=False)) == []


@pytest.mark.parametrize(
    ("outcome", "template"),
    [
        (RecordWithdrawn(kept()), "withdrawn_alert"),
        (CaseOpened(12, "question"), "case"),
        (CaseOpened(12, "referral"), "case"),
        (CaseOpened(12, "service_seeker"), "case"),
        (CaseOpened(12, "call"), "case"),
    ],
)
def test_what_a_coordinator_has_to_see_to_is_told(outcome: Outcome, template: str) -> None:
    """One mail each, under its number."""
    assert [(mail.template, mail.number) for mail in _alerts(outcome)] == [(template, 12)] * 2


def test_what_needs_nobody_is_not_told() -> None:
    """Help was given by the answer itself."""
    assert _alerts(HelpWanted(answer=True)) == []


@pytest.mark.parametrize("kind", ["crisis", "safeguarding"])
def test_risk_is_told_at_once_by_mail_and_text(kind: str) -> None:
    """Before all else, to every mailbox and every phone there is; the text names the number to call and no words of theirs."""
    reading = replace(SAID, urgent="crisis" if kind == "crisis" else "safeguarding")
    drafts = _alerts(RecordOpened(kept()), reading=reading, urgent_number=31)
    assert [(one.channel, one.recipient, one.template, one.priority, one.number) for one in drafts] == [
        ("email", "sam@example.org", "urgent", CRISIS, 31),
        ("email", "jo@example.org", "urgent", CRISIS, 31),
        ("sms", "+14065550188", "urgent", CRISIS, 31),
        ("email", "sam@example.org", "alert", COORDINATOR, 12),
        ("email", "jo@example.org", "alert", COORDINATOR, 12),
    ]
    assert "> I can be a mentor" in drafts[0].body
    assert drafts[2].body.startswith("URGENT #31 (")
    assert CASEY_PHONE in drafts[2].body
    assert "mentor" not in drafts[2].body


def test_each_channel_is_used_where_it_can_be() -> None:
    """Without mail an urgent text still goes, without texts the mails, and without either nothing waits for ever."""
    reading = replace(SAID, urgent="crisis")
    no_mail, no_texts = replace(PROGRAMME, mail_address=""), replace(PROGRAMME, texts=False)
    assert {one.channel for one in _alerts(reading=reading, urgent_number=31, programme=no_mail)} == {"sms"}
    assert {one.channel for one in _alerts(reading=reading, urgent_number=31, programme=no_texts)} == {"email"}
    assert _alerts(RecordOpened(kept()), programme=no_mail) == []
    assert _alerts(RecordOpened(kept()), programme=replace(PROGRAMME, coordinators=())) == []


def test_alerts_are_in_the_programmes_first_language() -> None:
    """Whatever language the writer wrote in; their words stay theirs."""
    body = _alerts(RecordOpened(kept()), reading=Reading(reply_text="Quiero ser mentor", acts=("mentor_offer",), language="es"))[0].body
    assert "How to reach them" in body
    assert "> Quiero ser mentor" in body
    spanish = replace(PROGRAMME, languages=("es", "en"))
    assert "Cómo encontrarle" in _alerts(RecordOpened(kept()), programme=spanish)[0].body


def test_what_is_told_once_has_the_same_key_each_time() -> None:
    """So that the outbox takes it once, for each coordinator."""
    alerts = Alerts(PROGRAMME, Templates(("en",)), ids=CountedIds())
    keys = [[draft.key for draft in alerts.once("capped", key="capped-1", values={"inbox_id": 7})] for _ in range(2)]
    assert keys == [["capped-1-0", "capped-1-1"]] * 2


def test_message_id_and_reply_to_carry_one_token() -> None:
    """An answer is known by either; both fit what SMTP takes for an address."""
    for mail in _alerts(RecordOpened(kept())):
        found = re.fullmatch(r"<(id-\d{4}\.[a-z2-7]{16})@example\.org>", mail.message_id)
        assert found is not None
        assert found[1].startswith(f"{mail.key}.")
        assert mail.reply_to == f"intake+{found[1]}@example.org"
        assert len(mail.reply_to.partition("@")[0]) <= 64


def test_a_token_is_bound_to_its_coordinator_its_mail_and_the_key() -> None:
    """Nobody makes another's of it; how an address is spelt does not matter."""
    made = token(PROGRAMME, "id-0001", SAM)
    assert made == token(PROGRAMME, "id-0001", replace(SAM, email="SAM@example.org", name="Samantha"))
    others = {
        token(PROGRAMME, "id-0001", JO),
        token(PROGRAMME, "id-0002", SAM),
        token(replace(PROGRAMME, secret_key="another"), "id-0001", SAM),
        token(replace(PROGRAMME, secret_key=""), "id-0001", SAM),
    }
    assert len(others | {made}) == 5


def test_without_a_secret_a_token_proves_nothing() -> None:
    """It is the row's key, so that an answer is still known for what it answers."""
    programme = replace(PROGRAMME, secret_key="")
    assert token(programme, "id-0001", SAM) == "id-0001"
    assert message_id(programme, "id-0001") == "<id-0001@example.org>"
    assert reply_address(programme, "id-0001") == "intake+id-0001@example.org"


def test_a_call_is_told_without_words() -> None:
    """There are none to quote."""
    message = InboundMessage(channel="voice", sender=CASEY_PHONE)
    told = happened(CASEY, CaseOpened(12, "call"), message=message, reading=Reading(reply_text="", acts=("other",)), inbox_id=7)
    (mail, _) = Alerts(PROGRAMME, Templates(("en",)), ids=CountedIds()).about(told)
    assert mail.subject == "#12 New: phone call, Casey"
    assert ">" not in mail.body
    assert "They wrote" not in mail.body
