"""The digest's HTML: what mail programs show, light and dark, and nothing that a volunteer wrote as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from notifier.contents import MOST_LINES
from notifier.templates import BUILT_IN
from tests.notifier.days import Day
from tests.notifier.samples import CASEY_MAIL, PROGRAMME, SAM

# What Gmail, Outlook for Windows and Apple Mail all show; what one of them drops may be here only where nothing is lost without it.
TAGS = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset", "name", "content"},
    "title": set(),
    "body": {"style"},
    "table": {"role", "width", "cellpadding", "cellspacing", "border", "style"},
    "tr": set(),
    "td": {"width", "height", "align", "valign", "style"},
    "h2": {"style"},
    "span": {"style"},
    "b": set(),
    "br": set(),
}
PROPERTIES = {
    "background-color", "border-bottom", "border-left", "color", "font-family", "font-size", "font-weight", "height", "line-height",
    "margin", "max-width", "padding", "text-align", "width", "word-break",
}  # fmt: skip
VALUE = re.compile(r"[#\w.%, -]+")  # neither a url() nor an expression, nor anything that needs quotes
LIGHT, DARK = "#ffffff", "#121212"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "</td></table><h1>close 12</h1>",
    "{{ 7 * 7 }}{% raw %}",
    "a\nclose 13\nb",
    "\u202eevil\x01\x1b[31m",
    "&lt;b&gt; & 'quotes'",
)


class Seen(HTMLParser):
    """Every element of a page with its attributes, and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def full(day: Day, said: str = "Casey", *, times: int = 1) -> str:
    """A digest in which there is everything, and everywhere the same words."""
    for at in range(times):
        day.record(
            "mentor_request", value=f"+14065551{at:03}", name=said, details={"location": said, "setting": [said], "language": [said]}
        )
        number = day.record("mentor_offer", value=f"+14065552{at:03}", name=said, status="unconfirmed").number
        day.mark(day.record("shadow_offer", value=f"+14065553{at:03}", name=said).number, assigned_to=said)
        day.mark(day.record("shadow_request", value=f"+14065554{at:03}", name=said).number, assigned_to=SAM.email)
        day.mark(day.case("crisis"), acknowledged_at=day.clock(), acknowledged_by=said)
        day.sent(f"failed-{at}", "failed", error=said, recipient=said, number=number)
        day.message(outcome="quarantined", error=said)
        day.message(f"From: {said}\r\nSubject: {said}\r\n\r\n".encode(), outcome="automatic", resembles="mentor_offer")
        day.opt_out(CASEY_MAIL.replace("casey", f"casey{at}"), name=said)
    day.sent("late", "queued")
    day.clock.advance(days=2.5)
    return str(day.today().html)


def styles(page: str) -> Iterator[tuple[str, str]]:
    for _, attributes in Seen(page).elements:
        for declaration in filter(None, attributes.get("style", "").split(";")):
            name, _, value = declaration.partition(":")
            yield name.strip(), value.strip()


def test_there_is_nothing_but_what_all_mail_programs_show(day: Day) -> None:
    """No class, script, picture, link or style sheet; tables that say they are for looks."""
    page = full(day)
    seen = Seen(page).elements
    assert {tag for tag, _ in seen} == set(TAGS)
    for tag, attributes in seen:
        assert attributes.keys() <= TAGS[tag], tag
        assert tag != "table" or attributes["role"] == "presentation"
    used = list(styles(page))
    assert {name for name, _ in used} == PROPERTIES
    assert all(VALUE.fullmatch(value) for _, value in used)
    assert "://" not in page


def test_its_colours_can_be_read_on_white_and_on_near_black(day: Day) -> None:
    """Text has the reader's own colour or one in between; no background is assumed, and the page says that it bears both."""
    page = full(day)
    colours = {colour for name, value in styles(page) if name != "background-color" for colour in re.findall(r"#\w+", value)}
    assert len(colours) >= 3
    for colour in colours:
        assert min(_contrast(colour, LIGHT), _contrast(colour, DARK)) >= 4, colour
    filled = [attributes for tag, attributes in Seen(page).elements if "background-color" in attributes.get("style", "")]
    assert all("height:8px" in attributes["style"] for attributes in filled)  # bars alone, in which there are no words
    assert {attributes.get("content") for tag, attributes in Seen(page).elements if tag == "meta"} >= {"light dark"}


def test_no_table_is_wider_than_a_phone(day: Day) -> None:
    """Widths in pixels leave room at 375; long words break."""
    page = full(day, "x" * 300)
    fixed = [int(value.removesuffix("px")) for name, value in styles(page) if name == "width" and value.endswith("px")]
    assert sum(sorted(set(fixed))) <= 375 / 2
    cells = [attributes["style"] for tag, attributes in Seen(page).elements if tag == "td" and "style" in attributes]
    assert sum("word-break:break-word" in style for style in cells) >= 8
    assert max(map(len, " ".join(Seen(page).words).split())) <= 85  # with its quotation marks


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("language", ["en", "es"])
def test_it_is_whole_in_each_language(day: Day, language: str, times: int) -> None:
    """Nothing is undefined, nothing is left unfilled, no gap is doubled, and each section is there, in both forms."""
    day.programme = replace(PROGRAMME, languages=(language,))
    page = full(day, times=times)
    row = day.queued()[0]
    assert f'<html lang="{language}">' in page
    assert page.count("<h2") == 8
    for text in (row.subject, row.body):
        assert not re.search(r"\{[{%]|[%}]\}|None|Undefined|\(\)|  |\n\n\n| [.,;:]|,,|\.\.", text), text
    assert not re.search(r"\{[{%]|[%}]\}|None|Undefined", page)
    assert ("mentor request" in row.body) == (language == "en")


def test_own_words_that_are_broken_are_passed_over(day: Day, tmp_path: Path) -> None:
    """The digest goes out in ours rather than not at all; words that are whole win."""
    words = (BUILT_IN / "en" / "digest.txt").read_text(encoding="utf-8")
    broken, whole = "{% macro quiet() %}All quiet.{% endmacro %}", words.replace("Nothing happened since", "All quiet since")
    for name, text, said in (("broken", broken, "Nothing happened since"), ("whole", whole, "All quiet since")):
        own = tmp_path / name
        (own / "en").mkdir(parents=True)
        (own / "en" / "digest.txt").write_text(text, encoding="utf-8")
        day.programme = replace(PROGRAMME, templates_dir=own)
        mail = day.copy(day.digests().day(day.clock()))
        assert all(said in shown for shown in (mail.body, mail.html))


@pytest.mark.parametrize("said", HOSTILE)
def test_what_volunteers_wrote_stays_words(day: Day, said: str) -> None:
    """Names, towns, addresses, errors, headers of mails: no markup in the page, no line of its own and nothing unseen in the text."""
    page = full(day, said)
    assert {tag for tag, _ in Seen(page).elements} == set(TAGS)
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    assert "".join(Seen(page).words).count(shown) >= 8
    body = str(day.queued()[0].body)
    assert body.count(shown) >= 8
    assert body.replace("\n", "").isprintable()
    assert not [line for line in body.splitlines() if line.startswith(("close", "b", "<", "</"))]
    assert "49" not in re.sub(r"\d{3,}|message 49|#49", "", body)


def test_the_longest_page_is_not_cut(day: Day) -> None:
    """Gmail shows the first 102 KB."""
    page = full(day, "ñ" * 300, times=MOST_LINES + 1)
    assert page.count("<h2") == 8
    assert 50_000 < len(page.encode()) < 102_000


def _contrast(one: str, other: str) -> float:
    """As WCAG 2 has it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
