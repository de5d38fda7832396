"""Messages that were written without a look at the rules are read well enough, and none of them to anybody's harm."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from parsers.lines import readings
from parsers.vocabulary import load

FOLDER = Path(__file__).parent.parent / "readings"
INPUT = ("id", "channel", "from", "subject", "body", "raw", "context")
KINDS = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
URGENT = ("crisis", "safeguarding")
FLOORS = {"acts": 0.98, "urgent": 0.98, "clarify": 0.99, "reply_text": 0.99, "fields": 0.95}
# Sets in which cries for help are still missed, or fields disputed, or more is asked than need be; a floor goes up with what is mended.
LOWER: dict[str, dict[str, float]] = {
    "third_harm": {"fields": 0.88},
    "ordinary": {"fields": 0.94},
    "fourth_mails": {"clarify": 0.98},
    "fifth_texts": {"clarify": 0.98},
    "fifth_mails": {"clarify": 0.97},
    "sixth_texts": {"clarify": 0.94, "fields": 0.85},
    "sixth_mails": {"clarify": 0.97},
    "twelfth": {"clarify": 0.98},
    "thirteenth": {"reply_text": 0.98},
    "fourteenth": {"acts": 0.95, "clarify": 0.83, "fields": 0.87},
    "fifteenth": {"acts": 0.95, "clarify": 0.9, "fields": 0.93},
    "sixteenth": {"acts": 0.96, "clarify": 0.93},
    "seventeenth": {"acts": 0.96, "clarify": 0.95},
    "eighteenth": {"acts": 0.96, "clarify": 0.93},
    "nineteenth": {"acts": 0.95, "clarify": 0.96},
    "twentieth": {"acts": 0.97, "clarify": 0.95, "fields": 0.9},
    "twenty_first": {"acts": 0.97, "clarify": 0.91, "fields": 0.92},
    "twenty_second": {"acts": 0.97, "clarify": 0.9},
    "twenty_third": {"acts": 0.96, "clarify": 0.88, "fields": 0.93},
    "twenty_fourth": {"clarify": 0.93},
    "twenty_fifth": {"acts": 0.96, "clarify": 0.96, "reply_text": 0.98},
    "twenty_sixth": {"acts": 0.91, "clarify": 0.86, "fields": 0.87},
    "twenty_seventh": {"acts": 0.9, "clarify": 0.88, "reply_text": 0.98, "fields": 0.9},
    "twenty_eighth": {"acts": 0.88, "clarify": 0.86, "reply_text": 0.98, "fields": 0.9},
}
# Known harm, from the sets that were told most sideways; whoever mends one takes it out.
KNOWN = {
    "h-m-018 shadow_offer",
    "i-m-003 mentor_offer",
    "i-m-027 shadow_request",
    "i-t-100 !opt_out",
    "j-m-001 shadow_request",
    "j-m-045 mentor_offer",
    "j-t-092 withdraw",
    "j-t-093 opt_out",
    "k-m-033 shadow_offer",
    "k-m-044 !opt_out",
    "k-t-007 missed crisis",
    "l-m-035 opt_out",
    "l-t-039 mentor_offer",
    "l-t-059 opt_out",
    "l-t-060 opt_out",
    "m-m-035 mentor_request",
    "m-m-035 opt_out",
    "m-m-038 !opt_out",
    "n-t-089 mentor_request",
    "o-m-039 shadow_request",
    "p-m-040 opt_out",
    "r-056 answer",
    "r-077 shadow_request",
    "r-086 withdraw",
    "s-106 answer",
    "t-144 opt_out",
    "t-156 update",
    "u-090 withdraw",
    "u-110 mentor_request",
    "u-120 mentor_request",
    "v-062 !opt_out",
    "v-077 answer",
    "v-097 mentor_offer",
    "v-098 withdraw",
    "v-129 question",
    "v-151 shadow_offer",
    "w-083 shadow_request",
    "w-109 withdraw",
    "w-114 !opt_out",
    "w-114 withdraw",
    "w-126 missed safeguarding",
}


@dataclass
class Score:
    right: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    found: int = 0  # pieces of fields
    wrong: int = 0
    missed: int = 0
    harm: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)

    def share(self, name: str) -> float:
        if name == "fields":
            return 2 * self.found / max(1, 2 * self.found + self.wrong + self.missed)
        return self.right[name] / self.rows


@pytest.mark.parametrize(
    "name",
    [
        *("texts", "mails", "more", "third_texts", "third_mails", "third_harm", "ordinary"),
        *("fourth_texts", "fourth_mails", "fourth_times", "fifth_texts", "fifth_mails", "sixth_texts", "sixth_mails"),
        *("ninth_texts", "ninth_mails", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
        *("seventeenth", "eighteenth", "nineteenth", "twentieth", "twenty_first", "twenty_second"),
        *("twenty_third", "twenty_fourth", "twenty_fifth", "twenty_sixth", "twenty_seventh", "twenty_eighth"),
    ],
)
def test_what_fresh_eyes_wrote(name: str) -> None:
    """Shares of readings that are right stay above what they were, and nothing harmful is read but what is known to be."""
    score = _score(FOLDER / f"{name}.jsonl")
    floors = FLOORS | LOWER.get(name, {})
    missed_before = floors["urgent"] < FLOORS["urgent"]
    harm, known = ({each for each in found if not (missed_before and " missed " in each)} for found in (score.harm, score.known))
    assert harm == known
    assert {what: share for what, floor in floors.items() if (share := score.share(what)) < floor} == {}


def _score(path: Path) -> Score:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    score = Score(rows=len(rows))
    for row, got in zip(rows, readings((json.dumps(_input(row)) for row in rows), load()), strict=True):
        want = row["expect"]
        fair = [set(want["acts"]), *map(set, row.get("also") or ())]
        score.right["acts"] += set(got["acts"]) in fair
        score.right["urgent"] += got["urgent"] == want["urgent"]
        score.right["clarify"] += got["clarify"] == want["clarify"]
        score.right["reply_text"] += got["reply_text"].split() == want["reply_text"].split()
        said, meant = set(_pieces(got["fields"])), set(_pieces(want["fields"]))
        score.found += len(said & meant)
        score.wrong += len(said - meant)
        score.missed += len(meant - said)
        score.known += [each for each in KNOWN if each.startswith(f"{row['id']} ")]
        score.harm += [f"{row['id']} {harm}" for harm in _harm(row, got, fair)]
    return score


def _input(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in INPUT if key in row}


def _pieces(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        for piece in value if isinstance(value, list) else [value]:
            yield name, str(piece).casefold()


def _harm(row: dict[str, Any], got: dict[str, Any], fair: list[set[str]]) -> Iterator[str]:
    """A cry for help missed, and what the message's author said must never be read; a kind that is asked about first does no harm."""
    if row["expect"]["urgent"] and not got["urgent"]:
        yield f"missed {row['expect']['urgent']}"
    for never in row.get("never") or ():
        must = never.startswith("!")
        if must and never[1:] in URGENT:
            continue
        broken = never[1:] not in got["acts"] if must else never in got["acts"] or never == got["urgent"]
        asked = got["clarify"] and never in KINDS and any(never in acts for acts in fair)
        if broken and not asked:
            yield never
