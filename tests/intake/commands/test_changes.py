"""Commands that change how a record or a case stands, and what they are refused for."""

from __future__ import annotations

import pytest

from tests.intake.office import ANA, BO, CY, JO, SAM, Office


@pytest.fixture
def ana(office: Office) -> Office:
    """#1 is Ana's mentor offer."""
    office.text("I can be a mentor in Billings, Tuesday evenings. Ana")
    return office


@pytest.mark.parametrize(
    ("lines", "said", "status"),
    [
        ("close 1", "#1 (mentor offer, Ana) is closed.", "closed"),
        ("close", "#1 (mentor offer, Ana) is closed.", "closed"),
        ("close 1\nclose 1 now", "is closed already", "closed"),
        ("close 99", "There is no #99.", "open"),
        ("close 1 and 99", "There is no #99.", "open"),
        ("close 99, 1", "There is no #99.", "open"),
        ("close 1 tomorrow", 'This was not understood. Perhaps you meant: "close 12"', "open"),
        ("reopen 1", "is open already", "open"),
        ("close 1\nreopen 1", "is open again", "open"),
        ("withdraw 1", "is withdrawn", "withdrawn"),
        ("withdraw 1\nwithdraw 1 please", "is withdrawn already", "withdrawn"),
        ("withdraw 1\nreopen 1", "is open again", "open"),
        ("pause 1", "is paused.", "paused"),
        ("pause 1 until June 1", "is paused until Mon 2026-06-01.", "paused"),
        ("pause 1 until the cows come home", "Until when?", "open"),
        ("close 1\npause 1", "is closed already", "closed"),
        ("resume 1", "is not paused", "open"),
        ("pause 1\nresume 1", "counts again", "open"),
        ("snooze 1 5d", "sleeps until Sat 2026-03-07.", "open"),
        ("snooze 1", "Until when?", "open"),
        ("snooze 1 until yesterday", "Until when?", "open"),
        ("close 1\nsnooze 1 5d", "is closed already", "closed"),
        ("ack 1", "is not urgent", "open"),
        ("yes", "There was no question", "open"),
        ("kind 1 shadow offer", "is now a shadow host offer", "open"),
        ("kind 1 spaceship", "Which kind?", "open"),
        ("merge 1", "Two numbers are needed", "open"),
        ("merge 1 99", "There is no #99.", "open"),
        ("digest tomorrow", "This was not understood", "open"),
        ("export 1", "This was not understood", "open"),
        ("undo it all", "This was not understood", "open"),
        ("undo", "There is nothing of yours to take back", "open"),
        ("clsoe 1", 'This was not understood. Perhaps you meant: "close 12"', "open"),
        ("give 1 to Zed", '"Zed" is no coordinator; there are Sam, Jo.', "open"),
        ("give 1", "To whom?; there are Sam, Jo.", "open"),
        ("note 1", "The words are missing", "open"),
        ("ask 1", "The words are missing", "open"),
        ("ask 1 and 2: when?", "One number at a time", "open"),
        ("answer:", "The words are missing", "open"),
    ],
)
def test_what_comes_back(ana: Office, lines: str, said: str, status: str) -> None:
    """One mail says what was done or why not, and the record stands as it says."""
    assert said in ana.told(lines)
    assert ana.status(1) == status


@pytest.mark.parametrize(
    "command", ["show", "close", "reopen", "snooze 5d", "note x", "ask x", "set town Helena", "kind mentor request", "withdraw"]
)
def test_without_a_number_in_answer_to_something_else(ana: Office, command: str) -> None:
    """Where the mail that is answered is about no number, it is asked for."""
    ana.say("digest")
    assert "Which number?" in ana.told(command)
    assert ana.status(1) == "open"


