"""Coordinators, as an operator writes them."""

from __future__ import annotations

import pytest

from notifier.programme import Coordinator, read_coordinators
from tests.notifier.samples import JO, SAM


def test_coordinators_are_read_in_their_order() -> None:
    """With a phone or without, with a name or without."""
    assert read_coordinators("Sam <sam@example.org> +14065550188; Jo <jo@example.org>") == (SAM, JO)
    assert read_coordinators("") == read_coordinators(" ; ") == ()
    assert read_coordinators("robin@example.org;") == (Coordinator(name="robin", email="robin@example.org"),)


@pytest.mark.parametrize(
    ("text", "coordinator"),
    [
        ("Sam <sam@example.org> +1 (406) 555-0188", SAM),
        ("sam+intake@example.org +14065550188", Coordinator(name="sam+intake", email="sam+intake@example.org", phone="+14065550188")),
        ("Sam <sam+intake@example.org>", Coordinator(name="Sam", email="sam+intake@example.org")),
        ('"Lee, Sam" <sam@example.org>', Coordinator(name="Lee, Sam", email="sam@example.org")),
    ],
)
def test_coordinators_are_read_as_people_write_them(text: str, coordinator: Coordinator) -> None:
    """Phone numbers with their usual signs, subaddresses, names in quotation marks."""
    assert read_coordinators(text) == (coordinator,)


@pytest.mark.parametrize(
    "text",
    [
        "Sam",
        "Sam +14065550188",
        "sam@example.org 406-555-0188",
        "Sam <sam@example.org>, Jo <jo@example.org>",
        "sam@example.org +00000000",
        "sam@example.org +1406555",
    ],
)
def test_what_cannot_be_read_is_said(text: str) -> None:
    """With an example of what can; nobody is left out in silence."""
    with pytest.raises(ValueError, match=r"COORDINATORS: cannot read"):
        read_coordinators(text)
