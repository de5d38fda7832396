"""Coordinators' answers as real providers deliver them, and the ways in which somebody may forge one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.servers.sent_mail import SentMail

TRUSTED = "mail.example.org"  # the server that takes mail in
PASS = f"Authentication-Results: {TRUSTED}; dmarc=pass (p=none) header.from=example.org"
FAIL = f"Authentication-Results: {TRUSTED}; dmarc=fail (p=none) header.from=example.org"
HOP = "Received: from mx.evil.example (mx.evil.example [192.0.2.66]) by mail.example.org; Mon, 2 Mar 2026 17:00:00 +0000"
SAM = "Sam <sam@example.org>"
ORDER = "close 1"
PLAIN = "Content-Type: text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A mail in answer to one of ours, to be changed piece by piece."""

    proof: Sequence[str] = (PASS, HOP)
    sender: Sequence[str] = (f"From: {SAM}",)
    to: str = ""
    thread: str = ""
    more: Sequence[str] = (PLAIN,)
    body: str = ORDER
    named: str = "<answer@mail.example.org>"

    def to_mail(self, mail: SentMail) -> bytes:
        """The bytes, as an answer to a mail as it was sent."""
        headers = mail.headers
        to, thread = self.to or headers["reply-to"], self.thread or headers["message-id"]
        rest = [f"To: {to}", f"Subject: Re: {headers['subject']}", f"Message-ID: {self.named}"]
        if thread != "none":
            rest += [f"In-Reply-To: {thread}", f"References: {thread}"]
        return "\r\n".join([*self.proof, *self.sender, *rest, *self.more, "", *self.body.splitlines(), ""]).encode()


Forge = Callable[[SentMail], Answer]


def token_in(mail: SentMail) -> str:
    return mail.headers["message-id"].strip("<>").partition("@")[0]


def altered(mail: SentMail) -> str:
    token = token_in(mail)
    return token[:-1] + ("a" if token[-1] != "a" else "b")


def _pass(domain: str = "example.org", server: str = TRUSTED) -> str:
    return f"Authentication-Results: {server}; dmarc=pass header.from={domain}"


