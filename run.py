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
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intake import usage
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


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0 when it is done, 1 when something is wrong. Wrong usage ends the process with 2."""
    options = usage.read(arguments)
    try:
        return COMMANDS[options.run](options)
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


def _serve(options: argparse.Namespace) -> int:
    from intake import memory

    memory.begin()
    from intake import beside

    settings = _settings()
    workers = beside.workers_for(settings, options.only)  # before what they have no use for is loaded
    from intake import service

    house = service.House(settings, _given(), _database(settings, stays=True), workers)
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
    house.close()
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
    house = _house()
    if not house.settings.IMAP_HOST:
        raise IntakeError("there is no mailbox to read: set IMAP_HOST")
    taken = house.mailbox().read_once(since=options.since)
    print(f"{taken} new mail{'' if taken == 1 else 's'} taken in")
    return 0


def _digest(options: argparse.Namespace) -> int:
    from intake import looking_after

    if options.dry_run:
        return looking_after.show_digest(_house(), options.date, html=options.html)
    return looking_after.copy_digest(_house(), options.date)


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
    from intake import looking_after

    settings = _settings()
    return looking_after.list_kept(settings.programme, _database(settings))


def _quarantine_retry(options: argparse.Namespace) -> int:
    from intake import looking_after

    return looking_after.retry(_house(), options.id)


def _quarantine_drop(options: argparse.Namespace) -> int:
    from intake import looking_after

    return looking_after.drop(_database(_settings()), options.id)


def _erase(options: argparse.Namespace) -> int:
    from intake import looking_after

    return looking_after.erase_person(_house(), options.address)


def _migrate(_: argparse.Namespace) -> int:
    from db.engine import Database
    from db.schema import migrate

    migrate(Database(_settings().DATABASE_URL))
    return 0


def _settings() -> Settings:
    from intake.settings import load

    return load(HERE)


def _house() -> House:
    from intake.service import House

    settings = _settings()
    return House(settings, _given(), _database(settings))


def _database(settings: Settings, *, stays: bool = False) -> Database:
    from db.engine import Database
    from db.schema import is_current, migrate, migrate_apart
    from intake import logs

    database = Database(settings.DATABASE_URL)
    if database.is_sqlite:
        (migrate_apart if stays else migrate)(database)
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


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "serve": _serve,
    "sandbox": _sandbox,
    "parse": _parse,
    "poll": _poll,
    "digest": _digest,
    "check": _check,
    "export": _export,
    "quarantine_list": _quarantine_list,
    "quarantine_retry": _quarantine_retry,
    "quarantine_drop": _quarantine_drop,
    "erase": _erase,
    "migrate": _migrate,
}


if __name__ == "__main__":
    sys.exit(main())
