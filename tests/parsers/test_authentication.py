"""Whose From is believed: every provider's form of an honest mail, and no forgery."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parsers.authentication import Verdict, authenticated, verdict
from parsers.authserv import checked, is_pattern, is_trusted
from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.vocabulary import load

VOCABULARY = load()
HONEST = Path(__file__).parents[1] / "mails" / "authenticated"
EVERYBODY = (
    "mx.google.com",
    "Microsoft",
    "*.messagingengine.com",
    "*.icloud.com",
    "*.yahoo.com",
    "*.protonmail.ch",
    "mx.zohomail.com",
    "mail.example.org",
)
OURS = ("mx.example.org",)
PASS = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.net"
SIGNED = "Authentication-Results: mx.example.org; dkim=pass header.d="
NONE = "Authentication-Results: mx.example.org; dkim=none; dmarc=none header.from=example.net"
FROM = "From: Sam <sam@example.net>"


def mail(*headers: str) -> InboundMessage:
    return read_mail("\r\n".join([*headers, "", "close 12"]).encode(), VOCABULARY)


def judged(*headers: str, trusted: tuple[str, ...] = OURS) -> Verdict:
    sender = () if any(header.lower().startswith("from") for header in headers) else (FROM,)
    return verdict(mail(*headers, *sender), trusted)


@pytest.mark.parametrize("name", sorted(path.name for path in HONEST.glob("*.eml")))
def test_honest_mail_passes_at_every_provider(name: str) -> None:
    """Whatever form its headers have, with line ends of either kind."""
    raw = (HONEST / name).read_bytes()
    for written in (raw, raw.replace(b"\n", b"\r\n")):
        message = read_mail(written, VOCABULARY)
        assert message.froms == ("sam@example.net",)
        assert verdict(message, EVERYBODY) is Verdict.PASS


@pytest.mark.parametrize("name", sorted(path.name for path in HONEST.glob("*.eml")))
@pytest.mark.parametrize("trusted", [(), ("mx.example.com",), ("example.net",), ("*.example",)])
def test_nobody_is_trusted_who_is_not_named(name: str, trusted: tuple[str, ...]) -> None:
    """The very same mails prove nothing where another server is trusted, or none."""
    assert verdict(read_mail((HONEST / name).read_bytes(), VOCABULARY), trusted) is Verdict.UNTRUSTED


@pytest.mark.parametrize("name", sorted(path.name for path in HONEST.glob("*.eml")))
def test_another_domain_in_from_is_not_proven(name: str) -> None:
    """A server's word is about one domain."""
    raw = (HONEST / name).read_bytes()
    at = raw.rindex(b"\nFrom:")
    forged = raw[:at] + b"\nFrom: Jo <jo@example.com>" + raw[raw.index(b"\n", at + 1) :]
    assert verdict(read_mail(forged, VOCABULARY), EVERYBODY) is Verdict.FAILED


@pytest.mark.parametrize(
    "header",
    [
        PASS,
        "Authentication-Results: mx.example.org; dmarc=pass",
        "authentication-results: MX.Example.ORG 1; DMARC=Pass Header.From=Example.NET",
        'Authentication-Results: "mx.example.org"; dmarc=pass reason="all well; dmarc=fail" header.from="example.net"',
        "Authentication-Results: (a (nested \\) comment)) mx.example.org (b) 1 (c); dmarc / 1 = pass (p=none) header . from = example.net",
        "Authentication-Results: mx.example.org;\r\n\tspf=fail (no; dmarc=fail)\r\n smtp.mailfrom=x.example;\r\n dmarc=pass\r\n (a);",
        f"{SIGNED}example.net",
        f"{SIGNED}news.example.net; dmarc=none",
        f"{SIGNED}example.net header.i=sam@mail.example.net; dmarc=temperror",
        "Authentication-Results: mx.example.org; dkim=fail header.d=example.com; dkim=pass header.d=example.net",
    ],
)
def test_what_the_grammar_allows(header: str) -> None:
    """Comments, quoted strings, a version, folded lines, letters of either case."""
    assert judged(header) is Verdict.PASS


