"""Any bytes become a message: what is broken is read as far as it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.automatic import reason
from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.reply import own_words
from parsers.vocabulary import load
from tests.cost import cost

VOCABULARY = load()
MAILS = Path(__file__).parents[1] / "mails"
CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


def read(raw: bytes | str, **options: tuple[str, ...]) -> InboundMessage:
    return read_mail(raw.encode() if isinstance(raw, str) else raw, VOCABULARY, **options)


def test_a_reply_is_read_whole() -> None:
    mail = read((MAILS / "gmail_reply.eml").read_bytes())
    assert (mail.sender, mail.sender_name, mail.subject) == ("noor@example.org", "Noor Haddád", "Re: Peer news: otoño")
    assert mail.message_id == "<CAF-reply-1@mail.example.org>"
    assert mail.references == ("<news-16@example.net>", "<news-17@example.net>")
    assert (mail.automatic, mail.attachments) == ("", 0)
    assert own_words(mail, VOCABULARY).text == "I\u2019d like to host a shadow on Thursdays.\n\nNoor"


def test_the_writer_behind_a_group_is_found() -> None:
    raw = (MAILS / "through_a_group.eml").read_bytes()
    assert read(raw).automatic == "list"
    mail = read(raw, own_lists=("<peer-intake.example.net>",))
    assert (mail.sender, mail.sender_name, mail.automatic) == ("kai@example.org", "Kai Brandt", "")


@pytest.mark.parametrize(
    ("header", "sender", "name"),
    [
        ('"Moss, Pat" <Pat@Example.org>', "pat@example.org", "Moss, Pat"),
        ("pat@example.org (Pat Moss)", "pat@example.org", "Pat Moss"),
        ("pat@example.org", "pat@example.org", ""),
        ("=?utf-8?Q?Pat=0D=0ABcc:_x@example.com?= <pat@example.org>", "pat@example.org", "Pat Bcc: x@example.com"),
        ("=?utf-8?Q?=3Ceve=40example.com=3E?= <pat@example.org>", "pat@example.org", "<eve@example.com>"),
        ("=?utf-8?B?w?= =?utf-8?B?w6E=?= <pat@example.org>", "pat@example.org", "á"),
        ("=?x-unknown?Q?Pat?= <pat@example.org>", "pat@example.org", "Pat"),
        ("undisclosed", "", "undisclosed"),
        ("", "", ""),
    ],
)
def test_sender(header: str, sender: str, name: str) -> None:
    mail = read(f"From: {header}\n\nhi")
    assert (mail.sender, mail.sender_name) == (sender, name)


@pytest.mark.parametrize(
    "header", ["From: Pat Moss\nReply-To: pat@example.org", "Sender: Pat Moss <pat@example.org>", "From: x\nSender: pat@example.org"]
)
def test_whom_from_does_not_name_another_header_may(header: str) -> None:
    """Somebody who could be answered is not kept aside as nobody."""
    assert read(f"{header}\n\nhi").sender == "pat@example.org"


def test_half_a_character_is_none() -> None:
    """UTF-7 can hold one, and no database takes it."""
    mail = read(
        b"From: =?utf-7?q?Al+2AA-?= <a@example.org>\nSubject: =?utf-7?q?Hi+2AA-?=\nContent-Type: text/plain; charset=utf-7\n\nHelp +2AA- me"
    )
    assert (mail.subject + mail.body + mail.sender_name).encode()
    assert "Help" in mail.body


@pytest.mark.parametrize("charset", ["no-such", "utf\0-8", "idna", "punycode", "hex", "rot13", "unicode_escape", "a" * 300, "us-ascii", ""])
def test_a_charset_that_does_not_hold_is_passed_over(charset: str) -> None:
    mail = read(f'From: a@example.org\nContent-Type: text/plain; charset="{charset}"\n\n'.encode() + "Sí, mañana".encode())
    assert mail.body == "Sí, mañana"
    mail = read(f'From: a@example.org\nContent-Type: text/plain; charset="{charset}"\n\n'.encode() + "Sí, mañana".encode("cp1252"))
    assert mail.body.endswith("ana")


def test_control_characters_leave_the_text() -> None:
    assert read(b"From: a@example.org\nSubject: a\0b\n\nh\0i\x07 there\r\nline\x0btwo\x00").body == "hi there\nline\ntwo"


def test_attachments_are_counted_and_plain_parts_joined() -> None:
    raw = (
        'From: a@example.org\nContent-Type: multipart/mixed; boundary="x"\n\n--x\n\nabove\n--x\n'
        'Content-Type: image/png; name="p.png"\n\nAAAA\n'
        '--x\nContent-Type: text/plain; name="n.txt"\nContent-Disposition: attachment; filename="n.txt"\n\nSTOP\n--x\n\nbelow\n--x--\n'
    )
    mail = read(raw)
    assert (mail.body.split(), mail.attachments) == (["above", "below"], 2)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n\r\n",
        b"no headers at all",
        b'From: a@example.org\nContent-Type: multipart/mixed; boundary="x"\n\nno part ever comes',
        b'From: a@example.org\nContent-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\ncut of',
        b"From: a@example.org\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!SGVsbG8",
        b"From: a@example.org\nDate: Mon, 99999999999999999999 Mar 2026\nContent-Disposition: ;;;=\n\nhi",
    ],
)
def test_broken_mails_are_read_as_far_as_they_go(raw: bytes) -> None:
    assert isinstance(read(raw), InboundMessage)


def test_hostile_mails_cost_little() -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1_500))
    mails = (
        f"From: a@example.org\n{nested}Content-Type: text/plain\n\ndeep",
        "Subject: " + "=?utf-8?Q?a?= " * 20_000 + "\nFrom: a@example.org\n\nhi",
        "Subject: =?utf-8?B?" + "QUJD" * 60_000 + "?=\nFrom: " + "(" * 100_000 + "a@example.org\n\nhi",
        "From: a@example.org\n" + "X: y\n" * 100_000 + "\nhi",
        'From: a@example.org\nContent-Type: multipart/mixed; boundary="x"\n\n' + "--x\n" * 200_000,
    )
    assert cost(lambda: [read(mail) for mail in mails]) < 3
    assert read(mails[0]).body == "deep"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600), st.sampled_from(sorted(MAILS.glob("*.eml"))), st.integers(0, 900))
def test_nothing_raises(noise: bytes, path: Path, at: int) -> None:
    raw = path.read_bytes()
    for data in (noise, raw[:at] + noise + raw[at + len(noise) // 2 :]):
        mail = read(data)
        reason(mail, own_words(mail, VOCABULARY), VOCABULARY)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared corpora are not beside the project")
def test_malformed_corpus_is_answered() -> None:
    for path in sorted((CORPORA / "malformed").rglob("*")):
        mail = read(path.read_bytes())
        own_words(mail, VOCABULARY)
