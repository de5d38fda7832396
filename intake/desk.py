"""Where coordinators' mails and texts are taken: commands are carried out line by line, and one mail comes back for one mail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from db import items, outbox
from db.models import URGENT
from intake.commands import BY_NAME
from intake.commands.base import Answered, Job, Result, Tools, refused
from intake.commands.erase import ASKED_BACK
from intake.passing_on import pass_on
from intake.privilege import Privileged, Refused, privilege, proven_coordinator, whose_token
from notifier.compose import thread_of
from notifier.letters import Attachment, Said
from notifier.programme import Coordinator
from parsers.automatic import reason
from parsers.courtesy import is_courtesy
from parsers.forwarded import forwarded
from parsers.message import InboundMessage
from parsers.order_greetings import is_greeting
from parsers.orders import Misread, Order, orders
from parsers.own_lines import own_lines
from parsers.reading import Heard
from parsers.tokens import plain_words
from parsers.wishes import command

logger = logging.getLogger(__name__)

WITHOUT_TOKEN = ("new",)
COORDINATORS_ONLY = ("undo", "export", "digest")  # words that mean nothing from a volunteer's phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a coordinator's message: the acts by which the inbox knows it."""

    acts: str


class Desk:
    """Takes what coordinators write as coordinators."""

    def __init__(self, tools: Tools, *, trusted: tuple[str, ...], ids: Callable[[], str]) -> None:
        self._tools = tools
        self._trusted = trusted
        self._ids = ids

    def take(self, session: Session, heard: Heard, *, inbox_id: int, now: datetime) -> Taken | None:
        """Carry out what a coordinator wrote; None where the message is anybody's, and is handled as such."""
        message = heard.message
        if message.automatic or message.channel == "voice":
            return None
        if message.channel == "sms":
            coordinator = self._tools.programme.coordinator_at(message.sender)
            return self._text(session, message, coordinator, inbox_id=inbox_id, now=now) if coordinator else None
        found = privilege(session, message, self._tools.programme, trusted=self._trusted, now=now)
        match found:
            case Privileged():
                return self._mail(session, heard, found, inbox_id=inbox_id, now=now)
            case Refused() if not reason(message, heard.words, self._tools.vocabulary):
                return self._refuse(session, message, found.coordinator, found.why, inbox_id=inbox_id, now=now)
            case Refused():
                return Taken(acts="automatic")
            case _:
                return self._without_token(session, heard, inbox_id=inbox_id, now=now)

    def _mail(self, session: Session, heard: Heard, found: Privileged, *, inbox_id: int, now: datetime) -> Taken:
        message = heard.message
        own = own_lines(heard.words.text, found.body)
        mine = [line.text for line in own if not line.taken]
        if reason(message, replace(heard.words, text="\n".join(mine)), self._tools.vocabulary):
            return Taken(acts="automatic")  # a machine answers in their name, though no header says so
        read = orders(mine)
        answered = Answered(key=found.key, template=found.template, number=found.number)
        job = self._job(session, message, found.coordinator, answered=answered, inbox_id=inbox_id, now=now)
        said = self._lines(job, read)
        if any(line.strip() for line in mine) and not any(one.done for one in said) and self._sees_to_it(job):
            line = "" if read else next(line for line in mine if line.strip())
            said.append(self._line(job, Order(name="ack", numbers=(), rest="", line=line)))
        vocabulary = self._tools.vocabulary
        passed_over = [line.text.strip() for line in own if line.taken]
        polite = all(map(is_greeting, mine)) or is_courtesy(plain_words(heard.words.said, vocabulary), vocabulary)
        if polite and not said and not passed_over:
            return Taken(acts="command")
        self._answer(job, said, message, passed_over=passed_over)
        return Taken(acts="command")

    def _sees_to_it(self, job: Job) -> bool:
        """Whether words without a command answer an urgent alert: whoever writes any has seen it."""
        item = items.find(job.session, job.answered.number) if job.answered and job.answered.number else None
        return item is not None and item.kind in URGENT and item.acknowledged_at is None

    def _without_token(self, session: Session, heard: Heard, *, inbox_id: int, now: datetime) -> Taken | None:
        """Somebody's mail that is passed on, or `new …`: they add one record, that can be undone, and need no token."""
        message, coordinator = heard.message, self._tools.programme.coordinator_at(heard.message.sender)
        if coordinator is None:
            programme = self._tools.programme
            wronged = whose_token(message, programme) or programme.coordinator_in(message.sender_name)
            if wronged is not None and any(isinstance(one, Order) for one in orders(heard.words.text.splitlines())):
                self._refuse(session, message, wronged, "somebody_else", inbox_id=inbox_id, now=now)
            return None  # whoever it is, they are heard like anybody
        read = [one for one in orders(heard.words.text.splitlines()) if isinstance(one, Order)]
        passed_on = forwarded(message, self._tools.vocabulary) if heard.words.forwarded else None
        if not read and passed_on is None:
            return None
        if proven_coordinator(message, self._tools.programme, self._trusted) != coordinator:
            return self._refuse(session, message, coordinator, "unauthenticated", inbox_id=inbox_id, now=now) if read else None
        if any(order.name not in WITHOUT_TOKEN for order in read):
            if passed_on is None and not all(order.numbers or order.name in WITHOUT_TOKEN for order in read):
                return None  # "note to self": a command without a number needs an alert to answer
            return self._refuse(session, message, coordinator, "no_token", inbox_id=inbox_id, now=now)
        job = self._job(session, message, coordinator, answered=None, inbox_id=inbox_id, now=now)
        if read:
            self._answer(job, self._lines(job, read), message)
        elif passed_on is not None:
            said = self._carry_out("", lambda: pass_on(job, passed_on), session=session)
            self._queue_result(job, [said], message)
        return Taken(acts="command")

    def _text(self, session: Session, message: InboundMessage, coordinator: Coordinator, *, inbox_id: int, now: datetime) -> Taken | None:
        """A text from a coordinator's phone: a few commands, and nothing that a provider's keyword could be taken for."""
        if command(plain_words(message.body, self._tools.vocabulary), self._tools.vocabulary, exact=True):
            return None
        read = orders(message.body.splitlines())
        if [one.name for one in read if isinstance(one, Order) and not one.numbers] == ["ack"]:
            return None  # whatever words a coordinator texts about somebody at risk say that they see to it
        if not any(isinstance(one, Order) and _is_for_us(one) for one in read):
            return None
        job = self._job(session, message, coordinator, answered=None, inbox_id=inbox_id, now=now)
        said = [self._line(job, one) for one in read]
        letter = self._tools.letters.result_text(coordinator, said, key=self._ids())
        outbox.queue(session, letter, inbox_id=inbox_id, now=now)
        return Taken(acts="command")

    def _lines(self, job: Job, read: Sequence[Order | Misread]) -> list[Said]:
        """Carry out line by line; a mail asks back of one erasure only, since one answer can agree to one."""
        said: list[Said] = []
        erases = False
        for one in read:
            if isinstance(one, Order) and one.name == "erase" and erases:
                said.append(_said(one.line, [refused("one_number", nearest="erase")]))
                continue
            said.append(self._line(job, one))
            erases = erases or any(code == ASKED_BACK for code, _ in said[-1].results)
        return said

    def _answer(self, job: Job, said: Sequence[Said], message: InboundMessage, *, passed_over: Sequence[str] = ()) -> None:
        if not said:
            said = [_said("", [refused("no_command", nearest="commands")])]
        if [code for one in said for code, _ in one.results] == ["digest_sent"]:
            return  # the digest is the mail that comes back
        self._queue_result(job, said, message, passed_over=passed_over)

    def _queue_result(self, job: Job, said: Sequence[Said], message: InboundMessage, *, passed_over: Sequence[str] = ()) -> None:
        values = [values for one in said for code, values in one.results if code == ASKED_BACK]
        number = values[0]["number"] if values else (job.answered.number if job.answered else None) or _only_number(said)
        letter = self._tools.letters.result(
            job.coordinator,
            said,
            subject=message.subject,
            thread=job.thread,
            template=ASKED_BACK if values else "result",
            number=number if isinstance(number, int) else None,
            attachment=_attachment(said),
            passed_over=passed_over,
        )
        outbox.queue(job.session, letter, inbox_id=job.inbox_id, now=job.now)

    def _line(self, job: Job, one: Order | Misread) -> Said:
        if isinstance(one, Misread):
            return _said(one.line, [refused("not_understood", nearest=one.nearest)])
        named = BY_NAME[one.name]
        if job.by_text and not named.by_text:
            return _said(one.line, [refused("by_mail_only")])
        return self._carry_out(one.line, lambda: named.carry_out(job, one), session=job.session)

    def _carry_out(self, line: str, act: Callable[[], Iterable[Result]], *, session: Session) -> Said:
        """One line, whole or not at all."""
        with session.begin_nested() as savepoint:
            results = list(act())
            failed = [result for result in results if not result.done]
            if failed:
                savepoint.rollback()
        return _said(line, failed or results)

    def _refuse(
        self, session: Session, message: InboundMessage, coordinator: Coordinator, why: str, *, inbox_id: int, now: datetime
    ) -> Taken:
        logger.warning("inbox %s: a command was refused: %s", inbox_id, why)
        letter = self._tools.letters.refused(coordinator, why, subject=message.subject, key=f"refused-{inbox_id}")
        outbox.queue(session, letter, inbox_id=inbox_id, now=now)
        return Taken(acts="refused")

    def _job(
        self,
        session: Session,
        message: InboundMessage,
        coordinator: Coordinator,
        *,
        answered: Answered | None,
        inbox_id: int,
        now: datetime,
    ) -> Job:
        by_text = message.channel == "sms"
        return Job(
            session=session,
            coordinator=coordinator,
            inbox_id=inbox_id,
            now=now,
            tools=self._tools,
            answered=answered,
            thread="" if by_text else thread_of(message),
            by_text=by_text,
        )


def _only_number(said: Sequence[Said]) -> object:
    """The one number that was done something with, so that an answer to the result may leave it out."""
    numbers = {values.get("number") for one in said if one.done for _, values in one.results} - {None}
    return numbers.pop() if len(numbers) == 1 else None


def _is_for_us(order: Order) -> bool:
    """Whether a text is a coordinator's order, rather than what they write as a volunteer, too."""
    return bool(order.numbers) or BY_NAME[order.name].by_text or (order.name in COORDINATORS_ONLY and not order.rest)


def _attachment(said: Sequence[Said]) -> Attachment | None:
    found = (values.get("attachment") for one in said for _, values in one.results)
    return next((value for value in found if isinstance(value, Attachment)), None)


def _said(line: str, results: Sequence[Result]) -> Said:
    told: list[tuple[str, Mapping[str, object]]] = [(result.code, result.values) for result in results]
    return Said(line=line, done=all(result.done for result in results), results=told)
