"""`list offers warmline`: what fits, asked for in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from db import listing
from db.listing import Wanted
from intake.commands.base import Job, Result, done
from parsers.fields import read_fields
from parsers.folding import fold
from parsers.message import InboundMessage
from parsers.order_words import OrderWords, order_words
from parsers.orders import Order
from parsers.reply import Words
from parsers.vocabulary import Vocabulary

MOST = 50
MOST_BY_TEXT = 5
LONGEST_PHRASE = 3  # words of a setting, a language or a day
LATE = timedelta(days=2)
GROUPS = {
    "offers": ("mentor_offer", "shadow_offer"),
    "requests": ("mentor_request", "shadow_request"),
    "questions": ("question", "message"),
    "cases": ("crisis", "safeguarding"),
}


class List:
    name = "list"
    by_text = True

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        """A word that is no filter we know has to stand in the name, the town, the note or the address."""
        wanted = wanted_in(order.rest, job)
        found, count = listing.find(job.session, wanted, most=MOST_BY_TEXT if job.by_text else MOST)
        yield done("listed", items=found, count=count, said=order.rest, now=job.now)


@dataclass(slots=True)
class _Filters:
    kinds: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    details: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def wanted_in(text: str, job: Job) -> Wanted:
    """Read the filters from a line."""
    words, vocabulary = order_words(), job.tools.vocabulary
    said = [word for word in fold(text).replace(",", " ").split() if word]
    filters, wanted, at = _Filters(), Wanted(), 0
    while at < len(said):
        if shown := words.at("shown", said, at):
            wanted, at = _shown(wanted, shown[0], job), shown[1]
        else:
            at = _filter(said, at, filters, words, vocabulary)
    statuses = tuple(filters.statuses) or wanted.statuses
    return replace(wanted, kinds=tuple(filters.kinds), statuses=statuses, details=tuple(filters.details), words=tuple(filters.words))


def _shown(wanted: Wanted, name: str, job: Job) -> Wanted:
    match name:
        case "mine":
            return replace(wanted, assigned_to=job.coordinator.email.lower())
        case "nobody":
            return replace(wanted, assigned_to="")
        case "late":
            return replace(wanted, before=job.now - LATE)
        case _:
            return replace(wanted, snoozed_at=job.now)


def _filter(said: Sequence[str], at: int, filters: _Filters, words: OrderWords, vocabulary: Vocabulary) -> int:
    """Take the longest phrase that means something at a place; returns where it ends."""
    if kind := words.at("kind", said, at):
        filters.kinds.append(kind[0])
        return kind[1]
    if group := words.at("group", said, at):
        filters.kinds.extend(GROUPS[group[0]])
        return group[1]
    if status := words.at("status", said, at):
        filters.statuses.append(status[0])
        return status[1]
    if end := words.is_small("filler", said, at):
        return end
    for end in range(min(len(said), at + LONGEST_PHRASE), at, -1):
        if details := _details(" ".join(said[at:end]), vocabulary):
            filters.details.extend(details)
            return end
    filters.words.append(said[at])
    return at + 1


def _details(phrase: str, vocabulary: Vocabulary) -> list[tuple[str, tuple[str, ...]]]:
    """What a phrase would say of a volunteer who wrote it; a day is any part of it."""
    message = InboundMessage(channel="sms", sender="", body=phrase)
    fields = read_fields(Words(text=phrase, said=phrase), message, vocabulary, asked="setting", acts={"mentor_offer"})
    said = {name: fields.get(name) for name in ("setting", "language", "population", "modality", "availability")}
    return [(name, tuple(values)) for name, values in said.items() if isinstance(values, list) and values]
