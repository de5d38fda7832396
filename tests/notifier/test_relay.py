"""A coordinator's words on their way to somebody: by which address, in which language, in how many segments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import select

from db import inbox, items, people, records
from db.engine import Database
from db.models import Outgoing
from db.people import Way
from db.schema import migrate
from notifier.alerts import Alerts
from notifier.letters import Letters
from notifier.programme import Programme
from notifier.relay import Errand, Relay
from notifier.segments import GSM_7, segments
from notifier.templates import BUILT_IN, Templates
from parsers.message import InboundMessage
from tests.fakes import CountedIds
from tests.notifier.samples import NOW, PROGRAMME, SAM

LANGUAGES = tuple(sorted(folder.name for folder in BUILT_IN.iterdir() if folder.is_dir()))
PHONE = Way(address_id=0, channel="sms", value="+14065550111", opted_out=False, greeted=True)
MAIL = replace(PHONE, channel="email", value="ana@example.net")
QUESTION = "Which evenings suit you?"


def relay(programme: Programme = PROGRAMME) -> Relay:
    templates = Templates(PROGRAMME.languages)
    letters = Letters(PROGRAMME, templates, Alerts(PROGRAMME, templates, ids=CountedIds("mail")))
    return Relay(programme, templates, letters, ids=CountedIds("errand"))


def sent(
    folder: Path,
    *,
    to: Way,
    template: Literal["ask", "answer"] = "ask",
    language: str = "en",
    words: str = QUESTION,
    written: InboundMessage | None = None,
) -> Outgoing:
    """What is queued for somebody whose name would break a page."""
    database = Database(f"sqlite:///{folder / 'x.db'}")
    migrate(database)
    with database.write() as session:
        sender = people.find_or_make_sender(session, channel=to.channel, value=to.value, now=NOW)
        people.describe(session, sender.contact_id, language=language, name="<script>")
        inbox_id = inbox.store(session, channel="email", external_id="1", source=b"", received_at=NOW).inbox_id
        item = items.find(session, records.open_case(session, kind="question", contact_id=sender.contact_id, inbox_id=inbox_id, now=NOW))
        assert item is not None
        way = replace(to, address_id=sender.address_id)
        errand = Errand(template=template, way=way, item=item, words=words, coordinator=SAM, inbox_id=inbox_id, written=written)
        relay().send(session, errand, now=NOW)
        assert people.ways(session, sender.contact_id)[0].greeted
    with database.read() as session:
        row = session.execute(select(Outgoing)).scalar_one()
    database.close()
    return row


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["ask", "answer"])
@pytest.mark.parametrize("greeted", [True, False])
def test_a_short_text_is_one_segment(tmp_path: Path, language: str, template: Literal["ask", "answer"], greeted: bool) -> None:  # noqa: FBT001
    """In plain letters; the first one says who writes and how to stop."""
    body = sent(tmp_path, to=replace(PHONE, greeted=greeted), template=template, language=language).body
    assert QUESTION in body
    assert segments(body) == 1
    assert set(body) <= GSM_7
    assert ("STOP" in body, PROGRAMME.name in body) == (not greeted, not greeted)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_plain_words_and_escaped(tmp_path: Path, language: str) -> None:
    """What a coordinator writes and what somebody is called stay words; the answer to it is no coordinator's."""
    row = sent(tmp_path, to=MAIL, language=language, words="<b>when</b>?\n\nOr where?")
    assert "<b>when</b>?\n\nOr where?" in row.body
    assert "<b>when" not in row.html
    assert "<script" not in row.html
    assert row.reply_to == ""
    assert row.message_id.endswith(f"@{PROGRAMME.mail_domain}>")


def test_an_answer_goes_on_in_the_writers_thread(tmp_path: Path) -> None:
    """With their subject and their Message-ID."""
    thread: Any = {"message_id": "<q@example.net>", "references": ("<n@example.net>",)}
    written = InboundMessage(channel="email", sender="ana@example.net", body="?", subject="Re: Training", **thread)
    row = sent(tmp_path, to=MAIL, template="answer", written=written)
    assert (row.subject, row.references) == ("Re: Training", "<n@example.net> <q@example.net>")


@pytest.mark.parametrize(
    ("way", "texts", "mails", "reached"),
    [
        (PHONE, True, True, True),
        (replace(PHONE, opted_out=True), True, True, False),
        (PHONE, False, True, False),
        (MAIL, False, True, True),
        (MAIL, True, False, False),
        (replace(MAIL, opted_out=True), True, True, False),
    ],
)
def test_whom_it_reaches(way: Way, texts: bool, mails: bool, reached: bool) -> None:  # noqa: FBT001
    """Nobody who wants no messages, and none by a channel that is off."""
    programme = replace(PROGRAMME, texts=texts, mail_address=PROGRAMME.mail_address if mails else "")
    assert relay(programme).reaches(way) is reached