# Who they say they are is not who they are.
FORGED: dict[str, Forge] = {
    "no results at all": lambda _: Answer(proof=()),
    "no results but a Received": lambda _: Answer(proof=(HOP,)),
    "dmarc fails": lambda _: Answer(proof=(FAIL, HOP)),
    "dmarc quarantined": lambda _: Answer(proof=(FAIL.replace("fail", "fail (dis=quarantine)"), HOP)),
    "dmarc none and no signature": lambda _: Answer(proof=(FAIL.replace("fail", "none"), HOP)),
    "a pass of the sender's below the server's fail": lambda _: Answer(proof=(FAIL, HOP, PASS)),
    "a pass right below the server's fail": lambda _: Answer(proof=(FAIL, PASS, HOP)),
    "a pass below a Received": lambda _: Answer(
        proof=(HOP.replace("evil", "relay"), "Received: from x by y", PASS.replace(TRUSTED, "mx.evil.example"))
    ),
    "an unaligned pass": lambda _: Answer(proof=(_pass("evil.example"), HOP)),
    "an unaligned signature": lambda _: Answer(
        proof=(f"Authentication-Results: {TRUSTED}; dkim=pass header.d=evil.example; dmarc=none", HOP)
    ),
    "spf alone": lambda _: Answer(proof=(f"Authentication-Results: {TRUSTED}; spf=pass smtp.mailfrom=example.org", HOP)),
    "another server's pass": lambda _: Answer(proof=(_pass(server="mx.evil.example"), HOP)),
    "a server with a longer name": lambda _: Answer(proof=(_pass(server=f"{TRUSTED}.evil.example"), HOP)),
    "a server with a name before": lambda _: Answer(proof=(_pass(server=f"x{TRUSTED}"), HOP)),
    "a pass in a comment": lambda _: Answer(
        proof=(f"Authentication-Results: {TRUSTED}; dmarc=fail (dmarc=pass header.from=example.org)", HOP)
    ),
    "a pass in a quoted reason": lambda _: Answer(
        proof=(f'Authentication-Results: {TRUSTED}; dmarc=fail reason="x; dmarc=pass header.from=example.org"', HOP)
    ),
    "results without a server": lambda _: Answer(proof=("Authentication-Results: dmarc=pass header.from=example.org", HOP)),
    "an ARC header alone": lambda _: Answer(proof=(f"ARC-{PASS.replace(': ', ': i=1; ', 1)}", HOP)),
    "two From headers": lambda _: Answer(proof=(_pass("evil.example"), HOP), sender=(f"From: {SAM}", "From: Eve <eve@evil.example>")),
    "two From headers the other way": lambda _: Answer(proof=(_pass(), HOP), sender=("From: Eve <eve@evil.example>", f"From: {SAM}")),
    "two addresses in From": lambda _: Answer(proof=(_pass("evil.example"), HOP), sender=(f"From: Eve <eve@evil.example>, {SAM}",)),
    "a subdomain of theirs": lambda _: Answer(proof=(_pass("evil.example.org.evil.example"), HOP)),
    "an address in the name": lambda _: Answer(proof=(_pass("evil.example"), HOP), sender=('From: "sam@example.org" <eve@evil.example>',)),
    "a name as theirs": lambda _: Answer(proof=(_pass("evil.example"), HOP), sender=("From: Sam <eve@evil.example>",)),
    "a Reply-To of theirs": lambda _: Answer(
        proof=(_pass("evil.example"), HOP), sender=("From: Eve <eve@evil.example>", f"Reply-To: {SAM}")
    ),
    "a Sender of theirs": lambda _: Answer(proof=(_pass("evil.example"), HOP), sender=("From: Eve <eve@evil.example>", f"Sender: {SAM}")),
    "a list that rewrote From": lambda _: Answer(
        proof=(_pass("lists.example.org"), HOP),
        sender=("From: Sam via Helpers <helpers@lists.example.org>", f"Reply-To: {SAM}", f"X-Original-From: {SAM}"),
    ),
}
# It is they, and the mail answers none of ours that went to them lately.
MISLED: dict[str, Forge] = {
    "no token": lambda _: Answer(to="intake@example.org", thread="none"),
    "a token in the body alone": lambda mail: Answer(
        to="intake@example.org", thread="none", body=f"{ORDER}\n\n{mail.headers['message-id']} {mail.headers['reply-to']}"
    ),
    "a token altered": lambda mail: Answer(to=f"intake+{altered(mail)}@example.org", thread=f"<{altered(mail)}@example.org>"),
    "a token altered in the address alone": lambda mail: Answer(to=f"intake+{altered(mail)}@example.org"),
    "a token altered in the thread alone": lambda mail: Answer(thread=f"<{altered(mail)}@example.org>"),
    "a key without its seal": lambda mail: Answer(to="intake@example.org", thread=f"<{token_in(mail).partition('.')[0]}@example.org>"),
    "a token of no mail": lambda mail: Answer(to="intake@example.org", thread=f"<gone-{token_in(mail)}@example.org>"),
}
TEXT = "Close 1 please; withdraw 1. Ana"  # what a volunteer wrote, who wants to command


def _quoted(mail: SentMail, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in mail.text.splitlines())


def _rewrapped(mail: SentMail, width: int = 30) -> str:
    lines, line = [], ""
    for word in mail.text.split():
        if len(line) + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def _base64(text: str) -> tuple[tuple[str, ...], str]:
    from base64 import encodebytes

    return ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"), encodebytes(text.encode()).decode()


def _as_html(mail: SentMail) -> Answer:
    inner = "".join(f"<div>{line}</div>" for line in mail.text.splitlines() if not line.startswith("---"))
    return Answer(more=("Content-Type: text/html; charset=utf-8",), body=f"<html><body>{inner}</body></html>")


def _encoded(mail: SentMail) -> Answer:
    more, body = _base64("\n".join(line.lstrip("> ") for line in mail.text.splitlines()[2:]))
    return Answer(more=more, body=body)


# It is they, and the words are a volunteer's that came back from our own mail.
QUOTED: dict[str, Forge] = {
    "quoted with marks": lambda mail: Answer(body=_quoted(mail)),
    "quoted below a line that names us": lambda mail: Answer(
        body=f"On Mon, Mar 2, 2026 Peer Support <intake@example.org> wrote:\n{_quoted(mail)}"
    ),
    "quoted twice": lambda mail: Answer(body=_quoted(mail, "> > ")),
    "quoted with bars": lambda mail: Answer(body=_quoted(mail, "| ")),
    "quoted without marks": lambda mail: Answer(body=mail.text.replace("> ", "")),
    "quoted without marks and without our line": lambda mail: Answer(
        body="\n".join(line.lstrip("> ") for line in mail.text.splitlines() if not line.startswith("---"))
    ),
    "rewrapped": lambda mail: Answer(body=_rewrapped(mail).replace("> ", "")),
    "the volunteer's line alone": lambda _: Answer(body=TEXT),
    "a part of the volunteer's line": lambda _: Answer(body="withdraw 1. Ana"),
    "the volunteer's command alone": lambda _: Answer(body="Close 1 please"),
    "in HTML": _as_html,
    "in base64": _encoded,
}

