"""What the digest says, section by section, to whom, and in which order; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from db import conversations, people
from db.conversations import State
from db.models import Contact, Record
from db.statements import table
from notifier.contents import MOST_LINES
from tests.notifier.days import HEADINGS, MORNING, Day
from tests.notifier.samples import CASEY_MAIL, CASEY_PHONE, JO, PROGRAMME, SAM, casey

NEEDS, AWAITED, LACKS, MONTH, OPTED_OUT, TROUBLE, RESEMBLING = HEADINGS
LEFT_OUT: list[str] = []


def test_a_quiet_day_is_one_line(day: Day) -> None:
    """So that silence means failure; above it the line that answers go above."""
    quiet = "Nothing happened since the last digest, and nothing is open.\n"
    assert day.body() == f"--- Answer above this line ---\n\n{quiet}"
    assert day.queued()[-1].subject == "Peer Support: nothing needs you, 2026-03-03"
    assert day.queued()[-1].html.count("<tr>") < 8


def test_its_sections_come_in_their_order(day: Day) -> None:
    """Whoever is at risk first, then what needs the reader; the month, and what went wrong, last."""
    day.case("crisis")
    day.record("mentor_request")
    day.record("shadow_offer", status="unconfirmed")
    day.message(outcome="quarantined", error="ValueError at mail.py:9")
    day.message(outcome="automatic", resembles="mentor_offer")
    day.opt_out(CASEY_MAIL)
    row = day.today()
    assert row.body.startswith("--- Answer above this line ---\n\nYou may answer this mail with")
    for said in (row.body, row.html):
        places = [said.index(heading) for heading in ("Urgent", *HEADINGS)]
        assert places == sorted(places)
    assert row.subject == "Peer Support: 1 urgent, 1 needs you, 1 waiting for others, 2026-03-03"


def test_hints_stand_in_a_sentence(day: Day) -> None:
    """With a number that is there; no line of the mail is a command by itself, should somebody quote it."""
    number = day.record().number
    lines = day.body().splitlines()
    assert any(f'"close {number}"' in line and line.startswith("You may") for line in lines)
    assert not any(line.lstrip("- >").startswith(("close", "snooze", "show")) for line in lines)


@pytest.mark.parametrize("kind", ["crisis", "safeguarding"])
def test_of_somebody_at_risk_it_says_the_number_alone(day: Day, kind: str) -> None:
    """A digest lies about in mailboxes: neither who nor how to reach them, new or old, asked something or not."""
    number = day.case(kind)
    for _ in range(2):
        row = day.today()
        assert f"Urgent: 1 open, not acknowledged.\n\n- #{number} nobody has acknowledged it\n" in row.body
        assert not any(said in text for said in ("Casey", CASEY_PHONE) for text in (row.body, row.html))
        day.ask(number)
        day.clock.advance(days=1)
    assert [line.partition(" (")[0] for line in day.section(AWAITED)] == [
        f"- #{number} {'crisis' if kind == 'crisis' else 'safeguarding concern'}"
    ]


def test_who_acknowledged_a_case_is_said_until_it_is_closed(day: Day) -> None:
    """Those whom nobody sees to come first; a coordinator goes by their name."""
    seen, unseen, closed = (day.case("crisis") for _ in range(3))
    day.mark(seen, acknowledged_at=day.clock(), acknowledged_by=JO.email)
    day.mark(closed, status="closed")
    assert f"Urgent: 2 open, 1 not acknowledged.\n\n- #{unseen} nobody has acknowledged it\n- #{seen} acknowledged by Jo\n" in day.body()


def test_what_needs_somebody_is_listed_by_age(day: Day) -> None:
    """Records and cases in one list, oldest first; late after two days and very late after five, in words and in colour."""
    for hours, kind in ((24 * 5, "mentor_offer"), (24 * 5 - 1, "shadow_offer"), (24 * 2, "question"), (24 * 2 - 1, "mentor_request")):
        day.clock.set(MORNING - timedelta(hours=hours))
        if kind == "question":
            day.case(kind)
        else:
            day.record(kind)
    day.clock.set(MORNING)
    reach = f"Casey, {CASEY_PHONE}"
    assert day.section(NEEDS) == [
        "Nobody's yet",
        f"- #1 mentor offer, {reach} (5 days, very late)",
        f"- #2 shadow host offer, {reach} (4 days, late)",
        f"- #3 question, {reach} (2 days, late)",
        f"- #4 mentor request, {reach} (1 day)",
    ]
    html = day.today().html
    assert [html.count(f'font-weight:bold;color:{colour}">') for colour in ("#e03131", "#b36b00")] >= [1, 2]


def test_each_coordinator_reads_their_own_first(day: Day) -> None:
    """Then what nobody took, then a colleague's with their name; the subject counts what the colleague does not have."""
    for kind, owner in (
        ("mentor_offer", JO.email),
        ("shadow_offer", ""),
        ("mentor_request", SAM.email.upper()),
        ("shadow_request", "pat@example.org"),
    ):
        day.mark(day.record(kind).number, assigned_to=owner)
        day.clock.advance(minutes=1)
    for reader, order, last in ((SAM, "3214", "(today; pat@example.org has it)"), (JO, "1234", "(today; pat@example.org has it)")):
        lines = day.section(NEEDS, reader)
        assert [line[3] for line in lines if line.startswith("- #")] == list(order)
        assert [line for line in lines if not line.startswith("-")] == ["Yours", "Nobody's yet", "With a colleague"]
        assert lines[-1].endswith(last)
    assert day.section(NEEDS, SAM)[5].endswith("(today; Jo has it)")
    assert ": 2 need you, " in day.today(SAM).subject


