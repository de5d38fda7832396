"""A sample of the crash matrix; `make crash` runs all of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from db.steps import Step
from tests.crash.aims import AIMS
from tests.crash.matrix import Siege, table
from tests.crash.scene import A_DAY, Scene
from tests.servers.dovecot import Mailbox
from tests.servers.process import ROOT

SAMPLE = tuple(aim for aim in AIMS if aim.later < A_DAY)[::4]
HOUSE = ("intake", "notifier", "db")


def test_nothing_is_lost_and_nothing_doubled(empty_database_url: str, mailbox: Mailbox, tmp_path: Path) -> None:
    """Whenever a process is killed, each message is stored once, its record made once, its answer sent once or listed."""
    engine = "sqlite" if empty_database_url.startswith("sqlite") else "postgresql"
    with Scene(empty_database_url, mailbox, tmp_path) as scene:
        siege = Siege(engine, scene)
        findings = siege.run(SAMPLE)
    assert siege.missed == []
    assert len(siege.kills) >= len(SAMPLE) >= 10
    assert len(scene.crowd.written) > len(siege.kills)
    wrong = [finding for finding in findings if finding.kind != "listed"]
    assert not wrong, "\n".join([*map(str, wrong), *table([(siege, findings)])])


def test_every_step_is_aimed_at() -> None:
    """And by each way on which a message comes to it."""
    assert {aim.step for aim in AIMS} == set(get_args(Step))


@pytest.mark.parametrize("step", get_args(Step))
def test_every_step_is_reached_in_one_place(step: Step) -> None:
    """What is named in the list stands in the code, once."""
    files = [path.read_text(encoding="utf-8") for folder in HOUSE for path in (ROOT / folder).rglob("*.py")]
    calls = [call for text in files for call in re.findall(r'steps\.reached\("([^"]+)"\)', text)]
    assert calls.count(step) == 1
