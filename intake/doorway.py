"""The one door: every message of every channel is stored, read, acted upon and answered in one transaction, or kept aside with an alert."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import forgotten, inbox, quarantine, steps
from db.causes import cause
from db.engine import Database
from db.statements import is_trouble, savepoint
from intake.arrival import PORTION, Arrival, NotKept, NotStored, Ready, Receipt, Understood, brought_again, in_portions
from intake.aside import keep_aside
from intake.desk import Desk
from intake.gathering import Gathering
from intake.handlers import act
from intake.hearing import Listens
from intake.turn import Incoming
from notifier.compose import Composer
from notifier.relay import Relay
from parsers.errors import said_of
from parsers.reading import Heard
from parsers.vocabulary import Vocabulary

logger = logging.getLogger(__name__)

TRIES = 3
BATCH = 50
FEW = 2  # of a mailbox's mails in one transaction while others want the database too: a text waits no longer
PATIENCE = 0.5  # seconds for which mails let texts go first: who sends these waits for an answer, and a busy machine has no time for all


class Doorway:
    """Takes messages in. Any thread may call it."""

    def __init__(
        self,
        database: Database,
        composer: Composer,
        relay: Relay,
        *,
        desk: Desk,
        listener: Listens,
        vocabulary: Vocabulary,
        clock: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        self._database = database
        self._composer = composer
        self._relay = relay
        self._desk = desk
        self._listener = listener
        self._vocabulary = vocabulary
        self._clock = clock
        self._committed = committed
        self._gathering = Gathering(self._take_in, most=BATCH, away=NotStored)

    def receive(self, arrival: Arrival) -> Receipt:
        """Take one message in, with those that others bring meanwhile.

        Raises:
            NotStored: the database took nothing, three times.

        """
        [receipt] = self.receive_each([[arrival]], patience=0.0)
        return receipt

    def receive_many(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Take messages in, some in one transaction, in which the trouble of one is not another's; whoever brings one goes first.

        Raises:
            NotStored: the database took nothing, three times.

        """
        return list(self.receive_each(in_portions(arrivals)))

    def receive_each(self, portions: Iterable[Sequence[Arrival]], *, patience: float = PATIENCE) -> Generator[Receipt]:
        """The same as they come: while a portion is listened to the next is asked for, and while it is taken in that is listened to."""
        with closing(self._listener.listen(map(_to_be_read, portions))) as listening:
            for ready in listening:
                yield from self._all_brought(ready, patience=patience)

    def _all_brought(self, ready: Sequence[Ready], *, patience: float) -> Iterator[Receipt]:
        while ready:
            some = ready[: FEW if self._gathering.busy else PORTION]
            # PostgreSQL lets several write at once, and shares a wait for the disk among them by itself.
            yield from self._told(self._gathering.bring(some, patience=patience) if self._database.is_sqlite else self._take_in(some))
            ready = ready[len(some) :]

    def _told(self, taken: Sequence[Receipt | Exception]) -> list[Receipt]:
        receipts: list[Receipt] = []
        for one in taken:
            if isinstance(one, Exception):
                raise one
            logger.info("inbox %s %s%s", one.inbox_id, one.outcome, " (repeat)" if one.repeat else "")
            receipts.append(one)
        return receipts

    def _take_in(self, ready: Sequence[Ready]) -> list[Receipt | Exception]:
        """Store and handle messages that may be of several senders and channels; the trouble of one is not another's."""
        taken: list[Receipt | Exception]
        try:
            taken = [*self._transact(ready)]
        except NotStored as error:
            return [error] * len(ready)
        except Exception as error:  # noqa: BLE001 - one of them holds what the database refuses, or broke even what keeps a broken one
            taken = [self._alone(one, error if len(ready) == 1 else None) for one in ready]
        self._committed()
        return taken

    def retry(self, inbox_id: int) -> Receipt:
        """Handle a message once more that was kept aside; what made it fail may be mended by now.

        Raises:
            NotKept: no such message waits, or what it said is deleted.

        """
        with self._database.read() as session:
            kept = quarantine.find(session, inbox_id)
        if kept is None or kept.source is None:
            raise NotKept(f"no message {inbox_id} is kept aside; `run.py quarantine list` shows those that are")
        [[ready]] = self._listener.listen([[brought_again(kept, kept.source, now=self._clock())]])
        with self._database.write() as session:
            if quarantine.find(session, inbox_id) is None:
                raise NotKept(f"message {inbox_id} was seen to meanwhile")
            receipt = Receipt(inbox_id=inbox_id, outcome=self._handle_or_keep(session, ready, inbox_id), repeat=False)
            steps.reached("retry handled")
        steps.reached("retry committed")
        self._committed()
        logger.info("inbox %s %s (again)", inbox_id, receipt.outcome)
        return receipt

    def _alone(self, ready: Ready, broken: Exception | None) -> Receipt | Exception:
        """As it is, if it has not broken so; else kept aside, with an answer to whoever is at risk; else kept aside and told of."""
        taken = broken or self._tried(ready)
        if not isinstance(taken, Receipt | NotStored):
            taken = self._tried(replace(ready, understood=replace(ready.understood, error=said_of(taken))))
        if not isinstance(taken, Receipt | NotStored):
            taken = self._tried(replace(ready, understood=Understood(error=said_of(taken))))
        return taken

    def _tried(self, ready: Ready) -> Receipt | Exception:
        try:
            return self._transact([ready])[0]
        except Exception as error:  # noqa: BLE001 - see _take_in
            return error

    def _transact(self, ready: Sequence[Ready]) -> list[Receipt]:
        """Three tries; what is left then is the database's trouble, or a message that it refuses, which it raises as it came.

        At first without savepoints, which cost every message what only one that breaks is worth: where one does, all are taken anew.
        """
        for attempt in range(1, TRIES + 1):
            guarded = attempt > 1 and len(ready) > 1
            try:
                with self._database.write() as session:
                    receipts = [self._take(session, one, guarded=guarded) for one in ready]
                    steps.reached("before the commit")
            except SQLAlchemyError as error:
                if attempt < TRIES:
                    continue
                if is_trouble(error):
                    raise NotStored(f"the database takes nothing in: {cause(error)}") from error
                raise
            except Exception:
                if guarded or len(ready) == 1:
                    raise
            else:
                steps.reached("after the commit")
                return receipts
        raise AssertionError("unreachable")

    def _take(self, session: Session, ready: Ready, *, guarded: bool) -> Receipt:
        arrival = ready.arrival
        stored = inbox.store(
            session, channel=arrival.channel, external_id=arrival.external_id, source=arrival.source, received_at=arrival.received_at
        )
        steps.reached("message stored")
        key = self._composer.programme.secret_key
        if key and not stored.repeat:
            stored = forgotten.unless_erased(session, stored, channel=arrival.channel, external_id=arrival.external_id, key=key)
        if stored.repeat:
            return Receipt(inbox_id=stored.inbox_id, outcome=stored.outcome, repeat=True)
        return Receipt(
            inbox_id=stored.inbox_id, outcome=self._handle_or_keep(session, ready, stored.inbox_id, guarded=guarded), repeat=False
        )

    def _handle_or_keep(self, session: Session, ready: Ready, inbox_id: int, *, guarded: bool = True) -> inbox.Outcome:
        """Handle a message, or keep it aside; one that is not `guarded` by a savepoint undoes its whole transaction where it breaks."""
        understood = ready.understood
        if understood.heard is None or understood.error:
            keep_aside(session, ready, inbox_id, understood.error, composer=self._composer, now=self._clock())
            return "quarantined"
        try:
            with savepoint(session) if guarded else nullcontext():
                return self._handle(session, ready, understood.heard, inbox_id)
        except Exception as error:
            if not guarded or isinstance(error, SQLAlchemyError):
                raise
            keep_aside(session, ready, inbox_id, said_of(error), composer=self._composer, now=self._clock())
            return "quarantined"

    def _handle(self, session: Session, ready: Ready, heard: Heard, inbox_id: int) -> Literal["handled", "automatic"]:
        resembles = ready.understood.resembles
        if heard.message.automatic and not heard.urgent:  # a machine's mail makes no contact of a mailer daemon
            machine = {"outcome": "automatic", "acts": "automatic", "resembles": resembles}
            inbox.note(session, inbox_id, **machine, message_id=heard.message.message_id)
            return "automatic"
        now = self._clock()
        taken = self._desk.take(session, heard, inbox_id=inbox_id, now=now)
        if taken is not None:
            inbox.note(session, inbox_id, outcome="handled", acts=taken.acts, message_id=heard.message.message_id)
            return "handled"
        incoming = Incoming(inbox_id=inbox_id, now=now, late=ready.arrival.late, guess=ready.understood.guess)
        happened = act(session, heard, self._vocabulary, incoming=incoming, programme=self._composer.programme, faq=self._composer.faq)
        steps.reached("acts done")
        self._composer.queue(session, happened, now=now, late=ready.arrival.late)
        self._relay.hand_over(session, happened, now=now)
        steps.reached("answers queued")
        outcome: Literal["handled", "automatic"] = "automatic" if "automatic" in happened.reading.acts else "handled"
        inbox.note(
            session,
            inbox_id,
            outcome=outcome,
            contact_id=happened.sender.contact_id,
            address_id=happened.sender.address_id,
            acts=";".join(happened.reading.acts),
            urgent=happened.reading.urgent,
            resembles=resembles,
            message_id=heard.message.message_id,
        )
        return outcome


def _to_be_read(portion: Sequence[Arrival]) -> Sequence[Arrival]:
    steps.reached("before reading")
    return portion
