"""What a database says of its trouble, in one word that holds nothing of anybody."""

from __future__ import annotations


def cause(error: Exception) -> str:
    """SQLite's name of an error (SQLITE_FULL), PostgreSQL's code (53300), or else the kind of it."""
    origin = getattr(error, "orig", None) or error
    named = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None)
    return str(named or type(origin).__name__)
