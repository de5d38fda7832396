"""What happened becomes messages: one answer to the writer at the most, and what the coordinators have to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import outbox, people
from db.outbox import ANSWER, CRISIS, Draft
from notifier.alerts import Alerts
from notifier.outcomes import (
    CaseOpened,
    Happened,
    HelpWanted,
    NotUnderstood,
    OptedIn,
    OptedOut,
    RecordChanged,
    RecordOpened,
    RecordWithdrawn,
)
from notifier.programme import Programme
from notifier.templates import Mail, Templates
from notifier.tokens import message_id

DAY = timedelta(days=1)
MAILS_A_DAY = 5
TEXTS_A_DAY = 12
CRISIS_AGAIN_AFTER = timedelta(minutes=30)
# Of a longer chain of answers the first and the last References are kept.
REFERENCES = 20
CONFIRMATIONS = ("opted_out", "opted_in")
NO_GREETING = ("crisis", "opted_out")  # they say neither who we are nor how to stop: the next answer still has to
# Where a message did several things, the first of these is what its answer is about.
ANSWERS = (
    (OptedOut, "opted_out"),
    (OptedIn, "opted_in"),
    (RecordOpened, "recorded"),
    (RecordChanged, "changed"),
    (RecordWithdrawn, "withdrawn"),
    (HelpWanted, "help"),
    (NotUnderstood, "not_understood"),
)


class Composer:
    """Writes messages for one programme."""

    def __init__(self, programme: Programme, templates: Templates, *, ids: Callable[[], str]) -> None:
        self.programme = programme
        self.templates = templates
        self.alerts = Alerts(programme, templates, ids=ids)
        self._ids = ids

    def queue(self, session: Session, happened: Happened, *, now: datetime) -> None:
        """Queue the answer and the alerts, in the transaction of what they tell of."""
        name = _answer_name(happened)
        if name and self._may_answer(happened, name):
            answer = self._answer(happened, name)
            if self._within_caps(session, answer, happened, now=now):
                outbox.queue(session, answer, inbox_id=happened.inbox_id, now=now)
                if name not in NO_GREETING:
                    people.mark_greeted(session, happened.sender.address_id, now)
        for alert in self.alerts.about(happened):
            outbox.queue(session, alert, inbox_id=happened.inbox_id, now=now)

    def _may_answer(self, happened: Happened, name: str) -> bool:
        if "automatic" in happened.reading.acts:  # no machine is ever answered, whatever it says
            return False
        opts_out = any(isinstance(outcome, OptedOut) for outcome in happened.outcomes)
        if (happened.sender.opted_out or opts_out) and name not in (*CONFIRMATIONS, "crisis"):
            return False
        return self.programme.texts if happened.sender.channel == "sms" else bool(self.programme.mail_address)

    def _answer(self, happened: Happened, name: str) -> Draft:
        sender, language = happened.sender, happened.reading.language
        draft = Draft(
            key=self._ids(),
            channel=sender.channel,
            recipient=sender.value,
            address_id=sender.address_id,
            template=name,
            priority=CRISIS if name == "crisis" else ANSWER,
            despite_opt_out=name in ("crisis", "opted_out"),
            body="",
        )
        values = self._values(happened)
        if sender.channel == "sms":
            return replace(draft, body=self.templates.text(name, language, **values))
        return self._in_thread(draft, happened, self.templates.mail(name, language, **values))

    def _values(self, happened: Happened) -> dict[str, object]:
        coordinators = self.programme.coordinators
        return {
            "programme": self.programme,
            "coordinator": coordinators[0].name if coordinators else self.programme.name,
            "name": happened.reading.fields.get("name") or happened.sender.name,
            "records": [outcome.record for outcome in happened.outcomes if isinstance(outcome, RecordOpened | RecordChanged)],
            "asked": any(isinstance(outcome, CaseOpened) and outcome.kind == "question" for outcome in happened.outcomes),
            "first": not happened.sender.greeted,
        }

    def _in_thread(self, draft: Draft, happened: Happened, mail: Mail) -> Draft:
        message = happened.message
        thread = [*message.references[:1], *message.references[1:][-REFERENCES:], message.message_id]
        return replace(
            draft,
            subject=_answering(message.subject) or mail.subject,
            body=mail.body,
            html=mail.html,
            null_sender=True,
            message_id=message_id(self.programme, draft.key),
            references=" ".join(thread).strip(),
        )

    def _within_caps(self, session: Session, answer: Draft, happened: Happened, *, now: datetime) -> bool:
        """Whether the answer may go: two machines that answer each other must come to an end."""
        if answer.template == "crisis":
            return answer.template not in outbox.recent(session, answer.recipient, now - CRISIS_AGAIN_AFTER)
        if answer.template in CONFIRMATIONS:
            return True
        if answer.channel == "email" and outbox.sent_alike(session, answer, now - DAY):
            return False
        cap = TEXTS_A_DAY if answer.channel == "sms" else MAILS_A_DAY
        if len(outbox.recent(session, answer.recipient, now - DAY)) < cap:
            return True
        # The key is the address's and the day's: one alert goes out, however many messages come.
        key = f"capped-{happened.sender.address_id}-{now:%Y%m%d}"
        for alert in self.alerts.once("capped", key=key, values={"inbox_id": happened.inbox_id}):
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
    case = next((outcome for outcome in happened.outcomes if isinstance(outcome, CaseOpened)), None)
    return case.kind if case and case.kind != "call" else None


def _unless_answered(outcome: object, name: str) -> str | None:
    match outcome:
        case OptedOut(confirm=False) | OptedIn(confirm=False) | HelpWanted(answer=False):
            return None
        case NotUnderstood(empty=True):
            return "empty"
        case _:
            return name


def _answering(subject: str) -> str:
    subject = " ".join(subject.split())[:200]
    if not subject or subject.lower().startswith("re:"):
        return subject
    return f"Re: {subject}"
