"""What a fuzzer may throw bytes at: each part of the parsers that reads what anybody sends."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from parsers.authentication import verdict
from parsers.authserv import checked
from parsers.mail import read_mail
from parsers.markup import lines_of_html
from parsers.message import InboundMessage
from parsers.orders import orders
from parsers.own_lines import own_lines
from parsers.reading import Context, hear, read, resembles
from parsers.reply import own_words
from parsers.vocabulary import Vocabulary, load

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 3, 2)
CONTEXTS = (
    Context(today=TODAY),
    Context(asked="role", options=("mentor_offer", "mentor_request"), today=TODAY),
    Context(asked="name", records=("mentor_offer",), today=TODAY),
    Context(asked="availability", records=("mentor_offer", "shadow_request"), match="m", today=TODAY),
)
OURS = """-- Answer above this line --
#12 New mentor offer: Ana
> I want to be a mentor, tuesdays
> close 12
Say close 12 or snooze 12 5d.
"""


def mail(data: bytes) -> None:
    heard = hear(read_mail(data, words(), own_lists=("peers.example.org",)), words())
    read(heard, words(), CONTEXTS[len(data) % len(CONTEXTS)])
    resembles(heard, words())


def reply(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    own_words(InboundMessage(channel="email", sender="ana@example.org", sender_name="Ana Ruiz", subject=text[:40], body=text), words())


def markup(data: bytes) -> None:
    lines_of_html(data.decode("utf-8", "replace"))


def text(data: bytes) -> None:
    said = data.decode("utf-8", "replace")
    heard = hear(InboundMessage(channel="sms", sender="+14065550111", body=said), words())
    for context in CONTEXTS:
        read(heard, words(), context, choosing=len(said) % 2 == 0)


def commands(data: bytes) -> None:
    said = data.decode("utf-8", "replace")
    orders(said.splitlines())
    own_lines(said, OURS)
    own_lines(said, said[: len(said) // 2])


def authentication(data: bytes) -> None:
    values = tuple(data.decode("latin-1").split("\n"))
    for value in values:
        checked(value)
    message = InboundMessage(channel="email", sender="ana@example.org", froms=("ana@example.org",), authentication=values)
    verdict(message, ("mx.example.org", "*.example.net", "microsoft"))


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "mail": mail,
    "reply": reply,
    "markup": markup,
    "text": text,
    "commands": commands,
    "authentication": authentication,
}


@functools.cache
def words() -> Vocabulary:
    return load()


def seeds() -> Mapping[str, list[bytes]]:
    """Messages of the tests, for a fuzzer to begin with."""
    mails = [path.read_bytes() for path in sorted((ROOT / "mails").rglob("*.eml"))]
    rows = [json.loads(line) for path in sorted((ROOT / "readings").glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    bodies = [str(row["body"]).encode() for row in rows if row.get("body")]
    written = [f"From: {row['from']}\nSubject: {row['subject']}\n\n{row['body']}".encode() for row in rows if row.get("subject")]
    results = [line.encode() for one in mails for line in one.decode("latin-1").splitlines() if "=pass" in line]
    return {
        "mail": [*mails, *written[::10]],
        "reply": bodies[::20],
        "markup": [b"<div>Hi<blockquote type=cite><p>MENTOR</p></blockquote><style>p{}</style></div>"],
        "text": bodies[::10],
        "commands": [b"close 12 and 13\nnote 12: called\nyes", b"set 12 name: Ana\nask 12: when?"],
        "authentication": [*results, b"mx.example.org; dmarc=pass (p=none) header.from=example.org"],
    }
