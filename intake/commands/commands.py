"""`commands`: what may be said; the list writes itself from the registry."""

from __future__ import annotations

from collections.abc import Iterator

from intake.commands.base import Job, Result, done
from parsers.orders import Order


class Commands:
    name = "commands"
    by_text = True

    def carry_out(self, job: Job, order: Order) -> Iterator[Result]:  # noqa: ARG002
        from intake.commands import BY_NAME

        yield done("commands", names=[name for name, command in BY_NAME.items() if command.by_text or not job.by_text])
