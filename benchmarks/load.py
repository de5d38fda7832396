"""Texts and mails at once, as many a second as a busy day's worst minute has: `python -m benchmarks.load` (or `--postgresql`)."""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient
from sqlalchemy import func, select

from benchmarks.reading import INTRODUCED, QUOTED, READINGS, SIGNED
from db.engine import Database
from db.models import Inbound
from tests.fakes import SignedForm, signed_form
from tests.servers.certificate import make_certificate
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox
from tests.servers.postgres import Postgres
from tests.servers.process import Process, run
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import HOST, free_port, wait_until

PUBLIC_URL = "https://intake.example.org"
SPLIT = ("web", "mail", "send", "clock")
QUIET = 0.2  # of a processor: what a process takes once its patterns are compiled
WARMING = 100  # texts before the measurement
MOST_SECONDS_AFTER = 120
REQUEST = "POST /sms HTTP/1.1\r\nHost: intake.example.org\r\nContent-Length: {length}\r\n{headers}\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much comes in, and for how long."""

    texts: int
    mails: int
    seconds: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200, help="a second")
    parser.add_argument("--mails", type=int, default=50, help="a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--postgresql", action="store_true", help="one process for each part on PostgreSQL, in place of one on SQLite")
    options = parser.parse_args()
    load = Load(texts=options.texts, mails=options.mails, seconds=options.seconds)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        box = stack.enter_context(Dovecot(make_certificate(Path(folder)))).mailbox("intake")
        url = stack.enter_context(_postgresql()) if options.postgresql else f"sqlite:///{folder}/intake.db"
        twilio, smtp = stack.enter_context(TwilioApi()), stack.enter_context(SmtpServer())
        port = free_port()
        settings = {**box.settings, **smtp.settings, **twilio.settings, "DATABASE_URL": url, "HTTP_PORT": str(port)}
        settings |= {"PUBLIC_URL": PUBLIC_URL, "MAIL_FROM": "intake@example.org", "COORDINATORS": "Sam <sam@example.org>"}
        if options.postgresql:
            run("migrate", environment=settings, folder=Path(folder)).check_returncode()
        parts = [("--only", part) for part in SPLIT] if options.postgresql else [()]
        processes = [stack.enter_context(Process("serve", *part, environment=settings, folder=Path(folder))) for part in parts]
        processes[0].wait_for_url(f"http://{HOST}:{port}/healthz")
        wait_until(lambda: "Quarantine" in box.folders(), what="the mailbox to be entered")
        _measure(load, port, box, url, {" ".join(process.arguments): process.pid for process in processes}, twilio.auth_token)


@contextmanager
def _postgresql() -> Iterator[str]:
    with Postgres() as server, server.database() as url:
        yield url


def _measure(load: Load, port: int, box: Mailbox, url: str, pids: dict[str, int], token: str) -> None:
    wait_until(lambda: all(map(_is_quiet, pids.values())), timeout=60, what="the patterns to be compiled")
    asyncio.run(_call(port, _forms(WARMING, token, series=1), a_second=load.texts))
    database = Database(url)
    stored, used, machine = _stored(database), {name: _processor_seconds(pid) for name, pid in pids.items()}, _busy_seconds()
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2) as pool:
        posted = pool.apply_async(_bring_mails, (box.server.port, box.username, load))
        answers = pool.apply(_bring_texts, (port, load, token))
        used = {name: _processor_seconds(pid) - used[name] for name, pid in pids.items()}
        machine = _busy_seconds() - machine
        in_time = _stored(database)["email"]
        posted.get()
    began = time.monotonic()
    wanted = {"sms": load.texts * load.seconds + stored["sms"], "email": load.mails * load.seconds}
    wait_until(lambda: _stored(database) == wanted, timeout=MOST_SECONDS_AFTER, pause=0.5, what=lambda: f"{wanted}: {_stored(database)}")
    _tell(load, answers)
    print(f"mails taken in by then            {in_time:8}   of {load.mails * load.seconds}")
    print(f"all taken in so many s later      {time.monotonic() - began:8.1f}   0")
    for name, seconds in used.items():
        print(f"{name:33} {seconds / load.seconds:8.0%}   of a processor, {_resident_megabytes(pids[name]):.0f} MB (120)")
    print(f"all of the machine                {machine / load.seconds:8.0%}   of {os.cpu_count()} processors, others' work included")


