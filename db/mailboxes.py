"""Where the reader of a mailbox stands: what was there before it came, what it has taken up and not yet filed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from db.marks import MailAttempt, Mailbox
from db.statements import insert_all_new, insert_new, run_many, table

MAILBOXES = table(Mailbox)
ATTEMPTS = table(MailAttempt)
THE_MAIL = [
    ATTEMPTS.c.mailbox_id == bindparam("mailbox"),
    ATTEMPTS.c.uidvalidity == bindparam("validity"),
    ATTEMPTS.c.uid == bindparam("mail"),
]
COUNT = update(ATTEMPTS).where(*THE_MAIL).values(attempts=ATTEMPTS.c.attempts + 1)
CONCLUDE = update(ATTEMPTS).where(*THE_MAIL)

SINCE_THE_START = 0  # no UID bounds what is ours, since they were all given anew: the day of receipt does


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A mailbox folder at one UIDVALIDITY (RFC 3501, 2.3.1.1)."""

    mailbox_id: int
    uidvalidity: int
    first_uid: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How often a mail was taken up, and what became of it, where something did."""

    attempts: int
    outcome: str | None


def enter(session: Session, name: str, *, uidvalidity: int, uidnext: int, now: datetime) -> Place:
    """Find the reader's place, or begin: on the first start, mail below `uidnext` is left untouched.

    When UIDVALIDITY has changed every mail counts as new again; the day of receipt and the inbox's ids keep the old from being answered.
    """
    insert_new(session, Mailbox, name=name, uidvalidity=uidvalidity, first_uid=uidnext, started_at=now)
    row = session.execute(select(MAILBOXES).where(MAILBOXES.c.name == name)).one()
    first_uid = row.first_uid
    if row.uidvalidity != uidvalidity:
        first_uid = SINCE_THE_START
        session.execute(update(MAILBOXES).where(MAILBOXES.c.id == row.id).values(uidvalidity=uidvalidity, first_uid=first_uid))
        session.execute(delete(ATTEMPTS).where(ATTEMPTS.c.mailbox_id == row.id, ATTEMPTS.c.uidvalidity != uidvalidity))
    return Place(mailbox_id=row.id, uidvalidity=uidvalidity, first_uid=first_uid, started_at=row.started_at)


def find(session: Session, name: str, *, uidvalidity: int) -> Place | None:
    """The reader's place, where it has one at this UIDVALIDITY."""
    row = session.execute(select(MAILBOXES).where(MAILBOXES.c.name == name, MAILBOXES.c.uidvalidity == uidvalidity)).first()
    if row is None:
        return None
    return Place(mailbox_id=row.id, uidvalidity=uidvalidity, first_uid=row.first_uid, started_at=row.started_at)


def attempts(session: Session, place: Place) -> dict[int, Attempt]:
    """Mails that were taken up and are not filed, by UID."""
    query = select(ATTEMPTS).where(ATTEMPTS.c.mailbox_id == place.mailbox_id, ATTEMPTS.c.uidvalidity == place.uidvalidity)
    return {row.uid: Attempt(attempts=row.attempts, outcome=row.outcome) for row in session.execute(query)}


def mark(session: Session, place: Place, uids: Iterable[int]) -> None:
    """Count an attempt at each mail, before anything of it is parsed."""
    mails = list(uids)
    key = {"mailbox_id": place.mailbox_id, "uidvalidity": place.uidvalidity}
    insert_all_new(session, MailAttempt, [{**key, "uid": uid, "attempts": 0} for uid in mails])
    run_many(session, COUNT, [{"mailbox": place.mailbox_id, "validity": place.uidvalidity, "mail": uid} for uid in mails])


def unmark(session: Session, place: Place, uids: Iterable[int]) -> None:
    """Take an attempt back that failed for no fault of the mails."""
    mine = [ATTEMPTS.c.mailbox_id == place.mailbox_id, ATTEMPTS.c.uidvalidity == place.uidvalidity, ATTEMPTS.c.uid.in_(list(uids))]
    session.execute(update(ATTEMPTS).where(*mine).values(attempts=ATTEMPTS.c.attempts - 1))
    session.execute(delete(ATTEMPTS).where(*mine, ATTEMPTS.c.attempts <= 0))


def conclude(session: Session, place: Place, outcomes: Mapping[int, str]) -> None:
    """Write down which mails have an outcome and only wait to be filed away."""
    concluded = [
        {"mailbox": place.mailbox_id, "validity": place.uidvalidity, "mail": uid, "outcome": outcome} for uid, outcome in outcomes.items()
    ]
    run_many(session, CONCLUDE, concluded)


def forget(session: Session, place: Place, uids: Iterable[int]) -> None:
    """Mails that were filed away, or that somebody else took out of the folder."""
    mine = [ATTEMPTS.c.mailbox_id == place.mailbox_id, ATTEMPTS.c.uidvalidity == place.uidvalidity]
    session.execute(delete(ATTEMPTS).where(*mine, ATTEMPTS.c.uid.in_(list(uids))))


def mark_read(session: Session, place: Place, now: datetime) -> None:
    session.execute(update(MAILBOXES).where(MAILBOXES.c.id == place.mailbox_id).values(read_at=now))


def last_read(session: Session, name: str) -> datetime | None:
    """When a mailbox was last read, or begun; None where it never was."""
    query = select(func.coalesce(MAILBOXES.c.read_at, MAILBOXES.c.started_at)).where(MAILBOXES.c.name == name)
    found: datetime | None = session.execute(query).scalar()
    return found