FORGED = [
    # Nothing, or nothing that proves From
    ("X-Nothing: here",),
    ("Authentication-Results: mx.example.org; none",),
    (NONE,),
    ("Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=sam@example.net",),
    ("Authentication-Results: mx.example.org; arc=pass; iprev=pass; auth=pass smtp.auth=sam@example.net",),
    ("ARC-Authentication-Results: i=1; mx.example.org; dmarc=pass header.from=example.net",),
    ("X-Authentication-Results: mx.example.org; dmarc=pass header.from=example.net",),
    ("Authentication-Results-Original: mx.example.org; dmarc=pass header.from=example.net",),
    ("Authentication-Results : mx.example.org; dmarc=pass header.from=example.net",),
    ("Authentication-Results: mx.example.org; x-google-dkim=pass header.d=example.net",),
    ("Authentication-Results: mx.example.org; dkim-adsp=pass header.d=example.net",),
    ("Authentication-Results: mx.example.org; dmarc=bestguesspass header.from=example.net",),
    ("Authentication-Results: mx.example.org; dkim=pass",),
    ("Authentication-Results: mx.example.org; spf=none (dmarc=pass header.from=example.net)",),
    ('Authentication-Results: mx.example.org; spf=none reason="; dmarc=pass header.from=example.net"',),
    ('Authentication-Results: mx.example.org; spf=pass smtp.mailfrom="a;dmarc=pass"@example.net',),
    # Another domain
    ("Authentication-Results: mx.example.org; dmarc=pass header.from=example.com",),
    ("Authentication-Results: mx.example.org; dmarc=pass header.from=news.example.net",),
    (f"{SIGNED}example.com",),
    (f"{SIGNED}badexample.net",),
    (f"{SIGNED}example.net.example.com",),
    (f"{SIGNED}net",),
    (f"{SIGNED}.net",),
    (f"{SIGNED}example.com header.i=@example.net",),
    (f"{SIGNED}example.net header.i=@example.com",),
    # Beside what failed
    ("Authentication-Results: mx.example.org; dkim=pass header.d=example.net; dmarc=fail header.from=example.net",),
    (f"{SIGNED}example.net", "Authentication-Results: mx.example.org; dmarc=fail header.from=example.net"),
    ("Authentication-Results: mx.example.org; dmarc=fail", PASS),
    ("Authentication-Results: mx.example.org; dmarc=pass; dmarc=fail",),
    ("Authentication-Results: mx.example.org; dmarc=pass; dmarc=pass",),
    ("Authentication-Results: mx.example.org; dkim=pass header.d=example.net; dkim=fail header.d=example.net",),
    ("Authentication-Results: mx.example.org; dmarc=success header.from=example.net",),
    (PASS, "Authentication-Results: mx.example.org; dmarc=fail"),
    (PASS, "Authentication-Results: mx.example.org; dmarc=none"),
    # Lower than what the server wrote
    (NONE, PASS),
    (NONE, f"{SIGNED}example.net"),
    (NONE, "X-Spam: no", PASS),
    ("Authentication-Results: mx.example.org; dkim=none", PASS),
    ("Authentication-Results: mx.example.org; spf=none", "Received: from evil.example", PASS),
    ("Authentication-Results: mx.example.org; spf=none", "Return-Path: <sam@example.net>", PASS),
    ("Authentication-Results: mx.example.org; spf=none", "DKIM-Signature: v=1", PASS),
    ("Authentication-Results: mx.example.org; spf=none", FROM, PASS),
    ("Authentication-Results: mx.example.org; spf=none", "Subject: x", PASS),
    ("Authentication-Results: mx.example.org; spf=none", "Authentication-Results: evil.example; spf=none", PASS),
    ("Authentication-Results: evil.example; dmarc=pass header.from=example.net",),
    ("Authentication-Results: evil.example; dmarc=pass", PASS),
    ("Authentication-Results: mx.example.org.evil.example; dmarc=pass",),
    ("Authentication-Results: evil.mx.example.org; dmarc=pass",),
    ("Authentication-Results: dmarc=pass header.from=example.net",),
    # Odd
    ("Authentication-Results: mx.example.org 2; dmarc=pass",),
    ("Authentication-Results: mx.example.org evil.example; dmarc=pass",),
    ("Authentication-Results: mx.example.org",),
    ("Authentication-Results:", PASS),
    ("Authentication-Results: ;", PASS),
    ("Authentication-Results: mx.example.org;; dmarc=pass",),
    ("Authentication-Results: mx.example.org; dmarc=pass (never closed",),
    ("Authentication-Results: mx.example.org; dmarc=pass )",),
    ('Authentication-Results: mx.example.org; dmarc=pass reason="never closed',),
    ("Authentication-Results: mx.example.org; dmarc=pass " + "(" * 30 + ")" * 30,),
    ("Authentication-Results: mx.example.org; dmarc=pass reason=" + "x" * 9_000,),
    ("Authentication-Results: mx.example.org; dmarc=pass (caf\u00e9)",),
    ("Authentication-Results: mx.ex\u00e4mple.org; dmarc=pass",),
    ("Authentication-Results: mx.example.org; dmarc=pass\0",),
    ("Authentication-Results: mx.example.org; dmarc\\=pass",),
    ("Authentication-Results: mx.example.org; dmarc/2=pass",),
    ('Authentication-Results: mx.example.org; dmarc="pass"',),
    ("Authentication-Results: mx.example.org; dmarc=pass header.from=example.net header.from=example.com",),
    (f"{SIGNED}example.net header.d=example.com",),
    ("Authentication-Results: mx.example.org; dmarc=pass header.from=exa(m)ple.net",),
    ("Authentication-Results: mx.example.org; dmarc=pass stray words",),
    ("Authentication-Results: mx.example.org; none; dmarc=pass",),
    ("Authentication-Results: mx.example.org; spf=none", "Authentication-Results: mx.example.org; (", PASS),
    (*["Authentication-Results: mx.example.org; spf=none"] * 30, PASS),
    (PASS, *["Authentication-Results: mx.example.org; spf=none"] * 30),
    # From
    (PASS, "X-From: Sam <sam@example.net>", "From:"),
    (PASS, FROM, "From: Eve <eve@evil.example>"),
    (PASS, FROM, FROM),
    (PASS, FROM, "From : Eve <eve@evil.example>"),
    (PASS, "From: Sam <sam@example.net>, Eve <eve@evil.example>"),
    (PASS, "From: sam@example.net, eve@evil.example"),
    (PASS, "From: eve@evil.example <sam@example.net>"),
    (PASS, "From: <eve@evil.example> <sam@example.net>"),
    (PASS, 'From: "Eve <eve@evil.example>'),
    (PASS, "From: <@evil.example:sam@example.net>"),
    (PASS, "From: Peers: sam@example.net;"),
    (PASS, 'From: "sam"@example.net'),
    (PASS, "From: sam@localhost"),
    (PASS, "From: sam@[192.0.2.1]"),
    (PASS, "From: Sam <sam@example.net> (" + "x" * 3_000 + ") <eve@evil.example>"),
    (PASS, "From: Sam <sam@example.net>" + " " * 3_000 + ", Eve <eve@evil.example>"),
    (PASS, "From: =?utf-8?q?Sam_=3Csam=40example.net=3E?= <eve@evil.example>"),
]


