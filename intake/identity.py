"""What a mail is known by, so that one that comes again, by another way or after a crash, is told from a new one."""

from __future__ import annotations

import hashlib
import re

MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s@]{1,500}@[^<>\s]{1,490}>)", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"\r?\n\r?\n")


def identity(source: bytes, size: int) -> str:
    """What tells a mail from another, however often and wherever it is delivered: its Message-ID and the hash of its body."""
    end = HEADER_END.search(source)
    header, body = (source[: end.start()], source[end.end() :]) if end else (source, b"")
    named = MESSAGE_ID.search(header)
    if named is None:
        return "source:" + hashlib.sha256(source + b"\0%d" % size).hexdigest()
    return "mail:" + hashlib.sha256(named[1].strip() + b"\0" + hashlib.sha256(body).digest()).hexdigest()
