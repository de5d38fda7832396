"""What docs/vocabulary.md shows is so: its session, its additions, its patterns and its errors."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from parsers.alphabet import spell
from parsers.grammar import Grammar
from parsers.patterns import classes_of
from parsers.ready import verify
from parsers.tokens import plain_words
from parsers.vocabulary import ADDITION, VocabularyError, load
from parsers.vocabulary.shape import _TABLES
from tests.servers.process import ROOT
from tests.test_readme import shell

PAGE = (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## How a pattern is written\n")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"\| `([^`]+)` \| \"([^\"]+)\"[^|]*\|$", SECTION, re.MULTILINE)


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def _add(folder: Path, text: str, *, language: str = "en") -> Path:
    (folder / language).mkdir(exist_ok=True)
    (folder / language / ADDITION).write_text(text, encoding="utf-8")
    return folder


def test_the_session_reads_as_it_says(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent)
    (tmp_path / "run.py").symlink_to(ROOT / "run.py")
    (session,) = _blocks("sh")
    read = json.loads(shell(session, tmp_path))
    assert read["acts"] == ["mentor_offer"]
    assert read["fields"]["setting"] == ["warmline"]
    without = json.loads(shell(session.replace("--additions own", ""), tmp_path))
    assert without["acts"] != read["acts"]


def test_the_additions_are_sound(tmp_path: Path) -> None:
    (text,) = _blocks("toml")
    vocabulary = load(_add(tmp_path, text))
    verify(vocabulary)
    assert vocabulary.languages["en"]["spelling"]["expand"]["minter"] == "member"
    assert "college" not in vocabulary.languages["en"]["setting"]["campus"]


@pytest.mark.parametrize(("pattern", "text"), EXAMPLES)
def test_a_pattern_finds_what_it_says(pattern: str, text: str) -> None:
    words = plain_words(text, load())
    grammar = Grammar(classes_of(load()))
    translated = grammar.translate(pattern.replace("\\|", "|"), where="")
    assert re.search(translated.source, spell(words.split(), grammar.alphabet.letters_of))


def test_every_row_of_the_patterns_has_its_example() -> None:
    assert len(EXAMPLES) == SECTION.count("\n| ") - 2


def test_every_table_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", PAGE)) | set(re.findall(r"`\[(\w+)\]`", PAGE))
    assert [name for name in _TABLES if name not in explained and not name.endswith(("_block", "_short", "_cues"))] == []


@pytest.mark.parametrize("line", _blocks("text")[0].splitlines())
def test_an_error_reads_as_it_says(tmp_path: Path, line: str) -> None:
    wrong = {"[wish] opt_out": '[wish]\nopt_out = ["no more (letters"]', "[whish]": "[whish]", "TOML": '[wish]\nopt_out = ["stop it]\n'}
    text = next(text for mark, text in wrong.items() if mark in line)
    told = line.removeprefix("run.py serve: ")
    with pytest.raises(VocabularyError) as raised:
        verify(load(_add(tmp_path, text, language=told[:2])))
    assert str(raised.value) == told
