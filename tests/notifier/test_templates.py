"""Every template of every language, filled in with values that reach all its branches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.environment import Template

from notifier.compose import TERSENESS
from notifier.segments import segments
from notifier.templates import BUILT_IN, Block, Templates, _environment, blocks, grid
from tests.notifier.samples import CASEY_PHONE, PROGRAMME, kept

LANGUAGES = tuple(sorted(folder.name for folder in BUILT_IN.iterdir() if folder.is_dir()))
# What goes between coordinators and people has tests of its own, in test_letters.py.
LETTERS = {"result", "refused", "given", "handed_over", "erase_asked", "ask", "answer"}
TEXTS = tuple(sorted({path.name.removesuffix(".sms.txt") for path in (BUILT_IN / "en").glob("*.sms.txt")} - LETTERS))
MAILS = tuple(sorted({path.name.removesuffix(".email.txt") for path in (BUILT_IN / "en").glob("*.email.txt")} - LETTERS))
KINDS = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
CASES = ("question", "referral", "service_seeker", "call", "message", "twin")
TO_COORDINATORS = ("urgent", "urgent_again", "acknowledged", "trouble", "crisis_not_delivered")  # texts
ALERTS = ("alert", "withdrawn_alert", "paused_alert", "case", "gathered", "capped", "quarantined", "digest", *TO_COORDINATORS)  # mails
ANSWERS = tuple(name for name in MAILS if name not in ALERTS)
GROUPS = [
    ("alert", "mentor_offer", [*range(12, 34)]),
    ("case", "question", [3]),
    ("withdrawn_alert", "shadow_request", [4]),
    ("paused_alert", "", [5]),
]
ASKED = ((), ("role",), ("name",), ("availability",), ("setting",))
URGENT = ("crisis", "safeguarding")
TROUBLES = (
    "mailbox_unread",
    "email_stuck",
    "sms_stuck",
    "mailbox_refused",
    "filing_refused",
    "email_refused",
    "sms_refused",
    "sms_filtered",
    "sms_unregistered",
    "twilio_originals",
    "mailbox_originals",
)
RESERVED = frozenset("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP HELP INFO".split())  # noqa: SIM905
LONGEST_NAME = replace(PROGRAMME, name="Peer Support Montana")

FULL = {
    "availability": ["mon:morning", "tue:morning", "tue:evening", "wed:overnight", "thu:morning", "thu:afternoon", "thu:evening"],
    "unavailable": [f"{day}:evening" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")],
    "setting": ["warmline", "er", "somewhere of their own"],
    "modality": ["in_person", "phone"],
    "language": ["en", "es", "vi"],
    "population": ["veteran"],
    "location": "Helena",
    "capacity": 2,
}
UNTIL = date(2026, 6, 1)
RECORDS = [
    [kept(status="paused", until=datetime(2026, 6, 1, 6, tzinfo=UTC))],
    [kept(kind, number=number) for number, kind in enumerate(KINDS, start=12)],
    *([kept(kind, status=status, details=details)] for kind, status, details in product(KINDS, ("open", "unconfirmed"), ({}, FULL))),
    *([kept(kind, details={name: FULL[name]}) for kind, name in zip(KINDS * 2, FULL, strict=True)],),
    *([kept(one), kept(other)] for one, other in combinations(KINDS, 2)),
]


def _answers() -> Iterator[dict[str, Any]]:
    """What the composer hands to an answer's template, in every way in which it can differ."""
    for at, (records, first, name, asked) in enumerate(product(RECORDS, (True, False), ("", "Casey"), (True, False))):
        for questions in ASKED:
            yield {
                "programme": PROGRAMME,
                "coordinator": "Sam",
                "name": name,
                "records": records,
                "asked": asked,
                "first": first,
                "questions": questions,
                "doubt": records[0].kind if "role" in questions else "",
                "withdrawn": at % 7 == 0,
                "until": UNTIL if at % 2 else None,
                "answer": "A host lets a newer peer come along." if at % 3 == 0 else "",
                "timezone": PROGRAMME.timezone,
            }


