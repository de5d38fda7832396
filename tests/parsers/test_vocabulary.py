"""A volunteer's mistake in a vocabulary is refused with the file and the entry; additions win by language."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.patterns import patterns_of, verify
from parsers.tokens import plain_words
from parsers.vocabulary import VocabularyError, load


def _folder(tmp_path: Path, text: str, *, name: str = "en.toml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_built_in_vocabularies_are_sound() -> None:
    verify(load())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not toml at all", "en.toml"),
        ('[wish]\nopt_out = "stop"', r"en.toml: wish: opt_out must be a list, not a text"),
        ("[wish]\nopt_out = [7]", r"en.toml: \[wish\] opt_out, entry \d+: 7 is not a phrase"),
        ('[wish]\nopt_out = ["Stop It"]', r"en.toml: \[wish\] opt_out.*small letters"),
        ('[wish]\nopt_out = ["stop <nothing>"]', r"en.toml: wish.opt_out.*no class <nothing>"),
        ('[wish]\nopt_out = ["stop (it"]', r"en.toml: wish.opt_out.*bracket"),
        ('[kind]\nmentor = ["be kind"]', r"en.toml: \[kind\] mentor is not a name"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(VocabularyError, match=told):
        load(_folder(tmp_path, text))


def test_a_language_without_a_needed_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"fr.toml: \[class\] is missing"):
        load(_folder(tmp_path, "", name="fr.toml"))


def test_an_addition_is_known_beside_the_built_in_words(tmp_path: Path) -> None:
    vocabulary = load(_folder(tmp_path, '[wish]\nopt_out = ["no more carrier pigeons"]'))
    names = patterns_of(vocabulary, "wish").names(plain_words("No more carrier pigeons!", vocabulary))
    assert "opt_out" in names
    assert "opt_out" in patterns_of(vocabulary, "wish").names(plain_words("stop texting me", vocabulary))
