"""Commands that write to people, and what comes of it."""

from __future__ import annotations

import pytest

from tests.intake.office import ANA, PROOF, SAM, Office


@pytest.fixture
def ana(office: Office) -> Office:
    """#1 is Ana's mentor offer."""
    office.text("I can be a mentor in Billings. Ana")
    return office


def test_ask_by_text_and_the_answer(ana: Office) -> None:
    """The question goes to her number; her next message, and no more after it, comes back in Sam's thread beside its ordinary handling."""
    to_her, result = ana.say("ask 1 which evenings suit you? Mondays; Tuesdays?")
    assert (to_her.recipient, to_her.channel, to_her.body) == (ANA, "sms", "Sam asks: which evenings suit you? Mondays; Tuesdays?")
    assert (result.recipient, result.template) == (SAM, "result")
    handed = [one for one in ana.text("Tuesday evenings") if one.template == "handed_over"]
    assert [(one.recipient, one.number) for one in handed] == [(SAM, 1)]
    assert "> Tuesday evenings" in handed[0].body
    assert result.references.split()[-1] in handed[0].references
    assert ana.item(1).details["availability"] == ["tue:evening"]
    assert [one.template for one in ana.text("Also Friday mornings") if one.template == "handed_over"] == []


def test_ask_by_mail(office: Office) -> None:
    """Somebody who mailed is asked by mail, with whoever asks named."""
    office.mail("I would like to be a mentor. Ana Ruiz")
    to_her = office.say("ask 1: can you come on Friday?\nWe start at 9.")[0]
    assert (to_her.recipient, to_her.channel, to_her.reply_to) == ("ana@example.net", "email", "")
    assert "Sam from Peer Support asks:\n\ncan you come on Friday?\nWe start at 9." in to_her.body


def test_two_coordinators_ask(ana: Office) -> None:
    """Each gets the answer, in their own thread."""
    ana.say("ask 1 when?")
    ana.say("ask 1 where?", by="jo@example.org")
    handed = [one.recipient for one in ana.text("Mondays at the library") if one.template == "handed_over"]
    assert handed == ["sam@example.org", "jo@example.org"]


def test_ask_an_opted_out_person(ana: Office) -> None:
    """Who wants no messages gets none, and the coordinator is told."""
    ana.text("STOP")
    mails = ana.say("ask 1 why?", about=1)
    assert [one.recipient for one in mails] == [SAM]
    assert "cannot be reached" in mails[0].body
    assert [entry.what for entry in ana.history(1)] == ["opened"]


def test_ask_somebody_of_whom_only_a_name_is_known(ana: Office) -> None:
    """There is no way to them."""
    ana.say("new mentor offer: Cleo")
    assert "cannot be reached" in ana.told("ask 2 when?")


def test_ask_nobody(ana: Office) -> None:
    """A number that is nobody's."""
    assert "There is no #99" in ana.told("ask 99 when?")


def test_answer_a_question_by_mail(office: Office) -> None:
    """It goes into the writer's own thread, whole, and the question is closed."""
    office.mail("When is the next training?", subject="A question")
    to_her, _ = office.say("answer: on Monday.\n\nBring a pen; coffee is there.")
    assert (to_her.subject, to_her.references) == ("Re: A question", "<1@example.net>")
    assert "on Monday.\n\nBring a pen; coffee is there." in to_her.body
    assert office.status(1) == "closed"
    assert [entry.what for entry in office.history(1)] == ["answered", "changed"]


def test_answer_a_text(office: Office) -> None:
    """It goes to the number."""
    office.text("When is the next training?")
    to_her = office.say("answer 1: On Monday")[0]
    assert (to_her.recipient, to_her.body) == (ANA, "On Monday")


def test_answer_to_an_offer_leaves_it_open(ana: Office) -> None:
    """Only a question is done with its answer."""
    ana.say("answer 1: thank you!")
    assert ana.status(1) == "open"
    assert "One number at a time" in ana.told("answer 1 and 2: thanks")


def test_digest_alone_brings_the_digest(ana: Office) -> None:
    """One mail for one mail: the digest itself; beside other commands the result says that it comes."""
    before = len(ana.sent())
    assert ana.say("digest") == []
    assert [(one.template, one.recipient) for one in ana.sent()[before:]] == [("digest", SAM)]
    assert "Today's digest is on its way" in ana.told("digest\nclose 1", about=1)


def test_export_once_a_token(ana: Office) -> None:
    """The file is attached once for each of our mails that is answered; what could be a formula is none."""
    ana.say("set 1 town =1+1")
    (result,) = ana.say("export", about=1)
    assert result.attachment_name == "peer-intake-2026-03-02.csv"
    assert result.attachment is not None
    lines = result.attachment.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,kind,status")
    assert "'=1+1" in lines[1]
    thread = f"In-Reply-To: {result.message_id}"
    ana.mail("export", PROOF, thread, sender=f"Sam <{SAM}>")
    again = ana.mail("Export please", PROOF, thread, sender=f"Sam <{SAM}>")
    assert [one.attachment for one in again] == [None]
    assert "once already" in again[0].body


def test_export_twice_in_one_mail(ana: Office) -> None:
    """One file."""
    (result,) = ana.say("export; export please")
    assert result.body.count("are attached") == 1
    assert "NOT done: export please" in result.body


def test_show(ana: Office) -> None:
    """All that is known, what they wrote, and who changed what when."""
    ana.say("note 1 called\ntake 1; set 1 town Helena; snooze 1 5d; pause 1 until June 1")
    told = ana.told("show 1")
    for said in (
        "#1: mentor offer, paused",
        "Who: Ana",
        f"How to reach them: {ANA}",
        "Place: Helena",
        "Note: called",
        "Taken by: Sam",
        "Sleeps until: Sat 2026-03-07",
        "Paused until: Mon 2026-06-01",
        "> I can be a mentor in Billings. Ana",
        "they themselves: opened",
        "Sam: changed: town Helena",
        "Sam: changed: status paused",
    ):
        assert said in told, told
    assert "There is no #99" in ana.told("show 1 and 99")


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("list", [1, 2, 3, 4]),
        ("list offers", [1, 2]),
        ("list requests", [3]),
        ("list mentor offers in Billings", [1]),
        ("list warmline", [2]),
        ("list friday", [2]),
        ("list questions", [4]),
        ("list ana", [1]),
        ("list all the people in billings please", [1]),
        ("list paused", []),
        ("list mine", [3]),
        ("list nobody's offers", [1, 2]),
        ("list late", []),
        ("list closed", []),
        ("list ofertas", [1, 2]),
        ("list qqq", []),
    ],
)
def test_list(ana: Office, asked: str, numbers: list[int]) -> None:
    """Plain words filter; several must all hold."""
    ana.text("someone can shadow me on the warmline friday evenings. Bo", "+14065550112")
    ana.text("I want to find a mentor. Cy", "+14065550113")
    ana.text("When is the next training?", "+14065550114")
    ana.say("take 3")
    told = ana.told(asked)
    assert f"{len(numbers)} found" in told
    assert [number for number in range(1, 5) if f"- #{number} " in told] == numbers


def test_list_says_how_many_more(office: Office) -> None:
    """By text five at the most."""
    for number in range(7):
        office.text(f"I can be a mentor. Name{chr(97 + number)}", f"+1406555012{number}")
    (text,) = office.text("list", "+14065550188")
    assert "7 found, the first 5 of them" in text.body


def test_commands_lists_every_one(ana: Office) -> None:
    """Each command with an example."""
    from intake.commands import BY_NAME

    told = ana.told("commands")
    assert all(f'- "{name}' in told for name in BY_NAME)
