"""The reading as a whole: what is cut, screened, told and answered."""

from __future__ import annotations

import pytest

from parsers.message import Channel, InboundMessage
from parsers.reading import Context, Reading, hear, read
from parsers.vocabulary import load

VOCABULARY = load()


def _read(body: str, *, channel: Channel = "sms", subject: str = "", context: Context | None = None) -> Reading:
    message = InboundMessage(channel=channel, sender="petra@example.org", sender_name="Petra Vale", subject=subject, body=body)
    return read(hear(message, VOCABULARY), VOCABULARY, context or Context())


@pytest.mark.parametrize("text", ["STOP", "stop.", " Start ", "HELP", "Unsubscribe!"])
def test_a_word_that_twilio_acts_on_is_marked(text: str) -> None:
    assert _read(text).keyword


@pytest.mark.parametrize("text", ["stop it", "please stop", "help me with my shift", "STOP gracias"])
def test_more_than_that_word_is_ours(text: str) -> None:
    assert not _read(text).keyword


def test_a_mail_has_no_such_words() -> None:
    assert not _read("STOP", channel="email").keyword


@pytest.mark.parametrize(
    ("answer", "acts"),
    [
        ("That I can do!", ("shadow_offer",)),
        ("I could.", ("shadow_offer",)),
        ("Sign me up", ("shadow_offer",)),
        ("Me encantaría", ("shadow_offer",)),
        ("Yes, this I will do.", ("shadow_offer",)),
        ("Next year maybe, I am barely keeping my plants alive.", ("other",)),
        ("I can barely keep up as it is", ("other",)),
    ],
)
def test_a_short_answer_goes_with_the_question_above_it(answer: str, acts: tuple[str, ...]) -> None:
    questions = "> Do you want a mentor?\n\nLord no, that's enough of those.\n\n> Would you let a new peer come along on a shift?\n\n"
    reading = _read(f"On Mar 5, 2025, at 7:31 AM, Peer Notes <news@example.org> wrote:\n\n{questions}{answer}\n", channel="email")
    assert (reading.acts, reading.urgent, reading.clarify) == (acts, None, False)


@pytest.mark.parametrize("text", ["thanks!", "👍", "", "Liked “See you Friday”", "gracias", "hola"])
def test_a_courtesy_wants_no_answer(text: str) -> None:
    reading = _read(text)
    assert reading.courtesy
    assert reading.acts == ("other",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I would like to mentor someone", "en"),
        ("quiero ser mentora los sábados", "es"),
        ("Hola, quiero shadow a alguien en el hospital los weekends", "es"),
        ("👍", "en"),
    ],
)
def test_the_language_is_that_of_the_sentence(text: str, language: str) -> None:
    assert _read(text).language == language


def test_a_quoted_newsletter_is_nobodys_act() -> None:
    body = "Lovely issue, thank you!\n\nOn Tue, Feb 4, 2025 at 9:02 AM News <news@example.org> wrote:\n> Be a mentor! Reply STOP to end."
    assert _read(body, channel="email", subject="Re: News").acts == ("other",)


def test_answers_below_quoted_questions_keep_their_meaning() -> None:
    body = (
        "On Tue, Feb 4, 2025 at 9:02 AM News <news@example.org> wrote:\n"
        "> Would you be a mentor?\n\nNo, sorry.\n\n> Would you let a new peer shadow you?\n\nYes!\n"
    )
    assert _read(body, channel="email", subject="Re: News").acts == ("shadow_offer",)


def test_somebody_elses_wish_makes_no_record() -> None:
    body = (
        "For you, see below.\n\n---------- Forwarded message ---------\nFrom: Ines <ines@example.org>\nDate: Mon, Feb 3, 2025\n"
        "Subject: hi\nTo: Petra <petra@example.org>\n\nI'd like to be a mentor."
    )
    assert _read(body, channel="email", subject="Fwd: hi").acts == ("referral",)


def test_a_forwarded_cry_for_help_is_heard() -> None:
    body = (
        "Not sure what to do with this.\n\n---------- Forwarded message ---------\nFrom: Ines <ines@example.org>\nDate: Mon, Feb 3, 2025\n"
        "Subject: hi\nTo: Petra <petra@example.org>\n\nI want to kill myself."
    )
    assert _read(body, channel="email", subject="Fwd: hi").urgent == "crisis"


def test_a_subject_of_the_writers_own_is_screened_too() -> None:
    assert _read("please call", channel="email", subject="i want to die").urgent == "crisis"


def test_a_mail_that_says_thanks_alone_means_its_subject() -> None:
    """A subject that says nothing either leaves it a courtesy, which wants no answer."""
    assert _read("Many thanks!\nPetra Vale", channel="email", subject="take me off the list").acts == ("opt_out",)
    assert _read("Many thanks!\nPetra", channel="email", subject="hello from Missoula").courtesy
    assert _read("Thanks! Petra", channel="email", subject="Re: unsubscribe or be a mentor").courtesy


def test_an_empty_mail_means_its_subject() -> None:
    assert _read("", channel="email", subject="unsubscribe").acts == ("opt_out",)


def test_an_opt_out_stands_beside_a_crisis() -> None:
    reading = _read("stop texting me, i want to die")
    assert (reading.acts, reading.urgent) == (("opt_out",), "crisis")


def test_no_offer_is_made_of_a_crisis() -> None:
    reading = _read("MENTOR i took all my pills")
    assert (reading.acts, reading.urgent) == (("other",), "crisis")


@pytest.mark.parametrize("body", ["a " * 40_000, "\n" * 50_000, "(" * 30_000, "stop " * 10_000, "'" * 30_000, "1!" * 20_000])
def test_hostile_bodies_are_read_all_the_same(body: str) -> None:
    assert _read(body).acts


@pytest.mark.parametrize(
    ("body", "acts"),
    [
        ("1. no wait 2", {"answer", "shadow_offer"}),
        ("la 2, perdon la 1", {"answer", "mentor_offer"}),
        ("1. actually I could do 3 people", {"answer", "mentor_offer"}),
        ("1, how long is the wait? is it 2 weeks?", {"answer", "mentor_offer", "question"}),
        ("no idea what the diff is. whats option 1 vs option 2", {"question"}),
        ("I'd like to mentor. what difference does age make?", {"answer", "mentor_offer", "question"}),
        ("neither", {"answer"}),
        ("Neither, honestly. I only gave you my number to get the training dates.", {"other"}),
        ("neither, I want to shadow someone", {"answer", "shadow_request"}),
        ("mentor. me neither lol on the coffee", {"answer", "mentor_offer"}),
        ("1 please. none on sundays", {"answer", "mentor_offer"}),
    ],
)
def test_a_choice_may_be_taken_back_refused_or_asked_about(body: str, acts: set[str]) -> None:
    """What was corrected counts as it is then; who takes neither of the two, or asks what they are, has chosen nothing."""
    context = Context(asked="role", options=("mentor_offer", "shadow_offer"))
    message = InboundMessage(channel="sms", sender="+14065550100", body=body)
    assert set(read(hear(message, load()), load(), context).acts) == acts


def test_the_days_that_a_cry_tells_of_are_no_days_of_a_record() -> None:
    reading = _read("I can't come Saturday. I used Tuesday after 14 months and I have more of it and I'm scared I'll do the rest. Petra")
    assert reading.urgent == "crisis"
    assert reading.fields.keys() <= {"name"}
