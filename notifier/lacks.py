"""What a scheme lacks: its open requests against the places that its confirmed offers have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from db.figures import Group

Dimension = Literal["all", "setting", "language", "town"]
DIMENSIONS: tuple[Dimension, ...] = ("setting", "language", "town")
# Whom each request looks for.
WANTED = {"mentor_request": "mentor_offer", "shadow_request": "shadow_offer"}
MOST_ROWS = 5  # of one dimension: the largest
MOST_SAID = 3  # of one role in the newsletter's sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """How many ask for something, and for how many it is offered; the value is "" where nothing was said of it."""

    role: str  # the kind of offer that is sought
    dimension: Dimension
    value: str
    asked: int
    places: int

    @property
    def lacking(self) -> int:
        return max(self.asked - self.places, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A part of the newsletter's sentence: three warmline hosts, or four others where some were named before."""

    role: str
    dimension: Dimension
    value: str
    count: int
    other: bool = False


@dataclass(frozen=True, slots=True)
class Lacks:
    """What is lacking, the largest first, and what to say of it."""

    needs: tuple[Need, ...] = ()
    wanted: tuple[Wanted, ...] = ()


@dataclass(slots=True)
class _Tally:
    asked: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    spelt: dict[str, str] = field(default_factory=dict)  # towns are compared without case and shown as somebody wrote them

    def add(self, values: Iterable[str], *, places: int, asked: int) -> None:
        for value in dict.fromkeys(" ".join(value.split()) for value in values):
            key = value.casefold()
            self.spelt.setdefault(key, value)
            self.asked[key] += asked
            self.places[key] += places

    def forget(self, value: str) -> None:
        self.spelt.pop(value.casefold(), None)


def lacks(groups: Iterable[Group], *, language: str) -> Lacks:
    """Weigh requests against places, role by role; who says nothing of a language is taken to speak the programme's."""
    tallies: dict[tuple[str, Dimension], _Tally] = defaultdict(_Tally)
    for group in groups:
        role, asks = WANTED.get(group.kind, group.kind), group.kind in WANTED
        asked, places = (group.count, 0) if asks else (0, group.count * group.places)
        said: dict[Dimension, tuple[str, ...]] = {
            "all": ("",),
            "setting": group.settings or ("",),
            "language": group.languages or (language,),
            "town": (group.town,),
        }
        for dimension, values in said.items():
            tallies[role, dimension].add(values, places=places, asked=asked)
    for role in WANTED.values():
        tallies[role, "language"].forget(language)  # of the language that everybody speaks the total tells
    needs = [need for role in WANTED.values() for need in _needs(role, tallies)]
    wanted = [said for role in WANTED.values() for said in _wanted(role, needs)]
    return Lacks(tuple(needs), tuple(sorted(wanted, key=lambda said: (said.other, -said.count))))


def _needs(role: str, tallies: dict[tuple[str, Dimension], _Tally]) -> Iterator[Need]:
    found: list[Need] = []
    for dimension in DIMENSIONS:
        rows = _rows(role, dimension, tallies[role, dimension])
        found += sorted((row for row in rows if row.value and row.lacking), key=lambda row: (-row.lacking, row.value))[:MOST_ROWS]
        # Places offered without a word of where may well do: whoever reads the rows above has to know of them.
        found += [row for row in rows if not row.value and row.places and any(one.dimension == dimension for one in found)]
    (everything,) = _rows(role, "all", tallies[role, "all"]) or [Need(role=role, dimension="all", value="", asked=0, places=0)]
    if found or everything.lacking:
        yield everything
        yield from found


def _rows(role: str, dimension: Dimension, tally: _Tally) -> list[Need]:
    return [
        Need(role=role, dimension=dimension, value=tally.spelt[key], asked=tally.asked[key], places=tally.places[key])
        for key in tally.spelt
    ]


def _wanted(role: str, needs: list[Need]) -> Iterator[Wanted]:
    """Of each role the one dimension that lacks most: one host may be from Billings and speak Spanish, and must not be asked for twice."""
    mine = [need for need in needs if need.role == role and need.lacking]
    named: list[Need] = []
    for dimension in DIMENSIONS:
        rows = [need for need in mine if need.dimension == dimension and need.value][:MOST_SAID]
        if _sum(rows) > _sum(named):
            named = rows
    yield from (Wanted(role=role, dimension=need.dimension, value=need.value, count=need.lacking) for need in named)
    others = _sum([need for need in mine if need.dimension == "all"]) - _sum(named)
    if others > 0:
        yield Wanted(role=role, dimension="all", value="", count=others, other=bool(named))


def _sum(needs: Iterable[Need]) -> int:
    return sum(need.lacking for need in needs)
