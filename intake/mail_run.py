"""Mails on their way from the mailbox through the door, batch by batch: the next is fetched while the last of this is listened to."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from datetime import datetime
from itertools import islice

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from db import heartbeats, mailboxes, steps
from db.engine import Database
from db.mailboxes import Place
from intake import imap
from intake.arrival import Arrival, NotStored, in_portions
from intake.doorway import Doorway
from intake.identity import identity
from intake.imap import Fetched
from parsers.errors import kind_and_place

logger = logging.getLogger(__name__)


class MailRun:
    """Takes mails in, in one pass over the mailbox.

    Args:
        client: logged in, and with the folder selected.
        place: the folder's.
        folders: where mails are filed, by what became of them.
        doorway: takes them in.
        database: that of the doorway.
        clock: tells when they came.

    """

    def __init__(
        self,
        client: IMAPClient,
        place: Place,
        folders: Mapping[str, str],
        *,
        doorway: Doorway,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._place = place
        self._folders = folders
        self._doorway = doorway
        self._database = database
        self._clock = clock
        self._brought: deque[Sequence[Fetched]] = deque()  # to the door, each counted as an attempt
        self.innocent: list[int] = []  # mails of which an attempt was counted that failed for no fault of theirs
        self.held_up = False  # a folder took nothing

    def take(self, batches: Iterable[Sequence[int]], *, deadly: bool = False) -> int:
        """Take batches in, of which each is filed away when it is committed; `deadly` where they must not be parsed again.

        Returns:
            How many mails were new.

        Raises:
            NotStored: the database took nothing in.
            OSError, IMAPClientError, SQLAlchemyError: as they are raised on the way.

        """
        taken = 0
        try:
            with closing(self._doorway.receive_each(self._portions(batches, deadly=deadly))) as receipts:
                for first in receipts:
                    batch = self._brought[0]
                    all_of_it = [first, *islice(receipts, len(batch) - 1)]
                    self.file({mail.uid: receipt.outcome for mail, receipt in zip(batch, all_of_it, strict=True)})
                    self._brought.popleft()
                    taken += sum(not receipt.repeat for receipt in all_of_it)
        except Exception as error:
            self._acquit(but_first=not isinstance(error, NotStored))
            raise
        return taken

    def _portions(self, batches: Iterable[Sequence[int]], *, deadly: bool) -> Iterator[Sequence[Arrival]]:
        for uids in batches:
            try:
                batch = self._fetch(uids)  # before the mark: a line that breaks is no fault of the mails
                with self._database.write() as session:
                    mailboxes.mark(session, self._place, [mail.uid for mail in batch])
            except Exception:
                self._acquit()
                raise
            steps.reached("attempts marked")
            if batch:
                self._brought.append(batch)
                yield from in_portions([self._arrival(mail, deadly=deadly) for mail in batch])

    def _fetch(self, uids: Sequence[int]) -> list[Fetched]:
        mails = imap.fetch(self._client, uids)
        steps.reached("mails fetched")
        return mails

    def _arrival(self, mail: Fetched, *, deadly: bool) -> Arrival:
        external_id = identity(mail.source, mail.size)
        return Arrival(channel="email", external_id=external_id, source=mail.source, received_at=self._clock(), deadly=deadly)

    def _acquit(self, *, but_first: bool = False) -> None:
        """What was brought and not taken in was attempted for nothing; of the first it may be the fault."""
        self.innocent += [mail.uid for batch in islice(self._brought, but_first, None) for mail in batch]
        self._brought.clear()

    def file(self, outcomes: Mapping[int, str], *, gone: AbstractSet[int] = frozenset()) -> None:
        """File mails away by what became of them, and forget them and those that are gone."""
        try:
            for outcome, folder in self._folders.items():
                uids = [uid for uid, what in outcomes.items() if what == outcome]
                if uids and outcome != "quarantined":
                    self._client.add_flags(uids, [b"\\Seen"], silent=True)
                steps.reached("mails flagged")
                imap.move(self._client, uids, folder)
                steps.reached("mails moved")
        except IMAPClientError as error:  # a full or locked folder holds up the filing, and not the mails that come after
            self.held_up = True
            logger.error("mailbox: %d mails not filed away, %s; is a folder full or locked?", len(outcomes), kind_and_place(error))
            with self._database.write() as session:
                mailboxes.conclude(session, self._place, outcomes)
                if not isinstance(error, IMAPClientAbortError):
                    heartbeats.beat(session, heartbeats.refusal("filing"), self._clock())
            if isinstance(error, IMAPClientAbortError):
                raise
            return
        with self._database.write() as session:
            mailboxes.forget(session, self._place, [*outcomes, *gone])
