"""What a process that stays tells Python and the C library of its memory: to be small, and seldom looked through."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

M_ARENA_MAX = -8  # of glibc's malloc.h


def begin() -> None:
    """Before anything is loaded. All that a start makes stays: to look for what does not takes a fifth of its time."""
    gc.disable()
    # glibc gives each thread a heap of its own, a megabyte here and there; Python's threads take turns, and one does for all of them.
    with suppress(OSError, AttributeError, TypeError):  # other C libraries know no such thing
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def started() -> None:
    gc.enable()


def settled() -> None:
    """What is there by now stays for good: looking through it again and again would hold up messages."""
    gc.collect()
    gc.freeze()
