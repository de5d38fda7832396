"""Whose words are commands, and whose are anybody's: coordinators' mails and texts at the door."""

from __future__ import annotations

import pytest

from tests.intake.office import ANA, CY, JO, JO_PHONE, PROOF, SAM, SAM_PHONE, Office

AWAY = "I am out of the office until March 9 with limited access to e-mail. For urgent matters please contact Jo."


@pytest.fixture
def ana(office: Office) -> Office:
    """#1 is Ana's mentor offer."""
    office.text("I can be a mentor in Billings. Ana")
    return office


@pytest.fixture
def crisis(office: Office) -> Office:
    """#1 is somebody at risk."""
    office.text("I want to kill myself", CY)
    return office


@pytest.mark.parametrize(
    ("text", "said"),
    [("close 1", "is closed"), ("show 1", "Ana"), ("list", "1 found"), ("snooze 1 5d", "sleeps until"), ("commands", "close 12")],
)
def test_a_text_from_a_coordinators_phone(ana: Office, text: str, said: str) -> None:
    """A few commands may come by text, and are answered by one text to that phone."""
    (back,) = ana.text(text, SAM_PHONE)
    assert (back.channel, back.recipient, back.template) == ("sms", SAM_PHONE, "result")
    assert said in back.body
    assert len(back.body) <= 459


def test_ack_by_text(crisis: Office) -> None:
    """It is seen to, and the others are told."""
    mails = crisis.text("ack 1", JO_PHONE)
    assert [(one.channel, one.recipient) for one in mails] == [("email", SAM), ("sms", SAM_PHONE), ("sms", JO_PHONE)]
    assert crisis.item(1).acknowledged_by == JO


@pytest.mark.parametrize(
    "text", ["erase 1", "note 1 x", "ask 1 why?", "withdraw 1", "kind 1 shadow offer", "set 1 town Helena", "take 1", "pause 1"]
)
def test_what_only_a_mail_can_command(ana: Office, text: str) -> None:
    """By text it is refused, and nothing is done."""
    before = ana.item(1)
    (back,) = ana.text(text, SAM_PHONE)
    assert "by mail only" in back.body
    assert ana.item(1) == before


@pytest.mark.parametrize("keyword", ["STOP", "HELP", "START", "stop", "Help", "MENTOR"])
def test_keywords_from_a_coordinators_phone_stay_what_they_are(ana: Office, keyword: str) -> None:
    """What a provider acts on is no command, and a coordinator may test the line like anybody."""
    out = ana.text(keyword, SAM_PHONE)
    assert "result" not in [one.template for one in out]
    assert ana.status(1) == "open"


def test_a_coordinator_who_volunteers(ana: Office) -> None:
    """Their own words make a record of theirs, by text and by mail."""
    ana.text("I would like to be a mentor, too. Sam", SAM_PHONE)
    ana.mail("I would like to host a shadow on Tuesdays. Jo", PROOF, sender=f"Jo <{JO}>")
    assert [(row["kind"], row["phone"] or row["email"]) for row in ana.records()[1:]] == [("mentor_offer", SAM_PHONE), ("shadow_offer", JO)]


@pytest.mark.parametrize("text", ["close 1", "show 1", "list", "ack 1", "commands"])
def test_a_strangers_phone_commands_nothing(ana: Office, text: str) -> None:
    """Nor do those of volunteers; nothing of anybody is told."""
    out = ana.text(text, "+14065550199")
    assert ana.status(1) == "open"
    assert "result" not in [one.template for one in out]
    assert not any("Ana" in one.body for one in out if one.recipient == "+14065550199")


def test_no_command_by_mail_without_words(ana: Office) -> None:
    """Thanks and greetings want nothing back."""
    for words in ("Thanks!", "Thank you so much", "Hi Sam", "\U0001f44d", ""):
        assert ana.say(words) == []


def test_prose_is_told_that_it_was_no_command(ana: Office) -> None:
    """One mail, with the way to the list of commands."""
    told = ana.told("She seems to be a good fit for the drop-in, let me think about it over the weekend.")
    assert "found no command" in told
    assert '"commands"' in told


