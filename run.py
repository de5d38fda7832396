"""The command line of Peer Intake; it wires the parts together and does nothing else."""

from __future__ import annotations

import argparse
import base64
import json
import logging
import os
import random
import secrets
import signal
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from parsers.errors import IntakeError, kind_and_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.engine import Database
    from intake.service import House
    from intake.settings import Settings
    from intake.threads import Task
    from notifier.given import Given

HERE = Path(__file__).absolute().parent  # a link to this file has a .env of its own
TRY_CHECK = "`run.py check` tries every setting and says what to mend"
TASKS = ("web", "mail", "send", "clock")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0 when it is done, 1 when something is wrong. Wrong usage ends the process with 2."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if getattr(options, "html", None) and not options.dry_run:
        parser.error("--html goes with --dry-run")
    try:
        return int(options.run(options))
    except IntakeError as error:
        print(f"run.py {options.command}: {error}", file=sys.stderr)
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        pass
    except OSError as error:
        print(f"run.py {options.command}: {error.strerror or kind_and_place(error)}: {error.filename or TRY_CHECK}", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 - one line, as the contract says; its words might be somebody's
        print(f"run.py {options.command}: {kind_and_place(error)}: {TRY_CHECK}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py", description="Peer Intake: texts and mails of peer-support volunteers become records.")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_running(commands.add_parser)
    _add_looking_after(commands.add_parser)
    return parser


def _add_running(add: Callable[..., argparse.ArgumentParser]) -> None:
    """What reads messages and answers them."""
    serve = add("serve", help="webhook, mailbox, sender and clock in one process")
    serve.add_argument("--only", action="append", choices=TASKS, default=[], help="run only this part (repeatable)")
    serve.set_defaults(run=_serve)

    sandbox = add("sandbox", help="the same on this machine alone, with nothing configured")
    sandbox.add_argument("--folder", type=Path, default=Path("sandbox"), help="where mails are dropped and answers land")
    sandbox.add_argument("--port", type=int, default=8000)
    sandbox.set_defaults(run=_sandbox)

    parse = add("parse", help="JSON lines of messages in, JSON lines of readings out")
    parse.add_argument("--additions", type=Path, metavar="FOLDER", help="read with the words of this folder too, as with TEMPLATES_DIR")
    parse.set_defaults(run=_parse)

    poll = add("poll", help="one pass over the mailbox")
    poll.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="take in older mail too, from this day on (2026-01-31)")
    poll.set_defaults(run=_poll)


def _add_looking_after(add: Callable[..., argparse.ArgumentParser]) -> None:
    """What whoever runs the program does by hand."""
    digest = add("digest", help="an extra copy of the daily digest")
    digest.add_argument(
        "--date",
        type=date.fromisoformat,
        metavar="DATE",
        help="as it went out that day (2026-01-31), not as it would be now",
    )
    digest.add_argument("--dry-run", action="store_true", help="print it and send nothing")
    digest.add_argument("--html", type=Path, metavar="FILE", help="with --dry-run: write its HTML there")
    digest.set_defaults(run=_digest)

    check = add("check", help="try every setting for real")
    check.set_defaults(run=_check)

    export = add("export", help="records with their contact, to standard output")
    export.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    export.set_defaults(run=_export)

    quarantine = add("quarantine", help="messages that were kept aside because they could not be handled")
    doing = quarantine.add_subparsers(dest="action", required=True)
    doing.add_parser("list", help="which there are, since when and why").set_defaults(run=_quarantine_list)
    for action, run, told in (
        ("retry", _quarantine_retry, "handle one once more"),
        ("drop", _quarantine_drop, "forget what one says"),
    ):
        one = doing.add_parser(action, help=told)
        one.add_argument("id", type=int, metavar="ID", help="the message's number, as the list and the alert have it")
        one.set_defaults(run=run)

    erase = add("erase", help="forget a person")
    erase.add_argument("address", metavar="ADDRESS", help="their phone number (+14065550111) or e-mail address")
    erase.set_defaults(run=_erase)

    migrate = add("migrate", help="bring the database's schema up")
    migrate.set_defaults(run=_migrate)


def _serve(options: argparse.Namespace) -> int:
    from intake import memory

    memory.begin()
    from intake import service

    settings = _settings()
    database = _database(settings)
    house = service.House(settings, _given(), database)
    return _run_until_stopped(house, service.tasks(house, options.only))


def _sandbox(options: argparse.Namespace) -> int:
    from intake import memory

    memory.begin()
    from intake import sandbox, service

    folder = options.folder.resolve()
    settings = sandbox.settings(folder, port=options.port)
    house = service.House(settings, _given(), _database(settings))
    chosen = sandbox.tasks(house, folder, lambda text: print(text, flush=True))
    print(
        f"Sandbox: texts to http://127.0.0.1:{options.port}/sms, mails into {folder}/mail, answers in {folder}/sent. Ctrl-C ends it.",
        flush=True,
    )
    return _run_until_stopped(house, chosen)


def _run_until_stopped(house: House, chosen: dict[str, Task]) -> int:
    from intake import clock, memory, threads

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    memory.started()
    clock.wait_until_set(house.given.clock, stop)
    went_well = True
    if not stop.is_set():  # told to end while it waited: on such a clock nothing may begin
        house.warm_up()
        logging.getLogger("run").info("started: %s", ", ".join(chosen))
        went_well = threads.run(chosen, stop)
    house.database.close()
    logging.getLogger("run").info("stopped")
    return 0 if went_well else 1


