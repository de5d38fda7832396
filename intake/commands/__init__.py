"""What a coordinator may say: one file a command, and the list of them; help and the nearest command are read from it."""

from __future__ import annotations

from intake.commands.ack import Ack
from intake.commands.answer import Answer
from intake.commands.ask import Ask
from intake.commands.base import Command
from intake.commands.close import Close
from intake.commands.commands import Commands
from intake.commands.digest import Digest
from intake.commands.erase import Erase, Yes
from intake.commands.export import Export
from intake.commands.give import Give
from intake.commands.kind import Kind
from intake.commands.listing import List
from intake.commands.merge import Merge
from intake.commands.new import New
from intake.commands.note import Note
from intake.commands.pause import Pause
from intake.commands.reopen import Reopen
from intake.commands.resume import Resume
from intake.commands.setting import Set
from intake.commands.show import Show
from intake.commands.snooze import Snooze
from intake.commands.take import Take
from intake.commands.undo import Undo
from intake.commands.withdraw import Withdraw

ALL: tuple[Command, ...] = (
    *(Show(), List(), Close(), Reopen(), Snooze(), Note(), Ask(), Answer(), Ack(), Set(), Kind(), Withdraw(), Pause(), Resume()),
    *(New(), Take(), Give(), Merge(), Digest(), Export(), Erase(), Yes(), Undo(), Commands()),
)
BY_NAME = {command.name: command for command in ALL}
