"""Of an answer only its writer's own lines are read, however our mail comes back in it."""

from __future__ import annotations

import textwrap
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.own_lines import OwnLine, own_lines

OURS = """\
-- Answer above this line --

#12: mentor offer

Who: Casey Lee
How to reach them: +14065550123, best by text

They wrote by text:

> I can be a mentor on Tuesdays. Please close 12 for me and erase 14,
> thank you so much!
> undo
> 👍

Say what is to be done, such as close 12 or snooze 12 5d.
"""


def own(text: str, ours: str = OURS) -> list[str]:
    return [line.text for line in own_lines(text, ours) if not line.taken and line.text.strip()]


def typed(text: str, ours: str = OURS) -> list[str]:
    return [line.text for line in own_lines(text, ours) if line.taken]


def test_what_is_typed_is_own() -> None:
    """Blank lines among it stay, since an answer to somebody may have paragraphs."""
    text = "Hi,\n\nack 12\nnote 12 she called: Tuesdays are fine"
    assert own_lines(text, OURS) == [OwnLine(line) for line in text.split("\n")]


@pytest.mark.parametrize("mark", ["> ", ">", ">> ", "> > ", "| ", " > ", "", "  ", "\t", "CL> "])
def test_a_quotation_is_nobodys_command(mark: str) -> None:
    """With any marks or none, below what was typed; reading stops at our own line."""
    quotation = "\n".join(mark + line for line in OURS.splitlines())
    assert own(f"ack 12\n\n{quotation}") == ["ack 12"]


@pytest.mark.parametrize("mark", ["> ", "", "| "])
@pytest.mark.parametrize("width", [5, 8, 12, 16, 20, 28, 35, 50, 60, 76])
def test_a_rewrapped_quotation_smuggles_nothing(mark: str, width: int) -> None:
    """Wherever a mail program breaks the lines, no part of a volunteer's words stands alone as a command."""
    words = " ".join(line.lstrip("> ") for line in OURS.splitlines()[2:])
    quotation = "\n".join(mark + line for line in textwrap.wrap(words, width, break_long_words=False))
    assert own(f"ack 12\n\n{quotation}") == ["ack 12"]


@pytest.mark.parametrize(
    "line",
    [
        "close 12",
        "CLOSE 12!",
        "  close 12.",
        "close #12",
        "close\u00a012",
        "clo\u00adse 12",
        "c\u200dlose 12",
        "\uff43\uff4c\uff4f\uff53\uff45 12",
        "&#99;lose 12",
        "&amp;#99;lose 12",
        "close 12 <https://example.org/a?b=c>",
        "erase 14",
        "erase 14,",
        "14, thank",
        "undo",
        "Undo.",
        "👍",
        "They wrote by text: I can be",
        "text: I can",
        "12 for me and erase",
        "How to reach them:",
        "who - casey lee",
    ],
)
def test_a_line_of_ours_is_taken_out(line: str) -> None:
    """However short, where a volunteer wrote it, and however it is spelt; whoever typed it hears of it."""
    assert own(f"ack 12\n{line}\nshow 13") == ["ack 12", "show 13"]
    assert typed(f"ack 12\n{line}\nshow 13") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "close 13",
        "close",
        "12 close",
        "close 12 and 14",
        "erase 12",
        "snooze 12",
        "snooze 12 5d",
        "such as",
        "undo that",
        "Casey",
        "🙏",
        "--",
    ],
)
def test_what_only_resembles_ours_stays(line: str) -> None:
    """A few words of our own template are no quotation, nor are a volunteer's in another order."""
    ours = OURS.replace("Please close 12 for me", "Please shut 12 for me")
    if line != "close":
        assert own(line) == [line]
    assert own(line, ours) == [line]
    assert typed(line, ours) == []


def test_without_a_mail_of_ours_nothing_is_taken() -> None:
    assert own("close 12\nundo", "") == ["close 12", "undo"]


@pytest.mark.parametrize(
    "line", ["-- Answer above this line --", "> -- answer above this line --", "— Answer above this line", "answer above this line"]
)
def test_reading_stops_at_our_line(line: str) -> None:
    """With marks or without; a line that is not in our mail stops nothing."""
    assert own(f"ack 12\n{line}\nclose 15") == ["ack 12"]
    assert own("ack 12\n-- some other line --\nclose 15") == ["ack 12", "-- some other line --", "close 15"]


def test_a_volunteer_cannot_stop_the_reading() -> None:
    """Their line between dashes is theirs, and not the one above which one answers."""
    assert own("-- hello there --\nshow 13", f"{OURS}\n> -- hello there --\n") == ["show 13"]


def test_a_line_in_the_programmes_own_words_stops_too() -> None:
    assert own("ack 12\n=== Responda arriba ===\nclose 15", OURS.replace("-- Answer above this line --", "=== Responda arriba ===")) == [
        "ack 12"
    ]


def test_marked_lines_are_never_own() -> None:
    """Even where a mail program changed them, so that they are none of ours."""
    assert own("ack 12\n> close 99\n| close 98\n» close 97\nCL> close 96\n &gt; close 95\nshow 13") == ["ack 12", "show 13"]
    assert typed("ack 12\n> close 99") == []


def test_only_what_looks_typed_is_told() -> None:
    """A quotation is left out in silence; what stands by itself above it is told of."""
    unmarked = "\n".join(OURS.splitlines()[2:])
    marked = "\n".join(f"> {line}" for line in OURS.splitlines()[2:])
    for quotation in (unmarked, marked, ""):
        assert typed(f"close 12\n\n{quotation}") == ["close 12"]
        assert typed(f"show 13\n\n{quotation}") == []
        assert own(f"close 12\n\n{quotation}") == []
    assert typed(f"{marked}\nclose 12") == []


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_read(text: str, ours: str) -> None:
    """Nothing raises, and every line that comes back is one of the answer's, in their order."""
    lines = iter(text.splitlines())
    assert all(line.text in lines for line in own_lines(text, ours))


WORDS = st.lists(st.sampled_from(["close", "12", "ack", "14", "please", "erase", "and", "me"]), min_size=1, max_size=12)


@given(WORDS, st.integers(1, 12), st.integers(1, 12), st.sampled_from(["", "> ", ">"]))
def test_no_part_of_a_volunteers_words_is_own(words: list[str], at: int, length: int, mark: str) -> None:
    """Any run of their words, as a line by itself."""
    part = words[at - 1 :][:length]
    assert own(mark + " ".join(part), f"Who: Casey\n> {' '.join(words)}\nBye") == []


@given(WORDS, st.lists(st.integers(1, 12), max_size=4))
def test_no_rewrapping_makes_a_command(words: list[str], cuts: list[int]) -> None:
    """Their words, quoted in our mail in lines of some length, come back unmarked in lines of another: nothing is left over."""
    quoted = "\n".join(f"> {' '.join(words[at : at + 3])}" for at in range(0, len(words), 3))
    edges = sorted({0, *(cut for cut in cuts if cut < len(words)), len(words)})
    lines = [" ".join(words[begin:end]) for begin, end in pairwise(edges)]
    assert own("\n".join(lines), f"They wrote:\n\n{quoted}\n\nBye") == []
