"""Bytes of any charset, declared truly, falsely or not at all, become text; nothing here raises."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from functools import lru_cache
from itertools import groupby

# Codecs that are no charsets of mail, or that take quadratic time on hostile input.
_REFUSED = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")
_HIDDEN = dict.fromkeys((0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xAD, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_BODY_CONTROL = (
    {code: None for code in _CONTROL if code not in (9, 10, 0x85)} | {0x0B: "\n", 0x0C: "\n", 0x2028: "\n", 0x2029: "\n"} | _HIDDEN
)
_IN_BODY = re.compile(f"[{re.escape(''.join(map(chr, _BODY_CONTROL)))}]")
_IN_ASCII_BODY = bytes(code for code in _BODY_CONTROL if code < 128)


def decode(data: bytes, declared: str) -> str:
    """Declared, UTF-8, then cp1252 with replacement; halves of characters, which UTF-7 can hold and no database takes, are none."""
    for charset in (declared, "utf-8"):
        try:
            if charset and not _is_refused(charset):
                text = data.decode(charset)
                if not text.isascii():
                    text.encode()
                return text
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


@lru_cache(maxsize=64)
def _is_refused(charset: str) -> bool:
    return codecs.lookup(charset).name.replace("-", "_") in _REFUSED


def clean_body(text: str) -> str:
    """Lines end in one newline; NUL, control and bidirectional marks leave the text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_BODY_CONTROL) if _holds_marks(text) else text  # most texts hold none, and looking is quicker


def _holds_marks(text: str) -> bool:
    if not text.isascii():
        return _IN_BODY.search(text) is not None
    raw = text.encode()
    return len(raw.translate(None, _IN_ASCII_BODY)) < len(raw)


def clean_header(text: str) -> str:
    """One line, without control characters, whatever an encoded word held."""
    return " ".join(text.translate(_CONTROL).translate(_HIDDEN).split())


def decode_header(value: str) -> str:
    """RFC 2047, with neighbouring words of one charset joined before they are decoded, since senders split characters between them."""
    if "=?" not in value:
        return clean_header(value)
    pieces: list[tuple[str, bytes | str]] = []
    end = 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[end : word.start()]
        if between.strip() or (between and not pieces):
            pieces.append(("", between))
        pieces.append((word[1].split("*")[0].lower(), _word_bytes(word[2], word[3])))
        end = word.end()
    pieces.append(("", value[end:]))
    return clean_header(
        "".join(_joined(charset, [part for _, part in group]) for charset, group in groupby(pieces, key=lambda piece: piece[0]))
    )


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """Undo base64 or quoted-printable; what is broken is read as far as it goes."""
    match encoding:
        case "base64":
            return _base64(data)
        case "quoted-printable":
            return quopri.decodestring(data)
        case _:
            return data


def _joined(charset: str, parts: list[bytes | str]) -> str:
    return "".join(part for part in parts if isinstance(part, str)) + decode(
        b"".join(part for part in parts if isinstance(part, bytes)), charset
    )


def _word_bytes(encoding: str, data: str) -> bytes:
    raw = data.encode("ascii", "replace")
    return _base64(raw) if encoding in "bB" else quopri.decodestring(raw, header=True)


def _base64(data: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    try:
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        return b""
