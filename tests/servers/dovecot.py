"""A private Dovecot, started and killed at will, and mailboxes on it."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Template
from types import TracebackType
from typing import IO, Any, Self

from imapclient import IMAPClient

from tests.servers.certificate import Certificate
from tests.servers.waiting import HOST, PATIENCE, free_port, wait_until

PASSWORD = "secret"
# Debian keeps these outside the PATH of an ordinary user.
_SYSTEM_FOLDERS = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


@dataclass(frozen=True, slots=True)
class StoredMail:
    uid: int
    flags: frozenset[str]
    internal_date: datetime
    raw: bytes


def missing() -> str | None:
    """Why there can be no Dovecot here; None where there can."""
    program = _program("dovecot")
    if program is None or _program("doveadm") is None:
        return "Dovecot is not installed (Debian: dovecot-imapd)"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return None if version.startswith("2.3.") else f"the configuration is Dovecot 2.3's, this is {version.strip()}"


class Dovecot:
    """`with Dovecot(certificate) as server: box = server.mailbox("alice")`; its ports stay the same over restarts."""

    def __init__(self, certificate: Certificate) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.host = HOST
        self.port = free_port()
        self.tls_port = free_port()
        self.certificate = certificate
        # Dovecot keeps no mail for root: where root runs the tests, the whole server is nobody's.
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[str] | None = None
        self._lay_out()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        if self.running:
            return
        (self.folder / "run" / "master.pid").unlink(missing_ok=True)  # a killed server leaves it behind
        with (self.folder / "start.log").open("a") as log:
            self._process = self._spawn(_program("dovecot"), "-F", output=log)
        wait_until(lambda: self._greets() or not self.running, what=lambda: f"Dovecot:\n{self.log()}")
        if not self.running:
            raise AssertionError(f"Dovecot did not start:\n{self.log()}")

    def stop(self) -> None:
        """In good order: clients are told BYE."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Every process of the server at once, as in a power cut; the mail stays."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.kill()
        self.start()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def mailbox(self, username: str) -> Mailbox:
        return Mailbox(self, username)

    def doveadm(self, *arguments: str) -> str:
        with tempfile.TemporaryFile("w+") as output:
            code = self._spawn(_program("doveadm"), *arguments, output=output).wait(timeout=PATIENCE)
            output.seek(0)
            printed = output.read()
        if code:
            raise AssertionError(f"doveadm {' '.join(arguments)}: {printed}")
        return printed

    def log(self) -> str:
        logs = (self.folder / "start.log", self.folder / "dovecot.log")
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _lay_out(self) -> None:
        # Copies, since the originals may lie where only root can read.
        certificate = Path(shutil.copy(self.certificate.certificate, self.folder))
        key = Path(shutil.copy(self.certificate.key, self.folder))
        template = Template(Path(__file__).with_name("dovecot.conf").read_text(encoding="utf-8"))
        filled = template.substitute(
            folder=self.folder,
            user=self._owner.pw_name,
            group=grp.getgrgid(self._owner.pw_gid).gr_name,
            uid=self._owner.pw_uid,
            gid=self._owner.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
            certificate=certificate,
            key=key,
            password=PASSWORD,
        )
        (self.folder / "dovecot.conf").write_text(filled, encoding="utf-8")
        for name in ("run", "state", "home"):
            (self.folder / name).mkdir()
        for path in (self.folder, *self.folder.iterdir()):
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _spawn(self, program: str | None, *arguments: str, output: IO[str]) -> subprocess.Popen[str]:
        assert program, "look at missing() first"
        drop = os.geteuid() == 0
        return subprocess.Popen(
            [program, "-c", str(self.folder / "dovecot.conf"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            user=self._owner.pw_uid if drop else None,
            group=self._owner.pw_gid if drop else None,
            extra_groups=[] if drop else None,
            start_new_session=True,  # a process group of its own: kill() takes the sessions with the master
        )

    def _greets(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=2) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            return False

    def _listens(self) -> bool:
        try:
            socket.create_connection((self.host, self.port), timeout=2).close()
        except OSError:
            return False
        return True

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(timeout=PATIENCE)
        self._process = None
        wait_until(lambda: not self._listens(), what="the login processes to go")


class Mailbox:
    """What one user has on the server, seen from outside the program under test."""

    def __init__(self, server: Dovecot, username: str) -> None:
        self.server = server
        self.username = username
        self.password = PASSWORD

    @property
    def settings(self) -> dict[str, str]:
        """For a process that is to read this mailbox; SSL_CERT_FILE makes it trust the server."""
        return {
            "IMAP_HOST": self.server.host,
            "IMAP_PORT": str(self.server.tls_port),
            "IMAP_TLS": "implicit",
            "IMAP_USERNAME": self.username,
            "IMAP_PASSWORD": self.password,
            "SSL_CERT_FILE": str(self.server.certificate.certificate),
        }

    def append(self, raw: bytes, folder: str = "INBOX", internal_date: datetime | None = None) -> None:
        self.append_many([raw], folder, internal_date)

    def append_many(self, raws: Iterable[bytes], folder: str = "INBOX", internal_date: datetime | None = None) -> None:
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for raw in raws:
                client.append(folder, raw, msg_time=internal_date)

    def folders(self) -> list[str]:
        with self.client() as client:
            return sorted(name for _, _, name in client.list_folders())

    def messages(self, folder: str = "INBOX") -> list[StoredMail]:
        """In the order of their UIDs; none where the folder does not exist."""
        with self.client() as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            fetched = client.fetch(client.search(), ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"])
        return [_stored(uid, parts) for uid, parts in sorted(fetched.items())]

    def delete(self, uid: int, folder: str = "INBOX") -> None:
        """As another client would, behind the program's back."""
        with self.client() as client:
            client.select_folder(folder)
            client.delete_messages([uid])
            client.uid_expunge([uid])

    def uid_validity(self, folder: str = "INBOX") -> int:
        with self.client() as client:
            return int(client.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def change_uid_validity(self, folder: str = "INBOX") -> int:
        """As after a mailbox was restored or moved to another host; returns the new value."""
        changed = self.uid_validity(folder) + 1
        self.server.doveadm("mailbox", "update", "-u", self.username, "--uid-validity", str(changed), folder)
        return changed

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """A client of the test's own, logged in."""
        with IMAPClient(self.server.host, self.server.port, ssl=False, timeout=PATIENCE) as client:
            client.normalise_times = False
            client.login(self.username, self.password)
            yield client


def _stored(uid: int, parts: dict[bytes, Any]) -> StoredMail:
    flags = frozenset(flag.decode() for flag in parts[b"FLAGS"])
    return StoredMail(uid, flags, parts[b"INTERNALDATE"], parts[b"BODY[]"])


def _program(name: str) -> str | None:
    return shutil.which(name, path=_SYSTEM_FOLDERS)
