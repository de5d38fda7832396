"""Every story in tests/conversations, told over the real doorway and outbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories import Story

STORIES = sorted((Path(__file__).parent / "conversations").glob("*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path, tmp_path: Path) -> None:
    """What the story says is what happens."""
    text = path.read_text(encoding="utf-8")
    Story(tmp_path, colleague="\ncolleague " in text).play(text)


def test_there_are_stories() -> None:
    """The folder is where this file looks for it."""
    assert len(STORIES) > 10
