"""A volunteer's mail that a coordinator passes on makes the volunteer's record; nobody is written to until `ask`."""

from __future__ import annotations

from collections.abc import Iterator

from intake.commands.base import Job, Result, done, refused
from intake.handlers import act
from intake.turn import Incoming
from notifier.outcomes import CaseOpened, RecordChanged, RecordOpened, RecordWithdrawn
from parsers.message import InboundMessage
from parsers.reading import hear


def pass_on(job: Job, message: InboundMessage) -> Iterator[Result]:
    """Handle a mail as if its writer had sent it here, but for the answer."""
    tools = job.tools
    if tools.programme.coordinator_at(message.sender) or tools.programme.is_own(message.sender):
        yield refused("whose_mail", nearest="new")
        return
    happened = act(
        job.session,
        hear(message, tools.vocabulary),
        tools.vocabulary,
        incoming=Incoming(inbox_id=job.inbox_id, now=job.now, passed_on_by=job.author),
        programme=tools.programme,
    )
    told = False
    for outcome in happened.outcomes:
        match outcome:
            case RecordOpened(record) | RecordChanged(record) | RecordWithdrawn(record):
                told = True
                values = {"number": record.number, "kind": record.kind, "name": happened.reading.fields.get("name") or happened.sender.name}
                yield done("passed_on", **values, record=record, reach=happened.sender.value)
            case CaseOpened(number, kind):
                told = True
                yield done("passed_on_case", number=number, kind=kind, reach=happened.sender.value)
            case _:
                pass
    if happened.urgent_number is not None:
        told = True
        yield done("passed_on_case", number=happened.urgent_number, kind=happened.reading.urgent, reach=happened.sender.value)
    if not told:
        yield refused("nothing_read", nearest="new", reach=happened.sender.value)
