"""What anybody may send: forms, mails and commands made of the pieces that they have, rightly and wrongly put together."""

from __future__ import annotations

import base64
import quopri
from email.header import Header

from hypothesis import strategies as st

from parsers.order_words import order_words

PEOPLE = ("+14065550111", "+14065550112", "+14065550188")  # the last is a coordinator's phone
SAID = (
    "MENTOR",
    "I want to be a mentor, tuesdays after 5",
    "quiero ser mentora",
    "STOP",
    "START",
    "I want to kill myself",
    "my mentor keeps touching me",
    "2",
    "Ana",
    "pause until June 1",
    "take me off the list",
    "close 1",
    "what does a mentor do?",
    "",
)
ODD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["\0", "\x1b[2J", "\u202e", "\ud83d\ude42".encode("utf-16", "surrogatepass").decode("utf-16"), "e\u0301" * 30, "\ufeff", "{{ 7 }}"]
    ),
    st.sampled_from(["%00", "&amp;#0;", "'; DROP TABLE inbox; --", "a" * 3_000, "> " * 300, "\n" * 300, "9" * 400, "=?utf-8?b?gICA?="]),
)
WORDS = st.lists(st.one_of(st.sampled_from(SAID), ODD), min_size=1, max_size=4).map(" ".join)
NAMES = (
    "MessageSid",
    "SmsSid",
    "CallSid",
    "From",
    "To",
    "Body",
    "NumMedia",
    "MediaUrl0",
    "FromCity",
    "ErrorCode",
    "MessageStatus",
    "X-Odd",
    "",
)
FIELDS = st.tuples(
    st.sampled_from(NAMES),
    st.one_of(WORDS, st.sampled_from(PEOPLE), st.sampled_from(["SM1", "SM2", "72645", "anonymous", "+", "-1", "1e9", "\u0667"])),
)
FORMS = st.lists(FIELDS, max_size=12)
# A form as no client writes it.
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from([b"Body=", b"From=%2B14065550111", b"&", b"=", b"%", b"%zz", b"%ff%fe", b"+", b";", b"MENTOR", b"\0", b"\xff"]),
        max_size=30,
    ).map(b"".join),
    st.integers(60_000, 70_000).map(lambda size: b"Body=" + b"a" * size),
    st.integers(900, 1_100).map(lambda fields: b"a=b&" * fields),
)

CHARSETS = (
    "utf-8",
    "us-ascii",
    "iso-8859-1",
    "windows-1252",
    "utf-16",
    "utf-7",
    "hz",
    "idna",
    "x-nobody",
    "",
    '"',
    "utf-8\0",
    "punycode",
    "rot13",
    "zip",
)
TYPES = (
    "text/plain",
    "text/html",
    "multipart/mixed",
    "multipart/alternative",
    "message/rfc822",
    "text/calendar",
    "image/png",
    "text",
    "",
    "/",
)
ADDRESSES = (
    "Ana Ruiz <ana@example.org>",
    "ana@example.org",
    '"Ana \\"R\\" Ruiz" <ana@example.org>',
    "ana@example.org (Ana)",
    "<ana@example.org>, <bo@example.org>",
    "Sam <sam@example.org>",
    "intake@example.org",
    "mailer-daemon@example.org",
    "<>",
    "",
    "@",
    "ana@[192.0.2.1]",
    "\u00e4na@ex\u00e4mple.org",
    "=?utf-8?q?Ana?= <ana@example.org>",
    "a" * 300 + "@example.org",
)
HEADERS = (
    "From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To", "Sender", "Return-Path", "Auto-Submitted",
    "Precedence", "List-Id", "Authentication-Results", "Received", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
    "Delivered-To", "X-Peer-Intake", "MIME-Version", "X-Odd",
)  # fmt: skip
VALUES = st.one_of(
    ODD,
    st.sampled_from(ADDRESSES),
    st.sampled_from(
        [
            "<1@example.org>",
            "<a@b> <c@d>",
            "<" * 50,
            "no",
            "auto-replied",
            "list",
            "base64",
            "quoted-printable",
            "attachment; filename=a.png",
        ]
    ),
    st.sampled_from(
        ["mx.example.org; dmarc=pass header.from=example.org", "mx.example.org; (((", 'x; dkim=pass header.d="', "multipart/mixed"]
    ),
    st.builds(lambda text, charset: Header(text, charset).encode(), st.text(max_size=20), st.just("utf-8")),
    st.builds(
        '{}; charset="{}"; boundary="{}"'.format, st.sampled_from(TYPES), st.sampled_from(CHARSETS), st.sampled_from(["b", "c", "", "b--"])
    ),
)
LINES = st.one_of(
    st.sampled_from(SAID),
    ODD,
    st.sampled_from(
        ["> I want to be a mentor", ">>>", "-- ", "On Tue, Feb 4, 2025 at 9:02 AM Ana <ana@example.org> wrote:", "_" * 40, "close 1"]
    ),
    st.sampled_from(
        ["From: Bo <bo@example.org>", "Sent: Monday", "To: intake@example.org", "Subject: Hi", "---------- Forwarded message ---------"]
    ),
    st.sampled_from(
        ["<div>", "</div><blockquote>", "<style>", "<p style='display:none'>", "&#x110000;", "&nbsp;", "<!--", "Sent from my iPhone"]
    ),
)
TEXTS = st.lists(LINES, max_size=8).map("\n".join)