def _text(templates: Templates, name: str, language: str, values: dict[str, Any]) -> str:
    """A text as the composer has it: as full as one segment lets it be."""
    texts = [templates.text(name, language, **{**values, "terse": terse}) for terse in TERSENESS]
    return next((text for text in texts if segments(text) == 1), texts[-1])


def _alerts() -> Iterator[dict[str, Any]]:
    about = {"programme": PROGRAMME, "reach": f"{CASEY_PHONE}, casey@example.org", "number": 12}
    for name, prefers, channel, quoted in product(
        ("", "Casey"), ("", "sms", "email", "voice"), ("sms", "email", "voice"), ("", "> Hi\n>\n> x")
    ):
        yield {**about, "name": name, "prefers": prefers, "channel": channel, "quoted": quoted}


def _samples(name: str) -> Iterator[dict[str, Any]]:
    match name:
        case "capped" | "acknowledged" | "gathered":
            yield {"programme": PROGRAMME, "inbox_id": 7, "number": 12, "coordinator": "Sam", "count": 8, "groups": GROUPS}
        case "trouble":
            yield from ({"programme": PROGRAMME, "trouble": trouble} for trouble in TROUBLES)
        case "crisis_not_delivered":
            yield from ({"programme": PROGRAMME, "number": number} for number in (12, None))
        case "quarantined":
            yield from ({"programme": PROGRAMME, "inbox_id": 7, "channel": c, "error": "x"} for c in ("sms", "email", "voice"))
        case "alert" | "withdrawn_alert":
            alerts = product(_alerts(), RECORDS, (True, False))
            yield from ({**about, "record": records[0], "confirmed": confirmed} for about, records, confirmed in alerts)
        case "paused_alert":
            paused = kept(status="paused")
            for about, record, until in product(_alerts(), (paused, kept()), (UNTIL, None)):
                yield {**about, "record": record, "until": until}
        case "case":
            yield from ({**about, "kind": kind, "note": "7 12" if kind == "twin" else ""} for about, kind in product(_alerts(), CASES))
        case "urgent" | "urgent_again":
            yield from ({**about, "kind": kind, "minutes": 45} for about, kind in product(_alerts(), URGENT))
        case _:
            yield from _answers()


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates(LANGUAGES)


def test_each_language_has_the_same_templates() -> None:
    """A new language is whole, or the guard says what it lacks."""
    files = {language: sorted(path.name for path in (BUILT_IN / language).iterdir()) for language in LANGUAGES}
    assert set(LANGUAGES) >= {"en", "es"}
    for language in LANGUAGES:
        assert files[language] == files["en"], language


@pytest.mark.parametrize("filename", ["words.txt", "digest.txt"])
def test_each_language_has_the_same_macros(filename: str) -> None:
    """Templates of one language may call what those of another may, with as many arguments."""
    assert len(_macros("en", filename)) >= 10
    for language in LANGUAGES:
        assert _macros(language, filename) == _macros("en", filename), language


def _macros(language: str, filename: str) -> dict[str, tuple[str, ...]]:
    module = _words(language, filename).module
    return {name: macro.arguments for name, macro in vars(module).items() if hasattr(macro, "arguments")}


def _words(language: str, filename: str = "words.txt") -> Template:
    return _environment(language, language, None).get_template(filename)


def test_words_are_no_markup_in_a_page(tmp_path: Path) -> None:
    """A page that has its words from files of plain text escapes what they say of somebody, as it escapes everything else."""
    (tmp_path / "page.html").write_text("{{ words.value(name) }} {{ say.has(name) }} {{ name | one_line }}", encoding="utf-8")
    (tmp_path / "page.email.txt").write_text("Subject\n{{ words.value(name) }}", encoding="utf-8")
    mail = Templates(("en",), tmp_path).page("page", "en", name="<b>")
    assert (mail.body, mail.html) == ("<b>\n", "&lt;b&gt; &lt;b&gt; has it &lt;b&gt;")


