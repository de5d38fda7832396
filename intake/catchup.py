"""Texts that Twilio holds and the webhook missed are fetched from its API, and come in by the same door."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException, TwilioRestException

from db import heartbeats, inbox, steps
from db.engine import Database
from intake.arrival import TOO_OLD, NotStored
from intake.doorway import Doorway
from intake.sms import arrival
from notifier.senders.sms import TwilioAccount, client
from parsers.errors import kind_and_place

if TYPE_CHECKING:
    from twilio.rest import Client
    from twilio.rest.api.v2010.account.message import MessageInstance

logger = logging.getLogger(__name__)

LOOK_BACK = TOO_OLD  # Twilio's list may lag, and a pass may have missed what was just coming in
PAGE = 1000  # the most that the API gives at once
FIRST_START = "catch-up first start"
LAST_COMPLETE = "catch-up complete"


class CatchUp:
    """Looks for missed texts, on start and then every so often."""

    def __init__(
        self, account: TwilioAccount, doorway: Doorway, database: Database, *, clock: Callable[[], datetime], seconds: int
    ) -> None:
        self._account = account
        self._doorway = doorway
        self._database = database
        self._clock = clock
        self._seconds = seconds

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop; what fails is tried again at the next time."""
        while not stop.is_set():
            try:
                taken = self.read_once()
            except (TwilioException, OSError, NotStored) as error:  # those of requests are OSErrors
                logger.warning("catch-up: %s", _said(error))
            except Exception as error:  # noqa: BLE001 - the webhook and everything else go on
                logger.error("catch-up: %s", kind_and_place(error))
            else:
                if taken:
                    logger.info("catch-up: %s texts taken in", taken)
            stop.wait(self._seconds)

    def read_once(self) -> int:
        """One pass; returns how many texts were new.

        Raises:
            TwilioException, OSError: Twilio did not answer, or not as it should.
            NotStored: the database took nothing in.

        """
        began = self._clock()
        with self._database.write() as session:
            first = heartbeats.first(session, FIRST_START, began)
            last = heartbeats.at(session, LAST_COMPLETE)
        since = max(first, last - LOOK_BACK) if last else first
        missed = [text for text in self._held(since) if _received_at(text) >= first]
        steps.reached("missed texts listed")
        taken = 0
        for text in sorted(self._unknown(missed), key=_received_at):  # Twilio lists the newest first
            taken += self._take(text, began)
        with self._database.write() as session:
            heartbeats.beat(session, LAST_COMPLETE, began)
        return taken

    @cached_property
    def _client(self) -> Client:
        return client(self._account)

    def _held(self, since: datetime) -> Iterator[MessageInstance]:
        """Inbound texts to our number, or to our messaging service, that Twilio dates since a moment."""
        wanted = {"to": self._account.phone_number} if self._account.phone_number else {}
        for text in self._client.messages.stream(**wanted, date_sent_after=since, page_size=PAGE):
            ours = self._account.phone_number or text.messaging_service_sid == self._account.messaging_service_sid
            steps.reached("missed text listed")
            if text.direction == "inbound" and ours:
                yield text

    def _unknown(self, texts: Sequence[MessageInstance]) -> Iterator[MessageInstance]:
        for start in range(0, len(texts), PAGE // 2):
            some = texts[start : start + PAGE // 2]
            with self._database.read() as session:
                known = inbox.known(session, "sms", [str(text.sid) for text in some])
            yield from (text for text in some if text.sid not in known)

    def _take(self, text: MessageInstance, now: datetime) -> bool:
        """Through the one door, as the webhook would have brought it; one that is old is kept and told of, and not answered."""
        posted = {
            "MessageSid": text.sid,
            "From": text.from_ or "",
            "To": text.to or "",
            "Body": text.body or "",
            "NumMedia": text.num_media or "0",
        }
        received_at = _received_at(text)
        late = now - received_at > LOOK_BACK
        return not self._doorway.receive(arrival(urlencode(posted).encode(), channel="sms", received_at=received_at, late=late)).repeat


def _received_at(text: MessageInstance) -> datetime:
    found: datetime | None = text.date_sent or text.date_created
    if found is None:
        raise TwilioException(f"text {text.sid} has no date")
    return found


def _said(error: Exception) -> str:
    """Twilio's own words may hold a number."""
    return f"Twilio {error.code or error.status}" if isinstance(error, TwilioRestException) else kind_and_place(error)
