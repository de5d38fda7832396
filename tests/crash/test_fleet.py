"""Many processes on one PostgreSQL, killed at random; `make crash` does it for longer."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tests.crash.fleet import Fleet
from tests.crash.scene import Scene
from tests.servers.dovecot import Mailbox
from tests.servers.process import Process
from tests.servers.waiting import wait_until

KILLS, EVERY = 10, 2.0
MAIL = b"From: ana%d@example.org\r\nTo: intake@example.org\r\nSubject: Re: Peer Update\r\n\r\nI'd be glad to be a mentor.\r\n"


def test_whoever_dies_the_others_go_on(postgres_url: str, mailbox: Mailbox, tmp_path: Path) -> None:
    """Nothing is lost or doubled, there is one digest, and the senders share the work."""
    soon = datetime.now(UTC) + timedelta(seconds=75)  # when both clocks are at work
    with Scene(postgres_url, mailbox, tmp_path, digest_at=f"{soon:%H:%M}") as scene:
        fleet = Fleet(scene)
        findings = fleet.sail(kills=KILLS, every=EVERY)
    wrong = [finding for finding in findings if finding.kind != "listed"]
    assert not wrong, "\n".join(map(str, wrong))
    assert fleet.kills.total() == KILLS
    assert sum(sent > 0 for sent in fleet.sent()) >= 3


def test_one_reads_the_mailbox_and_another_takes_over(postgres_url: str, mailbox: Mailbox, tmp_path: Path) -> None:
    """Whichever of two dies, mails go on being filed, and never do both read."""
    with Scene(postgres_url, mailbox, tmp_path) as scene, ExitStack() as stack:
        readers = [stack.enter_context(_reader(scene)) for _ in range(2)]
        for number in range(4):
            mailbox.append(MAIL % number)
            wait_until(partial(_filed, mailbox, number + 1), what=readers[number % 2].output)
            wait_until(lambda: len(_at_the_mailbox(mailbox)) == 1, what=lambda: f"one alone to read: {_at_the_mailbox(mailbox)}")
            readers[number % 2].kill()
            readers[number % 2] = stack.enter_context(_reader(scene))


def _reader(scene: Scene) -> Process:
    process = Process("serve", "--only", "mail", environment=scene.environment, folder=scene.folder)
    process.wait_for_text("started: ")
    return process


def _filed(mailbox: Mailbox, number: int) -> bool:
    """Asked so that no session of the test's own is at the mailbox."""
    status = mailbox.server.doveadm("mailbox", "status", "-u", mailbox.username, "messages", "Processed")
    return int(status.rpartition("=")[2]) == number


def _at_the_mailbox(mailbox: Mailbox) -> list[str]:
    """The sessions that are open, one a line below the heads."""
    return mailbox.server.doveadm("who", "-1", mailbox.username).splitlines()[1:]
