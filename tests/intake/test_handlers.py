"""Each act has its handler, and each kind its words."""

from __future__ import annotations

from typing import get_args

from db.export import COLUMNS
from db.records import DETAILS
from intake.handlers import ASKED, HANDLERS, KINDS
from parsers.reading import Act, Kind


def test_each_act_has_a_handler() -> None:
    """A new act cannot be forgotten."""
    assert set(HANDLERS) == set(get_args(Act))


def test_each_kind_has_its_rival() -> None:
    """A guess lies between two kinds, and each kind can be guessed."""
    assert set(KINDS) == set(get_args(Kind)) == {kind for pair in ASKED for kind in pair}


def test_details_are_columns_of_the_export() -> None:
    """What is kept of a record can be exported."""
    assert set(DETAILS) <= set(COLUMNS)
