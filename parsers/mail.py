"""Raw bytes of a mail become an InboundMessage, and machine-written mail is recognised."""

from __future__ import annotations

import re

from parsers.authentication import topmost
from parsers.automatic import by_envelope, by_headers
from parsers.charsets import clean_body, decode_header
from parsers.folding import fold
from parsers.lexicon import lexicon
from parsers.message import InboundMessage
from parsers.mime import Headers, Part, split_mail
from parsers.vocabulary import Vocabulary

MOST_TEXT = 400_000  # characters; a mail of a person is far shorter
MOST_REFERENCES = 50
MOST_RECIPIENTS = 100
LOOP_HEADER = "X-Peer-Intake"  # on every mail that we send; one that comes back is nobody's
# Only addresses without quoting or routes (RFC 5322, dot-atom): others are read in one way here and in another by a mail server.
_ATOM = r"[^\x00-\x20\x7f<>()\[\]\\,;:@\"]"
_DOMAIN = r"[\w.-]{1,255}"
_ANGLED = re.compile(rf"<\s{{0,3}}({_ATOM}{{1,200}}@{_DOMAIN})\s{{0,3}}>")
_BARE = re.compile(rf"(?<![^\s<(\"',;:])({_ATOM}{{1,200}}@{_DOMAIN})(?![^\s>)\"',;])")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,500}"')
_COMMENT = re.compile(r"\(([^()]{1,200})\)")
_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # printable ASCII: others cannot go out again in a header
_UNCOMMENTED = re.compile(r"\([^()]{0,500}\)")
_ONE_ADDRESS = re.compile(rf"\s*(?:[^<>@\",;:\\()]{{0,500}}<({_ATOM}{{1,200}}@{_DOMAIN})>|({_ATOM}{{1,200}}@{_DOMAIN}))\s*")
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_WRITERS = ("sender", "reply-to")
_ORIGINAL_SENDERS = ("x-original-from", "x-original-sender", "x-mailfrom", "reply-to")


def read_mail(raw: bytes, vocabulary: Vocabulary, *, own_lists: tuple[str, ...] = ()) -> InboundMessage:
    """Take a mail as it came; what is broken in it is read as far as it goes, and nothing raises."""
    headers, parts = split_mail(raw)
    subject = decode_header(headers.get("subject"))[:1_000]
    sender, name = _sender(headers, vocabulary)
    plain = [part for part in parts if _carries(part, "text/plain")]
    marked = [part for part in parts if _carries(part, "text/html")]
    body = _text(plain)
    message_id = _ID.search(headers.get("message-id"))
    automatic = "our own" if headers.get(LOOP_HEADER.lower()) else by_headers(headers, own_lists=own_lists) or _calendar(parts)
    return InboundMessage(
        channel="email",
        sender=sender,
        sender_name=name,
        froms=_froms(headers),
        recipient=_address(headers.get("delivered-to") or headers.get("x-original-to") or headers.get("to"))[0],
        subject=subject,
        body=body,
        html=_text(marked),
        recipients=_recipients(headers),
        authentication=topmost(headers.lines),
        message_id=message_id[0] if message_id else "",
        references=_references(headers),
        automatic=automatic or by_envelope(sender, name, subject=subject, vocabulary=vocabulary),
        attachments=len(parts) - len(plain) - len(marked),
    )


def _sender(headers: Headers, vocabulary: Vocabulary) -> tuple[str, str]:
    address, name = _address(headers.get("from"))
    if not address:  # then whoever handed it in, or wants the answer, is the writer
        others = [_address(headers.get(header)) for header in _WRITERS]
        address, other = next((one for one in others if one[0]), ("", ""))
        name = name or other
    # A list that rewrites From leaves the writer in a header of its own.
    if "list-id" in headers.names() and (via := lexicon(vocabulary).via.match(fold(name))):
        for header in _ORIGINAL_SENDERS:
            original, original_name = _address(headers.get(header))
            if original and original != address:
                return original, original_name or name[: via.end(1)].strip(" '\"")
    return address, name


def _froms(headers: Headers) -> tuple[str, ...]:
    """Every address of every From, but none at all where one of them could be read in another way."""
    addresses: list[str] = []
    for value in headers.all("from"):
        plain = _UNCOMMENTED.sub(" ", _QUOTED.sub(" ", value[:2_000]))
        found = [_ONE_ADDRESS.fullmatch(part) for part in plain.split(",")]
        if len(value) > 2_000 or None in found:
            return ()
        addresses.extend((one[1] or one[2]).lower() for one in found if one)
    # A second From is a second writer, even of the same address: servers differ in which they judge.
    return tuple(addresses)


def _recipients(headers: Headers) -> tuple[str, ...]:
    values = (_QUOTED.sub(" ", value) for name in _RECIPIENTS for value in headers.all(name))
    found = dict.fromkeys(address[1].lower() for value in values for address in _BARE.finditer(value))
    return tuple(found)[:MOST_RECIPIENTS]


def _address(value: str) -> tuple[str, str]:
    """Address in lower case and display name; the name is decoded last, so that nothing encoded in it can pose as an address."""
    value = value[:2_000]
    # An address inside a quoted name is part of the name, and of several in angles the last is the mailbox's.
    unquoted = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), value)
    if found := list(_ANGLED.finditer(unquoted)):
        return found[-1][1].lower(), _display_name(value[: found[-1].start()])
    if bare := _BARE.search(unquoted):
        comment = _COMMENT.search(value)
        return bare[1].lower(), _display_name(comment[1]) if comment else ""
    return "", _display_name(value)


def _display_name(value: str) -> str:
    return decode_header(value.replace('\\"', "").strip().strip('"').strip())[:200].strip(" '\"")


def _references(headers: Headers) -> tuple[str, ...]:
    known = _ID.findall(headers.get("references"))[-MOST_REFERENCES:]
    return tuple(dict.fromkeys([*known, *_ID.findall(headers.get("in-reply-to"))[:1]]))


def _carries(part: Part, wanted: str) -> bool:
    kind = part.headers.content_type()
    # A multipart whose boundary never comes, and a part that says nothing of itself, are plain text.
    if not kind or "/" not in kind or kind.startswith("multipart/"):
        kind = "text/plain"
    disposition = part.headers.get("content-disposition").partition(";")[0].strip().lower()
    return kind == wanted and disposition != "attachment" and not part.headers.parameter("filename", of="content-disposition")


def _text(parts: list[Part]) -> str:
    return clean_body("\n".join(part.text() for part in parts))[:MOST_TEXT].strip("\n")


def _calendar(parts: tuple[Part, ...]) -> str:
    methods = {part.headers.parameter("method").lower() for part in parts if part.headers.content_type() == "text/calendar"}
    return "calendar" if methods & {"reply", "counter", "cancel"} else ""