def test_nothing_is_half_done_in_a_line(ana: Office) -> None:
    """Of a line that fails for one of its numbers nothing stays, its history neither; the lines beside it stand."""
    ana.text("I can host a shadow. Bo", BO)
    told = ana.told("close 1 and 99\nnote 2 fine\nwithdraw 2, 1 and 98")
    assert [told.count("NOT done: "), told.count("Done: ")] == [2, 1]
    assert (ana.status(1), ana.status(2), ana.item(2).note) == ("open", "open", "fine")
    assert [entry.what for entry in ana.history(1)] == ["opened"]
    assert [entry.what for entry in ana.history(2)] == ["opened", "changed"]


def test_what_is_given_in_a_line_that_fails_is_told_to_nobody(ana: Office) -> None:
    """The letter goes with the line."""
    assert [one.recipient for one in ana.say("give 1 and 99 to Jo")] == [SAM]
    assert ana.item(1).assigned_to == ""


def test_a_rival_open_record(ana: Office) -> None:
    """A person has one open record of a kind: a second is neither reopened nor made."""
    ana.say("close 1")
    ana.text("I can be a mentor again. Ana")
    assert "has an open mentor offer already: #2" in ana.told("reopen 1", about=1)
    ana.text("someone can shadow me on the warmline. Ana")
    assert "has an open mentor offer already: #2" in ana.told("kind 3 mentor offer")
    assert [ana.status(number) for number in (1, 2, 3)] == ["closed", "open", "open"]


def test_new_beside_a_rival(ana: Office) -> None:
    """Somebody who phoned and has written before is not listed twice."""
    assert "has an open mentor offer already: #1" in ana.told(f"new mentor offer: Ana, {ANA}")
    assert len(ana.records()) == 1


@pytest.mark.parametrize("command", ["pause 1", "resume 1", "withdraw 1", "kind 1 mentor offer", "set 1 town Helena"])
def test_a_case_is_no_record(office: Office, command: str) -> None:
    """What only an offer or a request can be done is refused for a question, in plain words."""
    office.text("When is the next training?")
    told = office.told(command)
    assert "no offer or request" in told or "is not paused" in told
    assert (office.item(1).what, office.status(1), office.item(1).details) == ("case", "open", {})


def test_a_case_closes_and_opens(office: Office) -> None:
    """A question is closed, noted, snoozed and taken like a record."""
    office.text("When is the next training?")
    office.say("take 1; snooze 1 3d; note 1 look it up\nclose 1")
    item = office.item(1)
    assert (item.status, item.assigned_to, item.note, item.closed_at is None) == ("closed", SAM, "look it up", False)
    office.say("reopen 1", about=1)
    assert (office.status(1), office.item(1).closed_at) == ("open", None)


def test_take_and_give(ana: Office) -> None:
    """Whoever takes or is given something has it; the other is told when given, and named when it was taken from them."""
    assert "is yours." in ana.told("take 1")
    assert "is yours already" in ana.told("take 1")
    mails = ana.say("give 1 to jo")
    assert [(one.recipient, one.template) for one in mails] == [(JO, "given"), (SAM, "result")]
    assert ana.item(1).assigned_to == JO
    assert "it was taken by Jo" in ana.told("take 1")
    ana.say("give 1 to jo@example.org", about=1)
    assert ana.item(1).assigned_to == JO
    assert [one.recipient for one in ana.say("give 1 to Jo", by=JO, about=1)] == [JO]


def test_kind_of_a_guess_confirms_it(office: Office) -> None:
    """What was put as a question stands open once a coordinator has decided."""
    office.text("MENTOR")
    assert office.status(1) == "unconfirmed"
    office.say("kind 1 mentor request")
    assert (office.item(1).kind, office.status(1)) == ("mentor_request", "open")


