"""Deletes what somebody who was erased wrote and was sent, in the mailbox's folders and at Twilio, and tries again until it is gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from twilio.base.exceptions import TwilioException, TwilioRestException

from db import originals
from db.engine import Database
from db.originals import ADDRESS, MAILBOX, TWILIO, Left
from intake import imap
from intake.imap import ImapServer
from notifier.rounds import go_round
from notifier.senders.sms import TwilioAccount, client
from parsers.errors import kind_and_place

logger = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
GONE = 404


class Originals:
    """Works off what `erase` wrote down; what is gone already is done."""

    def __init__(
        self, database: Database, *, twilio: TwilioAccount | None, mailbox: ImapServer | None, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._twilio = twilio
        self._mailbox = mailbox
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Delete until told to stop."""
        go_round(self.work, stop, seconds=LOOK_SECONDS, logger=logger, what="originals")

    def work(self) -> None:
        """One round over all that is due; no transaction is open while servers are spoken to."""
        self._note_what_is_known()
        for place, remove in ((TWILIO, self._from_twilio), (MAILBOX, self._from_mailbox)):
            while due := self._take(place):
                gone = remove(due)
                kept = [one.id for one in due if one.id not in gone]
                with self._database.write() as session:
                    originals.forget(session, gone)
                    given_up = originals.postpone(session, kept, self._clock())
                logger.info("originals: %s deleted at %s, %s not, %s given up", len(gone), place, len(kept), given_up)

    def _note_what_is_known(self) -> None:
        """What was under way when its person was erased."""
        now, places = self._clock(), [place for place, at in ((TWILIO, self._twilio), (MAILBOX, self._mailbox)) if at is not None]
        with self._database.read() as session:
            if not originals.any_known(session, now):
                return
        with self._database.write() as session:
            count = originals.settle(session, places, now)
        logger.info("originals: %s that were under way are not any more", count)

    def _take(self, place: str) -> list[Left]:
        with self._database.read() as session:
            if not originals.any_due(session, place, self._clock()):
                return []
        with self._database.write() as session:
            return originals.take(session, place, self._clock())

    def _from_twilio(self, due: Sequence[Left]) -> set[int]:
        if self._twilio is None:
            return set()
        gone = set()
        twilio = client(self._twilio)
        for one in due:
            try:
                twilio.messages(one.value).delete()
            except TwilioRestException as error:
                if error.status != GONE:
                    logger.warning("originals: Twilio %s", error.code or error.status)
                    continue
            except (TwilioException, OSError) as error:  # those of requests are OSErrors
                logger.warning("originals: %s", kind_and_place(error))
                break  # the others would wait as long
            gone.add(one.id)
        return gone

    def _from_mailbox(self, due: Sequence[Left]) -> set[int]:
        if self._mailbox is None:
            return set()
        try:
            session = imap.connect(self._mailbox)
            try:
                left = {one.id for folder in self._folders(session, self._mailbox) for one in self._not_cleared(session, folder, due)}
            finally:
                imap.close(session)
        except (OSError, IMAPClientError) as error:
            logger.warning("originals: %s", kind_and_place(error))
            return set()
        return {one.id for one in due} - left

    @staticmethod
    def _folders(session: IMAPClient, server: ImapServer) -> list[str]:
        own = (server.done_folder, server.automatic_folder, server.quarantine_folder)
        sent = [server.sent_folder] if server.sent_folder else []
        return [server.folder, *(imap.own_folder(session, name) for name in own), *sent]

    def _not_cleared(self, session: IMAPClient, folder: str, due: Sequence[Left]) -> Iterator[Left]:
        """Delete what is there, and yield those of whom that could not be done."""
        session.select_folder(folder)
        for one in due:
            try:
                self._clear(session, one)
            except (IMAPClientAbortError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - what the server minds of one, or somebody's odd header, holds up nobody else
                logger.warning("originals: %s", kind_and_place(error))
                yield one

    @staticmethod
    def _clear(session: IMAPClient, one: Left) -> None:
        if one.what == ADDRESS:
            found = {*imap.search_writer(session, one.value), *imap.search_recipient(session, one.value)}
            dated = imap.received_at(session, sorted(found))
            found = {uid for uid, at in dated.items() if at <= one.asked_at}  # whoever writes again is somebody new
        else:
            found = set(imap.search_header(session, "Message-ID", one.value))
        if found:
            imap.delete(session, sorted(found))
