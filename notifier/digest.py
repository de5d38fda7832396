"""The daily digest: exactly one a day, at the same local time the year round."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import outbox, steps
from db.marks import Digest
from db.statements import insert_new
from notifier.alerts import Alerts
from notifier.contents import Contents, gather
from notifier.programme import Coordinator, Programme
from notifier.templates import Mail, Templates
from parsers.errors import IntakeError

FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Digests:
    """Writes the digests of one programme."""

    def __init__(self, programme: Programme, templates: Templates, *, at: time, ids: Callable[[], str]) -> None:
        self._programme = programme
        self._templates = templates
        self._at = at
        self._alerts = Alerts(programme, templates, ids=ids)

    def day(self, now: datetime) -> date:
        return now.astimezone(self._programme.timezone).date()

    def is_due(self, now: datetime) -> bool:
        """Whether today's hour has come, and there is somebody to tell and a way to do it."""
        can_tell = bool(self._programme.mail_address and self._programme.coordinators)
        return can_tell and now >= moment(self.day(now), self._at, self._programme.timezone)

    def queue_if_due(self, session: Session, now: datetime) -> bool:
        """Queue today's digest, unless somebody has: its date's row is unique, whoever writes it.

        Returns:
            Whether it was queued.

        """
        today = self.day(now)
        if not self.is_due(now) or insert_new(session, Digest, day=today, until=now) is None:
            return False
        self._queue(session, self._gather(session, today, until=now), day=today, copy=False, now=now)
        steps.reached("digest queued")
        return True

    def queue_copy(self, session: Session, day: date | None, *, now: datetime, to: Coordinator | None = None) -> None:
        """Queue a day's digest once more, or where none is named one of now, for every coordinator, or for the one who asked.

        Raises:
            IntakeError: there was none that day.

        """
        shown, contents = self._once_more(session, day, now)
        self._queue(session, contents, day=shown, copy=True, now=now, to=(to,) if to else None)

    def copy(self, session: Session, day: date | None, *, now: datetime, reader: Coordinator | None = None) -> Mail:
        """A day's digest once more, marked as a copy; where no day is named, what today's would be if it went out now.

        It is the one that a coordinator reads, or where none is given the first of them.

        Raises:
            IntakeError: there was none that day.

        """
        shown, contents = self._once_more(session, day, now)
        first = next(iter(self._programme.coordinators), None)
        return self._write(contents, reader or first, day=shown, copy=True)

    def _once_more(self, session: Session, day: date | None, now: datetime) -> tuple[date, Contents]:
        """The day that a copy is of, and what it tells."""
        if day is None:
            today = self.day(now)
            return today, self._gather(session, today, until=now)
        until = session.execute(select(Digest.until).where(Digest.day == day)).scalar()
        if until is None and day != self.day(now):
            raise IntakeError(f"there was no digest on {day}; leave --date out for one of now")
        return day, self._gather(session, day, until=until or now)

    def _gather(self, session: Session, day: date, *, until: datetime) -> Contents:
        return gather(session, self._programme, since=_last_before(session, day), until=until)

    def _queue(
        self, session: Session, contents: Contents, *, day: date, copy: bool, now: datetime, to: tuple[Coordinator, ...] | None = None
    ) -> None:
        for coordinator in to or self._programme.coordinators:
            mail = self._write(contents, coordinator, day=day, copy=copy)
            outbox.queue(session, self._alerts.to(coordinator, "digest", mail, priority=outbox.DIGEST), inbox_id=None, now=now)

    def _write(self, contents: Contents, reader: Coordinator | None, *, day: date, copy: bool) -> Mail:
        values = contents.for_reader(reader, self._programme)
        return self._templates.page("digest", self._programme.language, programme=self._programme, day=day, copy=copy, **values)


def moment(day: date, at: time, timezone: ZoneInfo) -> datetime:
    """The instant of a local time. One that the clocks skip in spring is taken as if they had not; of two alike in autumn, the first."""
    return datetime.combine(day, at, tzinfo=timezone).astimezone(UTC)


def _last_before(session: Session, day: date) -> datetime:
    last = session.execute(select(Digest.until).where(Digest.day < day).order_by(Digest.day.desc()).limit(1)).scalar()
    return last or FIRST
