"""A disk without room: nothing is taken that cannot be kept, nothing is sent that cannot be noted, and all goes on when there is room."""

from __future__ import annotations

import logging
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from db.engine import Database
from intake.arrival import NotStored
from notifier import delivery
from tests.load.station import SAM, Station, letter
from tests.servers.dovecot import Mailbox
from tests.servers.smtp import SmtpServer

SIZE = 3 * 1024 * 1024
BLOCK = 4096


class Disk(ABC):
    """Holds a database, and nothing more once it is full."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'peer-intake.db'}"

    @abstractmethod
    def fill(self, database: Database) -> None: ...

    @abstractmethod
    def make_room(self) -> None: ...


class SmallDisk(Disk):
    """A file system of its own, for which one has to be root."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._rest = folder / "rest"

    def fill(self, database: Database) -> None:  # noqa: ARG002
        with suppress(OSError), self._rest.open("ab", buffering=0) as file:
            while file.write(b"x" * BLOCK):
                pass

    def make_room(self) -> None:
        self._rest.unlink()


class Ceiling(Disk):
    """SQLite's own bound of a file's pages, beyond which it says the same as where a disk is full."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._is_full = False

    def fill(self, database: Database) -> None:
        self._is_full = True
        event.listen(database.engine, "begin", self._bound)

    def make_room(self) -> None:
        self._is_full = False

    def _bound(self, connection: object) -> None:
        cursor = connection.connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(f"PRAGMA max_page_count={1 if self._is_full else 2**30}")


@pytest.fixture(params=["disk", "ceiling"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if request.param == "ceiling":
        yield Ceiling(tmp_path)
        return
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    options = ["-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if not (mount and unmount) or subprocess.run([mount, *options], capture_output=True, check=False).returncode:
        pytest.skip("a file system can be mounted by root alone; SQLite's own bound is tried in its place")
    yield SmallDisk(folder)
    subprocess.run([unmount, "--lazy", str(folder)], check=True)


@pytest.fixture
def small(disk: Disk) -> Iterator[Station]:
    opened = Station(disk.url)
    yield opened
    opened.close()


def test_a_text_is_refused_whole_and_taken_when_there_is_room(disk: Disk, small: Station, caplog: pytest.LogCaptureFixture) -> None:
    """With 503, so that whoever brings it comes again; the health page says so, and so does the log. One or two may still find room."""
    assert small.text(0) == 200
    disk.fill(small.database)
    statuses = Counter(small.text(number) for number in range(12))
    assert statuses[503] >= 8
    assert (small.health().status_code, small.health().json) == (503, {"database": "SQLITE_FULL"})
    assert small.inbox().total() == statuses[200]
    assert len({recipient for recipient, _, _ in small.outbox()} - {SAM}) == statuses[200]
    assert "SQLITE_FULL" in caplog.text
    disk.make_room()
    assert small.health().status_code == 200
    assert {small.text(number) for number in range(12)} == {200}
    assert small.inbox() == {("sms", "handled"): 12}
    assert {number for (recipient, _, _), number in small.outbox().items() if recipient != SAM} == {1}


def test_mails_stay_where_they_are(disk: Disk, mailbox: Mailbox, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often they are tried meanwhile, none of them counts as one that ends the process."""
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])
    small = Station(disk.url, **mailbox.settings | smtp_server.settings)
    reader = small.house.mailbox()
    assert reader.read_once() == 0
    mailbox.append_many(letter(number) for number in range(5))
    disk.fill(small.database)
    for _ in range(4):
        with pytest.raises((SQLAlchemyError, NotStored)):
            reader.read_once()
    assert len(mailbox.messages()) == 5
    assert small.inbox() == {}
    disk.make_room()
    assert reader.read_once() == 5
    assert small.inbox() == {("email", "handled"): 5}
    assert len(mailbox.messages("Processed")) == 5
    small.close()


def test_nothing_is_sent_that_cannot_be_noted(
    disk: Disk, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And nothing twice: each message goes once, when there is room again."""
    monkeypatch.setenv("SSL_CERT_FILE", smtp_server.settings["SSL_CERT_FILE"])
    monkeypatch.setattr(delivery, "SETTLE_PAUSES", (0.01,))
    caplog.set_level(logging.WARNING)
    small = Station(disk.url, **smtp_server.settings)
    for number in range(4):
        small.text(number)
    disk.fill(small.database)
    out = small.mails_out()
    for _ in range(6):
        with suppress(SQLAlchemyError):
            out.send_next()
    noted = sum(number for (_, _, status), number in small.outbox().items() if status == "sent")
    assert len(smtp_server.mails) == noted
    disk.make_room()
    while out.send_next():
        pass
    assert len(smtp_server.to(SAM)) == 4
    small.close()