_GOOGLE = """Delivered-To: intake@example.org
Received: by 2002:a05:7300:1234:b0:de:5678:9abc with SMTP id k12csp123456dye; Mon, 2 Mar 2026 08:59:01 -0800 (PST)
X-Received: by 2002:a05:6902:1ab:b0:e5d:dd9a with SMTP id 3f1490d57ef6; Mon, 02 Mar 2026 08:59:01 -0800 (PST)
ARC-Seal: i=1; a=rsa-sha256; t=1741021141; cv=none; d=google.com; s=arc-20240605; b=QUJD
ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@example.org; dmarc=pass header.from=example.org
Return-Path: <sam@example.org>
Received: from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41]) by mx.google.com with SMTPS id 3f1490d57ef6
Received-SPF: pass (google.com: domain of sam@example.org designates 209.85.220.41 as permitted sender) client-ip=209.85.220.41;
Authentication-Results: mx.google.com;
       dkim=pass header.i=@example.org header.s=20230601 header.b=Ab3dE+9x;
       spf=pass (google.com: domain of sam@example.org designates 209.85.220.41 as permitted sender) smtp.mailfrom=sam@example.org;
       dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=example.org;
       dara=pass header.i=@example.org"""
_MICROSOFT = """Received: from DM6PR01CA0001.prod.exchangelabs.com by BY5PR01MB1234.prod.exchangelabs.com with Microsoft SMTP Server
Authentication-Results: spf=pass (sender IP is 209.85.167.44)
 smtp.mailfrom=example.org; dkim=pass (signature was verified)
 header.d=example.org;dmarc=pass action=none
 header.from=example.org;compauth=pass reason=100
Received-SPF: Pass (protection.outlook.com: domain of example.org designates 209.85.167.44 as permitted sender)"""
_FASTMAIL = """Return-Path: <sam@example.org>
Received: from phl-compute-02.internal (phl-compute-02.internal [10.202.2.42]) by sloti01d1t02 (Cyrus 3.13) with LMTPA
X-Spam-hits: BAYES_00 -1.9, DKIM_SIGNED 0.1, LANGUAGES en
Received: from phl-mx-08.messagingengine.com ([10.202.2.205]) by phl-compute-02.internal (LMTPProxy)
ARC-Authentication-Results: i=1; phl-mx-08.messagingengine.com; x-csa=none; dmarc=pass
Authentication-Results: phl-mx-08.messagingengine.com;
    x-csa=none;
    x-me-sender=none;
    x-ptr=pass smtp.helo=mail-lf1-f44.google.com policy.ptr=mail-lf1-f44.google.com
Authentication-Results: phl-mx-08.messagingengine.com;
    bimi=skipped (DMARC Policy is not at enforcement)
Authentication-Results: phl-mx-08.messagingengine.com;
    arc=none (no signatures found)
Authentication-Results: phl-mx-08.messagingengine.com;
    dkim=pass (2048-bit rsa key sha256) header.d=example.org header.i=@example.org header.b=Ab3dE9xx header.a=rsa-sha256;
    dmarc=pass policy.published-domain-policy=none policy.applied-disposition=none (p=none,sp=quarantine,d=none) header.from=example.org;
    iprev=pass smtp.remote-ip=209.85.167.44 (mail-lf1-f44.google.com);
    spf=pass smtp.mailfrom=sam@example.org smtp.helo=mail-lf1-f44.google.com"""
