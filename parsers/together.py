"""Words that mean little by themselves and much beside others: a passage that holds all names of a rule is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

from parsers.patterns import Hit
from parsers.vocabulary import Vocabulary

_PASSAGE = 260  # characters: what is said further apart need not belong together


@dataclass(frozen=True, slots=True)
class _Rule:
    needed: frozenset[str]
    explained: frozenset[str]  # names that, standing near, say that it is something else


def tells(hits: Iterable[Hit], vocabulary: Vocabulary, name: str) -> bool:
    """Say whether any passage of the hits fulfils one of the rules of that name."""
    hits, rules = list(hits), _rules(vocabulary, name)
    told = {rule for names in _passages(hits) for rule in rules if rule.needed <= names and not rule.explained & names}
    return any(_apart([[hit for hit in hits if hit.name == name] for name in rule.needed]) for rule in told)


def _apart(places: list[list[Hit]]) -> bool:
    """Say whether each name is told by words of its own: "just left the house" says nothing twice."""
    return any(all(one.end <= other.start or other.end <= one.start for one, other in combinations(hits, 2)) for hits in product(*places))


def _passages(hits: Iterable[Hit]) -> set[frozenset[str]]:
    """Give the names within each stretch of the text, once each."""
    ordered = sorted(hits, key=lambda hit: hit.start)
    if len(ordered) == 1:
        return {frozenset((ordered[0].name,))}
    names: Counter[str] = Counter()
    found: set[frozenset[str]] = set()
    last = 0
    for first in ordered:
        while last < len(ordered) and ordered[last].start < first.start + _PASSAGE:
            names[ordered[last].name] += 1
            last += 1
        found.add(frozenset(+names))
        names[first.name] -= 1
    return found


@lru_cache(maxsize=8)
def _rules(vocabulary: Vocabulary, name: str) -> tuple[_Rule, ...]:
    lines = [line.split() for words in vocabulary.languages.values() for line in words.get("together", {}).get(name, ())]
    return tuple(
        _Rule(
            frozenset(cue for cue in cues if not cue.startswith("-")),
            frozenset(cue.removeprefix("-") for cue in cues if cue.startswith("-")),
        )
        for cues in lines
    )
