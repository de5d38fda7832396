"""What coordinators get back: every code that a command gives has words in every language, whatever its values hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

import intake
from db.history import Entry
from db.items import Item
from db.listing import Listed
from intake.commands import BY_NAME
from intake.privilege import Why
from notifier.alerts import Alerts
from notifier.letters import MOST_BY_TEXT, Attachment, Letters, Said
from notifier.templates import BUILT_IN, Templates
from parsers.orders import Order, orders
from tests.fakes import CountedIds
from tests.notifier.samples import JO, NOW, PROGRAMME, SAM, kept

LANGUAGES = tuple(sorted(folder.name for folder in BUILT_IN.iterdir() if folder.is_dir()))
HOSTILE = "<script>alert('x')</script>{{ programme }} {% raw %}"
LATER = datetime(2026, 6, 1, tzinfo=UTC)
ITEM = Item(
    number=12,
    what="record",
    kind="mentor_offer",
    status="paused",
    contact_id=1,
    inbox_id=1,
    name=HOSTILE,
    phone="+14065550111",
    email="",
    details={"location": HOSTILE, "availability": ["mon:morning"], "capacity": 2},
    note="one\ntwo",
    assigned_to="sam@example.org",
    snoozed_until=LATER,
    paused_until=LATER,
    acknowledged_by="gone@example.org",
    created_at=NOW,
)
CHANGES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("", "opened", {}, {"kind": "mentor_offer", "status": "open", "details": {"location": "Helena", "setting": ["er"]}}),
    ("sam@example.org", "changed", {"details": {"location": "Helena"}}, {"details": {"location": "Butte"}, "note": "a\nb"}),
    ("sam@example.org", "described", {"name": ""}, {"name": HOSTILE}),
    ("gone@example.org", "asked", {}, {"words": HOSTILE}),
    ("clock", "changed", {"paused_until": None}, {"paused_until": "2026-06-01T00:00:00+00:00", "snoozed_until": None}),
    ("sam@example.org", "merged", {}, {"with": [13, 14]}),
    ("sam@example.org", "answered", {}, {"words": "yes"}),
    ("sam@example.org", "undone", {"status": "closed"}, {"status": "open"}),
    ("sam@example.org", "erased", {}, {}),
]
HISTORY = [
    Entry(id=at, number=12, author=author, inbox_id=1, what=what, at=NOW, undone=at == 2, before=before, after=after)
    for at, (author, what, before, after) in enumerate(CHANGES)
]
LISTED = [
    Listed(number=at, kind=kind, status=status, name=name, reach=name, assigned_to="", created_at=NOW, details=details)
    for at, (kind, status, name, details) in enumerate(
        [("mentor_offer", "open", HOSTILE, {"location": HOSTILE}), ("question", "closed", "", {}), ("crisis", "open", "", {})]
    )
]
BASE: dict[str, Any] = {"number": 12, "kind": "mentor_offer", "status": "open", "name": HOSTILE}
VALUES: dict[str, list[dict[str, Any]]] = {
    "snoozed": [{"until": LATER}],
    "paused": [{"until": LATER}, {"until": None}],
    "taken": [{"before": ""}, {"before": HOSTILE}],
    "given": [{"to": HOSTILE}],
    "set": [
        *({"field": name, "value": HOSTILE} for name in ("name", "location", "phone", "email", "note")),
        {"field": "capacity", "value": 3},
        *({"field": name, "value": ["mon:morning", "tue:evening"]} for name in ("availability", "unavailable")),
        *({"field": name, "value": ["er", "en"]} for name in ("setting", "language", "population", "modality")),
    ],
    "merged": [{"numbers": [12, 13], "closed": []}, {"numbers": [12, 13, 14], "closed": [13, 14]}],
    "asked": [{"channel": channel, "words": HOSTILE} for channel in ("sms", "email")],
    "answered": [{"channel": channel, "words": HOSTILE} for channel in ("sms", "email")],
    "opened": [{"record": kept(details=dict(ITEM.details)), "reach": ""}, {"record": kept(), "reach": HOSTILE}],
    "passed_on": [{"record": kept(details=dict(ITEM.details)), "reach": HOSTILE}],
    "passed_on_case": [{"reach": HOSTILE}],
    "exported": [{"attachment": Attachment(name="x.csv", content=b"x")}],
    "erased": [{"records": many, "messages": many, "answers": many, "originals": many} for many in (0, 1, 2)],
    "undone": [
        {"what": what, "before": {"status": "open", "note": "", "assigned_to": HOSTILE}, "after": {}} for what in ("changed", "opened")
    ],
    "cannot_undo": [{"what": what} for what in ("asked", "answered", "merged", "erased")],
    "commands": [{"names": list(BY_NAME)}],
    "listed": [{"items": LISTED, "count": count, "said": said, "now": LATER} for count, said in ((3, ""), (9, HOSTILE))],
    "shown": [
        {"item": ITEM, "reach": "", "history": HISTORY, "quoted": f"> {HOSTILE}", "who": {"sam@example.org": "Sam"}},
        {
            "item": replace(ITEM, details={}, note="", assigned_to="", snoozed_until=None),
            "reach": "x",
            "history": [],
            "quoted": "",
            "who": {},
        },
    ],
    "one_is_open": [{"rival": 7}],
    "until_when": [{"said": HOSTILE}],
    "who_is_that": [{"said": HOSTILE, "names": ["Sam", "Jo"]}, {"said": "", "names": ["Sam"]}],
    "which_kind": [{"said": HOSTILE}],
    "which_field": [{"said": HOSTILE}],
    "which_value": [{"said": said, "field": name} for said in ("", HOSTILE) for name in ("name", "availability", "capacity", "phone")],
    "acknowledged_already": [{"by": HOSTILE}],
    "nothing_read": [{"reach": HOSTILE}],
}


def codes() -> dict[str, bool]:
    """Every code that a command gives, and whether it means done; read from the sources."""
    found: dict[str, bool] = {}
    for path in sorted(Path(intake.__file__).parent.rglob("*.py")):
        constants = {}
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.targets[0], ast.Name):
                constants[node.targets[0].id] = node.value.value
        for name, argument in _calls(tree):
            for code in _strings(argument, constants):
                found[code] = name == "done"
    return found


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("done", "refused") and node.args:
            yield node.func.id, node.args[0]


def _strings(argument: ast.expr, constants: Mapping[str, Any]) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str(code)):
            yield code
        case ast.Name(id=name) if name in constants:
            yield constants[name]
        case ast.IfExp(body=body, orelse=other):
            yield from _strings(body, constants)
            yield from _strings(other, constants)


def letters(language: str) -> Letters:
    programme = replace(PROGRAMME, languages=(language, *(one for one in LANGUAGES if one != language)))
    templates = Templates(programme.languages)
    return Letters(programme, templates, Alerts(programme, templates, ids=CountedIds("mail")))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_has_words(code: str, language: str) -> None:
    """In a mail and in a text, with names and words that would break a page: they are escaped, and nothing of them is run."""
    for values in VALUES.get(code, [{}]):
        for nearest in BY_NAME if code == "not_understood" else ["close"]:
            said = [Said(line=HOSTILE, done=codes()[code], results=[(code, BASE | {"nearest": nearest} | values)])]
            mail = letters(language).result(SAM, said, subject=f"Re: {HOSTILE}", thread="<a@b>", number=12, passed_over=[HOSTILE])
            assert len(mail.body.split("---\n")[1].strip().splitlines()) > 1
            assert "<script" not in mail.html
            assert "<script" in mail.body
            assert "PROGRAMME" not in mail.body
            text = letters(language).result_text(SAM, said, key="k")
            assert 0 < len(text.body) <= MOST_BY_TEXT


def test_there_are_codes() -> None:
    """The sources are where this test looks, and each sample is of a code that there is."""
    assert len(codes()) > 40
    assert set(VALUES) <= set(codes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_help(language: str) -> None:
    """The example that it shows is read as that command."""
    said = [Said(line="", done=True, results=[("commands", {"names": list(BY_NAME)})])]
    body = letters(language).result(SAM, said, subject="", thread="").body
    lines = [line for line in body.splitlines() if line.startswith("- ")]
    assert len(lines) == len(BY_NAME)
    for name, line in zip(BY_NAME, lines, strict=True):
        (read,) = orders([line.split('"')[1]])
        assert isinstance(read, Order)
        assert read.name == name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", [*get_args(Why), "somebody_else"])
def test_every_refusal_has_words(why: str, language: str) -> None:
    """With the subject, whatever stands in it."""
    mail = letters(language).refused(SAM, why, subject=HOSTILE, key="refused-1")
    assert HOSTILE in mail.body
    assert "<script" not in mail.html
    assert (mail.key, mail.recipient) == ("refused-1", SAM.email)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_colleagues_are_told(language: str) -> None:
    """Given and acknowledged, in the coordinators' language, each about its number."""
    given = letters(language).given(JO, number=12, kind="mentor_offer", name=HOSTILE, giver=SAM)
    seen = list(letters(language).acknowledged([31], SAM))
    assert [(one.recipient, one.number, SAM.name in one.body) for one in (given, *seen)] == [(JO.email, 12, True), (JO.email, 31, True)]
    assert "<script" not in given.html


def test_every_letter_can_be_answered() -> None:
    """Each carries names of its own that prove the answer to it, and stands in the thread of what it answers."""
    mail = letters("en").result(SAM, [Said(line="close 12", done=True)], subject="Re: RE: #12", thread="<a@b> <c@d>")
    assert mail.reply_to.partition("@")[0].endswith(mail.message_id.strip("<>").partition("@")[0])
    assert (mail.references, mail.subject, mail.priority) == ("<a@b> <c@d>", "Re: #12", 1)


def test_a_file_is_attached() -> None:
    mail = letters("en").result(SAM, [], subject="", thread="", attachment=Attachment(name="x.csv", content=b"a,b"))
    assert (mail.attachment_name, mail.attachment) == ("x.csv", b"a,b")
