"""`undo` and `erase`: what can be taken back, what cannot, and what is gone for good."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from db.models import Address, Inbound, Outgoing
from tests.intake.office import ANA, BO, JO, PROOF, SAM, Office


@pytest.fixture
def ana(office: Office) -> Office:
    """#1 is Ana's mentor offer, in Billings."""
    office.text("I can be a mentor in Billings. Ana")
    return office


@pytest.fixture
def western(database_url: str) -> Iterator[Office]:
    """A programme whose days begin at another hour than the database's."""
    office = Office(database_url, TIMEZONE="America/Denver")
    office.text("I can be a mentor in Billings. Ana")
    yield office
    office.database.close()


@pytest.mark.parametrize(
    "command",
    [
        *("close 1", "withdraw 1", "pause 1", "pause 1 until June 1", "snooze 1 5d", "note 1 called", "take 1", "give 1 to Jo"),
        *("kind 1 shadow offer", "set 1 town Helena", "set 1 name Eve", "set 1 phone 406-555-0177", "set 1 note x", "set 1 capacity 3"),
        *("close 1; reopen 1; note 1 x; pause 1", "snooze 1 5d\nsnooze 1 6d\nsnooze 1 7d", "set 1 name Eve; set 1 name Ida"),
    ],
)
def test_each_change_is_taken_back(western: Office, command: str) -> None:
    """After `undo` it stands as before, and the history tells of both."""
    before = western.item(1)
    western.say(command)
    assert western.item(1) != before
    western.clock.advance(minutes=1)
    assert "is as it was before" in western.told("undo")
    assert western.item(1) == before
    assert western.history(1)[-1].what == "undone"
    assert "took back" in western.told("show 1")


def test_undo_of_one_number(ana: Office) -> None:
    """`undo 1` takes back what was done to #1 alone; the next `undo` takes back the rest."""
    ana.text("I can host a shadow. Bo", BO)
    ana.say("close 1 and 2")
    assert "#1 is as it was before: status open" in ana.told("undo 1")
    assert (ana.status(1), ana.status(2)) == ("open", "closed")
    assert "#2 is as it was before" in ana.told("undo")


def test_what_the_answer_to_undo_says(ana: Office) -> None:
    """It names what it went back to, and says plainly where nothing could be taken back."""
    ana.say("set 1 town Helena")
    assert "town Billings" in ana.told("undo")
    ana.say("ask 1 which days?")
    assert ana.told("undo").startswith("NOT done: undo")


def test_an_erasure_that_is_only_asked_for(ana: Office) -> None:
    """Nobody reads of something done where a yes is still needed."""
    assert ana.told("erase 1").startswith("NOT YET done: erase 1")


def test_a_new_record_is_closed(ana: Office) -> None:
    """What a mail added counts no more."""
    ana.say("new shadow offer: Cleo, 406-555-0101")
    assert "was new with that mail, and is closed" in ana.told("undo")
    assert ana.status(2) == "closed"


def test_changed_since(ana: Office) -> None:
    """What somebody else has changed since stays, and the next `undo` goes further back."""
    ana.say("note 1 first")
    ana.say("take 1")
    ana.say("give 1 to Jo", by=JO)
    assert "has been changed since" in ana.told("undo")
    assert ana.item(1).assigned_to == JO
    ana.say("undo")
    assert ana.item(1).note == ""


def test_a_second_undo_goes_further_back(ana: Office) -> None:
    """Mail by mail; at the end there is nothing left, and an undoing is not undone."""
    ana.say("note 1 one")
    ana.say("note 1 two")
    assert [ana.item(1).note for _ in range(2) if ana.say("undo")] == ["one", ""]
    assert "nothing of yours" in ana.told("undo")


def test_only_ones_own_is_taken_back(ana: Office) -> None:
    """Jo's undo leaves Sam's."""
    ana.say("close 1")
    assert "nothing of yours" in ana.told("undo", by=JO)
    assert ana.status(1) == "closed"


def test_a_rival_holds_it_up(ana: Office) -> None:
    """A closed record does not open again beside another of its kind."""
    ana.say("close 1")
    ana.text("I can be a mentor again. Ana")
    assert "has been changed since" in ana.told("undo")
    assert (ana.status(1), ana.status(2)) == ("closed", "open")


def test_what_was_sent_cannot_be_called_back(ana: Office) -> None:
    """The rest of the mail is taken back all the same."""
    ana.say("ask 1 when?; where?\nclose 1")
    told = ana.told("undo")
    assert "what was sent to somebody cannot be called back" in told
    assert ana.status(1) == "open"
    assert "(taken back)" not in ana.told("show 1")


