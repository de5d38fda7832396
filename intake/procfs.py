"""What Linux tells of a process: which processor it is on, and for how long it has worked."""

from __future__ import annotations

import os
from pathlib import Path


def processor() -> int:
    """The one that this thread is on."""
    return int(_fields("thread-self")[36])


def worked(pid: int) -> float:
    """Seconds of processors' time that a process has taken."""
    return sum(map(int, _fields(str(pid))[11:13])) / os.sysconf("SC_CLK_TCK")


def _fields(of: str) -> list[str]:
    """Those of proc(5) from the third on; the second is a name, which may hold anything."""
    return Path("/proc", of, "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
