"""How fast and how light the reading is: `python -m benchmarks.reading`."""

from __future__ import annotations

import email
import email.policy
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from benchmarks.newsletter import QUOTED
from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.reading import Context, hear, read
from parsers.ready import verify, warm_up
from parsers.vocabulary import Vocabulary, load

Item = TypeVar("Item")
ROOT = Path(__file__).parent.parent
READINGS = ROOT / "tests" / "readings"
RUNS = 5
MOST_SENTENCES = 5  # of a reply
TEXT = "looking for a mentor who gets it, im new at the drop in, tues or thurs after 5, prefer txt"
SIGNED = "\n\n-- \nDarlene Fox, CPSS\nPeer Support Specialist | Hope House of Butte\n406-555-0123 | darlene@example.org\n"
INTRODUCED = "\nOn Tue, Feb 4, 2025 at 9:02 AM Peer Update <news@example.org> wrote:\n\n"
NEWSLETTERS = QUOTED * 2  # a mail is 4 KB in all


class Rate(NamedTuple):
    of_processor: float  # a second of the processor's time, for which other work on the machine counts for little
    of_clock: float


def main() -> None:
    vocabulary = load()
    checked = _seconds(lambda: verify(vocabulary))
    first = _seconds(lambda: _read_text(TEXT, vocabulary))
    ready = _seconds(lambda: warm_up(vocabulary))
    # Each differs from the others, as people's messages do, or caches would be measured.
    texts, mails = _texts(), _mails()
    text_rate = _a_second(lambda text: _read_text(text, vocabulary), texts)
    mail_rate = _a_second(lambda mail: _read_mail(mail, vocabulary), mails)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peer = _a_second(_parse_with_standard_library, mails)
    size = sum(map(len, mails)) / len(mails) / 1024
    print(f"texts a second                 {text_rate.of_processor:6.0f}   at least 2000; by the clock {text_rate.of_clock:.0f}")
    print(f"mails of {size:.1f} KB a second        {mail_rate.of_processor:6.0f}   at least 600; by the clock {mail_rate.of_clock:.0f}")
    print(f"  the standard library alone   {peer.of_processor:6.0f}   policy.default, the same mails taken apart and not read")
    print(f"import, seconds                {_import_seconds():6.2f}   under 0.3")
    print(f"every entry checked, seconds   {checked:6.2f}   at each start, which shall take 1.5 in all; less where it was kept")
    print(f"the first text, seconds        {first:6.2f}   with what it needs made ready")
    print(f"the rest made ready, seconds   {ready:6.2f}   aside, while the program serves")
    print(f"resident memory, MB            {memory:6.0f}   under 60")


def _texts() -> list[str]:
    """Texts that were written without a look at the rules."""
    return [row["body"] for name in ("texts", "more") for row in _rows(name) if row["channel"] == "sms" and 20 <= len(row["body"]) <= 160]


def _mails() -> list[bytes]:
    """Whole mails as they come: a short reply and a signature above a newsletter; every other one has an HTML part as well."""
    replies = [row["expect"]["reply_text"].strip() for name in ("mails", "third_mails") for row in _rows(name)]
    short = [reply for reply in replies if 1 <= len(re.findall(r"[^.!?\n]{2,}", reply)) <= MOST_SENTENCES]
    return [_mail(f"{reply}{SIGNED}{INTRODUCED}{NEWSLETTERS}", number) for number, reply in enumerate(dict.fromkeys(short))]


def _mail(text: str, number: int) -> bytes:
    head = (
        f"From: Darlene Fox <darlene@example.org>\nTo: intake@example.org\nSubject: Re: Peer Update\nMessage-ID: <{number}@example.org>\n"
    )
    plain = f"Content-Type: text/plain; charset=utf-8\n\n{text}"
    if number % 2:
        marked = text.replace("\n", "<br>\n")
        plain = (
            f'Content-Type: multipart/alternative; boundary="between"\n\n--between\n{plain}\n'
            f"--between\nContent-Type: text/html; charset=utf-8\n\n<html><body>{marked}</body></html>\n--between--\n"
        )
    return (head + plain).replace("\n", "\r\n").encode()


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (READINGS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _read_text(text: str, vocabulary: Vocabulary) -> None:
    read(hear(InboundMessage(channel="sms", sender="+14065550111", body=text), vocabulary), vocabulary, Context())


def _read_mail(mail: bytes, vocabulary: Vocabulary) -> None:
    read(hear(read_mail(mail, vocabulary), vocabulary), vocabulary, Context())


def _parse_with_standard_library(mail: bytes) -> None:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    _ = message["from"], message["subject"]
    if body := message.get_body(("plain",)):
        body.get_content()


def _a_second(do: Callable[[Item], None], items: Sequence[Item]) -> Rate:
    """The median of several runs."""
    do(items[0])
    rates = []
    for _ in range(RUNS):
        began, clock = time.process_time(), time.perf_counter()
        for item in items:
            do(item)
        rates.append(Rate(len(items) / (time.process_time() - began), len(items) / (time.perf_counter() - clock)))
    return sorted(rates)[RUNS // 2]


def _seconds(do: Callable[[], None]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def _import_seconds() -> float:
    """The median time to import the parsers and load the vocabulary, over a bare interpreter's start."""
    return _start("import parsers.reading, parsers.vocabulary; parsers.vocabulary.load()") - _start("pass")


def _start(code: str) -> float:
    """What such a process takes of the processor's time."""
    taken = []
    for _ in range(RUNS):
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime)
    return sorted(taken)[RUNS // 2]


if __name__ == "__main__":
    main()
