"""What the log says: ids and outcomes of ours, nothing below a warning of others, and of an error its kind and place alone."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType
from typing import TextIO

from parsers.errors import kind_and_place

OURS = ("run", "intake", "notifier", "db")
OTHERS = ("twilio", "imapclient", "urllib3", "waitress", "alembic", "sqlalchemy", "flask")

logger = logging.getLogger(__name__)


class Discreet(logging.Formatter):
    """Other libraries log whole traces; the words of an error, and of what raised it, may be somebody's."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # the trace in full, where another handler has made it already
        return super().format(record)

    def formatException(  # noqa: N802 - the standard library's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return kind_and_place(ei[1]) if ei[1] else ""


def set_up(stream: TextIO | None = None) -> None:
    """Log to standard error, threads that end in an error among it."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # No line says by which thread, process or task it was written, so that nothing of that need be found out for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for names, level in ((OURS, logging.INFO), (OTHERS, logging.WARNING)):
        for name in names:
            logging.getLogger(name).setLevel(level)
    threading.excepthook = _tell


def _tell(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None:
        logger.error("thread %s ended: %s", ended.thread.name if ended.thread else "", kind_and_place(ended.exc_value))
