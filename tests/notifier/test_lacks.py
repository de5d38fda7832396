"""Requests weighed against places, and the sentence that is made of what is lacking."""

from __future__ import annotations

from typing import Any

import pytest

from db.figures import Group
from notifier.lacks import MOST_ROWS, MOST_SAID, lacks
from notifier.templates import Templates


def group(kind: str, count: int = 1, **said: Any) -> Group:  # noqa: ANN401
    values: dict[str, Any] = {"settings": (), "languages": (), "town": "", "places": 1} | said
    return Group(kind=kind, count=count, **values)


def sentence(*groups: Group, language: str = "en") -> str:
    wanted = lacks(groups, language="en").wanted
    return Templates((language,))._environments[language].get_template("digest.txt").module.sentence(wanted)  # type: ignore[attr-defined,no-any-return]


SPANISH = group("mentor_request", 2, languages=("es",))
WARMLINE = group("shadow_request", 3, settings=("warmline",))


@pytest.mark.parametrize(
    ("groups", "en", "es"),
    [
        (
            (SPANISH, WARMLINE),
            "We need 3 warmline hosts and 2 mentors who speak Spanish.",
            "Necesitamos 3 anfitriones (línea de apoyo) y 2 mentores que hablen español.",
        ),
        ((group("mentor_request"),), "We need 1 mentor.", "Necesitamos 1 mentor."),
        (
            (group("mentor_request", languages=("es",)), group("mentor_request", 4)),
            "We need 1 mentor who speaks Spanish and 4 other mentors.",
            "Necesitamos 1 mentor que hable español y 4 mentores más.",
        ),
        (
            (group("shadow_request", town="Great Falls"), group("mentor_request", 2, town="Helena")),
            "We need 2 mentors in Helena and 1 host in Great Falls.",
            "Necesitamos 2 mentores en Helena y 1 anfitrión en Great Falls.",
        ),
    ],
    ids=["both", "one", "others", "towns"],
)
def test_a_sentence_is_ready_for_the_newsletter(groups: tuple[Group, ...], en: str, es: str) -> None:
    """Numbers and endings agree, in both languages; the largest lack comes first."""
    assert (sentence(*groups), sentence(*groups, language="es")) == (en, es)


def test_nobody_is_asked_for_twice() -> None:
    """One who wants a Spanish speaker in Billings lacks one person, whatever they are named by."""
    one = group("mentor_request", languages=("es",), town="Billings", settings=("er",))
    assert sum(said.count for said in lacks([one], language="en").wanted) == 1


def test_places_count_as_often_as_an_offer_has_them() -> None:
    """Two offers of two places each are four; nobody lacks what is offered."""
    offered = group("mentor_offer", 2, places=2, languages=("es",))
    assert lacks([offered, group("mentor_request", 4, languages=("es",))], language="en").needs == ()
    (everything, spanish) = lacks([offered, group("mentor_request", 5, languages=("es",))], language="en").needs
    assert [(one.dimension, one.asked, one.places, one.lacking) for one in (everything, spanish)] == [
        ("all", 5, 4, 1),
        ("language", 5, 4, 1),
    ]


def test_one_kind_of_offer_is_no_help_to_the_other() -> None:
    found = lacks([group("mentor_request"), group("shadow_offer", 9)], language="en")
    assert [(one.role, one.lacking) for one in found.needs] == [("mentor_offer", 1)]


def test_enough_in_all_may_still_lack_something() -> None:
    """Ten mentors of whom none speaks Spanish."""
    found = lacks([group("mentor_offer", 10), SPANISH], language="en")
    assert [(said.dimension, said.value, said.count) for said in found.wanted] == [("language", "es", 2)]


def test_the_programmes_own_language_is_everybodys() -> None:
    """Who says nothing of a language speaks it, and it is never lacking by name."""
    assert lacks([group("mentor_offer"), group("mentor_request", languages=("en",))], language="en").needs == ()
    assert [one.dimension for one in lacks([group("mentor_request", languages=("en",))], language="en").needs] == ["all"]


def test_places_without_a_word_of_where_are_told_beside_what_is_lacking() -> None:
    """They may well do."""
    found = lacks([WARMLINE, group("shadow_offer", 2, places=2)], language="en").needs
    assert [(one.dimension, one.value, one.asked, one.places) for one in found if one.dimension == "setting"] == [
        ("setting", "warmline", 3, 0),
        ("setting", "", 0, 4),
    ]


def test_towns_are_the_same_however_they_are_written() -> None:
    """In capitals, with a space too many; shown as somebody wrote them first."""
    asked = [group("mentor_request", town=town) for town in ("Great Falls", "GREAT  FALLS", "great falls ")]
    assert [(one.value, one.asked) for one in lacks(asked, language="en").needs if one.dimension == "town"] == [("Great Falls", 3)]


def test_only_the_largest_are_told() -> None:
    """Of a hundred towns five are shown and three are named; the others are counted."""
    found = lacks([group("mentor_request", 1 + at // 99, town=f"Town {at:02}") for at in range(100)], language="en")
    assert [one.value for one in found.needs if one.dimension == "town"][:2] == ["Town 99", "Town 00"]
    assert sum(one.dimension == "town" for one in found.needs) == MOST_ROWS
    assert [said.other for said in found.wanted] == [False] * MOST_SAID + [True]
    assert sum(said.count for said in found.wanted) == 101


def test_a_scheme_that_lacks_nothing_says_nothing() -> None:
    assert lacks([group("mentor_offer"), group("shadow_offer")], language="en") == lacks([], language="en")