def test_a_long_list_is_cut_and_counted(day: Day) -> None:
    """The oldest of one's own are never crowded out by what others left lying."""
    for at in range(MOST_LINES + 7):
        day.record(value=f"+1406555{at:04}")
        day.clock.advance(seconds=1)
    day.mark(MOST_LINES + 7, assigned_to=SAM.email)
    lines = day.section(NEEDS)
    assert [line.split()[1] for line in lines if line.startswith("- #")] == [
        f"#{MOST_LINES + 7}",
        *(f"#{at}" for at in range(1, MOST_LINES)),
    ]
    assert lines[-1] == "- and 7 more"
    assert day.today().subject.startswith(f"Peer Support: {MOST_LINES + 7} need you")


@pytest.mark.parametrize(("status", "told"), [("open", NEEDS), ("unconfirmed", AWAITED), ("paused", ""), ("withdrawn", ""), ("closed", "")])
def test_only_what_somebody_can_act_on_is_told(day: Day, status: str, told: str) -> None:
    """A guess waits for its writer; paused waits for its day; the rest is done with."""
    number = day.record(status=status).number
    for heading in (NEEDS, AWAITED):
        assert any(f"#{number} " in line for line in day.section(heading)) == (heading == told)


def test_a_snoozed_item_comes_back_by_itself(day: Day) -> None:
    """At its hour, with the age it has."""
    numbers = [day.record().number, day.case()]
    for number in numbers:
        day.mark(number, snoozed_until=day.clock() + timedelta(days=5))
    assert day.section(NEEDS) == LEFT_OUT
    day.clock.advance(days=5)
    assert [line.split()[1] for line in day.section(NEEDS)[1:]] == [f"#{number}" for number in numbers]
    assert day.section(NEEDS)[1].endswith("(5 days, very late)")


def test_who_was_asked_is_waited_for(day: Day) -> None:
    """Counted from the first question that has no answer; with the answer it is the coordinator's turn again."""
    number = day.record().number
    day.ask(number)
    day.clock.advance(days=3)
    day.ask(number)
    line = f"- #{number} mentor offer, Casey, {CASEY_PHONE} (asked 3 days ago, late)"
    assert (day.section(NEEDS), day.section(AWAITED)) == (LEFT_OUT, [line])
    assert ": nothing needs you, 1 waiting for others, " in day.today().subject
    day.answer()
    assert (len(day.section(NEEDS)), day.section(AWAITED)) == (2, LEFT_OUT)


def test_a_question_about_what_is_closed_is_nobodys(day: Day) -> None:
    number = day.record().number
    day.ask(number)
    day.mark(number, status="closed")
    assert day.section(AWAITED) == LEFT_OUT