@pytest.mark.parametrize(("language", "name"), list(product(LANGUAGES, MAILS)))
def test_each_mail_is_whole_in_every_case(templates: Templates, language: str, name: str) -> None:
    """It has a subject, a body and HTML; nothing is undefined, nothing is left unfilled, no gap is doubled."""
    for values in _samples(name):
        mail = templates.mail(name, language, **values)
        assert mail.subject.strip() == mail.subject != ""
        assert mail.body.strip() + "\n" == mail.body != "\n"
        assert f'<html lang="{language}">' in mail.html
        for text in (mail.subject, mail.body):
            assert not re.search(r"\{[{%]|[%}]\}|None|Undefined|\(\)|  |\n\n\n| [.,;:]|,,|\.\.", text), text


@pytest.mark.parametrize(("language", "name"), list(product(LANGUAGES, TEXTS)))
def test_each_text_is_whole_in_every_case(templates: Templates, language: str, name: str) -> None:
    """Nothing is undefined, nothing is left unfilled, and GSM-7 has all of it."""
    for values in _samples(name):
        text = _text(templates, name, language, values)
        assert not re.search(r"\{[{%]|[%}]\}|None|Undefined|\(\)|  | [.,;:]|\n", text), text
        assert segments(text + "x" * (160 - len(text))) == 1 or len(text) > 160, text


