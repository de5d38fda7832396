"""A coordinator's text, in whatever words, says that they see to the case of which they were texted last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from db import urgent
from db.history import Author
from db.people import Sender
from notifier.outcomes import Acknowledged, Happened
from notifier.programme import Programme
from parsers.courtesy import is_reaction
from parsers.reading import Context, Heard
from parsers.turn import read_turn
from parsers.vocabulary import Vocabulary


def seen_to(
    session: Session, heard: Heard, vocabulary: Vocabulary, *, sender: Sender, programme: Programme, inbox_id: int, now: datetime
) -> Happened | None:
    """Take note of it; None where the text is nothing of the kind, and is read as anybody's."""
    message = heard.message
    coordinator = programme.coordinator_at(message.sender) if message.channel == "sms" else None
    if coordinator is None or not heard.words.said.strip() or is_reaction(heard.words.said, vocabulary):
        return None
    reading = read_turn(replace(heard, urgent=None), vocabulary, Context(), language=programme.language)
    number = urgent.last_told(session, message.sender)
    if number is None or "automatic" in reading.acts:
        return None
    author = Author(name=coordinator.email.lower(), inbox_id=inbox_id)
    numbers = urgent.acknowledge(session, number, by=author.name, author=author, now=now)
    done = Acknowledged(tuple(numbers), coordinator)
    reading = replace(reading, acts=("other",), fields={}, clarify=False, wants=frozenset())
    return Happened(inbox_id=inbox_id, sender=sender, message=message, reading=reading, outcomes=(done,))
