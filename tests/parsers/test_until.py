"""Until when something shall rest, in the words of volunteers and coordinators."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.until import until
from parsers.vocabulary import load

TODAY = date(2026, 3, 4)  # a Wednesday
SAID = {
    "until June 1": (2026, 6, 1),
    "pause me until June 1st please": (2026, 6, 1),
    "until June 1, I'm swamped": (2026, 6, 1),
    "please put my offer on hold til jun 1": (2026, 6, 1),
    "until the 1st of June": (2026, 6, 1),
    "until June": (2026, 6, 1),
    "through June": (2026, 7, 1),
    "thru June 5": (2026, 6, 6),
    "until mid June": (2026, 6, 15),
    "until the middle of june": (2026, 6, 15),
    "until the end of June": (2026, 7, 1),
    "until early may": (2026, 5, 1),
    "until February": (2027, 2, 1),
    "until Feb 3, 2027": (2027, 2, 3),
    "2026-05-09": (2026, 5, 9),
    "until 6/1": (2026, 6, 1),
    "until 6/1/26": (2026, 6, 1),
    "until Monday": (2026, 3, 9),
    "till next Monday": (2026, 3, 9),
    "until friday": (2026, 3, 6),
    "until next Friday": (2026, 3, 13),
    "until this Friday": (2026, 3, 6),
    "until Wednesday": (2026, 3, 11),
    "next week": (2026, 3, 9),
    "till next week please": (2026, 3, 9),
    "next month": (2026, 4, 1),
    "until the end of the month": (2026, 4, 1),
    "until the end of the week": (2026, 3, 9),
    "until the end of this year": (2027, 1, 1),
    "tomorrow": (2026, 3, 5),
    "until the 15th": (2026, 3, 15),
    "until the 3rd": (2026, 4, 3),
    "until summer": (2026, 6, 1),
    "5d": (2026, 3, 9),
    "5 days": (2026, 3, 9),
    "2w": (2026, 3, 18),
    "for two weeks": (2026, 3, 18),
    "for the next 3 weeks": (2026, 3, 25),
    "I need a break for a couple of weeks": (2026, 3, 18),
    "for about a month": (2026, 4, 4),
    "one month": (2026, 4, 4),
    "I'll be back in two weeks": (2026, 3, 18),
    "taking a break, back in June": (2026, 6, 1),
    "not until after June 1": (2026, 6, 1),
    "hasta el lunes": (2026, 3, 9),
    "hasta el lunes que viene": (2026, 3, 9),
    "hasta el próximo lunes": (2026, 3, 9),
    "hasta junio": (2026, 6, 1),
    "hasta el 1 de junio": (2026, 6, 1),
    "hasta el primero de junio": (2026, 6, 1),
    "hasta mediados de junio": (2026, 6, 15),
    "hasta fin de mes": (2026, 4, 1),
    "hasta finales de mayo": (2026, 6, 1),
    "hasta la próxima semana": (2026, 3, 9),
    "la semana que viene": (2026, 3, 9),
    "hasta mañana": (2026, 3, 5),
    "por dos semanas": (2026, 3, 18),
    "x 2 semanas porfa": (2026, 3, 18),
    "por un mes": (2026, 4, 4),
    "regreso en abril": (2026, 4, 1),
    "hasta el 15": (2026, 3, 15),
    "hasta el verano": (2026, 6, 1),
}
NOTHING = [
    "",
    "until 𑁒",  # a digit of a script that has no decimals
    "until further notice",
    "I can do Tuesdays until 5",
    "weekdays until 5 pm",
    "de lunes a viernes hasta las 5",
    "until things calm down",
    "for six years",
    "I have been a peer for 12 years",
    "I may be late",
    "Mondays and Fridays",
    "until February 30",
    "until 13/45",
    "2020-01-01",
    "June would be a nice name",
    "for you",
]


@pytest.mark.parametrize(("said", "day"), SAID.items(), ids=SAID)
def test_a_day_is_read(said: str, day: tuple[int, int, int]) -> None:
    """Of each way to say it, the day on which it is over."""
    assert until(said, TODAY, vocabulary=load()) == date(*day)


@pytest.mark.parametrize("said", NOTHING)
def test_no_day_is_invented(said: str) -> None:
    """Hours, stories and what no calendar has are no day."""
    assert until(said, TODAY, vocabulary=load()) is None


@given(st.text(max_size=60), st.dates(date(2024, 1, 1), date(2040, 12, 31)))
def test_it_lies_ahead_whatever_is_said(said: str, today: date) -> None:
    """A day that is read comes within a year, and nothing raises."""
    found = until(f"until {said}", today, vocabulary=load())
    assert found is None or today < found <= today + timedelta(days=366)


@given(
    st.lists(st.sampled_from(sorted({word for said in SAID for word in said.split()})), max_size=8),
    st.dates(date(2024, 1, 1), date(2040, 12, 31)),
)
def test_its_own_words_in_any_order_raise_nothing(words: list[str], today: date) -> None:
    """February 29 and the 31st of a short month among them."""
    found = until(" ".join(words), today, vocabulary=load())
    assert found is None or today < found <= today + timedelta(days=366)
