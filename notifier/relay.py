"""Carries a coordinator's words to somebody, and what they write next back to the coordinator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from db import asks, outbox, people
from db.items import Item
from db.outbox import ANSWER, Draft
from db.people import Way
from notifier.compose import in_thread
from notifier.letters import Letters
from notifier.outcomes import Happened
from notifier.programme import Coordinator, Programme
from notifier.templates import Templates
from notifier.tokens import message_id
from parsers.message import InboundMessage


class Relay:
    """Writes to people in a coordinator's name."""

    def __init__(self, programme: Programme, templates: Templates, letters: Letters, *, ids: Callable[[], str]) -> None:
        self._programme = programme
        self._templates = templates
        self._letters = letters
        self._ids = ids

    def reaches(self, way: Way) -> bool:
        """Whether somebody may be written to by an address."""
        can_send = self._programme.texts if way.channel == "sms" else bool(self._programme.mail_address)
        return can_send and not way.opted_out

    def ask(
        self, session: Session, way: Way, item: Item, words: str, *, coordinator: Coordinator, inbox_id: int, now: datetime
    ) -> None:
        """Put a coordinator's question to somebody."""
        self._send(session, way, item, words, template="ask", coordinator=coordinator.name, written=None, inbox_id=inbox_id, now=now)

    def answer(
        self, session: Session, way: Way, item: Item, words: str, *, written: InboundMessage | None, inbox_id: int, now: datetime
    ) -> None:
        """Answer what somebody asked; `written` is their mail, whose thread goes on."""
        self._send(session, way, item, words, template="answer", coordinator="", written=written, inbox_id=inbox_id, now=now)

    def _send(
        self,
        session: Session,
        way: Way,
        item: Item,
        words: str,
        *,
        template: str,
        coordinator: str,
        written: InboundMessage | None,
        inbox_id: int,
        now: datetime,
    ) -> None:
        language = people.language(session, item.contact_id)
        values = {"programme": self._programme, "coordinator": coordinator, "words": words, "name": item.name, "first": not way.greeted}
        draft = Draft(
            key=self._ids(),
            channel=way.channel,
            recipient=way.value,
            template=template,
            priority=ANSWER,
            body="",
            address_id=way.address_id,
            number=item.number,
        )
        if way.channel == "sms":
            draft = replace(draft, body=self._templates.text(template, language, **values))
        else:
            mail = self._templates.mail(template, language, **values)
            own_id = message_id(self._programme, draft.key)
            draft = replace(draft, subject=mail.subject, body=mail.body, html=mail.html, message_id=own_id)
            draft = in_thread(draft, written) if written else draft
        outbox.queue(session, draft, inbox_id=inbox_id, now=now)
        people.mark_greeted(session, way.address_id, now)

    def hand_over(self, session: Session, happened: Happened, *, now: datetime) -> None:
        """What somebody writes after a coordinator asked them goes to that coordinator, beside its ordinary handling."""
        if "automatic" in happened.reading.acts:
            return
        waiting = asks.waiting(session, happened.sender.contact_id)
        for asked in waiting:
            coordinator = self._programme.coordinator_at(asked.coordinator)
            if coordinator is not None:
                letter = self._letters.handed_over(coordinator, happened, number=asked.number, thread=asked.references)
                outbox.queue(session, letter, inbox_id=happened.inbox_id, now=now)
        if waiting:
            asks.mark_answered(session, happened.sender.contact_id, now)
