"""Looks for what may have gone before it is repeated: three times, where the provider keeps what it took."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from db import doubts, steps
from db.doubts import Doubt, Taken
from db.engine import Database
from notifier.rounds import go_round
from parsers.errors import kind_and_place

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class CannotLook(Exception):
    """The provider could not be asked."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the provider has that may be the message in doubt, the likeliest first."""

    taken: Sequence[Taken] = ()
    telling: bool = True  # False: where it keeps nothing of ours at all, nothing there tells nothing


class Lookup(Protocol):
    """Where one channel's messages are looked for."""

    def look(self, doubt: Doubt) -> Looked:
        """Ask the provider.

        Raises:
            CannotLook: see there.

        """

    def close(self) -> None: ...


class Reconciler:
    """Settles what is in doubt on each channel; one without a lookup has nothing that could be known."""

    def __init__(
        self, database: Database, lookups: Mapping[str, Lookup | None], *, clock: Callable[[], datetime], rung: Callable[[], None]
    ) -> None:
        self._database = database
        self._lookups = lookups
        self._clock = clock
        self._rung = rung

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        go_round(self.look, stop, seconds=LOOK_SECONDS, logger=logger, what="doubts")

    def look(self) -> None:
        """One round over what is due."""
        for channel, lookup in self._lookups.items():
            with self._database.read() as session:
                if not doubts.due(session, channel, self._clock()):
                    continue
            with self._database.write() as session:
                due = doubts.take(session, channel, self._clock())
            try:
                for doubt in due:
                    self._settle(doubt, lookup)
            finally:
                if lookup is not None:
                    lookup.close()

    def _settle(self, doubt: Doubt, lookup: Lookup | None) -> None:
        looked = self._look_for(doubt, lookup)
        steps.reached("doubt looked for")
        with self._database.write() as session:
            outcome = self._conclude(session, doubt, looked)
        steps.reached("doubt settled")
        logger.info("outbox %s %s: it was looked for", doubt.id, outcome)
        if outcome == "queued":
            self._rung()

    def _look_for(self, doubt: Doubt, lookup: Lookup | None) -> Looked | None:
        if lookup is None:
            return Looked(telling=False)
        try:
            return lookup.look(doubt)
        except CannotLook as error:
            logger.warning("outbox %s: not looked for, %s", doubt.id, error)
        except Exception as error:  # noqa: BLE001 - an answer that nobody foresaw must not hold up the others
            logger.error("outbox %s: not looked for, %s", doubt.id, kind_and_place(error))
        return None

    def _conclude(self, session: Session, doubt: Doubt, looked: Looked | None) -> str:
        now = self._clock()
        if looked is None:
            return doubts.not_asked(session, doubt, now)
        if doubts.found(session, doubt, looked.taken, now):
            return "sent"
        if not looked.telling:
            return doubts.cannot_know(session, doubt, now)
        return doubts.not_found(session, doubt, now)
