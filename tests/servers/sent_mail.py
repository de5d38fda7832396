"""A mail as a server received it."""

from __future__ import annotations

import email
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default


@dataclass(frozen=True, slots=True)
class SentMail:
    """With its envelope, and who brought it how."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    username: str | None
    encrypted: bool

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def headers(self) -> dict[str, str]:
        """By their names in lower case; of a repeated header the last."""
        return {name.lower(): str(value) for name, value in self.message.items()}

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())
