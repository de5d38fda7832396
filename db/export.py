"""Records with their contact, as CSV or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from db.models import Contact, Record
from db.statements import table

RECORDS = table(Record)
CONTACTS = table(Contact)
COLUMNS = (
    "id", "kind", "status", "name", "phone", "email", "channel", "availability", "unavailable", "setting", "modality",
    "language", "population", "location", "capacity", "note", "created_at", "updated_at",
)  # fmt: skip
FREE_TEXT = ("name", "email", "location", "note")
# A spreadsheet takes a cell that starts so for a formula (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(session: Session) -> Iterator[dict[str, Any]]:
    """Every record, in the order of the numbers."""
    who = [CONTACTS.c.name, CONTACTS.c.phone, CONTACTS.c.email, CONTACTS.c.prefers]
    query = select(RECORDS, *who).join(CONTACTS, CONTACTS.c.id == RECORDS.c.contact_id).order_by(RECORDS.c.id)
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield _cells(row)


def _cells(row: Row[Any]) -> dict[str, Any]:
    said = {column: row.details.get(column) for column in COLUMNS if column not in row._fields}
    return {
        **said,
        "id": row.id,
        "kind": row.kind,
        "status": row.status,
        "name": row.name,
        "phone": row.phone,
        "email": row.email,
        "channel": row.prefers or row.channel,
        "note": row.note,
        "created_at": _iso(row.created_at),
        "updated_at": _iso(row.updated_at),
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_csv(session: Session, to: TextIO) -> None:
    writer = csv.DictWriter(to, COLUMNS)
    writer.writeheader()
    for row in rows(session):
        writer.writerow({column: _cell(column, row[column]) for column in COLUMNS})


def write_jsonl(session: Session, to: TextIO) -> None:
    to.writelines(json.dumps({column: row[column] for column in COLUMNS}, ensure_ascii=False) + "\n" for row in rows(session))


def _cell(column: str, value: Any) -> str:  # noqa: ANN401
    text = ";".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if column in FREE_TEXT and text.startswith(FORMULA) else text
