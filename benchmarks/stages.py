"""The stages in which the parsers read a message, each as a function of a text alone."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import date

from parsers.acts import tell
from parsers.addresses import any_email, any_phone, own_email, own_phone
from parsers.authentication import verdict
from parsers.authserv import checked
from parsers.charsets import decode_header
from parsers.forwarded import forwarded
from parsers.language import language_of
from parsers.layout import lines_of
from parsers.lexicon import lexicon
from parsers.mail import read_mail
from parsers.markup import lines_of_html
from parsers.message import InboundMessage
from parsers.mime import split_mail
from parsers.orders import orders
from parsers.own_lines import own_lines
from parsers.phrases import scan
from parsers.quotation import divide
from parsers.reading import Context, hear, read
from parsers.reply import own_words
from parsers.signature import part
from parsers.tokens import plain_words
from parsers.until import until
from parsers.urgency import screen
from parsers.vocabulary import load
from parsers.wishes import command

HEAD = "From: Ana Ruiz <ana@example.org>\nTo: intake@example.org\nSubject: Re: Peers\nMessage-ID: <1@example.org>\n"
TODAY = date(2026, 3, 2)

Stage = Callable[[str], object]


@functools.cache
def stages() -> Mapping[str, Stage]:
    """Each under its name; whatever is kept from one text to the next is of no use to them, since the kinds are many."""
    words = load()
    mail = lexicon(words)

    def message(text: str, *, subject: str = "", html: str = "") -> InboundMessage:
        return InboundMessage(channel="email", sender="ana@example.org", sender_name="Ana Ruiz", body=text, subject=subject, html=html)

    return {
        "taking a mail apart": lambda text: split_mail((HEAD + text).encode("utf-8", "replace")),
        "a mail": lambda text: read_mail((HEAD + "\n" + text).encode("utf-8", "replace"), words),
        "headers": lambda text: read_mail((HEAD + text).encode("utf-8", "replace"), words),
        "a header of each kind": lambda text: read_mail(_headers(text), words),
        "an encoded header": decode_header,
        "Authentication-Results": checked,
        "authentication": lambda text: verdict(_authenticated(text), ("mx.example.org",)),
        "lines": lines_of,
        "markup": lines_of_html,
        "quotation": lambda text: divide(lines_of(text), mail, forwarded=False),
        "forwarded": lambda text: forwarded(message(text, subject="Fwd: Peers"), words),
        "signature": lambda text: part(lines_of(text), "Ana Ruiz", mail, first=True),
        "reply": lambda text: own_words(message(text), words),
        "reply in HTML": lambda text: own_words(message("", html=text), words),
        "own lines": lambda text: own_lines(text, "#12 New mentor offer\n> I want to be a mentor\nReply above this line\n"),
        "own lines of the same": lambda text: own_lines(text[:60_000], text[:20_000]),
        "orders": lambda text: orders(text.split("\n")),
        "words": lambda text: plain_words(text, words),
        "risk": lambda text: screen(text, words),
        "phrases": lambda text: scan(text, words),
        "acts": lambda text: tell(plain_words(text, words), words),
        "wishes": lambda text: command(plain_words(text, words), words),
        "language": lambda text: language_of(plain_words(text, words), words),
        "phone numbers": lambda text: (own_phone(text, words, of_others=False), any_phone(text)),
        "addresses": lambda text: (own_email(text, words, of_others=False), any_email(text)),
        "until": lambda text: until(text, TODAY, vocabulary=words),
        "a text": lambda text: read(
            hear(InboundMessage(channel="sms", sender="+14065550111", body=text), words), words, Context(today=TODAY)
        ),
        "a reply": lambda text: read(hear(message(text), words), words, Context(today=TODAY)),
    }


def _headers(text: str) -> bytes:
    names = ("From", "To", "Subject", "Content-Type", "References", "List-Id", "Delivered-To", "Authentication-Results")
    line = " ".join(text.split())[: len(text) // len(names)]
    return "".join(f"{name}: {line}\n" for name in names).encode("utf-8", "replace")


def _authenticated(text: str) -> InboundMessage:
    return InboundMessage(
        channel="email", sender="ana@example.org", froms=("ana@example.org",), authentication=(text, f"mx.example.org; {text}")
    )