@pytest.mark.parametrize(
    "words", ["I'll call her", "Thanks", "Got it", "ok", "Yes I see to it", "lo veo yo", "clsoe this", "Calling now.\n\nSam"]
)
def test_any_words_to_an_urgent_alert_acknowledge_it(crisis: Office, words: str) -> None:
    """Whoever writes has seen it, and the others are told at once."""
    mails = crisis.say(words)
    assert [one.recipient for one in mails if one.template == "acknowledged"] == [JO, JO_PHONE]
    assert [one.recipient for one in mails if one.template == "result"] == [SAM]
    assert crisis.item(1).acknowledged_by == SAM


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply", "X-Peer-Intake: 1"])
def test_an_automatic_reply_acknowledges_nothing(crisis: Office, header: str) -> None:
    """Out of office is nobody's word."""
    alert = crisis.last_to(SAM)
    assert crisis.mail("I'll call", PROOF, header, f"In-Reply-To: {alert.message_id}", sender=f"Sam <{SAM}>") == []
    assert crisis.item(1).acknowledged_at is None


def test_an_automatic_reply_without_a_header_acknowledges_nothing(crisis: Office) -> None:
    """Its words tell it; neither is it answered."""
    assert crisis.say(AWAY) == []
    assert crisis.item(1).acknowledged_at is None


def test_an_unproven_automatic_reply_alarms_nobody(crisis: Office) -> None:
    """A machine that answers in Sam's name where the server vouches for nothing is no attempt at a command."""
    assert crisis.say(AWAY, proof="") == []


def test_one_mail_back_for_one_mail(ana: Office) -> None:
    """However many lines there are."""
    out = ana.say("show 1\nlist\nclose 1; reopen 1; take 1\ncommands\nclsoe 1")
    assert [one.template for one in out] == ["result"]
    assert [out[0].body.count(word) for word in ("NOT done: ", "Done: ")] == [1, 6]


def test_the_same_mail_twice(ana: Office) -> None:
    """A repeat does nothing and says nothing."""
    alert = ana.last_to(SAM)
    mail = f"{PROOF}\r\nFrom: Sam <{SAM}>\r\nMessage-ID: <x@example.net>\r\nIn-Reply-To: {alert.message_id}\r\n\r\nnote 1 x\r\n".encode()
    assert len(ana.bring_mail(mail)) == 1
    assert ana.bring_mail(mail) == []
    assert ana.item(1).note == "x"


def test_words_that_also_stand_in_our_mail_are_told(ana: Office) -> None:
    """Whoever types what a volunteer wrote hears why it was passed over."""
    ana.text("close 1 please", "+14065550199")
    ana.mail("I would like to host a shadow. Please close 1 now. Bo", sender="Bo <bo@example.net>")
    told = ana.told("Please close 1 now", about=3)
    assert "passed over" in told
    assert ana.status(1) == "open"


def test_a_command_in_html_alone(ana: Office) -> None:
    """Some programs send no plain part."""
    alert = ana.last_to(SAM)
    html = "<html><body><p>Close <b>#1</b></p><p>Thanks!<br>Sam</p></body></html>"
    ana.mail(html, PROOF, "Content-Type: text/html; charset=utf-8", f"In-Reply-To: {alert.message_id}", sender=f"Sam <{SAM}>")
    assert ana.status(1) == "closed"


def test_the_coordinators_language_decides(database_url: str) -> None:
    """Where Spanish comes first, results, refusals and help are Spanish, whatever language the command was in."""
    office = Office(database_url, LANGUAGES="es,en")
    office.text("I can be a mentor. Ana")
    assert "está cerrado" in office.told("close 1")
    assert "está cerrado" in office.told("cerrar 1")
    assert "mostrar 12" in office.told("ordenes")
    assert office.say("close 1", proof="")[0].subject == "Una orden que no se cumplió"
    office.database.close()


def test_re_does_not_pile_up(ana: Office) -> None:
    """However often a thread goes to and fro."""
    for _ in range(4):
        (result,) = ana.say("show 1")
    assert result.subject == "Re: #1 New mentor offer: Ana"
    (last,) = ana.mail("list", PROOF, f"In-Reply-To: {result.message_id}", sender=f"Sam <{SAM}>", subject="RE: Re: re[2]: #1")
    assert last.subject == "Re: #1"


