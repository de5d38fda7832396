"""A Dovecot for the benchmarks, and mailboxes on it in which newsletter replies wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.common import note
from benchmarks.messages import reply
from tests.servers import dovecot
from tests.servers.certificate import make_certificate
from tests.servers.dovecot import Dovecot, Mailbox

AT_ONCE = 500


@contextmanager
def mail_server(folder: Path) -> Iterator[Dovecot | None]:
    """None, with the reason said, where there can be no Dovecot."""
    if reason := dovecot.missing():
        note(f"left out, what needs a mailbox: {reason}")
        yield None
        return
    (folder / "certificate").mkdir()
    with Dovecot(make_certificate(folder / "certificate")) as server:
        yield server


def fill(mailbox: Mailbox, numbers: range) -> Mailbox:
    """Let a mail of each number wait."""
    with mailbox.client() as client:
        for start in range(0, len(numbers), AT_ONCE):
            client.multiappend("INBOX", [reply(number) for number in numbers[start : start + AT_ONCE]])
    return mailbox


def in_plain(mailbox: Mailbox) -> dict[str, str]:
    """For whoever reads it without TLS, as all that are compared here do."""
    return mailbox.settings | {"IMAP_PORT": str(mailbox.server.port), "IMAP_TLS": "none"}
