"""What stands in a digest, gathered once for all coordinators and then put in the order that each of them reads it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from db import figures, lately, report
from db.lately import OptedOut, Period, Undelivered, Unread
from db.listed import Listed
from db.report import Item, Standing, UrgentCase
from notifier.lacks import Lacks, lacks
from notifier.programme import Coordinator, Programme
from parsers.charsets import decode_header
from parsers.mime import split_mail

MOST_LINES = 30  # of a section; a page above 102 KB would be cut by Gmail
MOST_RESEMBLING = 10
LATE, VERY_LATE = timedelta(days=2), timedelta(days=5)
UNSENT_AFTER = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)  # what came in the moment of the digest is in it
FIGURES = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request", "withdrawn", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record or case of a digest."""

    number: int
    kind: str
    status: str
    name: str
    reach: str
    days: int
    late: Literal[0, 1, 2]
    owner: str = ""  # the colleague who took it, where it is theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What needs the reader: their own, what nobody took, and what is a colleague's."""

    own: tuple[Line, ...] = ()
    free: tuple[Line, ...] = ()
    others: tuple[Line, ...] = ()
    count: int = 0  # of one's own and nobody's
    more: int = 0  # that are not shown, a colleague's among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of this month beside last month's, and how long the bars of both are, in per cent."""

    name: str
    now: int
    before: int
    now_width: int
    before_width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """An automatic mail that reads like an offer or a request, and what it says of whose it is."""

    inbox_id: int
    acts: tuple[str, ...]
    sender: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything that one digest may tell; no coordinator's own yet."""

    until: datetime
    urgent: tuple[UrgentCase, ...]
    standing: Standing
    awaited: Listed[Item]
    lacks: Lacks
    figures: tuple[Figure, ...]
    opted_out: Listed[OptedOut]
    unread: Listed[Unread]
    undelivered: Listed[Undelivered]
    resembling: Listed[Lookalike]
    unsent: int

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to say; how a month goes is no reason to say it."""
        lists = (self.awaited, self.opted_out, self.unread, self.undelivered, self.resembling)
        return not (self.urgent or self.standing.piles or self.lacks.needs or self.unsent or any(one.count for one in lists))

    def for_reader(self, reader: Coordinator | None, programme: Programme) -> dict[str, object]:
        """The values of the templates, as one coordinator gets them."""
        names = {one.email.lower(): one.name for one in programme.coordinators}
        return {
            "quiet": self.quiet,
            "urgent": [(case.number, _owner(case.acknowledged_by, names)) for case in self.urgent[:MOST_LINES]],
            "urgent_count": len(self.urgent),
            "urgent_free": sum(not case.acknowledged_by for case in self.urgent),
            "needs": _needs(self.standing, reader, names, until=self.until),
            "awaited": tuple(_line(item, self.until) for item in self.awaited.items),
            "awaited_count": self.awaited.count,
            "lacks": self.lacks,
            "figures": self.figures,
            "opted_out": self.opted_out,
            "unread": self.unread,
            "undelivered": self.undelivered,
            "resembling": self.resembling,
            "unsent": self.unsent,
        }


def gather(session: Session, programme: Programme, *, since: datetime, until: datetime) -> Contents:
    """Ask the database for all of it."""
    period = Period(since, until)
    return Contents(
        until=until,
        urgent=tuple(report.urgent(session, until)),
        standing=report.standing(session, until, most=MOST_LINES),
        awaited=report.awaited(session, until, most=MOST_LINES),
        lacks=lacks(figures.groups(session, until), language=programme.language),
        figures=_figures(session, until, programme.timezone),
        opted_out=lately.opted_out(session, period, most=MOST_LINES),
        unread=lately.unread(session, period, most=MOST_LINES),
        undelivered=lately.undelivered(session, period, most=MOST_LINES),
        resembling=_resembling(lately.resembling(session, period, most=MOST_RESEMBLING)),
        unsent=lately.unsent(session, until - UNSENT_AFTER),
    )


def _needs(standing: Standing, reader: Coordinator | None, names: Mapping[str, str], *, until: datetime) -> Lines:
    nothing: Listed[Item] = Listed()
    own = free = others = nothing
    for owner, pile in standing.piles.items():
        if reader is not None and owner.lower() == reader.email.lower():
            own = _both(own, pile)
        elif not owner:
            free = pile
        else:
            others = _both(others, pile)
    room = MOST_LINES
    shown: list[tuple[Line, ...]] = []
    for pile in (own, free, others):
        shown.append(tuple(_line(item, until, owner=_owner(item.owner, names) if pile is others else "") for item in pile.items[:room]))
        room -= len(shown[-1])
    count = own.count + free.count
    return Lines(own=shown[0], free=shown[1], others=shown[2], count=count, more=count + others.count - sum(map(len, shown)))


def _both(one: Listed[Item], other: Listed[Item]) -> Listed[Item]:
    items = sorted((*one.items, *other.items), key=lambda item: (item.since, item.number))
    return Listed(tuple(items[:MOST_LINES]), one.count + other.count)


def _owner(address: str, names: Mapping[str, str]) -> str:
    return names.get(address.lower(), address)


def _line(item: Item, until: datetime, *, owner: str = "") -> Line:
    age = until - item.since
    return Line(
        number=item.number,
        kind=item.kind,
        status=item.status,
        name=item.name,
        reach=item.reach,
        days=age.days,
        late=2 if age >= VERY_LATE else 1 if age >= LATE else 0,
        owner=owner,
    )


def _figures(session: Session, until: datetime, timezone: ZoneInfo) -> tuple[Figure, ...]:
    """Messages have a scale of their own: beside theirs the bars of records would all be dots."""
    here = until.astimezone(timezone)
    start = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    start_before = (start - timedelta(days=1)).replace(day=1)
    now, before = figures.month(session, start, until + MOMENT), figures.month(session, start_before, start)
    most = max(counted[name] for counted in (now, before) for name in FIGURES)
    return (
        *(_figure(name, now[name], before[name], most=most) for name in FIGURES),
        _figure("messages", now["messages"], before["messages"], most=max(now["messages"], before["messages"])),
    )


def _figure(name: str, now: int, before: int, *, most: int) -> Figure:
    return Figure(name=name, now=now, before=before, now_width=_width(now, most), before_width=_width(before, most))


def _width(count: int, most: int) -> int:
    """A bar that is there at all is long enough to be seen, and the longest leaves room for its number."""
    return max(2, 80 * count // most) if count else 0


def _resembling(found: Listed[lately.Resembling]) -> Listed[Lookalike]:
    return Listed(tuple(map(_lookalike, found.items)), found.count)


def _lookalike(found: lately.Resembling) -> Lookalike:
    headers, _ = split_mail(found.head)
    sender, subject = (decode_header(headers.get(name)) for name in ("from", "subject"))
    return Lookalike(inbox_id=found.inbox_id, acts=found.acts, sender=sender, subject=subject)