@pytest.mark.parametrize("headers", FORGED)
def test_no_forgery_passes(headers: tuple[str, ...]) -> None:
    """Whatever is odd, doubtful, about somebody else or not by the trusted server proves nothing."""
    assert judged(*headers) is not Verdict.PASS


def test_the_suite_is_as_large_as_it_should_be() -> None:
    """Forty forgeries at the least, all different."""
    assert len(set(FORGED)) == len(FORGED) >= 40


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (("X-Nothing: here",), Verdict.ABSENT),
        (("Authentication-Results: evil.example; dmarc=pass",), Verdict.UNTRUSTED),
        (("Authentication-Results: mx.example.org; dmarc",), Verdict.ODD),
        ((NONE,), Verdict.FAILED),
        ((PASS, "From: Sam"), Verdict.FROM),
    ],
)
def test_it_says_why(headers: tuple[str, ...], why: Verdict) -> None:
    assert judged(*headers) is why


def test_forged_headers_of_a_split_run_lose() -> None:
    """Where several servers of one provider each write a header, nobody adds one to theirs."""
    raw = (HONEST / "icloud_without_a_policy.eml").read_bytes()
    unsigned = raw.replace(b"dkim=pass (2048-bit key)\n header.d=example.net header.i=@example.net header.b=Ab3dE9xx", b"dkim=none")
    for forged in (b"dmarc=pass header.from=example.net", b"dkim=pass header.d=example.net"):
        added = unsigned.replace(b"Received: ", b"Authentication-Results: evil.icloud.com; " + forged + b"\nReceived: ")
        assert b"evil" in added
        assert verdict(read_mail(added, VOCABULARY), ("*.icloud.com",)) is not Verdict.PASS