def test_a_guess_that_nobody_answered_comes_to_the_coordinator(day: Day) -> None:
    """After the 72 hours in which an answer would be understood; a conversation under way keeps it waiting."""
    number = day.record(status="unconfirmed").number
    day.clock.advance(hours=71)
    assert [line.split(" (")[0] for line in day.section(AWAITED)] == [f"- #{number} mentor offer, to be confirmed, Casey, {CASEY_PHONE}"]
    day.clock.advance(hours=1)
    assert day.section(AWAITED) == LEFT_OUT
    assert day.section(NEEDS)[1].endswith("(3 days, late)")
    with day.database.write() as session:
        asked = State(asked="role", number=number)
        conversations.keep(session, casey(session).contact_id, asked, expires_at=day.clock() + timedelta(hours=1))
    assert (day.section(NEEDS), len(day.section(AWAITED))) == (LEFT_OUT, 1)


def test_it_says_what_the_scheme_lacks(day: Day) -> None:
    """Open requests against the places of confirmed offers; neither a guess nor what is paused counts, and one offer is one place."""
    for at in range(3):
        day.record("shadow_request", value=f"+1406555010{at}", details={"setting": ["warmline"]})
        day.record("mentor_request", value=f"+1406555010{at}", details={"language": ["es"]})
    day.record("mentor_offer", value="+14065550110", details={"language": ["en", "es"], "capacity": 1})
    day.record("shadow_offer", value="+14065550111", status="unconfirmed", details={"setting": ["warmline"], "capacity": 5})
    day.record("shadow_offer", value="+14065550112", status="paused", details={"setting": ["warmline"]})
    assert day.section(LACKS) == [
        "For the newsletter: We need 3 warmline hosts and 2 mentors who speak Spanish.",
        "- mentors in all: 3 asked, 1 offered",
        "- mentors, Spanish: 3 asked, 1 offered",
        "- hosts in all: 3 asked, 0 offered",
        "- hosts, warmline: 3 asked, 0 offered",
    ]
    # Of the language that everybody speaks the total tells: it is not named.
    day.programme = replace(PROGRAMME, languages=("es", "en"))
    assert "Necesitamos 3 anfitriones (línea de apoyo) y 2 mentores." in day.body()


@pytest.mark.parametrize("capacity", ["many", "2.5", None, [3], {"a": 1}])
def test_an_odd_capacity_is_one_place(day: Day, capacity: object) -> None:
    """Whatever came to stand there, the digest goes out."""
    for at in range(2):
        day.record("mentor_request", value=f"+1406555010{at}")
    day.record("mentor_offer", details={"capacity": capacity, "setting": "warmline", "location": None})
    assert day.section(LACKS)[0] == "For the newsletter: We need 1 mentor."


def test_the_month_stands_beside_the_last(day: Day) -> None:
    """From the first of the month, at the programme's midnight, to the digest; bars as long as their numbers."""
    for at, moment in enumerate(
        [datetime(2026, 2, 1, 6, 59, tzinfo=UTC), datetime(2026, 2, 1, 7, 0, tzinfo=UTC), datetime(2026, 3, 1, 6, 59, tzinfo=UTC)]
    ):
        day.clock.set(moment)
        day.record(value=f"+1406555010{at}")
    day.clock.set(datetime(2026, 3, 1, 7, 0, tzinfo=UTC))
    day.record("mentor_request")
    closed, withdrawn = day.record("shadow_offer").number, day.record("shadow_request").number
    day.mark(closed, status="closed", closed_at=day.clock())
    day.mark(withdrawn, status="withdrawn", closed_at=day.clock() - timedelta(seconds=1))
    day.message(outcome="automatic")
    day.clock.set(MORNING)
    assert day.section(MONTH) == [
        "- Mentor offers: 0 (last month 2)",
        "- Host offers: 1 (last month 0)",
        "- Mentor requests: 1 (last month 0)",
        "- Shadow requests: 1 (last month 0)",
        "- Withdrawn: 0 (last month 1)",
        "- Closed: 1 (last month 0)",
        "- Messages in: 3 (last month 2)",
    ]
    html = day.today().html
    assert [html.count(f'<td width="{width}%" height="8"') for width in (80, 40, 53)] == [2, 5, 1]