_ICLOUD = """Received: from p00-icloudmta-smtpin by p109-mailgateway-smtp (mailgateway); Mon, 02 Mar 2026 16:59:03 GMT
X-ICL-Score: 3.333
Authentication-Results: bimi.icloud.com; bimi=skipped reason="insufficient dmarc; none"
X-ARC-Info: policy=fail; arc=none
Authentication-Results: arc.icloud.com; arc=none
Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=example.org
X-DMARC-Info: pass=pass; dmarc-policy=none; s=r1; d=r1; pdomain=example.org
Authentication-Results: dkim-verifier.icloud.com; dkim=pass (2048-bit key) header.d=example.org header.i=@example.org header.b=Ab3dE9xx
Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of sam@example.org) smtp.mailfrom=sam@example.org"""
_POSTFIX = """Return-Path: <sam@example.org>
X-Original-To: intake@example.org
Delivered-To: intake@example.org
DMARC-Filter: OpenDMARC Filter v1.4.2 mail.example.org 4D7B81C0123
Authentication-Results: mail.example.org; dmarc=pass (p=none dis=none) header.from=example.org
Authentication-Results: mail.example.org; spf=pass (mailfrom) smtp.mailfrom=example.org (client-ip=209.85.210.50; receiver=<UNKNOWN>)
DKIM-Filter: OpenDKIM Filter v2.11.0 mail.example.org 4D7B81C0123
Authentication-Results: mail.example.org;
	dkim=pass (2048-bit key; unprotected) header.d=example.org header.i=@example.org header.a=rsa-sha256 header.b=Ab3dE9xx;
	dkim-atps=neutral
Received: from mail-ot1-f50.google.com (mail-ot1-f50.google.com [209.85.210.50])"""
_RSPAMD = """Return-Path: <sam@example.org>
Authentication-Results: mail.example.org;
	dkim=pass header.d=example.org header.s=20230601 header.b=Ab3dE9xx;
	spf=pass (mail.example.org: domain of sam@example.org designates 209.85.210.50 as permitted sender) smtp.mailfrom=sam@example.org;
	dmarc=pass (policy=none) header.from=example.org
Received: from mail-ot1-f50.google.com (mail-ot1-f50.google.com [209.85.210.50])"""
_OPENDKIM = """Authentication-Results: mail.example.org;
	dkim=pass (2048-bit key; unprotected) header.d=example.org header.i=@example.org header.b="Ab3/E9xx";
	dkim-atps=neutral
Received: from mail.example.org (mail.example.org [198.51.100.7])"""
_YAHOO = """Received: from 10.217.150.12 by atlas-production.v2-mail-prod1-gq1.omega.yahoo.com with HTTP; Mon, 2 Mar 2026 16:59:03 +0000
Received-SPF: pass (domain of example.org designates 209.85.210.50 as permitted sender)
Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;
 dkim=pass header.i=@example.org header.s=@splio;
 spf=pass smtp.mailfrom=example.org;
 dmarc=pass(p=NONE,sp=QUARANTINE) header.from=example.org;
X-Apparently-To: intake@yahoo.example; Mon, 2 Mar 2026 16:59:03 +0000"""
PROVIDERS = {
    "Gmail": _GOOGLE,
    "Microsoft 365": _MICROSOFT,
    "Fastmail": _FASTMAIL,
    "iCloud": _ICLOUD,
    "Postfix with OpenDMARC and OpenDKIM": _POSTFIX,
    "Postfix with Rspamd": _RSPAMD,
    "Postfix with OpenDKIM alone": _OPENDKIM,
    "Yahoo": _YAHOO,
}
ALL_TRUSTED = "mx.google.com, microsoft, *.messagingengine.com, *.icloud.com, *.yahoo.com, mail.example.org"


def _gmail(mail: SentMail) -> Answer:
    return Answer(body=f"Close 1\n\nOn Mon, Mar 2, 2026 at 10:02 AM Peer Support <{mail.headers['reply-to']}> wrote:\n\n{_quoted(mail)}")


def _outlook(mail: SentMail) -> Answer:
    sent = "From: Peer Support <intake@example.org>\nSent: Monday, March 2, 2026 10:02 AM\nTo: Sam <sam@example.org>"
    head = f"{sent}\nSubject: {mail.headers['subject']}"
    return Answer(body=f"close 1, please\n\nSam\n\n________________________________\n{head}\n\n{mail.text}")


def _ios(mail: SentMail) -> Answer:
    return Answer(
        body=f"Done with this\nshow 1\n\nSent from my iPhone\n\n> On Mar 2, 2026, at 10:02 AM, Peer Support wrote:\n> \n{_quoted(mail)}"
    )


def _html_only(mail: SentMail) -> Answer:
    inner = "".join(f"<div>{line or '<br>'}</div>" for line in mail.text.splitlines())
    quoted = f'<div class="gmail_quote"><blockquote type="cite">{inner}</blockquote></div>'
    body = f'<html><body><div dir="ltr">#1 close</div><br>{quoted}</body></html>'
    return Answer(more=("Content-Type: text/html; charset=utf-8",), body=body)


def _in_base64(mail: SentMail) -> Answer:
    more, body = _base64(f"Hi,\n\nplease close #1. Thanks!\n\n{_quoted(mail)}")
    return Answer(more=more, body=body)


# What mail programs make of an answer.
PROGRAMS: dict[str, Forge] = {"Gmail's": _gmail, "Outlook's": _outlook, "an iPhone's": _ios, "HTML alone": _html_only, "base64": _in_base64}
