"""Where the reader of a mailbox stands."""

from __future__ import annotations

from datetime import timedelta

from db import mailboxes
from db.engine import Database
from db.mailboxes import SINCE_THE_START, Attempt, Place
from tests.fakes import START

NAME = "intake@imap.example.org/INBOX"


def test_the_first_start_bounds_what_is_ours(database: Database) -> None:
    """A later one, whatever the server's next UID is by then, stands where the first did."""
    first = _enter(database, uidnext=41)
    again = _enter(database, uidnext=99, later=timedelta(days=1))
    assert (first.first_uid, first.started_at) == (41, START)
    assert again == first


def test_other_uids_are_bounded_by_the_day_alone(database: Database) -> None:
    """When UIDVALIDITY changes, old UIDs mean nothing, and neither do the attempts that were counted under them."""
    first = _enter(database)
    with database.write() as session:
        mailboxes.mark(session, first, [5, 6])
    changed = _enter(database, uidvalidity=8, later=timedelta(days=1))
    assert (changed.first_uid, changed.started_at) == (SINCE_THE_START, START)
    assert _attempts(database, changed) == {}
    assert _attempts(database, first) == {}


def test_attempts_are_counted_a_mail(database: Database) -> None:
    place = _enter(database)
    with database.write() as session:
        mailboxes.mark(session, place, [5, 6])
    with database.write() as session:
        mailboxes.mark(session, place, [6])
    assert _attempts(database, place) == {5: Attempt(attempts=1, outcome=None), 6: Attempt(attempts=2, outcome=None)}


def test_an_attempt_that_failed_for_no_fault_of_the_mail_is_taken_back(database: Database) -> None:
    place = _enter(database)
    with database.write() as session:
        mailboxes.mark(session, place, [5, 6, 7])
        mailboxes.mark(session, place, [6])
        mailboxes.unmark(session, place, [5, 6])
    assert _attempts(database, place) == {6: Attempt(attempts=1, outcome=None), 7: Attempt(attempts=1, outcome=None)}


def test_a_mail_is_remembered_until_it_is_filed(database: Database) -> None:
    place = _enter(database)
    with database.write() as session:
        mailboxes.mark(session, place, [5, 6])
        mailboxes.conclude(session, place, {5: "quarantined"})
    assert _attempts(database, place)[5] == Attempt(attempts=1, outcome="quarantined")
    with database.write() as session:
        mailboxes.forget(session, place, [5])
    assert list(_attempts(database, place)) == [6]


def test_two_mailboxes_know_nothing_of_each_other(database: Database) -> None:
    place, other = _enter(database), _enter(database, name="other@imap.example.org/INBOX")
    with database.write() as session:
        mailboxes.mark(session, place, [5])
    assert _attempts(database, other) == {}


def test_the_mailbox_is_as_fresh_as_its_last_reading(database: Database) -> None:
    """One that was begun and never read to its end is as old as its beginning; one of former settings does not count."""
    with database.read() as session:
        assert mailboxes.last_read(session, NAME) is None
    _enter(database, name="former@imap.example.org/INBOX")
    place = _enter(database, later=timedelta(days=1))
    with database.read() as session:
        assert mailboxes.last_read(session, NAME) == START + timedelta(days=1)
    with database.write() as session:
        mailboxes.mark_read(session, place, START + timedelta(days=2))
        assert mailboxes.last_read(session, NAME) == START + timedelta(days=2)


def _enter(database: Database, *, name: str = NAME, uidvalidity: int = 7, uidnext: int = 1, later: timedelta = timedelta()) -> Place:
    with database.write() as session:
        return mailboxes.enter(session, name, uidvalidity=uidvalidity, uidnext=uidnext, now=START + later)


def _attempts(database: Database, place: Place) -> dict[int, Attempt]:
    with database.read() as session:
        return mailboxes.attempts(session, place)
