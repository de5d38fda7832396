"""How fast and how light the reading is: `python -m benchmarks.reading`."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.reading import Context, hear, read
from parsers.ready import verify, warm_up
from parsers.vocabulary import Vocabulary, load

Item = TypeVar("Item")
ROOT = Path(__file__).parent.parent
READINGS = ROOT / "tests" / "readings"
RUNS = 5
TEXT = "looking for a mentor who gets it, im new at the drop in, tues or thurs after 5, prefer txt"
OWN = (
    "Hi Jim,\n\nI have been a peer supporter for seven years and I would be glad to mentor somebody new. Mondays and Wednesdays\n"
    "between 9 and 1 are best, by phone or Zoom. I work at the recovery center in Butte.\n\nThanks,\nDarlene\n"
)
QUOTED = "> If you are interested in being a mentor or having new peer supporters shadow you, please reach out.\n" * 35
MAIL = (
    "From: Darlene Fox <darlene@example.org>\r\nTo: intake@example.org\r\nSubject: Re: Peer Update\r\nMessage-ID: <1@example.org>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n"
    + (OWN + "\nOn Tue, Feb 4, 2025 at 9:02 AM Peer Update <news@example.org> wrote:\n\n" + QUOTED).replace("\n", "\r\n")
).encode()


def main() -> None:
    vocabulary = load()
    checked = _seconds(lambda: verify(vocabulary))
    first = _seconds(lambda: _read_text(TEXT, vocabulary))
    compiled = _seconds(lambda: warm_up(vocabulary))
    # Each differs from the others, as people's messages do, or caches would be measured.
    texts = _a_second(lambda text: _read_text(text, vocabulary), _texts())
    mails = _a_second(lambda mail: _read_mail(mail, vocabulary), [MAIL.replace(b"seven", str(years).encode()) for years in range(300)])
    print(f"texts a second            {texts:8.0f}   at least 2000")
    print(f"mails of {len(MAIL) / 1024:.1f} KB a second   {mails:8.0f}   at least 600")
    print(f"import, seconds           {_import_seconds():8.2f}   under 0.3")
    print(f"every entry checked, s    {checked:8.2f}   at each start")
    print(f"the first text, s         {first:8.2f}   while patterns are compiled as they are needed")
    print(f"all compiled, s           {compiled:8.2f}   aside, while the program serves")
    print(f"resident memory, MB       {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f}   under 60")


def _texts() -> list[str]:
    """Texts that were written without a look at the rules."""
    rows = [json.loads(line) for name in ("texts", "more") for line in (READINGS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [row["body"] for row in rows if row["channel"] == "sms" and row["body"]]


def _read_text(text: str, vocabulary: Vocabulary) -> None:
    read(hear(InboundMessage(channel="sms", sender="+14065550111", body=text), vocabulary), vocabulary, Context())


def _read_mail(mail: bytes, vocabulary: Vocabulary) -> None:
    read(hear(read_mail(mail, vocabulary), vocabulary), vocabulary, Context())


def _a_second(do: Callable[[Item], None], items: Sequence[Item]) -> float:
    """The median of several runs, in processor time, so that other work on the machine counts for little."""
    do(items[0])
    rates = []
    for _ in range(RUNS):
        began = time.process_time()
        for item in items:
            do(item)
        rates.append(len(items) / (time.process_time() - began))
    return statistics.median(rates)


def _seconds(do: Callable[[], None]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def _import_seconds() -> float:
    """The median time to import the parsers and load the vocabulary, over a bare interpreter's start."""
    return _start("import parsers.reading, parsers.vocabulary; parsers.vocabulary.load()") - _start("pass")


def _start(code: str) -> float:
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
