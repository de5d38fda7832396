"""Looks for inputs that break a parser or make it slow, led by which code they reach: `make fuzz`, or `make fuzz MINUTES=1`."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

import atheris

from parsers.errors import kind_and_place

with atheris.instrument_imports(include=["parsers"]):
    from tests.fuzz.targets import TARGETS, seeds

FOUND = Path(".fuzz") / "found"
LIMIT = 0.5  # seconds of the processor's time for one input, code that is watched being several times slower than usual
LONGEST = 4_096
TELL_EVERY = 30.0
NAMES = tuple(TARGETS)


class Fuzzer:
    """Runs one target an input, keeps what it finds, one of each kind, and goes on."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.runs = 0
        self.slowest = 0.0
        self._told = time.monotonic()

    def __call__(self, data: bytes) -> None:
        if not data:
            return
        name, given = NAMES[data[0] % len(NAMES)], data[1:]
        began = time.process_time()
        try:
            TARGETS[name](given)
        except Exception as error:  # noqa: BLE001 - which is what it looks for
            self._keep(f"{name}-{kind_and_place(error)}", given)
        taken = time.process_time() - began
        self.slowest = max(self.slowest, taken)
        self._tell()
        if taken > LIMIT:
            self._keep(f"{name}-slow", given, f"{taken:.2f} s")

    def _tell(self) -> None:
        """How far it is; the library says only what it found itself."""
        self.runs += 1
        if time.monotonic() - self._told > TELL_EVERY:
            self._told = time.monotonic()
            print(f"{self.runs} inputs, the slowest in {self.slowest:.2f} s; {len(self.known)} found", flush=True)

    def _keep(self, what: str, data: bytes, more: str = "") -> None:
        if what in self.known:
            return
        self.known.add(what)
        path = FOUND / f"{''.join(letter if letter.isalnum() else '-' for letter in what)}-{hashlib.sha256(data).hexdigest()[:8]}"
        path.write_bytes(data)
        print(f"FOUND {what} {more}: {path}", flush=True)


def main() -> None:
    shutil.rmtree(FOUND, ignore_errors=True)
    FOUND.mkdir(parents=True)
    corpus = Path(tempfile.mkdtemp(prefix="seeds-"))
    for name, inputs in seeds().items():
        for number, data in enumerate(inputs):
            (corpus / f"{name}-{number}").write_bytes(bytes([NAMES.index(name)]) + data[:LONGEST])
            TARGETS[name](data)  # whatever is made ready once is no input's fault
    atheris.Setup([*sys.argv, f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=2048", str(corpus)], Fuzzer())
    atheris.Fuzz()


if __name__ == "__main__":
    main()
