"""What `serve` runs: one thread a task, started from the outbox inwards and stopped in the opposite order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from db import steps
from db.engine import Database
from db.wire import Wire
from intake import languages, memory, servers
from intake.beside import Beside
from intake.catchup import CatchUp
from intake.clock import is_set
from intake.commands.base import Tools
from intake.desk import Desk
from intake.doorway import Doorway
from intake.hearing import listener
from intake.listening import web_task
from intake.mailbox import MailboxReader
from intake.originals import Originals
from intake.settings import Settings
from intake.threads import Task
from intake.timekeeper import Timekeeper
from intake.watch import Watch
from intake.web import Webhook
from intake.workers import Workers
from notifier.bell import Bell
from notifier.compose import Composer
from notifier.delivery import Delivery, Pace
from notifier.digest import Digests
from notifier.gatherer import Gatherer
from notifier.given import Given
from notifier.letters import Letters
from notifier.reconciler import Reconciler
from notifier.relay import Relay
from notifier.senders import Sender
from notifier.senders.email import EmailSender
from notifier.senders.sms import SmsSender
from notifier.templates import Templates
from parsers.errors import IntakeError, kind_and_place
from parsers.ready import warm_up
from parsers.vocabulary import Vocabulary

logger = logging.getLogger(__name__)

CLOCK_SECONDS = 5.0
ASIDE_SECONDS = 0.25


class House:
    """The parts of one process, wired together from its settings."""

    def __init__(self, settings: Settings, given: Given, database: Database, workers: Workers | None = None) -> None:
        self.settings = settings
        self.given = given
        self.database = database
        self.programme = settings.programme
        self.workers = workers
        self.templates = Templates(self.programme.languages, self.programme.templates_dir)
        self.bell = Bell(None if database.is_sqlite else Wire(database))
        self.words = words = languages.vocabulary_of(self.programme)
        self.listener = here = listener(self.programme, words, settings.OWN_LISTS)
        self.digests = Digests(self.programme, self.templates, at=settings.DIGEST_AT, ids=given.ids)
        composer = Composer(self.programme, self.templates, ids=given.ids)
        self.gatherer = Gatherer(self.programme, self.templates, composer.alerts, an_hour=settings.SENDS_PER_HOUR)
        letters = Letters(self.programme, self.templates, composer.alerts)
        relay = Relay(self.programme, self.templates, letters, ids=given.ids)
        tools = Tools(
            programme=self.programme,
            vocabulary=words,
            letters=letters,
            digests=self.digests,
            relay=relay,
            parse=here.parse,
            places=servers.places(settings),
        )
        self.doorway = Doorway(
            database,
            composer,
            relay,
            desk=Desk(tools, trusted=settings.TRUSTED_AUTHSERV_ID, ids=given.ids),
            listener=Beside(here, workers) if workers else here,
            vocabulary=words,
            clock=given.clock,
            committed=self.bell.ring,
        )
        retention = timedelta(days=settings.RETENTION_DAYS)
        self.timekeeper = Timekeeper(database, composer.alerts, self.programme, retention=retention, rung=self.bell.ring)
        mailbox = servers.mailbox_in(settings).name if settings.IMAP_HOST else ""
        self.watch = Watch(database, composer.alerts, self.programme, mailbox=mailbox, an_hour=settings.SENDS_PER_HOUR)

    def close(self) -> None:
        """Nothing comes in any more."""
        if self.workers:
            self.workers.close()
        self.database.close()

    def warm_up(self) -> None:
        """Prepare the words aside, rather than while a message holds the database; it ends with the process, wherever it is.

        It waits until whoever asks whether the process is ready has had an answer, which it would hold up.
        """
        aside = threading.Timer(ASIDE_SECONDS, _settle_in, args=(self.words,))
        aside.name, aside.daemon = "words", True
        aside.start()

    def mailbox(self) -> MailboxReader:
        return MailboxReader(servers.mailbox_in(self.settings), self.doorway, self.database, clock=self.given.clock)

    def catch_up(self) -> CatchUp:
        seconds = self.settings.poll_seconds
        return CatchUp(servers.texts(self.settings), self.doorway, self.database, clock=self.given.clock, seconds=seconds)

    def webhook(self, *, unsigned: bool = False) -> Webhook:
        return Webhook(
            doorway=self.doorway,
            database=self.database,
            programme=self.programme,
            templates=self.templates,
            clock=self.given.clock,
            auth_token=self.settings.TWILIO_AUTH_TOKEN,
            public_url=self.settings.PUBLIC_URL,
            mailbox=servers.mailbox_in(self.settings).name if self.settings.IMAP_HOST else "",
            an_hour=self.settings.SENDS_PER_HOUR,
            unsigned=unsigned,
        )

    def delivery(self, sender: Sender) -> Delivery:
        pace = Pace(a_second=self.settings.TWILIO_RATE if sender.channel == "sms" else None, an_hour=self.settings.SENDS_PER_HOUR)
        gather = self.gatherer.gather if sender.channel == "email" else None
        return Delivery(self.database, sender, pace=pace, bell=self.bell, given=self.given, gather=gather)

    def originals(self) -> Originals:
        settings = self.settings
        twilio = servers.texts(settings) if settings.sends_texts else None
        mailbox = servers.mailbox_in(settings) if settings.IMAP_HOST else None
        return Originals(self.database, twilio=twilio, mailbox=mailbox, clock=self.given.clock)

    def reconciler(self) -> Reconciler:
        return Reconciler(self.database, servers.lookups(self.settings), clock=self.given.clock, rung=self.bell.ring)


def _settle_in(words: Vocabulary) -> None:
    warm_up(words)
    memory.settled()


def tasks(house: House, only: Sequence[str]) -> dict[str, Task]:
    """The tasks that the settings and `--only` ask for, in the order in which they start."""
    wanted = set(only) or {"web", "mail", "send", "clock"}
    _say_what_is_off(house.settings)
    chosen: dict[str, Task] = {}
    if "send" in wanted:
        chosen |= _going_out(house)
    if "clock" in wanted:
        chosen |= _by_the_clock(house)
    if "mail" in wanted and house.settings.IMAP_HOST:
        chosen["mailbox"] = house.mailbox().run
    for task, needed, is_on in (("mail", "IMAP_HOST", house.settings.IMAP_HOST), ("send", "SMTP_HOST or TWILIO_ACCOUNT_SID", chosen)):
        if task in only and not is_on:
            raise IntakeError(f"--only {task} has nothing to do: set {needed}")
    if "web" in wanted:
        chosen["web"] = web_task(house.webhook(), host=house.settings.HTTP_HOST, port=house.settings.HTTP_PORT)
    return chosen if house.database.is_sqlite else {"bell": house.bell.listen} | chosen


def _going_out(house: House) -> dict[str, Task]:
    chosen: dict[str, Task] = {}
    if house.settings.sends_mail:
        chosen["mails out"] = house.delivery(EmailSender(servers.mail_out(house.settings))).run
    if house.settings.sends_texts:
        chosen["texts out"] = house.delivery(SmsSender(servers.texts(house.settings))).run
    if chosen:
        chosen["doubts"] = house.reconciler().run
    return chosen


def _by_the_clock(house: House) -> dict[str, Task]:
    chosen: dict[str, Task] = {"clock": partial(keep_time, house)}
    if servers.places(house.settings):
        chosen["originals"] = house.originals().run
    if house.settings.sends_texts:
        chosen["catch-up"] = house.catch_up().run
    return chosen


def _say_what_is_off(settings: Settings) -> None:
    if not settings.sends_texts:
        logger.warning("texts are off: TWILIO_ACCOUNT_SID is not set")
    if not settings.IMAP_HOST:
        logger.warning("the mailbox is off: IMAP_HOST is not set")


def keep_time(house: House, stop: threading.Event) -> None:
    """Queue the digest when its hour has come; let pauses end, and tell again of whoever is at risk."""
    done: date | None = None
    while not stop.is_set():
        now = house.given.clock()
        if not is_set(now):  # whatever it says, nothing of it is to be written down
            stop.wait(CLOCK_SECONDS)
            continue
        for do in (house.timekeeper.keep, house.timekeeper.forget, house.watch.look):
            try:
                if do(now):
                    house.bell.ring()
            except Exception as error:  # noqa: BLE001 - the clock goes on, whatever one of its tasks breaks
                logger.warning("clock: %s", kind_and_place(error))
        if house.digests.is_due(now) and done != (today := house.digests.day(now)):
            try:
                with house.database.write() as session:
                    queued = house.digests.queue_if_due(session, now)
                steps.reached("digest committed")
            except Exception as error:  # noqa: BLE001 - the clock goes on, whatever one digest breaks
                logger.warning("clock: %s", kind_and_place(error))
            else:
                done = today
                if queued:
                    logger.info("digest queued")
                    house.bell.ring()
        stop.wait(CLOCK_SECONDS)
