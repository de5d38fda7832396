"""The one family of errors that this project raises on purpose; their words are for whoever runs it."""

from __future__ import annotations

from pathlib import Path


class IntakeError(Exception):
    """Says what is wrong and what to do about it, in one line."""


class VocabularyError(IntakeError):
    """A vocabulary file is malformed; says which file and which entry."""


def kind_and_place(error: BaseException) -> str:
    """What may be said of an error that nobody foresaw: its words might be somebody's, its kind and place are not."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def said_of(error: BaseException) -> str:
    """What may be written down of any error."""
    return str(error) if isinstance(error, IntakeError) else kind_and_place(error)
