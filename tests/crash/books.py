"""What was written beside what was stored and what was sent: nothing may be missing, nothing may be there twice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select

from db.engine import Database
from db.inbox import INBOX
from db.marks import Digest
from db.outbox import OUTBOX
from db.quarantine import waiting
from db.records import RECORDS
from db.retention import CASES
from tests.crash.crowd import PUBLIC, Written
from tests.servers.dovecot import Mailbox
from tests.servers.sent_mail import SentMail
from tests.servers.twilio_texts import Text

COORDINATOR = "sam@example.org"
COORDINATOR_PHONE = "+14065550188"
SETTLED = ("sent", "failed", "suppressed", "uncertain", "gathered")
FOLDERS = ("INBOX", "Processed", "Automatic", "Quarantine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it ought to be, or of which nobody can know and that is listed."""

    kind: str  # lost, doubled, listed
    what: str
    during: int | None = None  # the life of the process in which it was written, where it is about a message
    row: int | None = None  # of the outbox


@dataclass(frozen=True, slots=True)
class World:
    """What the servers have seen."""

    texts: Sequence[Text]  # that were sent
    mails: Sequence[SentMail]
    mailbox: Mailbox | None = None


def compare(database: Database, written: Sequence[Written], world: World) -> list[Finding]:
    """Every difference."""
    with database.read() as session:
        inbox = session.execute(select(INBOX.c.id, INBOX.c.external_id, INBOX.c.outcome)).all()
        rows = session.execute(select(OUTBOX)).all()
        records = Counter(session.execute(select(RECORDS.c.inbox_id)).scalars())
        cases = Counter(session.execute(select(CASES.c.inbox_id).where(CASES.c.kind == "crisis")).scalars())
        days = session.execute(select(func.count()).select_from(Digest)).scalar_one()
    ids = {row.external_id: row.id for row in inbox if row.outcome == "handled"}
    by_message: dict[Any, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_message[row.inbox_id].append(row)
    findings = [*_sends(rows, world)]
    for one in written:
        inbox_id = ids.get(one.external_id)
        if inbox_id is None:
            findings.append(Finding(kind="lost", what=f"{one.what} by {one.channel}, not stored", during=one.during))
            continue
        made = cases[inbox_id] if one.what == "risk" else records[inbox_id]
        findings += _counted(made, "record", one)
        mine = by_message[inbox_id]
        findings += _counted(sum(row.recipient == one.writer for row in mine), "answer", one)
        told = sum(row.recipient == COORDINATOR and row.template != "quarantined" for row in mine)
        findings += _counted(told, "alert", one)
    findings += _digests(rows, days)
    if world.mailbox is not None:
        findings += _filed(written, rows, world.mailbox)
    return findings


def listed(row: Row[Any]) -> bool:
    """Whether nobody can know how often it went; the coordinators are told so."""
    return bool(row.status == "uncertain" or row.doubtful)


def in_flight(database: Database) -> list[int]:
    """The rows that whoever is dead now had begun to send."""
    with database.read() as session:
        return list(session.execute(select(OUTBOX.c.id).where(OUTBOX.c.status == "sending")).scalars())


def in_doubt(database: Database) -> bool:
    """Whether something waits to be looked for."""
    with database.read() as session:
        return session.execute(select(exists().where(OUTBOX.c.status == "unknown"))).scalar_one()


def unsettled(database: Database) -> int:
    with database.read() as session:
        return session.execute(select(func.count()).where(OUTBOX.c.status.not_in(SETTLED))).scalar_one()


def unanswered(database: Database) -> int:
    """How many answers are not sent yet."""
    waiting_for = [OUTBOX.c.status == "queued", OUTBOX.c.address_id.is_not(None)]
    with database.read() as session:
        return session.execute(select(func.count()).where(*waiting_for)).scalar_one()


def due(database: Database, now: datetime) -> bool:
    """Whether something could be sent at once."""
    ready = [OUTBOX.c.status.not_in((*SETTLED, "sending")), OUTBOX.c.due_at <= now]
    with database.read() as session:
        return session.execute(select(exists().where(*ready))).scalar_one()


def kept_aside(database: Database) -> bool:
    with database.read() as session:
        return bool(waiting(session))


def settings(url: str, port: int, mailbox: Mailbox) -> dict[str, str]:
    """What an operator would write into `.env`; the mailbox without TLS, which costs time and adds no step."""
    return mailbox.settings | {
        "IMAP_PORT": str(mailbox.server.port),
        "IMAP_TLS": "none",
        "DATABASE_URL": url,
        "HTTP_PORT": str(port),
        "PUBLIC_URL": PUBLIC,
        "TWILIO_RATE": "1000",
        "TWILIO_POLL_SECONDS": "5",
        "SENDS_PER_HOUR": "1000000",
        "RETENTION_DAYS": "1",
        "MAIL_FROM": "Peer Support <intake@example.org>",
        "COORDINATORS": f"Sam <{COORDINATOR}> {COORDINATOR_PHONE}",
        "SECRET_KEY": "a secret of this test",
        "TIMEZONE": "UTC",
    }


def _counted(number: int, what: str, one: Written) -> Iterator[Finding]:
    if number != 1:
        yield Finding(kind="lost" if number == 0 else "doubled", what=f"{what} of {one.what} by {one.channel}: {number}", during=one.during)


def _sends(rows: Sequence[Row[Any]], world: World) -> Iterator[Finding]:
    """Each row went as often as it says: mails are told by the id that we gave them, texts by the one that Twilio gave."""
    mails = Counter(str(mail.message["Message-ID"]) for mail in world.mails)
    # One transaction puts alerts together and queues the mail that tells of them.
    telling = {(row.recipient, row.created_at): row for row in rows if row.template == "gathered"}
    wanted = {row.message_id for row in telling.values()}
    # As they came: what stands in a row is deleted when its retention ends.
    came = {mail.headers["message-id"]: _numbers(mail) for mail in world.mails if mail.headers["message-id"] in wanted}
    for row in rows:
        if row.status == "gathered":
            yield from _told(row, mails[row.message_id], telling.get((row.recipient, row.settled_at)), came)
        elif row.channel == "email":
            yield from _went(row, mails[row.message_id])
    yield from _texts([row for row in rows if row.channel == "sms"], world.texts)


def _numbers(mail: SentMail) -> set[str]:
    return set(re.findall(r"#(\d+)", mail.text))


def _went(row: Row[Any], number: int) -> Iterator[Finding]:
    what = f"{row.template} by {row.channel}: went {number} times, {row.status}"
    if row.status == "uncertain" or (listed(row) and number > 1):
        yield Finding(kind="listed", what=what, row=row.id)
    if (number == 0 and row.status == "sent") or row.status not in ("sent", "uncertain"):  # nothing is refused here
        yield Finding(kind="lost", what=what, row=row.id)
    if number > 1 + listed(row):
        yield Finding(kind="doubled", what=what, row=row.id)


def _told(row: Row[Any], alone: int, mail: Row[Any] | None, came: Mapping[str, set[str]]) -> Iterator[Finding]:
    """An alert does not go by itself when another mail tells of it; where nobody can know whether that one came, its own row is listed."""
    told = mail is not None and (str(row.number) in came[mail.message_id] if mail.message_id in came else listed(mail))
    if alone or not told:
        what = f"{row.template} by {row.channel}: went {alone} times, and is {'' if told else 'not '}told of in another"
        yield Finding(kind="doubled" if alone else "lost", what=what, row=row.id)


def _texts(rows: Sequence[Row[Any]], texts: Sequence[Text]) -> Iterator[Finding]:
    """A text that no row knows of is the other one of a row that is listed to its recipient, or one too many."""
    ids = {text.sid for text in texts}
    known = Counter(row.provider_id for row in rows if row.provider_id)
    others: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        if text.sid not in known:
            others[text.to].append(text.sid)
    for row in sorted(rows, key=listed, reverse=True):
        went = int(row.provider_id in ids and known[row.provider_id] == 1)
        if listed(row) and others[row.recipient]:
            others[row.recipient].pop()
            went += 1
        yield from _went(row, went)
    for recipient, sids in others.items():
        yield from (Finding(kind="doubled", what=f"a text to {recipient} that no row knows of") for _ in sids)


def _digests(rows: Iterable[Row[Any]], days: int) -> Iterator[Finding]:
    number = sum(row.template == "digest" for row in rows)
    if number != days:
        yield Finding(kind="lost" if number < days else "doubled", what=f"{number} digests for {days} days")


def _filed(written: Sequence[Written], rows: Iterable[Row[Any]], mailbox: Mailbox) -> Iterator[Finding]:
    """Each mail is in one folder, once. One that was at hand when a process died, and died again, is kept aside and told of."""
    found = {folder: len(mailbox.messages(folder)) for folder in FOLDERS}
    told = len({row.inbox_id for row in rows if row.template == "quarantined"}) - sum(one.what == "poison" for one in written)
    aside = found["Quarantine"]
    yield from (Finding(kind="listed", what="a mail kept aside") for _ in range(aside))
    mails = sum(one.channel == "email" for one in written)
    for folder, ought in {"INBOX": 0, "Automatic": 0, "Processed": mails - aside, "Quarantine": told}.items():
        if found[folder] != ought:
            kind = "lost" if found[folder] < ought else "doubled"
            yield Finding(kind=kind, what=f"{found[folder]} mails in {folder}, not {ought}")