@pytest.mark.parametrize(
    ("authserv_id", "trusted", "so"),
    [
        ("mx.google.com", ("mx.google.com",), True),
        ("mx.google.com", ("MX.Google.com ",), True),
        ("mx.google.com", ("google.com",), False),
        ("dmarc.icloud.com", ("*.icloud.com",), True),
        ("a.dmarc.icloud.com", ("mx.example.org", "*.icloud.com"), True),
        ("icloud.com", ("*.icloud.com",), False),
        (".icloud.com", ("*.icloud.com",), False),
        ("evil-icloud.com", ("*.icloud.com",), False),
        ("evil.com", ("*", "*.com", "**.com", ""), False),
        ("microsoft", ("microsoft",), False),
        ("", ("microsoft",), True),
        ("", ("", "*", "mx.example.org"), False),
    ],
)
def test_who_is_trusted(authserv_id: str, trusted: tuple[str, ...], so: bool) -> None:  # noqa: FBT001
    """By name, by host, or Microsoft 365, which names nobody."""
    assert is_trusted(authserv_id, trusted) is so


@pytest.mark.parametrize("text", ["mx.google.com", "OpenDKIM", "*.icloud.com", "microsoft"])
def test_what_can_be_trusted(text: str) -> None:
    assert is_pattern(text)


@pytest.mark.parametrize(
    "text", ["", "*", "*.", "*.com", "*google.com", "mx.*.com", "mx google", "https://mx.google.com", "mx.google.com;", "a@b.c"]
)
def test_what_cannot_be_trusted(text: str) -> None:
    """Whole top-level domains, and what is no host."""
    assert not is_pattern(text)


PIECES = [
    "mx.example.org", "evil.example", "*", " ", "1", ";", "=", "dmarc", "dkim", "spf", "arc", "pass", "fail", "none",
    "header.from=", "header.d=", "header.i=@", "example.net", "example.com", "(", ")", '"', "\\", ",", "\t", "\u00e9", "\0",
]  # fmt: skip
FROM_PIECES = [
    b"sam@example.net", b"eve@evil.example", b"<", b">", b",", b'"', b"(", b")", b"\\", b" ", b":", b";",
    b"Sam", b"\r\nFrom: ", b"\xe9", b"=?utf-8?q?=2C?=",
]  # fmt: skip
VALUES = st.one_of(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.text(max_size=60))


@given(st.lists(VALUES, max_size=4))
@example(["mx.example.org;dmarc=pass"])
def test_nothing_passes_without_a_trusted_pass(values: list[str]) -> None:
    """Whatever the headers hold, nothing raises; and what passes has the trusted server's own pass in a header of its run."""
    message = InboundMessage(channel="email", sender="sam@example.net", froms=("sam@example.net",), authentication=tuple(values))
    if authenticated(message, OURS):
        first, *others = [checked(value) for value in values]
        assert first is not None
        assert first.authserv_id == "mx.example.org"
        passes = [one for read in (first, *others) if read and read.authserv_id == "mx.example.org" for one in read.results]
        assert any(one.result == "pass" and one.method in ("dkim", "dmarc") for one in passes)
    assert not authenticated(message, ("mx.example.com",))


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_nothing_below_a_server_that_found_nothing_passes(value: str) -> None:
    """Whatever a sender writes under the header in which the server says that it knows nothing of them."""
    message = InboundMessage(channel="email", sender="", froms=("sam@example.net",), authentication=(NONE.partition(": ")[2], value))
    assert not authenticated(message, OURS)


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(FROM_PIECES), max_size=12).map(b"".join)))
@example(b"Sam <sam@example.net>")
def test_any_from_is_judged(written: bytes) -> None:
    """Nothing raises; and where a server proved one domain, only one address of that domain gains by it."""
    message = read_mail(PASS.encode() + b"\r\nFrom: " + written + b"\r\n\r\nclose 12", VOCABULARY)
    if authenticated(message, OURS):
        assert [address.partition("@")[2] for address in message.froms] == ["example.net"]
        assert message.froms == (message.sender,)


def test_headers_are_read_as_they_stand() -> None:
    """From the top to the first header that is older, and whatever addresses the mail went to."""
    message = mail(
        "Received: by us",
        "Authentication-Results: a; none",
        "X-One: 1",
        "Authentication-Results: b; none",
        FROM,
        "Authentication-Results: c; none",
        'To: "intake+no@example.org" <Intake+One.abc@example.org>, jo@example.org',
        "Cc: <jo@example.org>, Undisclosed: ;",
        "X-Original-To: intake+two@example.org",
        "Envelope-To: intake+three@example.org",
    )
    assert message.authentication == ("a; none", "b; none")
    assert message.recipients == (
        "intake+one.abc@example.org",
        "jo@example.org",
        "intake+two@example.org",
        "intake+three@example.org",
    )
