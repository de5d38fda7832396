"""One class a channel: each takes a claimed message and either returns the provider's id of it or raises SendError."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from db.outbox import Draft


class SendError(Exception):
    """A message was not sent, or nobody knows whether it was.

    Args:
        reason: in the provider's terms, without the recipient or the text.
        permanent: it never will be, however often it is tried.
        unknown: it may have gone; to repeat it could send it twice.
        opted_out: the provider refuses since the recipient opted out with it.
        login_refused: the provider does not take our credentials, so that nothing goes until somebody mends them.

    """

    def __init__(
        self, reason: str, *, permanent: bool = False, unknown: bool = False, opted_out: bool = False, login_refused: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.unknown = unknown
        self.opted_out = opted_out
        self.login_refused = login_refused


class Withdrawn(Exception):
    """The message is not to leave after all: its recipient opted out meanwhile, or somebody else has taken it over."""


def nothing() -> None:
    """For whoever sends without an outbox."""


class Sender(Protocol):
    """Sends on one channel. Used by one thread at a time."""

    channel: str
    deadline: float  # seconds that one send takes at the most

    def send(self, draft: Draft, *, now: datetime, leaving: Callable[[], None] = nothing) -> str:
        """Send, and return the provider's id of what was sent.

        Args:
            draft: the message.
            now: the moment.
            leaving: called just before the step after which nobody knows whether it went; if it raises, the message stays here.

        Raises:
            SendError: see there.
            Withdrawn: by `leaving`.

        """

    def close(self) -> None: ...
