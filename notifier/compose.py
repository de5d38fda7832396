"""What happened becomes messages: one answer to the writer at the most, and what the coordinators have to know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from db import outbox, people
from db.outbox import ANSWER, CRISIS, Draft
from notifier import faq
from notifier.alerts import Alerts
from notifier.answers import said_of
from notifier.outcomes import (
    CaseOpened,
    FaqAnswered,
    Happened,
    HelpWanted,
    NotUnderstood,
    OptedIn,
    OptedOut,
    RecordChanged,
    RecordOpened,
    RecordPaused,
    RecordResumed,
    RecordWithdrawn,
    StatusWanted,
    WhichMeant,
)
from notifier.programme import Programme
from notifier.segments import segments
from notifier.templates import Templates
from notifier.tokens import message_id
from parsers.message import InboundMessage
from parsers.reading import Heard, Urgent

DAY = timedelta(days=1)
MAILS_A_DAY = 5
TEXTS_A_DAY = 12
ALERTS_A_DAY = 20  # messages of one address that coordinators are told of
CRISIS_AGAIN_AFTER = timedelta(minutes=30)
URGENT_AGAIN_AFTER = timedelta(minutes=15)  # of somebody who has been told of that often
# Of a longer chain of answers the first and the last References are kept.
REFERENCES = 20
ANSWERED = re.compile(r"^(?:re(?:\[\d{1,3}\])?\s?:\s?){1,50}", re.IGNORECASE)
CONFIRMATIONS = ("opted_out", "opted_in")
# A text that answers a machine must not be answered the same way again and again.
ONCE_A_DAY = ("not_understood", "empty")
FOR_THE_COORDINATOR_ALONE = ("call", "twin")  # cases of which the writer is told nothing
TERSENESS = range(3)  # a text leaves out the details first, then the name
NO_GREETING = ("crisis", "opted_out")  # they say neither who we are nor how to stop: the next answer still has to
# Where a message did several things, the first of these is what its answer is about.
ANSWERS = (
    (OptedOut, "opted_out"),
    (OptedIn, "opted_in"),
    (WhichMeant, "which"),
    (RecordOpened, "recorded"),
    (RecordChanged, "changed"),
    (RecordPaused, "paused"),
    (RecordResumed, "resumed"),
    (RecordWithdrawn, "withdrawn"),
    (StatusWanted, "status"),
    (FaqAnswered, "faq"),
    (HelpWanted, "help"),
    (NotUnderstood, "not_understood"),
)


class Composer:
    """Writes messages for one programme."""

    def __init__(self, programme: Programme, templates: Templates, *, ids: Callable[[], str]) -> None:
        self.programme = programme
        self.templates = templates
        self.alerts = Alerts(programme, templates, ids=ids)
        self.faq = faq.load(programme.templates_dir)
        self._ids = ids

    def queue(self, session: Session, happened: Happened, *, now: datetime, late: bool = False) -> None:
        """Queue the answer, unless it would come too late, and the alerts, in the transaction of what they tell of."""
        drafts: list[Draft] = []
        name = None if late else _answer_name(happened)
        if name and self._may_answer(happened, name):
            answer = self._answer(happened, name)
            if self._within_caps(session, answer, happened, now=now):
                drafts.append(answer)
                if name not in NO_GREETING:
                    people.mark_greeted(session, happened.sender.address_id, now)
        drafts += (
            alert
            for alert in self._bounded(session, happened, now=now)
            if alert.channel == "email" or not people.is_opted_out(session, channel=alert.channel, value=alert.recipient)
        )
        outbox.queue_all(session, drafts, inbox_id=happened.inbox_id, now=now)

    def queue_for_risk(self, session: Session, heard: Heard, urgent: Urgent, *, number: int, inbox_id: int, now: datetime) -> None:
        """A message that was heard and then broke something: whoever is at risk in it is answered, and the coordinators are told."""
        message = heard.message
        if urgent == "crisis" and message.sender and not message.automatic:
            address = ("email" if message.channel == "email" else "sms", message.sender)
            draft = self._draft(urgent, address, self.programme.language, {"programme": self.programme})
            outbox.queue(session, draft, inbox_id=inbox_id, now=now)
        for alert in self.alerts.about_risk(message, urgent, words=heard.words.text, number=number):
            outbox.queue(session, alert, inbox_id=inbox_id, now=now)

    def _bounded(self, session: Session, happened: Happened, *, now: datetime) -> Iterator[Draft]:
        """The alerts of a message, as long as its sender has not made too many today: a machine that answers them must come to an end."""
        if happened.sender.first or outbox.alerted(session, happened.sender.address_id, now - DAY) < ALERTS_A_DAY:
            yield from self.alerts.about(happened)
            return
        # Their case is told of again by itself until somebody sees to it.
        lately = outbox.told_of(session, happened.sender.address_id, "urgent", now - URGENT_AGAIN_AFTER)
        if happened.urgent_number is not None and not lately:
            yield from (alert for alert in self.alerts.about(happened) if alert.template == "urgent" and alert.channel == "email")
        yield from self._capped(happened, now)

    def _capped(self, happened: Happened, now: datetime) -> Iterator[Draft]:
        # The key is the address's and the day's: one alert goes out, however many messages come.
        key = f"capped-{happened.sender.address_id}-{now:%Y%m%d}"
        return self.alerts.once("capped", key=key, values={"inbox_id": happened.inbox_id})

    def _may_answer(self, happened: Happened, name: str) -> bool:
        if "automatic" in happened.reading.acts:  # no machine is ever answered, whatever it says
            return False
        opts_out = any(isinstance(outcome, OptedOut) for outcome in happened.outcomes)
        if (happened.sender.opted_out or opts_out) and name not in (*CONFIRMATIONS, "crisis"):
            return False
        return self.programme.texts if happened.sender.channel == "sms" else bool(self.programme.mail_address)

    def _answer(self, happened: Happened, name: str) -> Draft:
        sender, number = happened.sender, happened.urgent_number
        values = said_of(happened, self.programme)
        address, language = (sender.channel, sender.value), happened.reading.language
        draft = self._draft(name, address, language, values, address_id=sender.address_id, number=number)
        return in_thread(draft, happened.message) if draft.channel == "email" else draft

    def _draft(self, name: str, address: tuple[str, str], language: str, values: dict[str, object], **known: Any) -> Draft:  # noqa: ANN401
        """An answer by the name of its template, to an address of a channel."""
        channel, recipient = address
        key = self._ids()
        if channel == "sms":
            texts = (self.templates.text(name, language, **values, terse=terse) for terse in TERSENESS)
            known["body"] = _first_of_one_segment(texts)
        else:
            mail = self.templates.mail(name, language, **values)
            own_id = message_id(self.programme, key)
            known |= {"subject": mail.subject, "body": mail.body, "html": mail.html, "null_sender": True, "message_id": own_id}
        priority = CRISIS if name == "crisis" else ANSWER
        despite = name in ("crisis", "opted_out")
        return Draft(key=key, channel=channel, recipient=recipient, template=name, priority=priority, despite_opt_out=despite, **known)

    def _within_caps(self, session: Session, answer: Draft, happened: Happened, *, now: datetime) -> bool:
        """Whether the answer may go: two machines that answer each other must come to an end."""
        if happened.sender.first:
            return True
        if answer.template == "crisis":
            return answer.template not in outbox.recent(session, answer.recipient, now - CRISIS_AGAIN_AFTER)
        if answer.template in CONFIRMATIONS:
            return True
        if (answer.channel == "email" or answer.template in ONCE_A_DAY) and outbox.sent_alike(session, answer, now - DAY):
            return False
        cap = TEXTS_A_DAY if answer.channel == "sms" else MAILS_A_DAY
        if len(outbox.recent(session, answer.recipient, now - DAY)) < cap:
            return True
        for alert in self._capped(happened, now):
            outbox.queue(session, alert, inbox_id=happened.inbox_id, now=now)
        return False


def _answer_name(happened: Happened) -> str | None:
    """Which template answers the message; None where silence is right."""
    if happened.reading.urgent:
        return happened.reading.urgent
    for kind, name in ANSWERS:
        for outcome in happened.outcomes:
            if isinstance(outcome, kind):
                return _unless_answered(outcome, name)
    cases = (outcome.kind for outcome in happened.outcomes if isinstance(outcome, CaseOpened))
    return next((kind for kind in cases if kind not in FOR_THE_COORDINATOR_ALONE), None)


def _unless_answered(outcome: object, name: str) -> str | None:
    match outcome:
        case OptedOut(confirm=False) | OptedIn(confirm=False) | HelpWanted(answer=False):
            return None
        case NotUnderstood(empty=True):
            return "empty"
        case _:
            return name


def _first_of_one_segment(texts: Iterable[str]) -> str:
    """The fullest wording that costs one segment, else the tersest."""
    text = ""
    for text in texts:
        if segments(text) == 1:
            break
    return text


def thread_of(message: InboundMessage) -> str:
    """The References of a mail that answers this one (RFC 5322)."""
    return " ".join([*message.references[:1], *message.references[1:][-REFERENCES:], message.message_id]).strip()


def in_thread(draft: Draft, message: InboundMessage) -> Draft:
    return replace(draft, subject=answering(message.subject) or draft.subject, references=thread_of(message))


def answering(subject: str) -> str:
    """The subject of an answer, with one `Re:` however often it went to and fro."""
    subject = " ".join(subject.split())
    bare = ANSWERED.sub("", subject)
    if not bare or subject.removesuffix(bare).strip().lower() == "re:":
        return subject[:200]
    return f"Re: {bare[:200]}"