def test_a_merge_stays(ana: Office) -> None:
    """It is said once, and what was put together stays together."""
    ana.mail("I would like to be a mentor on the warmline. Ana Ruiz")
    ana.say("merge 1 2")
    assert ana.told("undo").count("cannot be told apart") == 1
    assert (ana.status(1), ana.status(2), ana.item(1).details["setting"]) == ("open", "closed", ["warmline"])


def erased(office: Office, command: str = "erase 1") -> Outgoing:
    """The answer to the yes."""
    (asked,) = office.say(command, about=1)
    assert (asked.template, asked.number) == ("erase_asked", 1)
    (result,) = office.mail("yes", PROOF, f"In-Reply-To: {asked.message_id}", sender=f"Sam <{SAM}>")
    return result


def test_erase_asks_once(ana: Office) -> None:
    """Nothing goes before the yes; then all of the person's words are gone, wherever they stood, and their address with them."""
    ana.say("note 1 a secret note", about=1)
    ana.say("show 1", about=1)
    assert "is forgotten" in erased(ana).body
    item = ana.item(1)
    assert (item.status, item.details, item.note, item.name, item.phone) == ("closed", {}, "", "", "")
    with ana.database.read() as session:
        assert session.execute(select(Address)).all() == []
        sources = [source or b"" for source in session.execute(select(Inbound.source)).scalars()]
        bodies = [f"{row.subject} {row.body} {row.html}" for row in session.execute(select(Outgoing)).scalars()]
    assert not any(b"Billings" in source or b"secret note" in source for source in sources)
    assert not any("Billings" in body or "secret" in body or ANA in body for body in bodies)


def test_a_second_yes_is_refused(ana: Office) -> None:
    """The mail that asked is spent."""
    (asked,) = ana.say("erase 1")
    for _ in range(2):
        back = ana.mail("yes, erase", PROOF, f"In-Reply-To: {asked.message_id}", sender=f"Sam <{SAM}>")
        assert [one.recipient for one in back] == [SAM]
    assert back[0].template == "refused"


@pytest.mark.parametrize("word", ["yes?", "yes but later", "no", "not yet"])
def test_whatever_is_no_yes_erases_nothing(ana: Office, word: str) -> None:
    """In doubt nobody is forgotten."""
    (asked,) = ana.say("erase 1")
    ana.mail(word, PROOF, f"In-Reply-To: {asked.message_id}", sender=f"Sam <{SAM}>")
    assert ana.item(1).name == "Ana"


def test_jo_cannot_say_yes_for_sam(ana: Office) -> None:
    """The question was Sam's."""
    (asked,) = ana.say("erase 1")
    (told,) = ana.mail("yes", PROOF, f"In-Reply-To: {asked.message_id}", sender=f"Jo <{JO}>")
    assert (told.template, told.recipient) == ("refused", JO)
    assert ana.item(1).name == "Ana"


@pytest.mark.parametrize(
    ("line", "said"), [("erase 99", "There is no #99"), ("erase 1 and 2", "One number at a time"), ("erase 1 later", "One number")]
)
def test_erase_that_cannot_be(ana: Office, line: str, said: str) -> None:
    """It asks of nobody."""
    assert said in ana.told(line)


def test_one_erasure_a_mail(ana: Office) -> None:
    """One yes can agree to one."""
    ana.text("I can host a shadow. Bo", BO)
    (asked,) = ana.say("erase 1\nerase 2")
    assert asked.number == 1
    assert "NOT done: erase 2" in asked.body


def test_a_forward_is_erased_with_its_writer(office: Office) -> None:
    """A mail that a coordinator passed on is the volunteer's, and goes with them."""
    head = "---------- Forwarded message ---------\nFrom: Ana Ruiz <ana@example.net>\nDate: Mon, Mar 2, 2026\nSubject: Helping"
    forward = f"{head}\n\nI would like to be a mentor in Billings."
    office.mail(forward, PROOF, sender=f"Sam <{SAM}>", subject="Fwd: Helping")
    assert office.item(1).email == "ana@example.net"
    office.say("erase 1")
    asked = office.last_to(SAM)
    office.mail("yes", PROOF, f"In-Reply-To: {asked.message_id}", sender=f"Sam <{SAM}>")
    with office.database.read() as session:
        assert not any(b"Billings" in (source or b"") for source in session.execute(select(Inbound.source)).scalars())


def test_nothing_of_an_erased_person_is_taken_back(ana: Office) -> None:
    """Undo finds nothing to put back."""
    ana.say("note 1 secret")
    erased(ana)
    ana.text("I can host a shadow. Bo", BO)
    ana.say("undo", about=2)
    told = ana.told("undo", about=2)
    assert "changed since" in told or "nothing of yours" in told or "gone" in told
    assert ana.item(1).note == ""
