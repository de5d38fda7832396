"""Files and folders that hold what people wrote: readable by their owner alone, whatever the umask says."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_BESIDE = ("-wal", "-shm", "-journal")  # SQLite gives them the rights that the database has when they are made


def make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_database(path: Path) -> None:
    """Create the file where there is none; one that was open to others is closed to them, and what lies beside it too."""
    make_folder(path.parent)
    _open(path, os.O_RDWR | os.O_CREAT)
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            _open(beside, os.O_RDWR)


def write(path: Path, content: bytes) -> None:
    """Put this into a file, in place of what was in it."""
    _open(path, os.O_WRONLY | os.O_CREAT)
    path.write_bytes(content)


def is_open_to_others(path: Path) -> bool:
    """Whether users of this machine may read a file who are neither its owner nor of its group."""
    return path.is_file() and bool(path.stat().st_mode & stat.S_IROTH)


def _open(path: Path, how: int) -> None:
    file = os.open(path, how, 0o600)
    try:
        about = os.fstat(file)
        if about.st_uid == os.geteuid() and stat.S_IMODE(about.st_mode) & 0o077 and stat.S_ISREG(about.st_mode):
            os.fchmod(file, 0o600)
    finally:
        os.close(file)
