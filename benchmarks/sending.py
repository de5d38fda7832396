"""How many answers a second are handed to SMTP, and how soon a mail is answered: `python -m benchmarks.sending`."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select

from benchmarks.common import (
    SETTINGS,
    at_least,
    at_most,
    heading,
    house_on,
    in_turn,
    median,
    note,
    options,
    percentile,
    show,
    wait_until_idle,
)
from benchmarks.messages import address, reply
from benchmarks.postbox import in_plain, mail_server
from benchmarks.smtp_sink import Sink, smtp_sink
from benchmarks.tap import Tap
from db.models import Outgoing
from db.statements import table
from intake import servers
from intake.arrival import Arrival
from intake.doorway import BATCH
from intake.identity import identity
from intake.service import House
from notifier.senders.email import EmailSender, connect
from tests.servers.dovecot import Dovecot
from tests.servers.process import Process
from tests.servers.waiting import free_port, wait_until

ANSWERS, MAILS = 1_500, 20
FIRST = 1_000_000
BETWEEN = 1.0  # seconds until the reader waits again
OURS, BARE = "ours", "smtplib alone"
OUT = table(Outgoing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """So many mails handed in."""

    rate: float
    work: float  # milliseconds of the processor's time, for each mail
    sink: float  # the same, of the server


def main() -> None:
    chosen = options(__doc__, rounds=5)
    answers, mails = (300, 6) if chosen.quick else (ANSWERS, MAILS)
    with tempfile.TemporaryDirectory() as name, smtp_sink() as sink:
        folder = Path(name)
        note(f"{answers} mails are read and answered, so that their answers wait")
        _queue(folder / "waiting.db", answers, sink)
        ways = {OURS: partial(_ours, folder, sink, answers), BARE: partial(_bare, folder, sink)}
        found = in_turn(chosen.rounds, ways, disk=folder)
        _print(found, chosen.rounds)
        with mail_server(folder) as server:
            if server is not None:
                _print_latency(_latencies(server, folder, sink, mails))


def _print(found: dict[str, list[Run]], rounds: int) -> None:
    heading(f"Answers handed to SMTP over a connection kept open, from the outbox and settled there; medians of {rounds} runs in turn")
    at_least("answers a second, ours", median(found[OURS], lambda one: one.rate), 500)
    show("  smtplib alone, the same mails, nothing noted of them", median(found[BARE], lambda one: one.rate))
    show("milliseconds of the processor for each answer, ours", median(found[OURS], lambda one: one.work), digits=2)
    show("  and of the server, in a process of its own", median(found[OURS], lambda one: one.sink), digits=2)


def _print_latency(taken: list[float]) -> None:
    heading(f"A mail that comes while `serve` waits: from the server's notice until its answer is at SMTP, {len(taken)} mails")
    at_most("milliseconds, median", statistics.median(taken) * 1000, 150)
    show("  the slowest", percentile(taken, 1.0) * 1000)


def _queue(path: Path, answers: int, sink: Sink) -> None:
    """Answers as they come to wait: real mails through the one door, with no coordinator whose alerts would go first."""
    house = house_on(f"sqlite:///{path}", {**sink.settings, "COORDINATORS": ""})
    for start in range(0, answers, BATCH):
        sources = [reply(number) for number in range(start, min(start + BATCH, answers))]
        now = datetime.now(UTC)
        house.doorway.receive_many(
            [Arrival(channel="email", external_id=identity(source, len(source)), source=source, received_at=now) for source in sources]
        )
    house.database.close()


def _ours(folder: Path, sink: Sink, answers: int) -> Run:
    """`Delivery` as `serve` runs it, until all is settled."""
    path = Path(shutil.copy(folder / "waiting.db", folder / "sending.db"))
    house = house_on(f"sqlite:///{path}", {**sink.settings, "COORDINATORS": ""})
    delivery = house.delivery(EmailSender(servers.mail_out(house.settings)))
    stop = threading.Event()
    thread = threading.Thread(target=delivery.run, args=(stop,))

    def send() -> None:
        thread.start()
        wait_until(partial(_all_sent, house, answers), timeout=300, pause=0.2)

    run = _handed_in(sink, send)
    stop.set()
    thread.join()
    house.database.close()
    for left in folder.glob("sending.db*"):
        left.unlink()
    return run


def _all_sent(house: House, answers: int) -> bool:
    with house.database.read() as session:
        return session.execute(select(func.count()).where(OUT.c.status == "sent")).scalar_one() == answers


def _bare(folder: Path, sink: Sink) -> Run:
    """The same mails with nothing but the standard library, and nothing noted of them."""
    house = house_on(f"sqlite:///{folder / 'waiting.db'}", {**sink.settings, "COORDINATORS": ""})
    with house.database.read() as session:
        mails = [(row.recipient, _content(row)) for row in session.execute(select(OUT).order_by(OUT.c.id))]
    house.database.close()

    def send() -> None:
        smtp = connect(servers.mail_out(house.settings))
        for recipient, content in mails:
            smtp.sendmail("", recipient, content)
        smtp.quit()

    return _handed_in(sink, send)


def _content(row: Row[Any]) -> bytes:
    mail = EmailMessage(policy=SMTP)
    for name, value in (("To", row.recipient), ("Subject", row.subject), ("Message-ID", row.message_id)):
        mail[name] = value
    mail.set_content(row.body)
    mail.add_alternative(row.html, subtype="html")
    return mail.as_bytes()


def _handed_in(sink: Sink, send: Callable[[], None]) -> Run:
    before, work, theirs = len(sink.arrivals()), time.process_time(), sink.work()
    began = time.monotonic()
    send()
    moments = [moment for _, moment in sink.arrivals()[before:]]
    number = len(moments)
    return Run(
        rate=number / (max(moments) - began),
        work=(time.process_time() - work) / number * 1000,
        sink=(sink.work() - theirs) / number * 1000,
    )


def _latencies(server: Dovecot, folder: Path, sink: Sink, mails: int) -> list[float]:
    """`serve` in whole, one mail after the other; the notice is seen on its way between the server and the reader."""
    mailbox = server.mailbox("waiting")
    port = free_port()
    with Tap(server.port, b" EXISTS") as tap:
        settings = {**SETTINGS, **in_plain(mailbox), **sink.settings, "IMAP_PORT": str(tap.port), "HTTP_PORT": str(port)}
        settings |= {"DATABASE_URL": f"sqlite:///{folder}/waiting-reader.db", "HOME": str(folder)}
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
            del settings[name]
        taken = []
        with Process("serve", environment=settings, folder=folder) as serve:
            serve.wait_for_url(f"http://127.0.0.1:{port}/healthz")
            wait_until(lambda: "Processed" in mailbox.folders(), what="the reader")
            wait_until_idle(serve.pid)
            for number in range(mails):
                time.sleep(BETWEEN)
                began = time.monotonic()
                mailbox.append(reply(FIRST + number))
                taken.append(_arrived(sink, address(FIRST + number)) - tap.first_after(began))
    return taken


def _arrived(sink: Sink, recipient: str) -> float:
    """When the answer came, once it is there."""
    wait_until(lambda: recipient in dict(sink.arrivals()), timeout=30, what="the answer")
    return dict(sink.arrivals())[recipient]


if __name__ == "__main__":
    main()