def test_new_needs_no_token(ana: Office) -> None:
    """A record for somebody who phoned can be mailed in from scratch; anything else needs an answer to one of our mails."""
    mails = ana.mail("new mentor offer: Cleo, 406-555-0101, warmline", PROOF, sender=f"Sam <{SAM}>")
    assert [one.recipient for one in mails] == [SAM]
    assert "Nobody was written to" in mails[0].body
    (refused,) = ana.mail("new mentor offer: Dee, 406-555-0102\nclose 1", PROOF, sender=f"Sam <{SAM}>")
    assert refused.template == "refused"
    assert len(ana.records()) == 2
    (refused,) = ana.mail("new mentor offer: Eve, 406-555-0103", sender=f"Sam <{SAM}>")
    assert refused.template == "refused"
    assert len(ana.records()) == 2


HEAD = "---------- Forwarded message ---------\nFrom: Bo Li <bo@example.net>\nDate: Mon, Mar 2, 2026\nSubject: Helping\n\n"


def forward(office: Office, words: str, *, above: str = "", head: str = HEAD, proof: str = PROOF) -> list[tuple[str, str]]:
    out = office.mail(f"{above}\n\n{head}{words}", *filter(None, [proof]), sender=f"Sam <{SAM}>", subject="Fwd: Helping")
    return [(one.recipient, one.template) for one in out]


def test_a_forwarded_mail_makes_the_volunteers_record(office: Office) -> None:
    """With the volunteer as its contact; nobody is written to but the coordinator, who can ask from there."""
    assert forward(office, "I would like to be a mentor in Helena.") == [(SAM, "result")]
    item = office.item(1)
    assert (item.kind, item.name, item.email, item.details["location"]) == ("mentor_offer", "Bo Li", "bo@example.net", "Helena")
    assert office.history(1)[0].author == SAM
    to_him = office.say("ask 1 which days?")[0]
    assert to_him.recipient == "bo@example.net"
    office.say("undo", about=1)
    office.say("undo", about=1)
    assert office.status(1) == "closed"


def test_a_forwarded_question(office: Office) -> None:
    """It stands before the coordinators like one that came by itself."""
    assert forward(office, "When is the next training?") == [(SAM, "result")]
    assert (office.item(1).kind, office.item(1).email) == ("question", "bo@example.net")


def test_a_forward_at_risk(office: Office) -> None:
    """The coordinator who passed it on is told of the case; the writer is not answered by us."""
    out = forward(office, "I want to kill myself")
    assert (SAM, "result") in out
    assert not any(recipient == "bo@example.net" for recipient, _ in out)
    assert office.item(1).kind == "crisis"


def test_a_forward_of_our_own_mail(ana: Office) -> None:
    """Makes no record of ours."""
    own = "---------- Forwarded message ---------\nFrom: Peer Support <intake+id-0003.abc@example.org>\nSubject: #1\nDate: today\n\n"
    out = ana.mail(f"{own}I would like to be a mentor.", PROOF, sender=f"Sam <{SAM}>", subject="Fwd: #1")
    assert [one.template for one in out] == ["result"]
    assert "one of our own" in out[0].body
    assert len(ana.records()) == 1


def test_a_forward_that_says_nothing(office: Office) -> None:
    """It is told."""
    out = office.mail(f"{HEAD}Happy birthday!", PROOF, sender=f"Sam <{SAM}>", subject="Fwd: Helping")
    assert "could read no offer or request" in out[0].body


def test_a_forged_forward_passes_nothing_on(office: Office) -> None:
    """Without proof it is anybody's mail."""
    forward(office, "I would like to be a mentor. Bo", proof="")
    assert [row["email"] for row in office.records()] in ([], [SAM])


def test_a_volunteers_mail_to_a_coordinators_alert(ana: Office) -> None:
    """Somebody who got the alert forwarded and answers it in their own words is a volunteer."""
    alert = ana.last_to(SAM)
    out = ana.mail("I would like to be a mentor, too. Dee", PROOF, f"In-Reply-To: {alert.message_id}", sender="Dee <dee@example.net>")
    assert ("dee@example.net", "recorded") in [(one.recipient, one.template) for one in out]
    assert "refused" not in [one.template for one in out]
    assert ANA in [row["phone"] for row in ana.records()]