def _tell(load: Load, answers: Sequence[tuple[int, float]]) -> None:
    taken = sorted(seconds * 1000 for _, seconds in answers)
    failed = sum(status != 200 for status, _ in answers)
    print(f"{load.texts} texts and {load.mails} mails a second for {load.seconds} s")
    print(f"texts not answered with 200       {failed:8}   0")
    for name, share, limit in (("median", 0.5, ""), ("p99", 0.99, "250"), ("longest", 1.0, "")):
        print(f"a text's milliseconds, {name:10} {taken[min(int(len(taken) * share), len(taken) - 1)]:8.0f}   {limit}")


def _bring_texts(port: int, load: Load, token: str) -> list[tuple[int, float]]:
    return asyncio.run(_call(port, _forms(load.texts * load.seconds, token, series=2), a_second=load.texts))


async def _call(port: int, forms: Sequence[SignedForm], *, a_second: int) -> list[tuple[int, float]]:
    """Each at its time, whether or not those before it are answered; a text's time runs from when it was due."""
    requests = [_request(form) for form in forms]
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    clock = asyncio.get_running_loop().time
    start = clock() + 0.5

    async def call(number: int) -> tuple[int, float]:
        due = start + number / a_second
        await asyncio.sleep(due - clock())
        reader, writer = idle.pop() if idle else await asyncio.open_connection(HOST, port)
        writer.write(requests[number])
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        idle.append((reader, writer))
        return int(head.split(b" ", 2)[1]), clock() - due

    return list(await asyncio.gather(*(call(number) for number in range(len(requests)))))


def _request(form: SignedForm) -> bytes:
    headers = "\r\n".join(f"{name}: {value}" for name, value in form.headers.items())
    return REQUEST.format(length=len(form.body), headers=headers).encode() + form.body


def _forms(count: int, token: str, *, series: int) -> list[SignedForm]:
    """Words that people wrote, each text from a number of its own."""
    lines = (READINGS / "texts.jsonl").read_text("utf-8").splitlines()
    words = [row["body"] for row in map(json.loads, lines) if not row["expect"]["urgent"]]
    posted = (
        {
            "MessageSid": f"SM{series}{number:031}",
            "From": f"+1406{series}{number:06}",
            "To": "+14065550100",
            "Body": words[number % len(words)],
        }
        for number in range(count)
    )
    return [signed_form(f"{PUBLIC_URL}/sms", form, token) for form in posted]


def _bring_mails(port: int, username: str, load: Load) -> None:
    """Newsletter replies, a tenth of a second's worth at a time."""
    start, tenth = time.monotonic() + 0.5, max(load.mails // 10, 1)
    with IMAPClient(HOST, port, ssl=False) as client:
        client.login(username, PASSWORD)
        for number in range(load.mails * load.seconds):
            if number % tenth == 0:
                time.sleep(max(start + number / load.mails - time.monotonic(), 0))
            client.append("INBOX", _mail(number))


def _mail(number: int) -> bytes:
    head = f"From: Darlene Fox <darlene{number}@example.org>\nTo: intake@example.org\nSubject: Re: Peer Update\n"
    head += f"Message-ID: <{number}@example.org>\nContent-Type: text/plain; charset=utf-8\n\n"
    return f"{head}I'd like to be a mentor, Tuesdays after 5.{SIGNED}{INTRODUCED}{QUOTED}".replace("\n", "\r\n").encode()


def _stored(database: Database) -> dict[str, int]:
    with database.read() as session:
        counted = session.execute(select(Inbound.channel, func.count()).group_by(Inbound.channel))
        return {"sms": 0, "email": 0} | {row[0]: row[1] for row in counted}


def _processor_seconds(pid: int) -> float:
    ticks = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


def _is_quiet(pid: int) -> bool:
    before = _processor_seconds(pid)
    time.sleep(1)
    return _processor_seconds(pid) - before < QUIET


def _busy_seconds() -> float:
    user, nice, system, *_ = map(int, Path("/proc/stat").read_text("ascii").split(maxsplit=8)[1:5])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
