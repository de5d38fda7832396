"""What coordinators get back for what they write: what was done, what was not, and what somebody answered them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from db.outbox import COORDINATOR, Draft
from notifier.alerts import Alerts, quoted
from notifier.compose import answering
from notifier.outcomes import Happened
from notifier.programme import Coordinator, Programme
from notifier.templates import Templates

MOST_BY_TEXT = 459  # characters of an answer by text: three segments


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line of a command mail, and what became of it."""

    line: str
    done: bool
    results: Sequence[tuple[str, Mapping[str, object]]] = field(default_factory=tuple)  # codes of results.txt, with their values


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    name: str
    content: bytes = field(repr=False)


class Letters:
    """Writes to one coordinator at a time, in the thread of their mail."""

    def __init__(self, programme: Programme, templates: Templates, alerts: Alerts) -> None:
        self._programme = programme
        self._templates = templates
        self._alerts = alerts

    def result(
        self,
        coordinator: Coordinator,
        said: Sequence[Said],
        *,
        subject: str,
        thread: str,
        template: str = "result",
        number: int | None = None,
        attachment: Attachment | None = None,
        passed_over: Sequence[str] = (),
    ) -> Draft:
        """The one mail that comes back for a command mail."""
        values = {"said": said, "subject": subject, "number": number, "passed_over": passed_over}
        draft = self._to(coordinator, template, values, thread=thread, number=number, subject=subject)
        return replace(draft, attachment_name=attachment.name, attachment=attachment.content) if attachment else draft

    def result_text(self, coordinator: Coordinator, said: Sequence[Said], *, key: str) -> Draft:
        """The same as a text."""
        values = {"said": said, "zone": self._programme.timezone}
        body = self._templates.text("result", self._programme.language, **values)
        if len(body) > MOST_BY_TEXT:
            body = body[: MOST_BY_TEXT - 3].rstrip() + "..."
        return Draft(key=key, channel="sms", recipient=coordinator.phone, template="result", priority=COORDINATOR, body=body)

    def refused(self, coordinator: Coordinator, why: str, *, subject: str, key: str) -> Draft:
        """Somebody wrote in a coordinator's name, or they did and it could not be known: nothing was done. It is told once."""
        return self._to(coordinator, "refused", {"why": why, "subject": subject}, key=key)

    def given(self, to: Coordinator, *, number: int, kind: str, name: str, giver: Coordinator) -> Draft:
        return self._to(to, "given", {"kind": kind, "name": name, "giver": giver.name, "number": number}, number=number)

    def acknowledged(self, numbers: Sequence[int], by: Coordinator) -> Iterator[Draft]:
        """Tell the colleagues, by mail and by text, that somebody sees to a case."""
        yield from (draft for draft in self._alerts.acknowledged(numbers, by) if draft.recipient not in (by.email, by.phone))

    def handed_over(self, coordinator: Coordinator, happened: Happened, *, number: int, thread: str) -> Draft:
        """What somebody wrote who had been asked."""
        values = {
            "number": number,
            "name": happened.reading.fields.get("name") or happened.sender.name or happened.sender.value,
            "channel": happened.message.channel,
            "quoted": quoted(happened.reading.reply_text),
        }
        return self._to(coordinator, "handed_over", values, thread=thread, number=number)

    def _to(
        self,
        coordinator: Coordinator,
        template: str,
        values: Mapping[str, object],
        *,
        thread: str = "",
        number: int | None = None,
        subject: str = "",
        key: str = "",
    ) -> Draft:
        known = {"programme": self._programme, "zone": self._programme.timezone}
        mail = self._templates.mail(template, self._programme.language, **known, **values)
        draft = self._alerts.to(coordinator, template, mail, number=number, key=key)
        return replace(draft, references=thread, subject=answering(subject) or draft.subject)