def test_who_opted_out_is_told_once(day: Day) -> None:
    """How they were reached, and their name where it is known; not those who have come back."""
    day.opt_out()
    day.opt_out(CASEY_MAIL, name="")
    day.opt_out("+14065550177", name="Lee")
    with day.database.write() as session:
        people.opt_in(session, casey(session, value="+14065550177").address_id)
    assert day.section(OPTED_OUT) == [f"- Casey, text {CASEY_PHONE}", f"- mail {CASEY_MAIL}"]
    assert day.queue_if_due()
    day.clock.advance(days=1)
    assert day.section(OPTED_OUT) == LEFT_OUT


def test_what_could_not_be_read_is_told_once(day: Day) -> None:
    """By the message's number and the kind of the error."""
    inbox_id = day.message(outcome="quarantined", error="ValueError at mail.py:9")
    assert day.section(TROUBLE) == [f"- message {inbox_id}, a text: ValueError at mail.py:9"]
    assert day.queue_if_due()
    day.clock.advance(days=1)
    assert day.section(TROUBLE) == LEFT_OUT


def test_what_could_not_be_delivered_is_told_once(day: Day) -> None:
    """What failed, with the reason, what may or may not have arrived, and what may have arrived twice."""
    number = day.record().number
    day.sent("a", "failed", error="Twilio 30006")
    day.sent("b", "uncertain", error="no answer", recipient="+14065550188", number=number)
    for key in ("c", "d", "e"):
        day.sent(key, {"c": "sent", "d": "suppressed", "e": "queued"}[key], recipient="+14065550199")
    day.sent("f", "sent", recipient="+14065550177", doubtful=True)
    assert day.section(TROUBLE) == [
        f"- text to {CASEY_PHONE}: Twilio 30006",
        f"- text to +14065550188 about #{number}: it may or may not have arrived",
        "- text to +14065550177: it was sent again and may have arrived twice",
    ]
    assert day.queue_if_due()
    day.clock.advance(days=1)
    assert day.section(TROUBLE) == ["- 1 message still waiting to be sent"]


def test_what_still_waits_to_be_sent_is_told(day: Day) -> None:
    """What should have gone an hour ago; what has just been queued is no news."""
    day.clock.advance(minutes=-61)
    day.sent("a", "queued")
    day.clock.advance(minutes=2)
    day.sent("b", "queued")
    day.clock.set(MORNING)
    assert day.section(TROUBLE) == ["- 1 message still waiting to be sent"]


def test_an_automatic_mail_that_reads_like_a_person_is_told_once(day: Day) -> None:
    """With what its headers say of whose it is, as long as it is kept."""
    source = b"From: =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\nSubject: Away\n until May\n\nI could mentor."
    first = day.message(source, outcome="automatic", resembles="mentor_offer;shadow_offer")
    second = day.message(outcome="automatic", resembles="mentor_request")
    day.message(source, outcome="automatic")
    assert day.section(RESEMBLING)[1:] == [
        f'- message {first} from Zoë <zoe@example.org>, "Away until May", reads like a mentor offer and a shadow host offer',
        f"- message {second}, reads like a mentor request",
    ]
    assert day.queue_if_due()
    day.clock.advance(days=1)
    assert day.section(RESEMBLING) == LEFT_OUT


def test_nothing_that_came_at_the_moment_of_a_digest_is_lost(day: Day) -> None:
    """Before it or after it, in one of the two."""
    day.opt_out()
    first = day.body()
    day.clock.advance(days=1)
    day.opt_out(CASEY_MAIL)
    second = day.body()
    assert [CASEY_PHONE in body for body in (first, second)] == [True, False]
    assert [CASEY_MAIL in body for body in (first, second)] == [False, True]


def test_a_record_whose_person_is_gone_is_told_without_them(day: Day) -> None:
    """A case may have no contact, and a contact neither name nor address."""
    number = day.record(name="").number
    with day.database.write() as session:
        session.execute(update(table(Contact)).values(phone="", email=""))
        assert session.execute(select(table(Record).c.id)).scalars().all() == [number]
    assert day.section(NEEDS) == ["Nobody's yet", f"- #{number} mentor offer (today)"]