def test_notes_are_added_to_each_other(ana: Office) -> None:
    """A second note stands below the first; words of any kind are kept as written."""
    ana.say("note 1 called; no answer. Try on Monday")
    ana.say("note: <b>left</b> a message")
    assert ana.item(1).note == "called; no answer. Try on Monday\n<b>left</b> a message"


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("town Great Falls", "location", "Great Falls"),
        ("days Monday mornings", "availability", ["mon:morning"]),
        ("setting warmline", "setting", ["warmline"]),
        ("language Spanish", "language", ["es"]),
        ("people veterans", "population", ["veteran"]),
        ("how by phone", "modality", ["phone"]),
        ("capacity 3", "capacity", 3),
        ("ciudad a Helena", "location", "Helena"),
    ],
)
def test_set_details(ana: Office, said: str, name: str, value: object) -> None:
    """A field is read as a volunteer's own words would be, and the others stay."""
    ana.say(f"set 1 {said}")
    assert ana.item(1).details[name] == value
    assert set(ana.item(1).details) >= {"location", "availability"}


@pytest.mark.parametrize(
    ("said", "told"), [("town", "The words are missing"), ("shoe 12", "What shall be set?"), ("days blue", "says nothing of the days")]
)
def test_set_what_cannot_be_read(ana: Office, said: str, told: str) -> None:
    """What a field cannot take is refused with what it could have been."""
    before = ana.item(1)
    assert told in ana.told(f"set 1 {said}")
    assert ana.item(1) == before


def test_who_is_put_right_is_written_to_there(ana: Office) -> None:
    """A number that a coordinator puts right is the one that is asked, and what comes from there is the person's; `undo` goes back."""
    ana.say("set 1 phone 406-555-0177")
    assert [one.recipient for one in ana.say("ask 1 which days?") if one.template == "ask"] == ["+14065550177"]
    assert "handed_over" in [one.template for one in ana.text("Mondays", "+14065550177")]
    ana.say("new mentor offer: Ivy Jo Lane")
    ana.say("set 2 email ivy@example.net")
    ana.say("set 2 email ivylane@example.net")
    assert [one.recipient for one in ana.say("ask 2 which days?") if one.template == "ask"] == ["ivylane@example.net"]
    assert "handed_over" not in [one.template for one in ana.mail("Any day", sender="ivy@example.net")]
    ana.say("set 2 phone 406-555-0178")
    ana.say("undo")
    assert [one.recipient for one in ana.say("ask 2 and where?") if one.template == "ask"] == ["ivylane@example.net"]


def test_a_number_put_right_that_is_another_s(ana: Office) -> None:
    """Whoever wrote from an address stays the one who writes from it."""
    ana.text("I can host a shadow. Bo", BO)
    ana.say(f"set 1 phone {BO}")
    ana.text("I can do Mondays", BO)
    assert "mon:evening" in ana.item(2).details["availability"]
    assert "mon:evening" not in ana.item(1).details["availability"]


def test_set_in_a_sentence(ana: Office) -> None:
    """The number may stand within the line, an article before the field, and a number in letters is one."""
    ana.text("I can host a shadow. Bo", BO)
    ana.say("Change the town of 1 to Butte\nset 1 capacity two", about=2)
    assert (ana.item(1).details["location"], ana.item(1).details["capacity"]) == ("Butte", 2)
    assert "location" not in ana.item(2).details


@pytest.mark.parametrize("word", ["Undo", "export", "digest"])
def test_a_text_with_what_is_for_mail(ana: Office, word: str) -> None:
    """A coordinator's phone that texts a command for mails is told so; nobody else hears of it."""
    (told,) = ana.text(word, "+14065550188")
    assert "by mail only" in told.body


def test_set_who_they_are(ana: Office) -> None:
    """Name, number and address are the person's, and stand in the export."""
    ana.say("set 1 name Ana Maria Ruiz\nset 1 phone (406) 555-0177\nset 1 email ana@example.net")
    (row,) = ana.records()
    assert (row["name"], row["phone"], row["email"]) == ("Ana Maria Ruiz", "+14065550177", "ana@example.net")
    assert "a number or an address" not in ana.told("set 1 phone soon")


