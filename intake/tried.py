"""What came of trying one thing."""

from __future__ import annotations

from dataclasses import dataclass

TIMEOUT = 15.0  # seconds that a server is waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that was tried."""

    what: str
    ok: bool
    words: str


def ok(what: str, words: str) -> Result:
    return Result(what=what, ok=True, words=words)


def mend(what: str, words: str) -> Result:
    return Result(what=what, ok=False, words=words)
