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
from parsers.vocabulary import Vocabulary

MOST_WORDS_OF_A_NAME = 4
LONGEST_KIND = 4  # words
ABOUT_AN_OFFER = ("availability", "unavailable", "setting", "modality", "language", "population")
ADDRESS = re.compile(r"(?<!\S)\S+@\S+")
BEHIND_A_NAME = re.compile(r"[,;()<>+\d]")
NAME = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]*)*")


class New:
    name = "new"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        head, _, said = order.rest.partition(":")
        kind, said = kind_of(head), said.strip()
        if kind is None:
            kind, said = _kind_first(order.rest)
        if kind is None:
            yield refused("which_kind", nearest="new", said=head)
            return
        name, phone, email = _name(said, job.tools.vocabulary), any_phone(said), any_email(said)
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


def _kind_first(said: str) -> tuple[str | None, str]:
    """The kind that a line without a colon begins with, and what stands behind it."""
    words = said.split()
    for end in range(min(len(words), LONGEST_KIND), 0, -1):
        if kind := kind_of(" ".join(words[:end]).rstrip(",;-")):
            return kind, " ".join(words[end:]).lstrip(" ,;:-\u2013\u2014")
    return None, said


def _name(said: str, vocabulary: Vocabulary) -> str:
    """What stands first between commas and numbers that could be a name, and is no time, setting or the like."""
    for at, part in enumerate(BEHIND_A_NAME.split(ADDRESS.sub(",", said))):
        words = part.split()
        likely = 0 < len(words) <= MOST_WORDS_OF_A_NAME and all(NAME.fullmatch(word) and (at == 0 or word[0].isupper()) for word in words)
        if likely:  # "12 eggs" are nobody
            message = InboundMessage(channel="sms", sender="", body=part)
            fields = read_fields(Words(text=part, said=part), message, vocabulary, asked="setting", acts={"mentor_offer"})
            if not any(fields.get(name) for name in ABOUT_AN_OFFER):
                return part.strip()
    return ""


def _contact(job: Job, name: str, phone: str | None, email: str | None) -> int:
    if phone or email:
        value, channel = (phone, "sms") if phone else (email, "email")
        sender = people.find_or_make_sender(job.session, channel=channel, value=value or "", now=job.now)
        people.describe(job.session, sender.contact_id, name="" if sender.name else name, phone=phone or "", email=email or "")
        return sender.contact_id
    return people.make_contact(job.session, name=name, now=job.now)
