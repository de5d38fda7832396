"""What the coordinators have to know: each new record or case, whoever is at risk, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from db.outbox import COORDINATOR, CRISIS, Draft
from notifier.outcomes import CaseOpened, Happened, RecordChanged, RecordOpened, RecordWithdrawn
from notifier.programme import Coordinator, Programme
from notifier.templates import Mail, Templates
from notifier.tokens import message_id, reply_address, token


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
            yield from self._urgent(happened, {**about, "number": happened.urgent_number, "kind": happened.reading.urgent})
        for outcome in happened.outcomes:
            match outcome:
                case RecordOpened(record):
                    yield from self._mails("alert", {**about, "record": record, "confirmed": False}, number=record.number)
                case RecordChanged(record, confirmed=True):
                    yield from self._mails("alert", {**about, "record": record, "confirmed": True}, number=record.number)
                case RecordWithdrawn(record):
                    yield from self._mails("withdrawn_alert", {**about, "record": record}, number=record.number)
                case CaseOpened(number, kind):
                    yield from self._mails("case", {**about, "number": number, "kind": kind}, number=number)

    def once(self, name: str, *, key: str, values: dict[str, object]) -> Iterator[Draft]:
        """Something that is told once: the outbox takes the same key only once."""
        mail = self._mail(name, values)
        for place, coordinator in enumerate(self._mailed()):
            yield self.to(coordinator, name, mail, key=f"{key}-{place}")

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

    def _urgent(self, happened: Happened, values: dict[str, object]) -> Iterator[Draft]:
        yield from self._mails("urgent", values, number=happened.urgent_number, priority=CRISIS)
        body = self._templates.text("urgent", self._programme.language, **{**values, "reach": happened.sender.value})
        for coordinator in self._programme.coordinators:
            if coordinator.phone and self._programme.texts:
                yield Draft(
                    key=self._ids(),
                    channel="sms",
                    recipient=coordinator.phone,
                    template="urgent",
                    priority=CRISIS,
                    body=body,
                    number=happened.urgent_number,
                )

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
        "quoted": "\n".join(f"> {line}".rstrip() for line in happened.reading.reply_text.splitlines()),
    }