@pytest.mark.parametrize(
    "said",
    [
        "Cleo, 406-555-0101, Tuesday evenings, warmline",
        "Cleo 406-555-0101 Tuesday evenings, warmline",
        "cleo@example.net, warmline",
        "Cleo",
    ],
)
def test_new(office: Office, said: str) -> None:
    """A record for somebody who phoned, with whatever is known; nobody is written to."""
    office.text("When is the next training?")
    mails = office.say(f"new shadow offer: {said}")
    assert [one.recipient for one in mails] == [SAM]
    item = office.item(2)
    assert (item.kind, item.status, item.name in ("Cleo", "")) == ("shadow_offer", "open", True)
    assert ("warmline" in said) == (item.details.get("setting") == ["warmline"])
    assert office.history(2)[0].author == SAM


@pytest.mark.parametrize(
    ("line", "told"),
    [("new spaceship: Ana", "Which kind?"), ("new mentor offer:", "Who is it?"), ("new mentor offer: 12 eggs", "Who is it?")],
)
def test_new_that_says_too_little(ana: Office, line: str, told: str) -> None:
    """Neither record nor person is made of it."""
    assert told in ana.told(line)
    assert len(ana.records()) == 1


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("new mentor offer: 406-555-0156, warmline, Tuesday evenings, Gus", "Gus"),
        ("new mentor offer: Tuesday evenings in Helena, Gus Hill 406-555-0156", "Gus Hill"),
        ("new mentor request: Gus gus@example.net speaks Spanish", "Gus"),
        ("New mentor offer - Gus, 406-555-0156", "Gus"),
        ("new mentor offer Gus 406-555-0156 5:30pm Tuesdays", "Gus"),
    ],
)
def test_new_in_any_order(ana: Office, line: str, name: str) -> None:
    """A name is found wherever it stands, and no time or setting is taken for one."""
    ana.say(line)
    assert ana.item(2).name == name


def test_a_question_to_somebody_by_name(ana: Office) -> None:
    """A name is no part of the question; where it is not that of the person whom the alert told of, the number is asked for."""
    ana.text("I can host a shadow. Bo", BO)
    assert "Which number?" in ana.told("ask Ana which days?", about=2)
    assert [one.body for one in ana.say("ask Bo, which days?", about=2) if one.recipient == BO] == ["Sam asks: which days?"]


def test_merge(ana: Office) -> None:
    """Two people become one: of two open records of a kind the newer is closed, and later mails of both are one person's."""
    ana.mail("I would like to be a mentor on the warmline. Ana Ruiz")
    told = ana.told("merge 1 with 2")
    assert "#1 and #2 are one person" in told
    assert "#2 said the same again and is closed" in told
    assert (ana.status(1), ana.status(2)) == ("open", "closed")
    assert ana.item(1).details["setting"] == ["warmline"]
    assert ana.item(1).contact_id == ana.item(2).contact_id
    ana.mail("I can also do Friday mornings. Ana Ruiz")
    assert "fri:morning" in ana.item(1).details["availability"]


def test_ack_tells_the_others(office: Office) -> None:
    """Whoever acknowledges is named to the others by mail; a second is told by whom."""
    office.text("I want to kill myself", CY)
    mails = office.say("ack")
    assert [(one.recipient, one.template) for one in mails if one.channel == "email"] == [(JO, "acknowledged"), (SAM, "result")]
    assert "Sam said that they see to #1" in mails[0].body
    assert "is seen to already, by Sam" in office.told("ack 1", by=JO)
    item = office.item(1)
    assert (item.acknowledged_by, item.remind_at, item.status) == (SAM, None, "open")


def test_closing_acknowledges(office: Office) -> None:
    """Whoever closes an urgent case has seen it."""
    office.text("I want to kill myself", CY)
    office.say("close 1", by=JO)
    assert (office.status(1), office.item(1).acknowledged_by) == ("closed", JO)
