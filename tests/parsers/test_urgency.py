"""Cries for help and complaints are found however they are put; idioms, stories and job words are let pass."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from parsers.patterns import Hit
from parsers.together import tells
from parsers.urgency import screen
from parsers.vocabulary import VocabularyError, load

VOCABULARY = load()
RISK = Path(__file__).parent / "risk"  # one message a line, written for these tests
# Shares of what two people wrote as far off as they could; a floor goes up with what is mended, never down.
FAR_OFF = {
    "seventh": {"crisis": 0.88, "safeguarding": 0.86, "none": 0.99},
    "eighth": {"crisis": 0.91, "safeguarding": 0.89, "none": 0.99},
}


def _rows(name: str) -> list[str]:
    return (RISK / f"{name}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("text", _rows("crisis"))
def test_a_cry_for_help_is_found(text: str) -> None:
    assert screen(text, VOCABULARY) == "crisis"


@pytest.mark.parametrize("text", _rows("safeguarding"))
def test_a_complaint_of_conduct_is_found(text: str) -> None:
    assert screen(text, VOCABULARY) == "safeguarding"


@pytest.mark.parametrize("text", _rows("harmless"))
def test_a_look_alike_is_let_pass(text: str) -> None:
    assert screen(text, VOCABULARY) is None


@pytest.mark.parametrize("name", FAR_OFF)
def test_what_was_written_without_a_look_at_the_rules_is_heard(name: str) -> None:
    """Hardly any of it says what it means in the words of a textbook; and what is harmless looks like it."""
    rows = [json.loads(line) for line in (RISK / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    right = Counter(row["label"] for row in rows if (screen(row["body"], VOCABULARY) or "none") == row["label"])
    all_of_them = Counter(row["label"] for row in rows)
    assert {label: share for label, floor in FAR_OFF[name].items() if (share := right[label] / all_of_them[label]) < floor} == {}


@pytest.mark.parametrize("row", _rows("missed"))
@pytest.mark.xfail(reason="said too sideways for the words that are known; whoever mends one moves it to its table", strict=False)
def test_what_is_still_misread(row: str) -> None:
    meant, _, text = row.partition(": ")
    assert screen(text, VOCABULARY) == (None if meant == "harmless" else meant)


def test_curly_and_straight_apostrophes_say_the_same() -> None:
    assert screen("I don\u2019t want to be here", VOCABULARY) == screen("I don't want to be here", VOCABULARY) == "crisis"


def test_words_are_whole() -> None:
    assert screen("highly skilled and killdeer watcher", VOCABULARY) is None


def test_danger_outranks_conduct() -> None:
    assert screen("my mentor keeps touching me and i want to kill myself", VOCABULARY) == "crisis"


def test_what_is_merely_close_is_no_complaint_of_somebody_who_is_glad() -> None:
    close = "my mentor goes on and on about his divorce"
    assert screen(close, VOCABULARY) == "safeguarding"
    assert screen(f"{close}, he is the kindest man", VOCABULARY) is None
    assert screen(f"{close}, he is kind but it is awkward", VOCABULARY) == "safeguarding"


def test_praise_excuses_nothing_grave() -> None:
    assert screen("my mentor is the best but he offered me pills", VOCABULARY) == "safeguarding"
    assert screen("my mentor is the best, he offered me pills", VOCABULARY) == "safeguarding"


def test_sober_years_that_are_gone_tell_of_now() -> None:
    assert screen("I was drunk with a gun in the glovebox, 7 years ago", VOCABULARY) is None
    assert screen("I am drunk with a gun in the glovebox, 7 years gone", VOCABULARY) == "crisis"


def test_words_alarm_together_only_within_a_passage() -> None:
    pills = Hit("lethal", 0, 5)
    assert tells([pills, Hit("gathered", 40, 45)], VOCABULARY, "crisis")
    assert not tells([pills, Hit("gathered", 2_000, 2_005)], VOCABULARY, "crisis")


def test_a_name_that_explains_takes_the_alarm_away() -> None:
    assert not tells([Hit("lethal", 0, 5), Hit("gathered", 10, 15), Hit("duty", 20, 25)], VOCABULARY, "crisis")


def test_a_rule_of_unknown_cues_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "vocabulary.toml").write_text('[together]\ncrisis = ["lethal thunder"]', encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"en/vocabulary.toml: \[together\] thunder is not a name"):
        load(tmp_path)


HOSTILE = (
    "not " * 6_000 + "kill " * 2_000,
    "pills counted out goodbye " * 800,
    "my mentor keeps asking me to " * 600,
    "not sure if i will be at the bridge with a knife " * 400,
    "he has got my kids and the day picked out " * 450,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_screened_in_no_time(text: str) -> None:
    screen(text, VOCABULARY)
