"""What takes long to make of the vocabulary's files, kept beside Python's own compiled files for the next start."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_BYTES = 32  # of a digest


def key_of(files: Mapping[str, bytes]) -> bytes:
    """Name the words, and the code that something is made of them by: what has another key is never taken for it.

    There is no key where the code cannot be looked at, since it may have changed then.
    """
    code = {str(path.relative_to(_HERE.parent)): path.read_bytes() for path in sorted(_HERE.parent.rglob("*.py"))}
    digest = hashlib.blake2b(sys.version.encode(), digest_size=_BYTES)
    for name, content in (*code.items(), *files.items()):
        digest.update(f"\n{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.digest() if code else b""


def kept(name: str, key: bytes, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - strings, numbers, lists, tuples and dictionaries of them
    """Return what was made under this key, or make it and keep it; without a key, and whatever stands in the way, it is made."""
    if not key:
        return make()
    with suppress(OSError, NotImplementedError):
        content = _path(name).read_bytes()
        if content[: 2 * _BYTES] == key + _sum(memoryview(content)[2 * _BYTES :]):
            return _loaded(memoryview(content)[2 * _BYTES :])
    made = make()
    try:
        packed = marshal.dumps(made)
    except ValueError:  # as of a date
        return made
    del made  # What is read anew lies close together, so that the process that made it takes hardly more room than one that found it.
    if not sys.dont_write_bytecode:
        with suppress(OSError, NotImplementedError):
            _keep(_path(name), key, packed)
    return _loaded(packed)


def _loaded(packed: bytes | memoryview) -> Any:  # noqa: ANN401 - as above
    return marshal.loads(packed)  # noqa: S302 - our own, whole, and beside code that would be run as well


def _path(name: str) -> Path:
    """Where Python keeps what it compiles, for each version of it apart."""
    return Path(cache_from_source(str(_HERE / f"{name}.toml"))).with_suffix(".kept")


def _sum(content: bytes | memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=_BYTES).digest()


def _keep(path: Path, key: bytes, content: bytes) -> None:
    """Put it there whole: another process may read it, or write it, at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    try:
        part.touch(mode=0o600)
        part.write_bytes(key + _sum(content) + content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