def _parse(options: argparse.Namespace) -> int:
    from parsers.lines import readings
    from parsers.ready import verify
    from parsers.vocabulary import load

    failed = False
    words = load(options.additions)
    verify(words)
    for answer in readings(sys.stdin, words):
        failed |= "error" in answer
        print(json.dumps(answer, ensure_ascii=False))
    return 1 if failed else 0


def _poll(options: argparse.Namespace) -> int:
    from intake.service import House

    settings = _settings()
    if not settings.IMAP_HOST:
        raise IntakeError("there is no mailbox to read: set IMAP_HOST")
    taken = House(settings, _given(), _database(settings)).mailbox().read_once(since=options.since)
    print(f"{taken} new mail{'' if taken == 1 else 's'} taken in")
    return 0


def _digest(options: argparse.Namespace) -> int:
    from db import private
    from intake.service import House

    settings = _settings()
    house = House(settings, _given(), _database(settings))
    now = house.given.clock()
    if options.dry_run:
        with house.database.read() as session:
            mail = house.digests.copy(session, options.date, now=now)
        if options.html:
            private.write(options.html, mail.html.encode())
        print(f"{mail.subject}\n\n{mail.body}", end="")
        return 0
    if not (house.programme.mail_address and house.programme.coordinators):
        raise IntakeError("there is nobody to send it to: set COORDINATORS, SMTP_HOST and MAIL_FROM, or use --dry-run")
    with house.database.write() as session:
        house.digests.queue_copy(session, options.date, now=now)
    print("queued; `run.py serve` sends it")
    return 0


def _check(_: argparse.Namespace) -> int:
    from intake.check import check

    all_well = True
    for result in check(_settings(), folder=HERE, clock=_clock, ids=_ids):
        print(f"{'ok  ' if result.ok else 'MEND'} {result.what}: {result.words}", flush=True)
        all_well &= result.ok
    return 0 if all_well else 1


def _export(options: argparse.Namespace) -> int:
    from db.export import write_csv, write_jsonl

    with _database(_settings()).read() as session:
        (write_csv if options.format == "csv" else write_jsonl)(session, sys.stdout)
    return 0


def _quarantine_list(_: argparse.Namespace) -> int:
    from db import quarantine

    with _database(_settings()).read() as session:
        for kept in quarantine.waiting(session):
            print(f"{kept.inbox_id}  {kept.channel}  {kept.received_at:%Y-%m-%d %H:%M} UTC  {kept.error}")
    return 0


def _quarantine_retry(options: argparse.Namespace) -> int:
    from intake.service import House

    settings = _settings()
    receipt = House(settings, _given(), _database(settings)).doorway.retry(options.id)
    print(f"message {receipt.inbox_id}: {receipt.outcome}")
    return 0 if receipt.outcome != "quarantined" else 1


def _quarantine_drop(options: argparse.Namespace) -> int:
    from db import quarantine

    with _database(_settings()).write() as session:
        if not quarantine.drop(session, options.id):
            raise IntakeError(f"no message {options.id} is kept aside; `run.py quarantine list` shows those that are")
    print(f"message {options.id}: dropped")
    return 0


def _erase(options: argparse.Namespace) -> int:
    from db import originals
    from db.erase import erase, people_at
    from db.originals import Reach
    from intake.servers import places
    from intake.service import House

    settings = _settings()
    if not settings.SECRET_KEY:
        raise IntakeError("SECRET_KEY is needed: with it are kept what must not come back")
    house, reach = House(settings, _given(), _database(settings)), Reach(places=places(settings), now=_clock())
    with house.database.write() as session:
        found = people_at(session, options.address)
        if not found:
            raise IntakeError("nobody is known at that address; a phone number is written as +14065550111")
        erased = [erase(session, contact_id, key=settings.SECRET_KEY, reach=reach) for contact_id in found]
    records, messages = sum(one.records for one in erased), sum(one.messages for one in erased)
    print(f"forgotten: {len(found)} person(s), {records} record(s), {messages} message(s) and what was sent about them")
    house.originals().work()
    with house.database.read() as session:
        left = {place: originals.left(session, place) for place in reach.places}
    print(f"originals deleted: {', '.join(place for place, count in left.items() if not count) or 'none'}")
    for place in filter(left.get, left):
        print(f"not reached: {left[place]} original(s), {place}; `run.py serve` tries again for three days", file=sys.stderr)
    others = ["Twilio's log of calls" if originals.TWILIO in left else "Twilio's logs"]
    others += [] if originals.MAILBOX in left else ["the mailbox's folders"]
    print(f"still held elsewhere: {', '.join(others)}, backups, and the coordinators' own mailboxes; please delete there too")
    return 1 if any(left.values()) else 0


def _migrate(_: argparse.Namespace) -> int:
    from db.engine import Database
    from db.schema import migrate

    migrate(Database(_settings().DATABASE_URL))
    return 0


def _settings() -> Settings:
    from intake.settings import load

    return load(HERE)


def _database(settings: Settings) -> Database:
    from db.engine import Database
    from db.schema import is_current, migrate
    from intake import logs

    database = Database(settings.DATABASE_URL)
    if database.is_sqlite:
        migrate(database)
    elif not is_current(database):
        raise IntakeError("the database's schema is not this version's: run `python run.py migrate`")
    logs.set_up()
    return database


def _given() -> Given:
    from notifier.given import Given

    return Given(clock=_clock, ids=_ids, jitter=random.random)


def _clock() -> datetime:
    return datetime.now(UTC)


def _ids() -> str:
    """80 bits, in letters that a mail address may hold and no server changes."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


if __name__ == "__main__":
    sys.exit(main())
