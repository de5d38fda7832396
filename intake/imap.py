"""What this project asks of an IMAP server (RFC 3501), and the ways in which servers differ."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import getaddresses
from typing import Literal

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from parsers.mail import LOOP_HEADER

TIMEOUT = 30.0  # seconds without an answer
WHOLE = 256 * 1024  # octets: a larger mail is read up to here
HEADERS_ONLY = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """A mailbox, and the folders in it."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    username: str
    password: str = field(repr=False)
    folder: str
    done_folder: str
    automatic_folder: str
    quarantine_folder: str
    sent_folder: str = ""  # where the provider keeps what was sent; "" where that is not looked into

    @property
    def name(self) -> str:
        """What the reader's place in this mailbox is kept under."""
        return f"{self.username}@{self.host}/{self.folder}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A mail as far as it was fetched."""

    uid: int
    source: bytes
    size: int  # octets, of the whole mail


def connect(server: ImapServer) -> IMAPClient:
    """Connect and log in.

    Raises:
        OSError, IMAPClientError: as imapclient does.

    """
    context = ssl.create_default_context()
    client = IMAPClient(server.host, server.port, ssl=server.tls == "implicit", ssl_context=context, timeout=TIMEOUT)
    try:
        if server.tls == "starttls":
            client.starttls(context)
        client.login(server.username, server.password)
    except LoginError as error:
        close(client)
        if isinstance(error.__context__, IMAPClientAbortError):  # the library says so of a lost connection too
            raise ConnectionError("the connection was lost at the login") from error
        raise
    except BaseException:
        close(client)
        raise
    client.normalise_times = False
    return client


def close(client: IMAPClient) -> None:
    """Hang up, whatever is left of the connection."""
    with suppress(OSError):
        client.shutdown()


def own_folder(client: IMAPClient, name: str) -> str:
    """A folder's full name on this server, which may keep all of them below INBOX (RFC 2342); it is made where it is missing."""
    prefix = ""
    if client.has_capability("NAMESPACE") and (personal := client.namespace().personal):
        prefix = _text(personal[0][0])
    full = name if name.upper() == "INBOX" or name.startswith(prefix) else prefix + name
    if not client.folder_exists(full):
        client.create_folder(full)
        client.subscribe_folder(full)
    return full


def search_from(client: IMAPClient, uid: int) -> list[int]:
    """UIDs from one on. The server answers `n:*` with the last mail even where it lies below n."""
    return sorted(found for found in client.search(["UID", f"{max(uid, 1)}:*"]) if found >= uid)


def search_since(client: IMAPClient, day: date) -> list[int]:
    """UIDs of mails received on a day or later, by the server's own days."""
    return sorted(client.search(["SINCE", day]))


def search_header(client: IMAPClient, name: str, value: str) -> list[int]:
    """UIDs of mails whose header is a value to the letter; the server's own search is content where it is a part of it."""
    found = client.search(["HEADER", name, value], _charset(value))
    field = f"BODY.PEEK[HEADER.FIELDS ({name.upper()})]"
    return sorted(uid for uid, head in _bodies(client, found, field).items() if value in head.decode("utf-8", "replace").split())


def holds_ours(client: IMAPClient) -> bool:
    """Whether a mail that we sent is in the folder."""
    return bool(client.search(["HEADER", LOOP_HEADER, ""]))


def search_writer(client: IMAPClient, address: str) -> list[int]:
    """UIDs of mails from an address; again the server finds more."""
    return _addressed(client, "FROM", address)


def search_recipient(client: IMAPClient, address: str) -> list[int]:
    """UIDs of mails to an address and to nobody else."""
    return _addressed(client, "TO", address)


def _addressed(client: IMAPClient, name: str, address: str) -> list[int]:
    heads = _bodies(client, client.search([name, address], _charset(address)), f"BODY.PEEK[HEADER.FIELDS ({name})]")
    return sorted(uid for uid, head in heads.items() if _people(head) == [address.lower()])


def _people(head: bytes) -> list[str]:
    try:
        return [one.lower() for _, one in getaddresses([head.decode("utf-8", "replace").partition(":")[2]])]
    except (RecursionError, ValueError):  # made to break whoever reads it; it names nobody
        return []


def _charset(words: str) -> str | None:
    return None if words.isascii() else "UTF-8"


def received_at(client: IMAPClient, uids: Sequence[int]) -> dict[int, datetime]:
    answers = client.fetch(uids, ["INTERNALDATE"]) if uids else {}
    return {uid: data[b"INTERNALDATE"].astimezone(UTC) for uid, data in answers.items() if b"INTERNALDATE" in data}


def fetch(client: IMAPClient, uids: Sequence[int]) -> list[Fetched]:
    """Fetch mails without marking them as read: whole, up to a size, or the headers alone, by how large they are.

    A mail that vanished meanwhile is left out.
    """
    about = client.fetch(uids, ["RFC822.SIZE"]) if uids else {}
    sizes = {uid: int(data.get(b"RFC822.SIZE", 0)) for uid, data in about.items()}
    sources = {
        **_bodies(client, [uid for uid, size in sizes.items() if size <= WHOLE], "BODY.PEEK[]"),
        **_bodies(client, [uid for uid, size in sizes.items() if WHOLE < size <= HEADERS_ONLY], f"BODY.PEEK[]<0.{WHOLE}>"),
        **_bodies(client, [uid for uid, size in sizes.items() if size > HEADERS_ONLY], "BODY.PEEK[HEADER]"),
    }
    return [Fetched(uid=uid, source=sources[uid], size=sizes[uid]) for uid in sorted(sources)]


def _bodies(client: IMAPClient, uids: Sequence[int], what: str) -> dict[int, bytes]:
    answers = client.fetch(uids, [what]) if uids else {}
    found = {uid: next((value for key, value in data.items() if key.startswith(b"BODY[")), None) for uid, data in answers.items()}
    return {uid: source for uid, source in found.items() if source is not None}


def move(client: IMAPClient, uids: Iterable[int], folder: str) -> None:
    """File mails away. One that somebody else took out meanwhile fails the whole command on some servers: then look again and repeat."""
    left = sorted(uids)
    for _ in range(3):
        if not left:
            return
        try:
            _move(client, left, folder)
        except IMAPClientError:
            client.noop()
            still = set(client.search(["UID", ",".join(map(str, left))]))
            if still == set(left):
                raise
            left = sorted(still)
        else:
            return


def _move(client: IMAPClient, uids: Sequence[int], folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    client.copy(uids, folder)
    delete(client, uids)


def delete(client: IMAPClient, uids: Sequence[int]) -> None:
    """Delete mails for good, and no others that somebody else has marked."""
    client.delete_messages(uids, silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)
    else:
        client.expunge()


def _text(name: bytes | str | None) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else name or ""
