"""The one family of errors that this project raises on purpose; their words are for whoever runs it."""

from __future__ import annotations


class IntakeError(Exception):
    """Says what is wrong and what to do about it, in one line."""
