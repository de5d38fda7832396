"""`new mentor offer: Ana, 406-555-0101, Tuesday evenings, warmline`: a record for somebody who phoned; nobody is written to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from db import people, records
from intake.commands.base import Job, Result, done, refused
from intake.commands.kind import kind_of
from parsers.addresses import any_email, any_phone
from parsers.fields import read_fields
from parsers.message import InboundMessage
from parsers.orders import Order
from parsers.reply import Words

MOST_WORDS_OF_A_NAME = 4
BEHIND_A_NAME = re.compile(r"[,;(<+\d]")
NAME = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]*)*")


class New:
    name = "new"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        head, _, said = order.rest.partition(":")
        kind, said = kind_of(head), said.strip()
        if kind is None:
            yield refused("which_kind", nearest="new", said=head)
            return
        name, phone, email = _name(said), any_phone(said), any_email(said)
        if not (name or phone or email):
            yield refused("who_is_it", nearest="new")
            return
        contact_id = _contact(job, name, phone, email)
        active = next((record for record in records.active(job.session, contact_id) if record.kind == kind), None)
        if active is not None:
            yield refused("one_is_open", number=active.number, rival=active.number, kind=kind, name=name)
            return
        message = InboundMessage(channel="sms", sender=phone or "", body=said)
        fields = read_fields(Words(text=said, said=said), message, job.tools.vocabulary, asked="setting", acts={kind})
        record = records.open_record(
            job.session,
            contact_id=contact_id,
            author=job.author,
            kind=kind,
            status="open",
            channel="sms" if phone else "email" if email else "voice",
            details=fields,
            now=job.now,
        )
        yield done("opened", number=record.number, kind=kind, name=name, record=record, reach=", ".join(filter(None, (phone, email))))


def _name(said: str) -> str:
    """What stands first, up to a comma or a number, where it could be a name."""
    first = BEHIND_A_NAME.split(said, maxsplit=1)[0].strip()
    words = first.split()
    return first if 0 < len(words) <= MOST_WORDS_OF_A_NAME and all(NAME.fullmatch(word) for word in words) else ""


def _contact(job: Job, name: str, phone: str | None, email: str | None) -> int:
    if phone or email:
        value, channel = (phone, "sms") if phone else (email, "email")
        sender = people.find_or_make_sender(job.session, channel=channel, value=value or "", now=job.now)
        people.describe(job.session, sender.contact_id, name="" if sender.name else name, phone=phone or "", email=email or "")
        return sender.contact_id
    return people.make_contact(job.session, name=name, now=job.now)
