"""Texts that Twilio took, by its own list: there one is found of which we never heard that it went."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from twilio.base.exceptions import TwilioException, TwilioRestException

from db.clocks import CLOCKS_DIFFER
from db.doubts import Doubt, Taken
from notifier.reconciler import CannotLook, Looked
from notifier.senders.sms import TIMEOUT, TwilioAccount, client, hang_up

if TYPE_CHECKING:  # the client and what it brings take memory that most processes never need
    from twilio.rest import Client
    from twilio.rest.api.v2010.account.message import MessageInstance

MOST = 1000  # texts to one recipient that are looked through
REDACTED = "redacted"


class SentTexts:
    """Looks through the recipient's texts."""

    def __init__(self, account: TwilioAccount, *, timeout: float = TIMEOUT) -> None:
        self._account = account
        self._timeout = timeout

    def look(self, doubt: Doubt) -> Looked:
        """By when Twilio took them, and by what they say."""
        try:
            texts = [text for text in self._since(doubt) if doubt.until is None or text.date_created <= doubt.until + CLOCKS_DIFFER]
        except TwilioRestException as error:
            raise CannotLook(f"Twilio {error.code or error.status}") from error
        except (TwilioException, OSError, ValueError, KeyError) as error:  # those of requests are OSErrors
            raise CannotLook(type(error).__name__) from error
        texts.reverse()  # the oldest first: of two alike the first is the first's
        alike = [text for text in texts if says(text.body or "", doubt.body)]
        hidden = [text for text in texts if is_hidden(text.body or "")]
        return Looked([_taken(text) for text in (*alike, *hidden)])

    def close(self) -> None:
        hang_up(vars(self).pop("_client", None))

    @cached_property
    def _client(self) -> Client:
        return client(self._account, timeout=self._timeout)

    def _since(self, doubt: Doubt) -> Iterator[MessageInstance]:
        """Twilio lists the newest first; it filters by when a text was sent, which one that waits has not been."""
        for text in self._client.messages.stream(to=doubt.recipient, limit=MOST, page_size=50):
            if text.date_created is None or text.date_created < doubt.since - CLOCKS_DIFFER:
                return
            if text.direction != "inbound":
                yield text


def says(found: str, wanted: str) -> bool:
    """Whether a text is ours, however its body came back: a trial account's prefix before it, punctuation made plain."""
    words = _plain(wanted)
    return bool(words) and _plain(found).endswith(words)


def is_hidden(body: str) -> bool:
    """Whether the account keeps no bodies, so that when it was taken has to do."""
    return _plain(body) in ("", REDACTED)


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _taken(text: MessageInstance) -> Taken:
    error = f"Twilio {text.error_code}" if text.error_code else ""
    return Taken(id=str(text.sid), status=str(text.status or ""), error=error)
