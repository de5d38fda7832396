"""README's first session, typed as a newcomer would type it."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

from intake.commands import BY_NAME
from parsers.orders import Order, orders
from tests.conftest import need
from tests.servers.process import ROOT, Process, run
from tests.servers.waiting import free_port

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAUSE = "sleep 3\n"  # while which a newcomer's machine does what was asked; here it is waited for
FENCE = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def section(title: str) -> str:
    return README.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_sandbox_session(tmp_path: Path) -> None:
    """A text and a mail are answered, both records are exported, and an answer to an alert is carried out."""
    need(lambda: None if shutil.which("curl") else "curl is not installed")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent)
    port = str(free_port())
    with Process("sandbox", "--port", port, environment={}, folder=tmp_path) as sandbox:
        sandbox.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        text, mail, look = [block.replace("8000", port) for block in FENCE.findall(section("Try it: the sandbox"))]
        assert shell(text, tmp_path).startswith("<?xml")
        shell(mail.replace(PAUSE, ""), tmp_path)
        sandbox.wait_for_text("Mail to ana@example.org")
        sandbox.wait_for_text("Text to \\+14065550111")
        seen = shell(look, tmp_path)
        sandbox.wait_for_text("Mail to coordinator@example.org: #1 ")
        (answer,) = FENCE.findall(section("What the coordinator can do"))
        drop, look = answer.split(PAUSE)
        shell(drop, tmp_path)
        sandbox.wait_for_text("Done: note 1 starts next week")
        assert "sandbox/sent/" in shell(look, tmp_path)
        assert sandbox.terminate() == 0
    assert "Thanks Dani!" in seen
    rows = list(csv.DictReader(StringIO(seen[seen.index("id,kind,") :])))
    assert [(row["kind"], row["name"]) for row in rows] == [("shadow_offer", "Dani"), ("mentor_offer", "Ana")]


def test_what_else_it_tells_to_type_is_there(tmp_path: Path) -> None:
    """Each line is a target of make, or a command of run.py that knows its options."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    typed = [line.partition("#")[0].split() for block in FENCE.findall(README) for line in block.splitlines()]
    for words in typed:
        if words[:1] == ["make"]:
            assert words[1] in targets
        elif "run.py" in words:
            assert run(words[words.index("run.py") + 1], "--help", environment={}, folder=tmp_path).returncode == 0


def shell(commands: str, folder: Path) -> str:
    """What a shell prints that is given these lines; each has to go well."""
    done = subprocess.run(["/bin/bash", "-ec", commands], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_that_it_shows_are_understood() -> None:
    """Each example of the coordinators' table is read as one command, and every command is among them."""
    rows = [line.split("|")[2] for line in section("What the coordinator can do").splitlines() if line.startswith("| ")]
    read = [orders([example]) for row in rows[2:] for example in re.findall(r"`([^`]+)`", row)]
    assert all(len(one) == 1 and isinstance(one[0], Order) for one in read)
    assert {one[0].name for one in read if isinstance(one[0], Order)} == set(BY_NAME) - {"yes"}
