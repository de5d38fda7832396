"""The memory of a process that stays; each in a process of its own, since it cannot be undone."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

THREADS_AT_WORK = """
import ctypes, gc, sys, tempfile, threading
from intake import memory
if sys.argv[1] == "ours":
    memory.begin()
    assert not gc.isenabled()
    memory.started()
    assert gc.isenabled()
    memory.settled()
    assert gc.get_freeze_count() > 0
together = threading.Barrier(8)
def work():
    kept = [bytes(5000) for _ in range(100)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as told:
    file = ctypes.c_void_p(libc.fopen(told.name.encode(), b"w"))
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(told.read().count(b"<heap nr="))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do as they please")
def test_all_threads_share_one_heap() -> None:
    """Left to itself glibc makes several."""
    assert _heaps("left alone") > 1
    assert _heaps("ours") == 1


def _heaps(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", THREADS_AT_WORK, how], capture_output=True, text=True, check=True)
    return int(done.stdout)
