"""`set 12 town Billings`: puts right what was read of somebody."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from db import items
from db.items import OF_THE_PERSON, Item
from intake.commands.base import Job, Result, done, for_each, refused, state
from parsers.addresses import any_email, any_phone
from parsers.fields import read_fields
from parsers.folding import fold
from parsers.message import InboundMessage
from parsers.order_words import order_words
from parsers.orders import Order
from parsers.phrasebook import table
from parsers.reply import Words
from parsers.vocabulary import Vocabulary

LONGEST = 200


class Set:
    name = "set"
    by_text = False

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:
        words = order.rest.split()
        said = [fold(word).strip(":=") for word in words]
        found = order_words().at("field", said, order_words().is_small("article", said) or 0)
        if found is None:
            yield refused("which_field", nearest="set", said=order.rest)
            return
        name, end = found
        end = order_words().is_small("to", said, end) or end
        text = " ".join(words[end:])[:LONGEST]
        value = value_of(name, text, job.tools.vocabulary)
        if value is None:
            yield refused("which_value", nearest="set", field=name, said=text)
            return
        yield from for_each(job, order, partial(_set, name=name, value=value), takes=True)


def value_of(name: str, text: str, vocabulary: Vocabulary) -> object | None:
    """What a text gives for a field, as it would be read of a volunteer who was asked for it; None where it gives nothing."""
    match name:
        case "name" | "location" | "note":
            return text or None
        case "phone":
            return any_phone(text)
        case "email":
            return any_email(text)
        case "capacity":
            number = next((found[fold(text)] for found in table(vocabulary, "number_words") if fold(text) in found), None)
            return int(text) if text.isdecimal() and len(text) < 4 else number or _read(name, text, vocabulary)
        case _:
            return _read(name, text, vocabulary)


def _read(name: str, text: str, vocabulary: Vocabulary) -> object | None:
    message = InboundMessage(channel="sms", sender="", body=text)
    asked = name if name in ("availability", "setting") else "setting"
    looked = "availability" if name == "unavailable" else name
    return read_fields(Words(text=text, said=text), message, vocabulary, asked=asked, acts={"mentor_offer"}).get(looked)


def _set(job: Job, item: Item, *, name: str, value: object) -> Result:
    if name in OF_THE_PERSON:
        if item.contact_id is None:
            return refused("nobody_behind", number=item.number)
        items.revise(job.session, item, author=job.author, now=job.now, what="described", **{name: value})
    elif name == "note":
        items.revise(job.session, item, author=job.author, now=job.now, note=str(value))
    elif item.what != "record":
        return refused("records_only", **state(item))
    else:
        items.revise(job.session, item, author=job.author, now=job.now, details={**item.details, name: value})
    return done("set", **state(item), field=name, value=value)