def _leaf(text: str, kind: str, charset: str, how: str) -> bytes:
    try:
        data = text.encode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        data = text.encode("utf-8", "surrogateescape")
    coded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(how, bytes)(data)
    return f'Content-Type: {kind}; charset="{charset}"\nContent-Transfer-Encoding: {how}\n\n'.encode("utf-8", "replace") + coded


def _parts(parts: list[bytes], boundary: str, *, whole: bool) -> bytes:
    body = b"".join(f"\n--{boundary}\n".encode() + part for part in parts)
    end = f"\n--{boundary}--\n".encode() if whole else b""
    return f'Content-Type: multipart/mixed; boundary="{boundary}"\n\n'.encode() + body + end


_HOW = st.sampled_from(["7bit", "8bit", "base64", "quoted-printable", "x-odd"])
LEAVES = st.builds(_leaf, TEXTS, st.sampled_from(TYPES), st.sampled_from(CHARSETS), _HOW)
ENTITIES = st.recursive(
    LEAVES,
    lambda inner: st.builds(_parts, st.lists(inner, max_size=3), st.sampled_from(["b", "c", "d", "-"]), whole=st.booleans()),
    max_leaves=6,
)


def _mail(headers: list[tuple[str, str]], sender: str, entity: bytes, end: bytes, cut: int) -> bytes:
    head = "".join(f"{name}: {value}\n" for name, value in [*headers, *([("From", sender)] if sender else [])])
    return (head.encode("utf-8", "surrogateescape") + entity).replace(b"\n", end)[: cut or None]


MAILS = st.one_of(
    st.builds(
        _mail,
        st.lists(st.tuples(st.sampled_from(HEADERS), VALUES), max_size=8),
        st.sampled_from(ADDRESSES),
        ENTITIES,
        st.sampled_from([b"\r\n", b"\n", b"\r"]),
        st.one_of(st.just(0), st.integers(1, 2_000)),
    ),
    st.binary(max_size=400),
)

_PHRASES = sorted(" ".join(phrase) for phrase in order_words().tables["command"])
_NUMBERS = st.sampled_from(["1", "#2", "1, 2 and 3", "999999999", "0", "12345678901234567890", "-1", "one", ""])
_REST = st.one_of(
    WORDS,
    st.sampled_from(
        [
            "5d",
            "until june 1",
            "with 2",
            "name: Ana",
            "town = Helena",
            "days tuesdays",
            "phone 406-555-0112",
            "mentor request",
            ": hello there",
            "to Jo",
        ]
    ),
    st.sampled_from(
        [
            "mentor offer: Bo Lee 406-555-0199 bo@example.org",
            "offers in helena",
            "csv",
            "everything",
            "yes",
            "phone +1",
            "name: " + "a" * 500,
        ]
    ),
)
ORDERS = st.lists(
    st.one_of(
        st.builds("{} {} {}".format, st.sampled_from(_PHRASES), _NUMBERS, _REST),
        st.builds("{} {}".format, _NUMBERS, st.sampled_from(_PHRASES)),
        LINES,
    ),
    min_size=1,
    max_size=5,
).map("\n".join)
