"""The floors under the mailbox benchmark: what fetching, parsing and one row a mail cost, with nothing read and nobody answered."""

from __future__ import annotations

import email
import json
import sqlite3
import sys
from collections.abc import Callable
from email import policy
from email.message import EmailMessage, Message
from pathlib import Path

from imapclient import IMAPClient

from benchmarks.common import measured

BATCH = 50
Row = tuple[str, str, str, str]


def main(floor: str, database: Path, settings: dict[str, str]) -> None:
    """Fetch fifty, parse them, commit fifty rows, flag them, until none is left."""
    parse: Callable[[bytes], Row] = _with_compat32 if floor == "floor A" else _with_default
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE mails (id INTEGER PRIMARY KEY, message_id TEXT, sender TEXT, subject TEXT, body TEXT)")
    with measured() as found, IMAPClient(settings["IMAP_HOST"], int(settings["IMAP_PORT"]), ssl=False) as client:
        client.login(settings["IMAP_USERNAME"], settings["IMAP_PASSWORD"])
        client.select_folder("INBOX")
        uids = client.search("UNSEEN")
        for start in range(0, len(uids), BATCH):
            batch = uids[start : start + BATCH]
            rows = [parse(data[b"BODY[]"]) for data in client.fetch(batch, ["BODY.PEEK[]"]).values()]
            with connection:
                connection.executemany("INSERT INTO mails (message_id, sender, subject, body) VALUES (?, ?, ?, ?)", rows)
            client.add_flags(batch, [b"\\Seen"], silent=True)
        found["taken"] = connection.execute("SELECT count(*) FROM mails").fetchone()[0]


def _with_compat32(raw: bytes) -> Row:
    mail = email.message_from_bytes(raw)
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return (*_headers(mail), payload.decode("utf-8", "replace"))


def _with_default(raw: bytes) -> Row:
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    return (*_headers(mail), str(body.get_content()) if body else "")


def _headers(mail: Message) -> tuple[str, str, str]:
    return str(mail["Message-ID"]), str(mail["From"]), str(mail["Subject"])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
