"""Clocks, ids and chance that tests can predict, and requests signed as Twilio signs them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Lock
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


class HeldClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
        self.set(self.now + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
        return self.now

    def set(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)


class CountedIds:
    """`ids()` gives id-0001, id-0002, …; safe to call from several threads."""

    def __init__(self, prefix: str = "id") -> None:
        self._prefix = prefix
        self._numbers = count(1)
        self._lock = Lock()

    def __call__(self) -> str:
        with self._lock:
            return f"{self._prefix}-{next(self._numbers):04}"


def fixed_random() -> random.Random:
    return random.Random(20260302)  # noqa: S311  # predictable is what it is for


@dataclass(frozen=True, slots=True)
class SignedForm:
    """What to send: `client.post(path, data=form.body, headers=form.headers)`."""

    body: bytes
    headers: dict[str, str]


def signed_form(url: str, form: Mapping[str, str] | Iterable[tuple[str, str]], token: str) -> SignedForm:
    """The form as Twilio posts it to `url`, its query included; pairs may repeat a name."""
    pairs = list(form.items()) if isinstance(form, Mapping) else list(form)
    signature = RequestValidator(token).compute_signature(url, _Repeated(pairs))
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    return SignedForm(urlencode(pairs).encode(), headers)


class _Repeated(dict[str, list[str]]):
    """A form in which a name may stand more than once, read as the validator reads Django's."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name: str) -> list[str]:
        return self[name]
