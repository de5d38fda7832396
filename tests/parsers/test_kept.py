"""What is kept of the vocabulary from one start to the next: the same as what is made anew, and never what is out of date."""

from __future__ import annotations

import shutil
import stat
import sys
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from parsers.message import InboundMessage
from parsers.patterns import tables_of
from parsers.reading import Context, Reading, hear, read
from parsers.ready import verify
from parsers.vocabulary import BUILT_IN, Vocabulary, VocabularyError, load
from parsers.vocabulary.kept import kept

TEXT = "I'd like to be a mentor, no carrier pigeons please. Tuesdays 9-12 in Butte"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Python keeps what it compiles, as on a machine that lets it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    return tmp_path / "compiled"


def _start(words: Path = BUILT_IN, *, own: Path | None = None) -> Vocabulary:
    """Read and check the words as a process that starts does."""
    vocabulary = load.__wrapped__(own, built_in=words)
    verify.__wrapped__(vocabulary)
    return vocabulary


def _read(vocabulary: Vocabulary) -> Reading:
    message = InboundMessage(channel="sms", sender="+14065550111", body=TEXT)
    return read(hear(message, vocabulary), vocabulary, Context())


def _found(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.kept"))


def test_the_next_start_reads_as_the_first_did(folder: Path) -> None:
    """Nothing is translated twice, what is read is the same, and what is kept is its owner's alone to read."""
    first = _start()
    files = _found(folder)
    made = [path.stat().st_mtime_ns for path in files]
    second = _start()
    assert [path.name.partition(".")[0] for path in files] == ["patterns", "words"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert [path.stat().st_mtime_ns for path in _found(folder)] == made
    assert (second.languages, second.mail, second.files) == (first.languages, first.mail, first.files)
    assert _read(second) == _read(first)


def test_a_word_that_was_changed_counts_at_the_next_start(folder: Path, tmp_path: Path) -> None:
    """Neither a built-in file nor a programme's own is taken from what was kept of another."""
    words, own = tmp_path / "words", tmp_path / "own"
    shutil.copytree(BUILT_IN, words)
    before = _start(words)
    (own / "en").mkdir(parents=True)
    (own / "en" / "vocabulary.toml").write_text('[wish]\nopt_out = ["no carrier pigeons"]\n', encoding="utf-8")
    after = _start(words, own=own)
    assert ("opt_out" in _read(before).acts, "opt_out" in _read(after).acts) == (False, True)
    english = words / "en.toml"
    english.write_text(english.read_text(encoding="utf-8").replace("[wish]", "[wishes]"), encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"\[wish\] is missing"):
        _start(words)
    assert _found(folder)


def test_what_is_damaged_is_made_again(folder: Path) -> None:
    """Half a file, or another byte in it, is nobody's words."""
    whole = _read(_start())
    for path in _found(folder):
        path.write_bytes(path.read_bytes()[:-9])
    assert _read(_start()) == whole
    for path in _found(folder):
        content = path.read_bytes()
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    assert _read(_start()) == whole


def test_what_cannot_be_kept_is_made_each_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that cannot be written to, and a process that shall write nothing, start all the same."""
    folder.write_text("a file stands where the folder would")
    assert _read(_start()).acts == ("mentor_offer",)
    folder.unlink()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _start()
    assert not folder.exists()


def test_what_cannot_be_written_is_made_each_time(folder: Path) -> None:
    """A date in a file of somebody's own, which has no form to be kept in, stops no start."""
    made = {"since": date(2025, 3, 4)}
    assert kept("words", b"k" * 32, lambda: made) is made
    assert not _found(folder)


def test_another_key_never_finds_it(folder: Path) -> None:
    """What was made under one key is made again under another."""
    one, other = b"a" * 32, b"b" * 32
    found = [kept("numbers", key, partial(list, made)) for key, made in ((one, "1"), (one, "2"), (other, "3"))]
    assert found == [["1"], ["1"], ["3"]]
    assert len(_found(folder)) == 1


def test_a_vocabulary_that_came_from_no_file_is_not_kept(folder: Path) -> None:
    """Without a key nothing tells one from another."""
    known = _start()
    _found(folder)[0].unlink()
    tables_of(Vocabulary(languages=known.languages, mail=known.mail))
    assert [path.name.partition(".")[0] for path in _found(folder)] == ["words"]
