"""The one door: every message of every channel is stored, read, acted upon and answered in one transaction, or kept aside with an alert."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from db import forgotten, inbox, outbox, quarantine, records, steps
from db.causes import cause
from db.engine import Database
from intake.desk import Desk
from intake.handlers import act
from intake.turn import Incoming
from notifier.compose import Composer
from notifier.relay import Relay
from parsers.errors import IntakeError, kind_and_place
from parsers.message import Channel, InboundMessage
from parsers.reading import Heard, Urgent, hear, resembles
from parsers.vocabulary import Vocabulary

logger = logging.getLogger(__name__)

TRIES = 3
BATCH = 50
TOO_OLD = timedelta(hours=48)  # a message that came earlier is not answered any more

Parse = Callable[[bytes], InboundMessage]


class NotStored(IntakeError):
    """The database took nothing in; whoever brought the message must keep it and come again."""


class NotKept(IntakeError):
    """There is no such message among those that were kept aside."""


class Unreadable(IntakeError):
    """A message that ended the process each time that it was taken up; it is kept aside unparsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message as it came, before anything of it is understood."""

    channel: Channel
    external_id: str  # the same message again has the same one
    source: bytes
    received_at: datetime
    late: bool = False  # it is too old to be answered
    deadly: bool = False  # it ended the process before, and must not be parsed again


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an arrival; what it names is committed."""

    inbox_id: int
    outcome: inbox.Outcome  # of a repeat, what became of the first
    repeat: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """An arrival and what could be made of it without a lock: what was heard, or why nothing could be."""

    arrival: Arrival
    heard: Heard | None
    error: Exception | None
    resembles: str = ""  # what an automatic mail would be, were it a person's


