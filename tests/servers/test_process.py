"""Commands started as processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.process import Process, run


def test_a_command_runs_to_its_end(tmp_path: Path) -> None:
    done = run("--help", environment={}, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "usage: run.py" in done.stdout
    assert run("no-such-command", environment={}, folder=tmp_path).returncode == 2


def test_output_is_seen_and_the_process_ends_with_the_block(tmp_path: Path) -> None:
    with Process("--help", environment={}, folder=tmp_path) as process:
        assert process.wait_for_text(r"^usage: (\S+)")[1] == "run.py"
        assert process.wait() == 0
    assert not process.running


def test_an_early_end_is_told_with_its_output(tmp_path: Path) -> None:
    with Process("no-such-command", environment={}, folder=tmp_path) as process, pytest.raises(AssertionError, match="invalid choice"):
        process.wait_for_text("never written")


def test_the_environment_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("COLUMNS", "20")
    wide = run("--help", environment={"COLUMNS": "200"}, folder=tmp_path).stdout
    assert max(map(len, wide.splitlines())) > 40
