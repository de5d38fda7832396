"""Whoever sends more than any person writes is read so far as a person's words would go, and what counts is not lost in it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from intake.forms import LONGEST_TEXT, read_text
from parsers.direction import MOST_HITS, spoken
from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.orders import MOST_ORDERS, Misread, Order, orders
from parsers.own_lines import own_lines
from parsers.reading import Context, Reading, hear, read
from parsers.tokens import WORDS, plain_words
from parsers.vocabulary import load


def test_commands_without_end_are_carried_out_so_far_and_the_next_is_told() -> None:
    """Nobody may think that the rest was done."""
    read = orders([f"note {number}: called" for number in range(1, 1_000)])
    assert [one.numbers for one in read[:-1] if isinstance(one, Order)] == [(number,) for number in range(1, MOST_ORDERS + 1)]
    assert read[-1] == Misread(line=f"note {MOST_ORDERS + 1}: called", nearest="show")


def test_an_answer_without_end_is_told_where_it_was_cut() -> None:
    read = orders(["answer 12: hello", *("and so on" for _ in range(1_000))])
    assert [type(one) for one in read] == [Order, Misread]


def test_a_mail_without_a_command_has_none_however_long_it_is() -> None:
    assert orders(["We met on Tuesday."] * 1_000) == []


def test_a_stop_between_two_commands_parts_them_as_before() -> None:
    """Also where the first of them takes the rest of the line."""
    assert [one.line for one in orders(["close 12; snooze 13 5d; note 14: a; b"])] == ["close 12", "snooze 13 5d", "note 14: a; b"]


def test_a_kind_that_is_spoken_of_without_end_is_looked_at_so_often() -> None:
    """And a sentence without an end has one for whoever looks around in it."""
    words = plain_words("i want to be a mentor and " * 800, load())
    places = spoken(words, load())
    assert 1 < len(places) <= MOST_HITS
    assert {(place.kind, place.denied) for place in places} == {("mentor_offer", False)}


@pytest.mark.parametrize("filler", ["i like the geese and ", "i can't come and ", "a. ", ", "])
def test_an_offer_in_front_of_anything_is_read(filler: str) -> None:
    assert "mentor_offer" in _reading(f"I want to be a mentor. {filler * 900}").acts


@pytest.mark.parametrize(
    "filler", ["i like the geese and ", "i want to be a mentor and ", "years ago i was sad and ", "dying of laughter "]
)
def test_danger_is_seen_wherever_it_stands(filler: str) -> None:
    """Behind pages of anything else, and with years of stories around it."""
    assert _reading(f"{filler * 300}. I am going to kill myself tonight. {filler * 300}").urgent == "crisis"


def test_words_are_counted() -> None:
    assert len(plain_words("." * 100_000, load()).split()) == WORDS


def test_a_text_is_read_as_far_as_any_telephone_goes() -> None:
    """It is stored whole all the same, since the source is what is stored."""
    posted = urlencode({"From": "+14065550111", "Body": "MENTOR " + "x" * 60_000}).encode()
    assert len(read_text(posted).body) == LONGEST_TEXT


def test_an_own_line_stays_one_among_thousands_of_empty_ones() -> None:
    assert [line.text for line in own_lines("close 12\n" + "\n" * 50_000, "#12 New mentor offer\n") if line.text] == ["close 12"]


def test_the_id_of_a_list_is_found_behind_a_long_name() -> None:
    """A list of one's own is known by it, whatever stands ahead."""
    mail = f"From: ana@example.org\nList-Id: {'a' * 15_000} <peers.example.org>\n\nHello\n".encode()
    assert read_mail(mail, load()).automatic == "list"
    assert read_mail(mail, load(), own_lists=("peers.example.org",)).automatic == ""


def _reading(text: str) -> Reading:
    return read(hear(InboundMessage(channel="sms", sender="+14065550111", body=text), load()), load(), Context())
