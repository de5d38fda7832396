"""The words of the command line: which commands there are, and what each takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

TASKS = ("web", "mail", "send", "clock")


def read(arguments: list[str] | None) -> argparse.Namespace:
    """What was asked for, by the name `run`; wrong usage ends the process with 2."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if getattr(options, "html", None) and not options.dry_run:
        parser.error("--html goes with --dry-run")
    return options


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="run.py", description="Peer Intake: texts and mails of peer-support volunteers become records.")
    commands = made.add_subparsers(dest="command", required=True)
    _add_running(commands.add_parser)
    _add_looking_after(commands.add_parser)
    return made


def _add_running(add: Callable[..., argparse.ArgumentParser]) -> None:
    """What reads messages and answers them."""
    serve = add("serve", help="webhook, mailbox, sender and clock in one process")
    serve.add_argument("--only", action="append", choices=TASKS, default=[], help="run only this part (repeatable)")
    serve.set_defaults(run="serve")

    sandbox = add("sandbox", help="the same on this machine alone, with nothing configured")
    sandbox.add_argument("--folder", type=Path, default=Path("sandbox"), help="where mails are dropped and answers land")
    sandbox.add_argument("--port", type=int, default=8000)
    sandbox.set_defaults(run="sandbox")

    parse = add("parse", help="JSON lines of messages in, JSON lines of readings out")
    parse.add_argument("--additions", type=Path, metavar="FOLDER", help="read with the words of this folder too, as with TEMPLATES_DIR")
    parse.set_defaults(run="parse")

    poll = add("poll", help="one pass over the mailbox")
    poll.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="take in older mail too, from this day on (2026-01-31)")
    poll.set_defaults(run="poll")


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
    digest.set_defaults(run="digest")

    check = add("check", help="try every setting for real")
    check.set_defaults(run="check")

    export = add("export", help="records with their contact, to standard output")
    export.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    export.set_defaults(run="export")

    quarantine = add("quarantine", help="messages that were kept aside because they could not be handled")
    doing = quarantine.add_subparsers(dest="action", required=True)
    doing.add_parser("list", help="which there are, since when and why").set_defaults(run="quarantine_list")
    for action, run, told in (
        ("retry", "quarantine_retry", "handle one once more"),
        ("drop", "quarantine_drop", "forget what one says"),
    ):
        one = doing.add_parser(action, help=told)
        one.add_argument("id", type=int, metavar="ID", help="the message's number, as the list and the alert have it")
        one.set_defaults(run=run)

    erase = add("erase", help="forget a person")
    erase.add_argument("address", metavar="ADDRESS", help="their phone number (+14065550111) or e-mail address")
    erase.set_defaults(run="erase")

    migrate = add("migrate", help="bring the database's schema up")
    migrate.set_defaults(run="migrate")
