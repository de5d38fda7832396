"""Words that mean little by themselves and much beside others: a passage that holds all names of a rule is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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


def tells(hits: Iterable[Hit], vocabulary: Vocabulary, about: str) -> bool:
    """Say whether any passage of the hits fulfils one of the rules about that."""
    hits = list(hits)
    names = {hit.name for hit in hits}
    rules = [rule for name in names for rule in _rules(vocabulary, about).get(name, ()) if rule.needed <= names]
    passages = _passages(hits) if rules else ()  # as seldom
    told = {rule for near in passages for rule in rules if rule.needed <= near and not rule.explained & near}
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
def _rules(vocabulary: Vocabulary, name: str) -> Mapping[str, list[_Rule]]:
    """Return the rules of a name, each under one of the names that it needs."""
    lines = [line.split() for words in vocabulary.languages.values() for line in words.get("together", {}).get(name, ())]
    rules: dict[str, list[_Rule]] = {}
    for cues in lines:
        needed = frozenset(cue for cue in cues if not cue.startswith("-"))
        explained = frozenset(cue.removeprefix("-") for cue in cues if cue.startswith("-"))
        rules.setdefault(min(needed), []).append(_Rule(needed, explained))
    return rules
