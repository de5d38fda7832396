"""Has messages listened to in other processes, and in this one where none of them is left."""

from __future__ import annotations

import logging
import os
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice, takewhile

from intake.arrival import Arrival, Ready, Understood
from intake.hearing import Listener, listener
from intake.languages import vocabulary_of
from intake.procfs import processor
from intake.settings import Settings
from intake.workers import Gone, Worker, Workers

logger = logging.getLogger(__name__)

DEEP = 3  # portions with which a process is kept busy while others are fetched, stored and filed away here
LIGHT = 48 * 1024  # bytes of a portion that the line to it has room for while it listens to another
ENDED = Understood(error="ended")  # the process that listened to it


def workers_for(settings: Settings, only: Sequence[str]) -> Workers | None:
    """One process for texts and one for mails, where there is more than one processor and this process takes any in; as `Workers` says.

    Raises:
        VocabularyError: as `vocabulary_of` says.

    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1:
        return None
    mails, texts = (not only or any(task in only for task in tasks) for tasks in (("mail",), ("web", "clock")))
    count = (mails and bool(settings.IMAP_HOST)) + (texts and settings.sends_texts)
    words = vocabulary_of(settings.programme)
    if not count:
        return None
    try:
        workers = Workers(listener(settings.programme, words, settings.OWN_LISTS), count=count)
    except OSError as error:
        logger.warning("no process beside this one that listens to messages (%s): this one does", error.strerror)
        return None
    with suppress(OSError):  # where the system lets nobody choose, it chooses
        _share_processors(workers)
    return workers


def _share_processors(workers: Workers) -> None:
    """Take one for this process and leave the others to those beside it.

    Python lets one thread run at a time; when each hands over to another, two dozen times for a text, from processor to processor, all
    of it takes twice as long. Whoever else is busy on this one can be moved by the system, which has put this process where others are
    not; to choose by its id would put those of all containers on one.
    """
    processors = os.sched_getaffinity(0)
    here = processor()
    own = here if here in processors else min(processors)
    for pid in workers.pids:
        os.sched_setaffinity(pid, processors - {own})
    os.sched_setaffinity(0, {own})


@dataclass(frozen=True, slots=True)
class Beside:
    """Listens ahead, too: while one portion of messages is acted upon here, the next is listened to there."""

    here: Listener
    workers: Workers

    def listen(self, portions: Iterable[Sequence[Arrival]]) -> Generator[list[Ready]]:
        coming = filter(None, portions)
        waiting = deque(islice(coming, 1))
        if not waiting:
            return
        worker = self.workers.quickest()
        if worker is not None:
            yield from self._there(worker, waiting, coming)
        yield from self.here.listen(chain(waiting, coming))

    def _there(self, worker: Worker, waiting: deque[Sequence[Arrival]], coming: Iterator[Sequence[Arrival]]) -> Generator[list[Ready]]:
        """As many portions as it lasts for; the rest stays in line."""
        asked = deque([worker.ask(waiting[0])])
        try:
            while waiting:
                waiting.extend(islice(coming, DEEP - len(waiting)))
                asked.extend(map(worker.ask, takewhile(_is_light, islice(waiting, len(asked), None))))
                understood = worker.answer(asked.popleft())
                arrivals = waiting.popleft()
                if waiting and not asked:
                    asked.append(worker.ask(waiting[0]))
                yield [Ready(arrival, one) for arrival, one in zip(arrivals, understood, strict=True)]
        except Gone as gone:
            if self.workers.drop(worker):
                logger.error("%s; what comes is listened to here until the next start", gone)
            if gone.over is not None:
                arrivals = waiting.popleft()
                yield from self.here.listen(filter(None, [arrivals[: gone.over]]))
                yield [Ready(arrivals[gone.over], ENDED)]
                waiting.extendleft(filter(None, [arrivals[gone.over + 1 :]]))


def _is_light(portion: Sequence[Arrival]) -> bool:
    """Else whoever asks would wait for the process to take it, and the process for them to take its answer."""
    return sum(len(arrival.source) for arrival in portion) <= LIGHT
