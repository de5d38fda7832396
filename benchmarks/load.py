"""Texts and mails at once, as many a second as a busy day's worst minute has: `python -m benchmarks.load` (or `--postgresql`)."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient
from sqlalchemy import func, select

from benchmarks.common import SETTINGS, at_most, heading, percentile, show, usage, wait_until_idle
from benchmarks.messages import reply, signed_text
from benchmarks.postbox import mail_server
from db.engine import Database
from db.models import Inbound
from tests.servers.dovecot import PASSWORD, Mailbox
from tests.servers.postgres import Postgres
from tests.servers.process import Process, run
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import HOST, free_port, wait_until

SPLIT = ("web", "mail", "send", "clock")
WARMING = 100  # texts before the measurement
MOST_SECONDS_AFTER = 120
MOST_MILLISECONDS = 250
MOST_MEGABYTES = 120
REQUEST = "POST /sms HTTP/1.1\r\nHost: intake.example.org\r\nContent-Length: {length}\r\n{headers}\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much comes in, and for how long."""

    texts: int
    mails: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the program runs."""

    port: int
    url: str
    mailbox: Mailbox
    pids: Mapping[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200, help="a second")
    parser.add_argument("--mails", type=int, default=50, help="a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--postgresql", action="store_true", help="one process for each part on PostgreSQL, in place of one on SQLite")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server outlives this
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        dovecot = stack.enter_context(mail_server(Path(folder)))
        if dovecot is None:
            return
        url = stack.enter_context(_postgresql()) if chosen.postgresql else f"sqlite:///{folder}/intake.db"
        site = stack.enter_context(_site(Path(folder), dovecot.mailbox("intake"), url, parts=SPLIT if chosen.postgresql else ()))
        for pid in site.pids.values():
            wait_until_idle(pid)
        _measure(site, Load(texts=chosen.texts, mails=chosen.mails, seconds=chosen.seconds))


@contextmanager
def _postgresql() -> Iterator[str]:
    with Postgres() as server, server.database() as url:
        yield url


@contextmanager
def _site(folder: Path, mailbox: Mailbox, url: str, *, parts: Sequence[str]) -> Iterator[Site]:
    """The program among servers that take whatever it sends, at the pace that the settings come with."""
    with ExitStack() as stack:
        smtp, twilio = stack.enter_context(SmtpServer()), stack.enter_context(TwilioApi())
        port = free_port()
        settings = {**SETTINGS, **mailbox.settings, **smtp.settings, "TWILIO_API_URL": twilio.url, "SENDS_PER_HOUR": "500"}
        settings |= {"DATABASE_URL": url, "HTTP_PORT": str(port)}
        run("migrate", environment=settings, folder=folder).check_returncode()
        pids = {}
        for part in parts or ("",):
            only = ("--only", part) if part else ()
            pids[f"serve {part}".strip()] = stack.enter_context(Process("serve", *only, environment=settings, folder=folder)).pid
        wait_until(lambda: "Quarantine" in mailbox.folders(), timeout=60, what="the mailbox to be entered")
        yield Site(port=port, url=url, mailbox=mailbox, pids=pids)


def _measure(site: Site, load: Load) -> None:
    asyncio.run(_call(site.port, range(WARMING), a_second=load.texts))
    database = Database(site.url)
    began = {name: usage(pid).work for name, pid in site.pids.items()}
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        posted = pool.apply_async(_bring_mails, (site.mailbox.server.port, site.mailbox.username, load))
        answers = pool.apply(_bring_texts, (site.port, load))
        in_time = _stored(database, "email")
        posted.get()
    ended = time.monotonic()
    mails, texts = load.mails * load.seconds, load.texts * load.seconds
    all_in = lambda: _stored(database, "email") == mails and _stored(database, "sms") == texts + WARMING  # noqa: E731
    wait_until(all_in, timeout=MOST_SECONDS_AFTER, pause=0.2, what="all to be taken in")
    late = time.monotonic() - ended
    heading(f"{load.texts} texts and {load.mails} mails a second for {load.seconds} s, in {len(site.pids)} process(es)")
    taken = [seconds * 1000 for _, seconds in answers]
    at_most("texts that were not answered with 200", sum(status != 200 for status, _ in answers), 0)
    show("a text's answer after it was due, milliseconds: median", percentile(taken, 0.5))
    at_most("99 of 100", percentile(taken, 0.99), MOST_MILLISECONDS)
    show("the slowest", max(taken))
    show("mails taken in by the last text's answer", in_time, f"of {mails}")
    show("seconds until all were", late, digits=1)
    for name, pid in site.pids.items():
        used = usage(pid)
        work = (used.work - began[name]) * 1000 / (texts + mails)
        show(f"{name}: milliseconds of the processor for each message", work, digits=2)
        at_most(f"{name}: resident memory, MB", used.peak, MOST_MEGABYTES)
    show(
        "the machine's load meanwhile",
        os.getloadavg()[0],
        f"on {os.cpu_count()} processors; with others' work no time above means much",
        digits=1,
    )


def _bring_texts(port: int, load: Load) -> list[tuple[int, float]]:
    return asyncio.run(_call(port, range(WARMING, WARMING + load.texts * load.seconds), a_second=load.texts))


async def _call(port: int, numbers: range, *, a_second: int) -> list[tuple[int, float]]:
    """Each at its time, whether or not those before it are answered; a text's time runs from when it was due."""
    requests = [_request(number) for number in numbers]
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    clock = asyncio.get_running_loop().time
    start = clock() + 0.5

    async def call(number: int) -> tuple[int, float]:
        due = start + number / a_second
        await asyncio.sleep(due - clock())
        head = b""
        while not head:
            reader, writer = idle.pop() if idle else await asyncio.open_connection(HOST, port)
            with suppress(ConnectionError, asyncio.IncompleteReadError):  # it rested for longer than a server keeps one open
                writer.write(requests[number])
                head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        idle.append((reader, writer))
        return int(head.split(b" ", 2)[1]), clock() - due

    return list(await asyncio.gather(*(call(number) for number in range(len(requests)))))


def _request(number: int) -> bytes:
    form = signed_text(number)
    headers = "\r\n".join(f"{name}: {value}" for name, value in form.headers.items())
    return REQUEST.format(length=len(form.body), headers=headers).encode() + form.body


def _bring_mails(port: int, username: str, load: Load) -> None:
    """Newsletter replies, a tenth of a second's worth at a time."""
    mails, tenth = [reply(number) for number in range(load.mails * load.seconds)], max(load.mails // 10, 1)
    with IMAPClient(HOST, port, ssl=False) as client:
        client.login(username, PASSWORD)
        start = time.monotonic()
        for first in range(0, len(mails), tenth):
            time.sleep(max(start + first / load.mails - time.monotonic(), 0))
            client.multiappend("INBOX", mails[first : first + tenth])


def _stored(database: Database, channel: str) -> int:
    with database.read() as session:
        return session.execute(select(func.count()).where(Inbound.channel == channel)).scalar_one()


if __name__ == "__main__":
    main()