@pytest.mark.parametrize(("language", "name"), list(product(LANGUAGES, sorted(set(TEXTS) - set(TO_COORDINATORS)))))
def test_each_text_is_one_segment(templates: Templates, language: str, name: str) -> None:
    """With the longest name a programme may have; more than one only where three kinds or more have to be told."""
    for values in _answers():
        text = _text(templates, name, language, {**values, "programme": LONGEST_NAME})
        assert segments(text) == 1 or len(values["records"]) > 2, (len(text), text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_all_texts_few_are_longer_than_one_segment(templates: Templates, language: str) -> None:
    """At least 95 of 100, over all that may be said."""
    texts = [_text(templates, name, language, values) for name in sorted(set(TEXTS) - set(TO_COORDINATORS)) for values in _answers()]
    assert sum(segments(text) == 1 for text in texts) >= 0.95 * len(texts)


@pytest.mark.parametrize(("language", "name"), list(product(LANGUAGES, TO_COORDINATORS)))
def test_an_urgent_text_to_a_coordinator_is_one_segment(templates: Templates, language: str, name: str) -> None:
    """With a name and the number to call."""
    for values in _samples(name):
        assert segments(templates.text(name, language, **{**values, "reach": CASEY_PHONE})) == 1


@pytest.mark.parametrize(("language", "name"), list(product(LANGUAGES, TEXTS)))
def test_no_text_asks_for_a_word_that_the_provider_takes_for_itself(templates: Templates, language: str, name: str) -> None:
    """Twilio acts on STOP, YES, HELP and their sisters; only how to stop, and after that how to come back, is said."""
    allowed = {"START"} if name == "opted_out" else {"STOP"}
    for values in _samples(name):
        asked = set(re.findall(r"\b[A-Z]{2,}\b", _text(templates, name, language, values)))
        assert asked & RESERVED <= allowed


@pytest.mark.parametrize(("language", "name"), list(product(LANGUAGES, sorted(set(TEXTS) - {*TO_COORDINATORS, "crisis", "opted_out"}))))
def test_the_first_text_says_who_writes_and_how_to_stop(templates: Templates, language: str, name: str) -> None:
    """Whatever it answers; the crisis answer and the farewell aside."""
    for values in _answers():
        if values["first"]:
            text = _text(templates, name, language, values)
            assert text.startswith("Peer Support: ")
            assert re.search(r"\bSTOP\b.{1,12}$", text), text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No client details, please."), ("es", "Sin datos de clientes, por favor.")], ids=["en", "es"]
)
@pytest.mark.parametrize("name", ["recorded", "not_understood", "empty", "help"])
def test_the_first_prompt_asks_for_no_client_details(templates: Templates, language: str, words: str, name: str) -> None:
    """Where it asks for an answer; a first text that asks nothing need not say so."""
    records = [kept("mentor_offer", status="unconfirmed")]
    asking = {"questions": ("role",), "doubt": "mentor_offer", "first": True}
    values = {**next(_answers()), "name": "", "records": records, "asked": False, **asking}
    assert words in _text(templates, name, language, values)
    assert words in templates.mail(name, language, **values).body


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_crisis_answer_names_every_line_of_help(templates: Templates, language: str) -> None:
    """In both channels: not watched round the clock, 911, 988, HOME to 741741; in Spanish how 988 answers in it. It asks nothing back."""
    values = next(_answers())
    for text in (templates.text("crisis", language, **values), templates.mail("crisis", language, **values).body):
        assert all(number in text for number in ("911", "988", "HOME", "741741"))
        assert ("AYUDA" in text and "2" in text) or language != "es"
        assert "?" not in text.replace("In danger?", "").replace("¿Peligro?", "")
    assert templates.text("crisis", language, **values) == templates.text("crisis", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_call_answer_has_a_locale_and_words(templates: Templates, language: str) -> None:
    """The first line is for the provider's voice, the rest is heard."""
    locale, _, words = templates.spoken("voice", language, programme=PROGRAMME).partition("\n")
    assert re.fullmatch(rf"{language}-[A-Z]{{2}}", locale)
    assert "Peer Support" in words


def test_a_value_that_is_not_given_is_an_error(templates: Templates) -> None:
    """Better a quarantined message with an alert than half an answer."""
    with pytest.raises(UndefinedError):
        templates.text("help", "en", first=True)


def test_html_escapes_what_volunteers_wrote(templates: Templates) -> None:
    """Names and quoted words can carry no markup into a coordinator's mail; the plain text has them as they were."""
    values = {**next(_alerts()), "name": "<img src=x>", "quoted": '> <a href="x">Tom & "Jo"</a>', "channel": "sms"}
    mail = templates.mail("alert", "en", **values, record=kept(details={"location": "<b>Helena</b>"}), confirmed=False)
    assert '<a href="x">Tom & "Jo"</a>' in mail.body
    assert not re.search(r"<(img|a|b)\b", mail.html)
    assert "&lt;a href=&#34;x&#34;&gt;Tom &amp; &#34;Jo&#34;&lt;/a&gt;" in mail.html
    assert "&lt;img src=x&gt;" in mail.html.partition("</title>")[0]
    assert "&lt;b&gt;Helena&lt;/b&gt;" in mail.html


def test_names_are_no_templates(templates: Templates) -> None:
    """What somebody wrote is never evaluated."""
    values = {**next(_answers()), "first": False, "name": "{{ 7 * 7 }}"}
    assert "{{ 7 * 7 }}" in _text(templates, "recorded", "en", values)


def test_html_shows_paragraphs_lists_and_quotations() -> None:
    """A blank line parts blocks; a quotation's own blank lines do not."""
    assert list(blocks("Hello\nthere\n\n- one\n- two\n\n> words\n>\n> more\n")) == [
        Block("paragraph", ["Hello", "there"]),
        Block("list", ["one", "two"]),
        Block("quote", ["words", "", "more"]),
    ]


def test_own_templates_win_by_language(tmp_path: Path) -> None:
    """A folder's template stands in for the built-in one of its language, and of no other."""
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "help.sms.txt").write_text("{{ programme.name }} ayuda.", encoding="utf-8")
    own = Templates(("en", "es"), tmp_path)
    assert own.text("help", "es", programme=PROGRAMME, first=True) == "Peer Support ayuda."
    assert own.text("help", "en", programme=PROGRAMME, first=True).startswith("Peer Support: text MENTOR")
    assert own.text("opted_out", "es") == Templates(("en", "es")).text("opted_out", "es")


