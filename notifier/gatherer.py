"""Gathers alerts: when many people write within an hour, one mail tells of them all, so that answers and coordinators are not buried."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import alerts, outbox
from db.alerts import Alert
from db.statements import savepoint
from notifier.alerts import Alerts
from notifier.programme import Coordinator, Programme
from notifier.templates import Templates
from parsers.errors import kind_and_place

logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
MOST_AN_HOUR = 20  # to each coordinator, in mails of their own
WAIT = timedelta(minutes=15)  # for those that come in the meantime


class Gatherer:
    """Looks over what is due before it is claimed; whatever is urgent is none of its business."""

    def __init__(self, programme: Programme, templates: Templates, written: Alerts, *, an_hour: int) -> None:
        self._programme = programme
        self._templates = templates
        self._alerts = written
        # Half of what may go is for those who wait for an answer.
        self._most = max(1, min(MOST_AN_HOUR, an_hour // (2 * max(1, len(programme.coordinators)))))

    def gather(self, session: Session, now: datetime) -> None:
        """Let the first of an hour go; where there are more, let the new ones wait, and put together those that have waited."""
        due = alerts.due(session, now)
        if not due:
            return
        try:
            with savepoint(session):
                self._look_over(session, due, now)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - then each goes by itself; nothing here may keep messages from going
            logger.error("alerts: not gathered, %s", kind_and_place(error))

    def _look_over(self, session: Session, due: Sequence[Alert], now: datetime) -> None:
        sent = alerts.sent(session, now - HOUR)
        for coordinator in self._programme.coordinators:
            mine = [one for one in due if one.recipient == coordinator.email]
            left = max(0, self._most - sent[coordinator.email])
            if len(mine) > left:
                self._gather(session, coordinator, mine, left=left, now=now)

    def _gather(self, session: Session, coordinator: Coordinator, mine: Sequence[Alert], *, left: int, now: datetime) -> None:
        began = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % WAIT
        new = [one for one in mine if one.created_at >= began]
        alerts.postpone(session, new[left:], began + WAIT)
        waited = [one for one in mine if one.created_at < began]
        if len(waited) < 2:
            return
        groups = _groups(waited, alerts.kinds(session, [one.number for one in waited]))
        values = {"programme": self._programme, "count": len(waited), "groups": groups}
        mail = self._templates.mail("gathered", self._programme.language, **values)
        outbox.queue(session, self._alerts.to(coordinator, "gathered", mail), inbox_id=None, now=now)
        alerts.gathered(session, waited, now)


def _groups(waited: Iterable[Alert], kinds: Mapping[int, str]) -> list[tuple[str, str, list[int]]]:
    """What was told of, of what kind it is and by which numbers it goes; by number alone, so that nobody has to be erased from it."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in waited:
        found[one.template, kinds.get(one.number, "")].append(one.number)
    return [(template, kind, sorted(set(numbers))) for (template, kind), numbers in found.items()]
