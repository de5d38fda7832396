"""Carries a coordinator's words to somebody, and what they write next back to the coordinator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A coordinator's words on their way to somebody."""

    template: Literal["ask", "answer"]
    way: Way
    item: Item
    words: str
    coordinator: Coordinator
    inbox_id: int  # of the coordinator's message
    written: InboundMessage | None = None  # the mail that is answered, whose thread goes on


class Relay:
    """Writes to people in a coordinator's name."""

    def __init__(self, programme: Programme, templates: Templates, letters: Letters, *, ids: Callable[[], str]) -> None:
        self._programme = programme
        self._templates = templates
        self._letters = letters
        self._ids = ids

    def ways_to(self, session: Session, item: Item) -> list[Way]:
        """The addresses by which the person behind an item may be written to, the likeliest first."""
        return [way for way in people.ways(session, item.contact_id, item.channel) if self.reaches(way)] if item.contact_id else []

    def reaches(self, way: Way) -> bool:
        """Whether somebody may be written to by an address."""
        can_send = self._programme.texts if way.channel == "sms" else bool(self._programme.mail_address)
        return can_send and not way.opted_out

    def send(self, session: Session, errand: Errand, *, now: datetime) -> None:
        """Queue a coordinator's words to somebody."""
        way, item = errand.way, errand.item
        draft = Draft(
            key=self._ids(),
            channel=way.channel,
            recipient=way.value,
            template=errand.template,
            priority=ANSWER,
            body="",
            address_id=way.address_id,
            number=item.number,
        )
        outbox.queue(session, self._filled(draft, errand, people.language(session, item.contact_id)), inbox_id=errand.inbox_id, now=now)
        people.mark_greeted(session, way.address_id, now)

    def _filled(self, draft: Draft, errand: Errand, language: str) -> Draft:
        values = {
            "programme": self._programme,
            "coordinator": errand.coordinator.name,
            "words": errand.words,
            "name": errand.item.name,
            "first": not errand.way.greeted,
        }
        if draft.channel == "sms":
            return replace(draft, body=self._templates.text(draft.template, language, **values))
        mail = self._templates.mail(draft.template, language, **values)
        own_id = message_id(self._programme, draft.key)
        draft = replace(draft, subject=mail.subject, body=mail.body, html=mail.html, message_id=own_id)
        return in_thread(draft, errand.written) if errand.written else draft

    def hand_over(self, session: Session, happened: Happened, *, now: datetime) -> None:
        """What somebody writes after a coordinator asked them goes to that coordinator, beside its ordinary handling."""
        if "automatic" in happened.reading.acts or happened.sender.fresh:  # whoever writes for the first time was asked nothing
            return
        waiting = asks.waiting(session, happened.sender.contact_id)
        for asked in waiting:
            coordinator = self._programme.coordinator_at(asked.coordinator)
            if coordinator is not None:
                letter = self._letters.handed_over(coordinator, happened, number=asked.number, thread=asked.references)
                outbox.queue(session, letter, inbox_id=happened.inbox_id, now=now)
        if waiting:
            asks.mark_answered(session, happened.sender.contact_id, now)