class Doorway:
    """Takes messages in. Any thread may call it."""

    def __init__(
        self,
        database: Database,
        composer: Composer,
        relay: Relay,
        *,
        desk: Desk,
        parse: Mapping[Channel, Parse],
        vocabulary: Vocabulary,
        clock: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        self._database = database
        self._composer = composer
        self._relay = relay
        self._desk = desk
        self._parse = parse
        self._vocabulary = vocabulary
        self._clock = clock
        self._committed = committed

    def receive(self, arrival: Arrival) -> Receipt:
        """Take one message in.

        Raises:
            NotStored: the database took nothing, three times.

        """
        return self.receive_many([arrival])[0]

    def receive_many(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Take up to 50 messages in, in one transaction, each in a savepoint of its own.

        Where somebody else waits to write, what is taken in so far is committed first: a text waits for one mail and not for fifty.

        Raises:
            NotStored: the database took nothing, three times.

        """
        ready = [self._prepare(arrival) for arrival in arrivals]
        receipts: list[Receipt] = []
        while len(receipts) < len(ready):
            try:
                receipts += self._transact(ready[len(receipts) :])
            except DBAPIError:
                # One of them holds what the database refuses: take each by itself, and the one without reading it.
                receipts += [self._alone(one) for one in ready[len(receipts) :]]
            self._committed()
        for receipt in receipts:
            logger.info("inbox %s %s%s", receipt.inbox_id, receipt.outcome, " (repeat)" if receipt.repeat else "")
        return receipts

    def retry(self, inbox_id: int) -> Receipt:
        """Handle a message once more that was kept aside; what made it fail may be mended by now.

        Raises:
            NotKept: no such message waits, or what it said is deleted.

        """
        with self._database.read() as session:
            kept = quarantine.find(session, inbox_id)
        if kept is None or kept.source is None:
            raise NotKept(f"no message {inbox_id} is kept aside; `run.py quarantine list` shows those that are")
        late = self._clock() - kept.received_at > TOO_OLD
        arrival = Arrival(
            channel=cast("Channel", kept.channel),
            external_id=kept.external_id,
            source=kept.source,
            received_at=kept.received_at,
            late=late,
        )
        ready = self._prepare(arrival)
        with self._database.write() as session:
            if quarantine.find(session, inbox_id) is None:
                raise NotKept(f"message {inbox_id} was seen to meanwhile")
            receipt = Receipt(inbox_id=inbox_id, outcome=self._handle_or_keep(session, ready, inbox_id), repeat=False)
            steps.reached("retry handled")
        steps.reached("retry committed")
        self._committed()
        logger.info("inbox %s %s (again)", inbox_id, receipt.outcome)
        return receipt

    def _prepare(self, arrival: Arrival) -> _Ready:
        steps.reached("before reading")
        if arrival.deadly:
            return _Ready(arrival, None, Unreadable("deadly"))
        try:
            message = self._parse[arrival.channel](arrival.source)
            if self._composer.programme.is_own(message.sender):
                message = replace(message, automatic="our own")
            heard = hear(message, self._vocabulary)
            return _Ready(arrival, heard, None, ";".join(resembles(heard, self._vocabulary)))
        except Exception as error:  # noqa: BLE001 - whatever a message does to its parser, it is kept and told of
            return _Ready(arrival, None, error)

    def _alone(self, ready: _Ready) -> Receipt:
        try:
            return self._transact([ready])[0]
        except DBAPIError as error:
            return self._transact([replace(ready, error=error)])[0]

    def _transact(self, ready: Sequence[_Ready]) -> list[Receipt]:
        """Take the first of them in, and as many more as nobody waits for.

        Three tries; what is left then is the database's trouble, or a message that it refuses, which it raises as it came.
        """
        for attempt in range(1, TRIES + 1):
            try:
                with self._database.write() as session:
                    receipts = [self._take(session, ready[0])]
                    for one in ready[1:]:
                        if self._database.others_wait:
                            break
                        receipts.append(self._take(session, one))
                    steps.reached("before the commit")
            except DBAPIError as error:
                if attempt < TRIES:
                    continue
                if _is_trouble(error):
                    raise NotStored(f"the database takes nothing in: {cause(error)}") from error
                raise
            steps.reached("after the commit")
            return receipts
        raise AssertionError("unreachable")

    def _take(self, session: Session, ready: _Ready) -> Receipt:
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
        return Receipt(inbox_id=stored.inbox_id, outcome=self._handle_or_keep(session, ready, stored.inbox_id), repeat=False)

    def _handle_or_keep(self, session: Session, ready: _Ready, inbox_id: int) -> inbox.Outcome:
        if ready.heard is None or ready.error is not None:
            self._quarantine(session, ready, inbox_id, ready.error)
            return "quarantined"
        try:
            with session.begin_nested():
                return self._handle(session, ready, ready.heard, inbox_id)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001 - see _prepare
            self._quarantine(session, ready, inbox_id, error)
            return "quarantined"

    def _handle(self, session: Session, ready: _Ready, heard: Heard, inbox_id: int) -> Literal["handled", "automatic"]:
        if heard.message.automatic and not heard.urgent:  # a machine's mail makes no contact of a mailer daemon
            machine = {"outcome": "automatic", "acts": "automatic", "resembles": ready.resembles}
            inbox.note(session, inbox_id, **machine, message_id=heard.message.message_id)
            return "automatic"
        now = self._clock()
        taken = self._desk.take(session, heard, inbox_id=inbox_id, now=now)
        if taken is not None:
            inbox.note(session, inbox_id, outcome="handled", acts=taken.acts, message_id=heard.message.message_id)
            return "handled"
        composer = self._composer
        incoming = Incoming(inbox_id=inbox_id, now=now, late=ready.arrival.late)
        happened = act(session, heard, self._vocabulary, incoming=incoming, programme=composer.programme, faq=composer.faq)
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
            resembles=ready.resembles,
            message_id=heard.message.message_id,
        )
        return outcome

    def _quarantine(self, session: Session, ready: _Ready, inbox_id: int, error: Exception | None) -> None:
        """Keep the message, and tell of it by its id and the kind and place of the error; its words might be the writer's."""
        said = _said(error)
        logger.error("inbox %s quarantined: %s", inbox_id, said)
        inbox.note(session, inbox_id, outcome="quarantined", error=said)
        values: dict[str, object] = {"inbox_id": inbox_id, "channel": ready.arrival.channel, "error": said}
        for alert in self._composer.alerts.once("quarantined", key=f"quarantined-{inbox_id}", values=values):
            outbox.queue(session, alert, inbox_id=inbox_id, now=self._clock())
        if ready.heard is not None and ready.heard.urgent:
            self._rescue(session, ready.heard, ready.heard.urgent, inbox_id)

    def _rescue(self, session: Session, heard: Heard, urgent: Urgent, inbox_id: int) -> None:
        """Whoever is at risk in a message that broke is answered all the same."""
        now = self._clock()
        number = records.open_case(session, kind=urgent, contact_id=None, inbox_id=inbox_id, now=now)
        self._composer.queue_for_risk(session, heard, urgent, number=number, inbox_id=inbox_id, now=now)


def _is_trouble(error: DBAPIError) -> bool:
    """Whether the database itself is in trouble, rather than with one message's content."""
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _said(error: Exception | None) -> str:
    return str(error) if isinstance(error, IntakeError) or error is None else kind_and_place(error)
