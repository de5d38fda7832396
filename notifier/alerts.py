"""What the coordinators have to know: each new record or case, whoever is at risk, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from db.outbox import COORDINATOR, CRISIS, Draft
from db.urgent import Waiting
from notifier.outcomes import (
    Acknowledged,
    CaseOpened,
    Happened,
    RecordChanged,
    RecordOpened,
    RecordPaused,
    RecordResumed,
    RecordWithdrawn,
)
from notifier.programme import Coordinator, Programme
from notifier.templates import Mail, Templates
from notifier.tokens import message_id, reply_address, token
from parsers.message import InboundMessage
from parsers.reading import Urgent


class Alerts:
    """Writes mails, and where it is urgent texts, to a programme's coordinators."""

    def __init__(self, programme: Programme, templates: Templates, *, ids: Callable[[], str]) -> None:
        self._programme = programme
        self._templates = templates
        self._ids = ids

    def about(self, happened: Happened) -> Iterator[Draft]:
        """All that one message makes known."""
        about = _about(happened)
        if happened.urgent_number is not None:
            yield from self._urgent({**about, "kind": happened.reading.urgent}, number=happened.urgent_number, to=happened.sender.value)
        for outcome in happened.outcomes:
            match outcome:
                case RecordOpened(record):
                    yield from self._mails("alert", {**about, "record": record, "confirmed": False}, number=record.number)
                case RecordChanged(record, confirmed=True):
                    yield from self._mails("alert", {**about, "record": record, "confirmed": True}, number=record.number)
                case RecordWithdrawn(record):
                    yield from self._mails("withdrawn_alert", {**about, "record": record}, number=record.number)
                case RecordPaused(record, until):
                    yield from self._mails("paused_alert", {**about, "record": record, "until": until}, number=record.number)
                case RecordResumed(record):
                    yield from self._mails("paused_alert", {**about, "record": record, "until": None}, number=record.number)
                case CaseOpened(number, kind, note):
                    yield from self._mails("case", {**about, "number": number, "kind": kind, "note": note}, number=number)
                case Acknowledged(numbers, coordinator):
                    yield from self.acknowledged(numbers, coordinator)

    def acknowledged(self, numbers: Iterable[int], coordinator: Coordinator) -> Iterator[Draft]:
        """All coordinators are told, by mail and by text, who sees to somebody at risk."""
        for number in numbers:
            values: dict[str, object] = {"number": number, "coordinator": coordinator.name}
            yield from self._mails("acknowledged", values, number=number, priority=CRISIS)
            for each in self._programme.coordinators:
                yield from self._text(each, "acknowledged", values, number=number)

    def again(self, waiting: Waiting, coordinator: Coordinator, *, minutes: int) -> Iterator[Draft]:
        """Somebody at risk still waits: the next coordinator in turn is told, by mail and by text."""
        values: dict[str, object] = {
            "number": waiting.number,
            "kind": waiting.kind,
            "name": waiting.name,
            "reach": waiting.reach,
            "minutes": minutes,
        }
        if self._programme.mail_address:
            yield self.to(coordinator, "urgent_again", self._mail("urgent_again", values), priority=CRISIS, number=waiting.number)
        yield from self._text(coordinator, "urgent_again", values, number=waiting.number)

    def once(self, name: str, *, key: str, values: dict[str, object]) -> Iterator[Draft]:
        """Something that is told once: the outbox takes the same key only once."""
        mail = self._mail(name, values)
        for place, coordinator in enumerate(self._mailed()):
            yield self.to(coordinator, name, mail, key=f"{key}-{place}")

    def trouble(self, name: str, *, key: str) -> Iterator[Draft]:
        """Something stands still that whoever runs the program must know; it is told once for a key, on every way there is."""
        yield from self._everywhere("trouble", {"trouble": name}, key=key)

    def crisis_not_delivered(self, number: int | None, *, key: str) -> Iterator[Draft]:
        """The answer to somebody at risk was refused."""
        yield from self._everywhere("crisis_not_delivered", {"number": number}, key=key)

    def _everywhere(self, name: str, values: dict[str, object], *, key: str) -> Iterator[Draft]:
        """Before all that waits: it tells of what may keep the rest from going, or from coming."""
        mail = self._mail(name, values)
        body = self._templates.text(name, self._programme.language, **values)
        for place, coordinator in enumerate(self._mailed()):
            yield self.to(coordinator, name, mail, key=f"{key}-{place}", priority=CRISIS)
        for place, coordinator in enumerate(self._programme.coordinators):
            if coordinator.phone and self._programme.texts:
                to = coordinator.phone
                yield Draft(key=f"{key}-text-{place}", channel="sms", recipient=to, template=name, priority=CRISIS, body=body)

    def to(
        self, coordinator: Coordinator, name: str, mail: Mail, *, key: str = "", priority: int = COORDINATOR, number: int | None = None
    ) -> Draft:
        """A mail that a coordinator may answer with commands: its names carry the token that proves the answer to be theirs."""
        key = key or self._ids()
        secret = token(self._programme, key, coordinator)
        return Draft(
            key=key,
            channel="email",
            recipient=coordinator.email,
            template=name,
            priority=priority,
            subject=mail.subject,
            body=mail.body,
            html=mail.html,
            number=number,
            message_id=message_id(self._programme, secret),
            reply_to=reply_address(self._programme, secret),
        )

    def about_risk(self, message: InboundMessage, urgent: Urgent, *, words: str, number: int) -> Iterator[Draft]:
        """What has to be known of somebody at risk where their message could not be handled further."""
        said = {"name": message.sender_name, "reach": message.sender, "prefers": "", "channel": message.channel, "quoted": quoted(words)}
        yield from self._urgent({**said, "kind": urgent}, number=number, to=message.sender)

    def _urgent(self, values: dict[str, object], *, number: int, to: str) -> Iterator[Draft]:
        values = {**values, "number": number}
        yield from self._mails("urgent", values, number=number, priority=CRISIS)
        for coordinator in self._programme.coordinators:
            yield from self._text(coordinator, "urgent", {**values, "reach": to}, number=number)

    def _text(self, coordinator: Coordinator, name: str, values: dict[str, object], *, number: int) -> Iterator[Draft]:
        if coordinator.phone and self._programme.texts:
            body = self._templates.text(name, self._programme.language, **values)
            to = coordinator.phone
            yield Draft(key=self._ids(), channel="sms", recipient=to, template=name, priority=CRISIS, body=body, number=number)

    def _mails(self, name: str, values: dict[str, object], *, number: int | None, priority: int = COORDINATOR) -> Iterator[Draft]:
        mail = self._mail(name, values)
        for coordinator in self._mailed():
            yield self.to(coordinator, name, mail, priority=priority, number=number)

    def _mail(self, name: str, values: dict[str, object]) -> Mail:
        return self._templates.mail(name, self._programme.language, programme=self._programme, **values)

    def _mailed(self) -> tuple[Coordinator, ...]:
        return self._programme.coordinators if self._programme.mail_address else ()


def _about(happened: Happened) -> dict[str, object]:
    sender, fields = happened.sender, happened.reading.fields
    reach = dict.fromkeys(filter(None, (sender.value, fields.get("phone"), fields.get("email"), sender.phone, sender.email)))
    return {
        "name": fields.get("name") or sender.name,
        "reach": ", ".join(map(str, reach)),
        "prefers": fields.get("channel") or sender.prefers,
        "channel": happened.message.channel,
        "quoted": quoted(happened.reading.reply_text),
    }


def quoted(words: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in words.splitlines())
