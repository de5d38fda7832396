"""Reads a mailbox: waits, fetches, hands each mail over, and files it away only when what came of it is committed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError
from sqlalchemy.exc import SQLAlchemyError

from db import heartbeats, mailboxes
from db.engine import Database
from db.mailboxes import SINCE_THE_START, Attempt, Place
from db.turns import Turn
from intake import imap
from intake.clock import is_set
from intake.doorway import BATCH, Doorway
from intake.imap import ImapServer
from intake.mail_run import MailRun
from parsers.errors import IntakeError, kind_and_place

logger = logging.getLogger(__name__)

LOOK_AGAIN = (5.0, 15.0, 60.0)  # seconds, beside IDLE, which some servers forget; well under the 29 minutes of RFC 2177
LOOK_UP = 2.0  # seconds between two looks at whether to stop
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
REFUSED_PAUSE = 120.0  # a login that was refused is not tried often: servers lock accounts
TURN_SECONDS = 5.0  # how soon another process takes over from one that died
ATTEMPTS = 3


class MailboxReader:
    """Reads one mailbox; run it in a thread of its own."""

    def __init__(self, server: ImapServer, doorway: Doorway, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._server = server
        self._doorway = doorway
        self._database = database
        self._clock = clock
        self._pause = FIRST_PAUSE
        self._folders: dict[str, str] = {}  # by what became of a mail; looked up anew on each connection, and where filing failed
        self._owed: list[int] = []  # mails whose last attempt failed for no fault of theirs

    def run(self, stop: threading.Event) -> None:
        """Read until told to stop; whatever breaks, connect again after a pause that grows."""
        turn = Turn(self._database, f"mailbox {self._server.name}")
        try:
            self._read_in_turn(turn, stop)
        finally:
            turn.release()

    def _read_in_turn(self, turn: Turn, stop: threading.Event) -> None:
        while not stop.is_set():
            if not turn.is_mine():  # another process reads it
                stop.wait(TURN_SECONDS)
                continue
            try:
                self._stay(turn, stop)
            except LoginError:
                logger.error("mailbox: the server refused the user name or the password")
                self._note_refusal()
                self._pause = max(self._pause, REFUSED_PAUSE)
            except Exception as error:  # noqa: BLE001 - a line that breaks, a database that is away, a server that answers nonsense
                logger.warning("mailbox: %s, again in %.0f s", kind_and_place(error), self._pause)
                turn.release()  # another machine may reach what this one does not
            stop.wait(self._pause)
            self._pause = min(LONGEST_PAUSE, self._pause * 2)

    def _note_refusal(self) -> None:
        try:
            with self._database.write() as session:
                heartbeats.beat(session, heartbeats.refusal("mailbox"), self._clock())
        except SQLAlchemyError as error:
            logger.warning("mailbox: %s", kind_and_place(error))

    def read_once(self, *, since: date | None = None) -> int:
        """One pass over the mailbox; with `since`, also over mail that was there before the first start.

        Returns:
            How many mails were taken in.

        Raises:
            IntakeError: the mailbox cannot be reached or read, or this machine does not know what day it is.

        """
        if not is_set(self._clock()):
            raise IntakeError(f"this machine's clock says {self._clock():%Y-%m-%d}; nothing is read before it is set")
        try:
            client = self._connect()
            try:
                return self._pass(client, since=since)
            finally:
                imap.close(client)
        except (OSError, IMAPClientError) as error:
            raise IntakeError(f"the mailbox cannot be read ({kind_and_place(error)}); `run.py check` says what to mend") from error

    def _connect(self) -> IMAPClient:
        self._folders = {}
        return imap.connect(self._server)

    def _stay(self, turn: Turn, stop: threading.Event) -> None:
        client = self._connect()
        try:
            quiet = 0
            while not stop.is_set() and turn.is_mine():
                # A mail that comes during a pass, or just as IDLE begins, may be told where nobody listens: look again soon at first.
                quiet = 0 if self._pass(client) else quiet + 1
                self._pause = FIRST_PAUSE
                if quiet:
                    self._wait(client, stop, seconds=LOOK_AGAIN[min(quiet, len(LOOK_AGAIN)) - 1])
        finally:
            imap.close(client)

    def _wait(self, client: IMAPClient, stop: threading.Event, *, seconds: float) -> None:
        """Wait until the server tells of something, so many seconds at the most."""
        if not client.has_capability("IDLE"):
            stop.wait(seconds)
            return
        client.idle()
        until = time.monotonic() + seconds
        while not stop.is_set() and (began := time.monotonic()) < until:
            told = client.idle_check(timeout=LOOK_UP)
            if any(b"EXISTS" in answer for answer in told if isinstance(answer, tuple)):
                break
            if not told and time.monotonic() - began < LOOK_UP / 2:
                break  # the connection is gone: `idle_done` says so
        client.idle_done()

    def _pass(self, client: IMAPClient, *, since: date | None = None) -> int:
        state = client.select_folder(self._server.folder)
        uidnext = state.get(b"UIDNEXT") or client.folder_status(self._server.folder, ["UIDNEXT"])[b"UIDNEXT"]
        place = self._place(state[b"UIDVALIDITY"], uidnext)  # before all else: what comes from here on is ours to read
        self._folders = folders = self._folders or {
            "handled": imap.own_folder(client, self._server.done_folder),
            "automatic": imap.own_folder(client, self._server.automatic_folder),
            "quarantined": imap.own_folder(client, self._server.quarantine_folder),
        }
        self._take_marks_back(place)
        with self._database.read() as session:
            known = mailboxes.attempts(session, place)
        uids = self._waiting(client, place, since)
        run = MailRun(client, place, folders, doorway=self._doorway, database=self._database, clock=self._clock)
        try:
            taken = _take(run, uids, known)
            _tidy(run, uids, known)
        finally:
            self._folders = {} if run.held_up else folders
            self._owed += run.innocent
            self._take_marks_back(place)
        with self._database.write() as session:
            mailboxes.mark_read(session, place, self._clock())
        return taken

    def _place(self, uidvalidity: int, uidnext: int) -> Place:
        """Nothing is written where we are known: a mail that has just come need not wait for a commit."""
        with self._database.read() as session:
            place = mailboxes.find(session, self._server.name, uidvalidity=uidvalidity)
        if place is not None:
            return place
        with self._database.write() as session:
            return mailboxes.enter(session, self._server.name, uidvalidity=uidvalidity, uidnext=uidnext, now=self._clock())

    def _waiting(self, client: IMAPClient, place: Place, since: date | None) -> list[int]:
        """Mails that are ours to read: not those that were there before the first start."""
        if since is not None:
            return imap.search_since(client, since)
        if place.first_uid != SINCE_THE_START:
            return imap.search_from(client, place.first_uid)
        found = imap.search_since(client, (place.started_at - timedelta(days=1)).date())
        received = imap.received_at(client, found)
        return [uid for uid in found if uid in received and received[uid] >= place.started_at]

    def _take_marks_back(self, place: Place) -> None:
        """What kept the mails from being stored may keep this from being written too; then it is done before they are taken up again."""
        if self._owed:
            with self._database.write() as session:
                mailboxes.unmark(session, place, self._owed)
            self._owed = []


def _take(run: MailRun, uids: Sequence[int], known: Mapping[int, Attempt]) -> int:
    """Mails that ended a process before come one by one, and none of them ahead, so that only the guilty one is counted again."""
    suspects = [uid for uid in uids if uid in known and known[uid].outcome is None]
    fresh = [uid for uid in uids if uid not in known]
    taken = sum(run.take([[uid]], deadly=known[uid].attempts + 1 >= ATTEMPTS) for uid in suspects)
    return taken + run.take(fresh[start : start + BATCH] for start in range(0, len(fresh), BATCH))


def _tidy(run: MailRun, uids: Sequence[int], known: Mapping[int, Attempt]) -> None:
    """File what an earlier pass took in and could not file; forget what somebody else took away."""
    here = set(uids)
    concluded = {uid: attempt.outcome for uid, attempt in known.items() if attempt.outcome and uid in here}
    if known:
        run.file(concluded, gone=known.keys() - here)
