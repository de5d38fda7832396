"""The rules of the house that tools can hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_TOOLS = Path(sys.executable).parent


def test_imports_run_one_way() -> None:
    _passes("lint-imports", "--no-cache")


def test_clock_environment_and_chance_are_handed_in() -> None:
    """Everywhere but in run.py and intake/settings.py; a noqa makes no exception."""
    _passes("ruff", "check", "--select", "TID251", "--ignore-noqa", "--no-cache", "--quiet", ".")


def _passes(tool: str, *arguments: str) -> None:
    done = subprocess.run([str(_TOOLS / tool), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