def test_own_words_and_layout_win(tmp_path: Path) -> None:
    """A programme may call its roles as it likes, and have its own look."""
    (tmp_path / "en").mkdir()
    words = (BUILT_IN / "en" / "words.txt").read_text(encoding="utf-8").replace("you can be a mentor", "you can be a guide")
    (tmp_path / "en" / "words.txt").write_text(words, encoding="utf-8")
    (tmp_path / "layout.html").write_text("<html>{{ title }}</html>", encoding="utf-8")
    own = Templates(("en",), tmp_path)
    mail = own.mail("changed", "en", **{**next(_answers()), "records": [kept()]})
    assert "you can be a guide" in mail.body
    assert mail.html == "<html>We noted the change</html>"


def test_a_language_that_lacks_a_template_gets_the_default_language(tmp_path: Path) -> None:
    """Of a new language half of whose templates are written, and of one that the programme does not speak."""
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi" / "opted_out.sms.txt").write_text("OK.", encoding="utf-8")
    own = Templates(("es", "vi"), tmp_path)
    built_in = Templates(("es",))
    assert own.text("opted_out", "vi") == "OK."
    assert own.text("crisis", "vi") == built_in.text("crisis", "es")
    assert built_in.text("crisis", "fr") == built_in.text("crisis", "es")
    assert '<html lang="es">' in built_in.mail("crisis", "fr", programme=PROGRAMME).html


@pytest.mark.parametrize(
    ("slots", "rows"),
    [
        ([], []),
        (["sun:evening", "mon:morning"], [(["mon"], ["morning"]), (["sun"], ["evening"])]),
        (["fri:evening", "mon:evening", "mon:morning", "fri:morning"], [(["mon", "fri"], ["morning", "evening"])]),
        (["tue:overnight", "mon:overnight", "tue:overnight"], [(["mon", "tue"], ["overnight"])]),
    ],
)
def test_days_with_the_same_parts_share_a_row(slots: list[str], rows: list[tuple[list[str], list[str]]]) -> None:
    """In the week's order, and the day's, whatever order they were said in."""
    assert grid(slots) == rows


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ([f"{day}:evening" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")], "any day evening"),
        (["mon:morning", "mon:afternoon", "mon:evening"], "Mon"),
        (["mon:morning", "wed:morning", "wed:evening"], "Mon morning; Wed morning and evening"),
        (["sat:overnight", "sun:overnight"], "Sat, Sun overnight"),
    ],
)
def test_days_and_times_are_said_in_short(slots: list[str], said: str) -> None:
    """A whole day is its name alone; the night is never taken for part of it."""
    assert _words("en").module.when(slots) == said  # type: ignore[attr-defined]


def test_every_kind_that_is_kept_has_its_words() -> None:
    """A kind that the tables hold and the words lack would quarantine every message of it."""
    for language, kind in product(LANGUAGES, (*KINDS, *CASES, *URGENT)):
        assert _words(language).module.kind(kind).strip()  # type: ignore[attr-defined]


def test_a_broken_template_of_ones_own_is_passed_over(tmp_path: Path) -> None:
    """Whoever waits for an answer gets the built-in one, and a page whose layout is broken comes in ours."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "crisis.sms.txt").write_text("{{ nothing.of_the_kind }}", encoding="utf-8")
    (tmp_path / "layout.html").write_text("{% if %}", encoding="utf-8")
    own = Templates(("en", "es"), tmp_path)
    assert "988" in own.text("crisis", "en", programme=PROGRAMME)
    assert "988" in own.mail("crisis", "en", programme=PROGRAMME).html
