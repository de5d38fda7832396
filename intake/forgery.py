"""Tries whether the mail provider takes out what somebody forges in its name."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime

from imapclient.exceptions import IMAPClientError

from intake import imap, servers
from intake.settings import Settings
from intake.tried import TIMEOUT, Result, mend, ok
from notifier.senders import email
from parsers.authentication import stranger
from parsers.authserv import example
from parsers.mime import split_mail

FORGERY_SECONDS = 60.0
PROBE_HEADER = "X-Peer-Intake-Check"


def trust(settings: Settings, *, clock: Callable[[], datetime], ids: Callable[[], str]) -> Iterator[Result]:
    """Whether the provider takes out an Authentication-Results header that somebody forged in its name (RFC 8601, section 5)."""
    what = "forged Authentication-Results"
    if not settings.TRUSTED_AUTHSERV_ID:
        yield ok(what, "not tried, since TRUSTED_AUTHSERV_ID is not set; no command is taken by mail")
        return
    if not (settings.IMAP_HOST and settings.sends_mail):
        yield mend(what, "cannot be tried without IMAP_HOST, SMTP_HOST and MAIL_FROM; leave TRUSTED_AUTHSERV_ID empty")
        return
    mark = ids()
    try:
        _send_forgery(settings, mark, clock())
        header = _received_forgery(settings, mark)
    except (OSError, smtplib.SMTPException, IMAPClientError) as error:
        yield mend(what, f"could not be tried ({type(error).__name__})")
        return
    if header is None:
        yield mend(what, f"the probe did not come back within {FORGERY_SECONDS:.0f} s; is MAIL_FROM the address of this mailbox?")
    elif any(mark in str(value) for value in message_from_bytes(header).get_all("Authentication-Results", [])):
        yield mend(what, "the provider lets them through: anybody could command in a coordinator's name; leave TRUSTED_AUTHSERV_ID empty")
    elif server := stranger(split_mail(header)[0].lines, settings.TRUSTED_AUTHSERV_ID):
        yield mend(what, f"the provider takes them out, but its own name {server}, which TRUSTED_AUTHSERV_ID does not: no command is taken")
    else:
        yield ok(what, "the provider takes them out")


def _send_forgery(settings: Settings, mark: str, now: datetime) -> None:
    address = settings.programme.mail_address
    probe = EmailMessage()
    probe["From"] = probe["To"] = address
    probe["Subject"] = "Peer Intake: a check"
    probe["Date"] = format_datetime(now)
    for trusted in settings.TRUSTED_AUTHSERV_ID:
        probe["Authentication-Results"] = example(trusted, f"dmarc=pass header.from={mark}.example.org")
    probe["Auto-Submitted"] = "auto-generated"
    probe[PROBE_HEADER] = mark
    probe.set_content("This mail tries whether the provider lets forged headers through. It may be deleted.\n")
    with email.connect(servers.mail_out(settings), timeout=TIMEOUT) as smtp:
        smtp.send_message(probe)


def _received_forgery(settings: Settings, mark: str) -> bytes | None:
    """The header of the probe as it arrived; the probe is deleted."""
    client = imap.connect(servers.mailbox_in(settings))
    until = time.monotonic() + FORGERY_SECONDS
    try:
        while time.monotonic() < until:
            for folder in (servers.mailbox_in(settings).folder, imap.own_folder(client, servers.mailbox_in(settings).automatic_folder)):
                client.select_folder(folder)
                found = client.search(["HEADER", PROBE_HEADER, mark])
                if found:
                    header = client.fetch(found, ["BODY.PEEK[HEADER]"])[found[0]][b"BODY[HEADER]"]
                    client.delete_messages(found, silent=True)
                    client.expunge(found)
                    return bytes(header)
            time.sleep(2)
    finally:
        imap.close(client)
    return None
