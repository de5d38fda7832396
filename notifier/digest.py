"""The daily digest: exactly one a day, at the same local time the year round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import outbox, report
from db.models import Digest
from db.statements import insert_new
from notifier.alerts import Alerts
from notifier.programme import Coordinator, Programme
from notifier.templates import Mail, Templates
from parsers.errors import IntakeError

MOST_LINES = 100
LATE = timedelta(hours=1)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record or case of a digest; of an urgent one it says the number alone."""

    number: int
    kind: str
    status: str
    name: str
    reach: str
    days: int


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
        self.queue(session, self.write(session, today, until=now, copy=False), now=now)
        return True

    def queue(self, session: Session, mail: Mail, *, now: datetime) -> None:
        for coordinator in self._programme.coordinators:
            outbox.queue(session, self._alerts.to(coordinator, "digest", mail, priority=outbox.DIGEST), inbox_id=None, now=now)

    def queue_copy(self, session: Session, coordinator: Coordinator, *, now: datetime) -> None:
        """Today's digest once more, for the one who asked for it."""
        mail = self.copy(session, self.day(now), now=now)
        outbox.queue(session, self._alerts.to(coordinator, "digest", mail), inbox_id=None, now=now)

    def copy(self, session: Session, day: date, *, now: datetime) -> Mail:
        """A day's digest once more, marked as a copy; today's, where it is not written yet, as it would be now.

        Raises:
            IntakeError: there was none that day.

        """
        until = session.execute(select(Digest.until).where(Digest.day == day)).scalar()
        if until is None and day != self.day(now):
            raise IntakeError(f"there was no digest on {day}; leave --date out for today's")
        return self.write(session, day, until=until or now, copy=True)

    def write(self, session: Session, day: date, *, until: datetime, copy: bool) -> Mail:
        """What happened between the digest before `day` and `until`, and what stands open then."""
        since = _last_before(session, day)
        values = {
            "new": [_line(item, until) for item in report.new_items(session, since, until, most=MOST_LINES)],
            "new_count": report.count_new(session, since, until),
            "standing": [_line(item, until) for item in report.open_items(session, min(since, until), most=MOST_LINES)],
            "standing_count": report.count_open(session, min(since, until)),
            "unread": report.unread(session, since, until, most=MOST_LINES),
            "undelivered": report.undelivered(session, since, until, most=MOST_LINES),
            "waiting": report.waiting(session, until - LATE),
        }
        said = {"programme": self._programme, "day": day, "copy": copy, "quiet": not any(values.values())}
        return self._templates.mail("digest", self._programme.language, **said, **values)


def moment(day: date, at: time, timezone: ZoneInfo) -> datetime:
    """The instant of a local time. One that the clocks skip in spring is taken as if they had not; of two alike in autumn, the first."""
    return datetime.combine(day, at, tzinfo=timezone).astimezone(UTC)


def _last_before(session: Session, day: date) -> datetime:
    last = session.execute(select(Digest.until).where(Digest.day < day).order_by(Digest.day.desc()).limit(1)).scalar()
    return last or FIRST


def _line(item: report.Item, until: datetime) -> Line:
    private = item.kind in report.PRIVATE
    return Line(
        number=item.number,
        kind=item.kind,
        status=item.status,
        name="" if private else item.name,
        reach="" if private else item.reach,
        days=(until - item.created_at).days,
    )
