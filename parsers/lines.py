"""`run.py parse`: JSON lines in, one reading a line out; what a reader of this project's parsers starts with."""

from __future__ import annotations

import base64
import email.utils
import json
from collections.abc import Iterable, Iterator
from typing import Any

from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.reading import Context, Reading, hear, read
from parsers.vocabulary import Vocabulary


def readings(lines: Iterable[str], vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    """One answer for each line that is not blank, in order; a line that cannot be read gets an `error` of its own."""
    for line in lines:
        if not line.strip():
            continue
        row: object = None
        try:
            row = json.loads(line)
            yield {"id": _object(row).get("id"), **as_json(_read_row(_object(row), vocabulary))}
        except (KeyError, TypeError, ValueError) as error:
            yield {"id": row.get("id") if isinstance(row, dict) else None, "error": f"{type(error).__name__}: {error}"}


def _object(row: object) -> dict[str, Any]:
    if isinstance(row, dict):
        return row
    raise TypeError("a line must be a JSON object")


def as_json(reading: Reading) -> dict[str, Any]:
    return {
        "reply_text": reading.reply_text,
        "acts": list(reading.acts),
        "urgent": reading.urgent,
        "clarify": reading.clarify,
        "fields": dict(reading.fields),
        "spoken": reading.language,
    }


def _read_row(row: dict[str, Any], vocabulary: Vocabulary) -> Reading:
    return read(hear(_message(row, vocabulary), vocabulary), vocabulary, _context(row.get("context") or {}))


def _message(row: dict[str, Any], vocabulary: Vocabulary) -> InboundMessage:
    if row.get("raw"):
        return read_mail(base64.b64decode("".join(row["raw"].split()), validate=True), vocabulary)
    channel = row.get("channel", "sms")
    if channel not in ("sms", "email"):
        raise ValueError("channel must be sms or email")
    name, address = email.utils.parseaddr(row.get("from") or "") if channel == "email" else ("", row.get("from") or "")
    return InboundMessage(
        channel=channel,
        sender=address.lower(),
        sender_name=name,
        subject=row.get("subject") or "",
        body=row.get("body") or "",
    )


def _context(known: dict[str, Any]) -> Context:
    return Context(
        asked=known.get("asked"),
        records=tuple(known.get("records") or ()),
        match=known.get("match"),
        options=tuple(known.get("options") or ()),
    )
