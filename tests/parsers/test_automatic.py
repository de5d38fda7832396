"""Machines are recognised, and no person is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.automatic import reason
from parsers.mail import read_mail
from parsers.message import Channel, InboundMessage
from parsers.reading import Context, hear, read
from parsers.reply import own_words
from parsers.vocabulary import load

VOCABULARY = load()
MAILS = Path(__file__).parents[1] / "mails"
CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


def why(body: str, *, subject: str = "", sender: str = "pat@example.org", name: str = "Pat Moss") -> str:
    message = InboundMessage(channel="email", sender=sender, sender_name=name, subject=subject, body=body)
    return reason(message, own_words(message, VOCABULARY), VOCABULARY)


def why_text(body: str) -> str:
    message = InboundMessage(channel="sms", sender="+14065550111", body=body)
    return reason(message, own_words(message, VOCABULARY), VOCABULARY)


@pytest.mark.parametrize(
    ("name", "reasons"), [("bounce", {"bounce"}), ("out_of_office", {"null return path", "auto-submitted"}), ("gmail_reply", {""})]
)
def test_mails(name: str, reasons: set[str]) -> None:
    assert read_mail((MAILS / f"{name}.eml").read_bytes(), VOCABULARY).automatic in reasons


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("Auto-Submitted: auto-generated", True),
        ("Auto-Submitted: auto-replied; owner-email=x", True),
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: No (human)", False),
        ("Return-Path: <>", True),
        ("Return-Path: <pat@example.org>", False),
        ("X-Failed-Recipients: x@example.org", True),
        ("X-Autoreply: yes", True),
        ("X-Autorespond: news", True),
        ("Precedence: bulk", True),
        ("Precedence: auto_reply", True),
        ("Precedence: first-class", False),
        ("List-Unsubscribe: <mailto:x@example.org>", True),
        ("List-Id: News <news.example.org>", True),
        ("X-Auto-Response-Suppress: All", False),
        ("X-Mailing-List-Note: none", False),
        ("Content-Type: multipart/report; boundary=x", True),
        ('Content-Type: text/calendar; method="REPLY"', True),
        ("Content-Type: text/calendar; method=REQUEST", False),
    ],
)
def test_headers(headers: str, automatic: bool) -> None:  # noqa: FBT001
    mail = read_mail(f"From: Pat <pat@example.org>\nSubject: Re: news\n{headers}\n\nI would like to mentor.".encode(), VOCABULARY)
    assert bool(mail.automatic) is automatic


@pytest.mark.parametrize(
    "sender",
    [
        "mailer-daemon@example.org",
        "no-reply@example.org",
        "noreply+x1@example.org",
        "donotreply@example.org",
        "peers-request@example.org",
        "owner-peers@example.org",
        "bounces+12-ab@example.org",
    ],
)
def test_machine_senders(sender: str) -> None:
    assert why("hello", sender=sender)


@pytest.mark.parametrize(
    "sender",
    ["norah@example.org", "rootbeer@example.org", "owner@example.org", "postman@example.org", "info@example.org", "request@example.org"],
)
def test_people_with_odd_addresses(sender: str) -> None:
    assert not why("hello", sender=sender)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Automatic reply: Mentors", "I am out until Monday."),
        ("Out of Office Re: news", "Back soon."),
        ("Respuesta automática: Mentores", "Estoy fuera."),
        ("Réponse automatique : News", "Je suis absent."),
        ("Automatische Antwort: News", "Ich bin nicht da."),
        ("Re: news", "Hello,\n\nI am out of the office until March 3 with limited access to email."),
        ("Re: news", "Thank you for your email. I'm currently out of the office. For urgent matters, call the desk."),
        ("RE: mentores", "Gracias por su correo. Me encuentro fuera de la oficina. Le responderé a mi regreso."),
        ("Vacation", "I'm on vacation and will get back to you when I return on June 1. In my absence write to Lee."),
        ("Undeliverable: news", "It couldn't be delivered."),
        ("Mensaje no entregado", "No se encontró la dirección."),
        ("Message problem", "550 5.1.1 user unknown"),
        ("Read: news", "Your message\n\n   To: Pat\n   Subject: news\n\n was read on Monday."),
        ("Leído: noticias", "Su mensaje fue leído el lunes."),
        ("Accepted: Introduction", "Pat has accepted this invitation."),
        ("[Request received] news", "We will look at it."),
        ("[Ticket #12] news", "Your request has been received."),
        ("Re: news", "This is an automated message. Please do not reply."),
        ("Your message to peers awaits moderator approval", "It is held."),
    ],
)
def test_automatic_mails_without_headers(subject: str, body: str) -> None:
    if subject == "Message problem":
        assert why(body, subject=subject, name="System Administrator")
    else:
        assert why(body, subject=subject)


PEOPLE = [
    "I'm out of the office on Fridays, any other day is fine for a shadow.",
    "I am on leave until June, please pause my offer.",
    "I will be on vacation until the 5th, can we start after that?",
    "I am no longer with the clinic, please take me off the list.",
    "Hi. This is the third time I write. I want a mentor.",
    "I'm sorry to have to inform you that I can't mentor any more.",
    "Hello, thank you for your message. I am interested in being a mentor.",
    "Gracias por su mensaje, me gustaría ser mentora.",
    "Estoy de vacaciones hasta el lunes pero sí quiero ser mentora.",
    "I got your automatic reply. I still want a mentor.",
    "My mailbox was full, sorry. Yes to mentoring.",
    "This number is not Kim's any more.",
    "Please do not reply to this number, email me instead.",
    "Thanks for texting! I can mentor on Mondays.",
    "I'm driving right now but yes, I'd love to mentor.",
]


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Re: news",
        "vacation",
        "De vacaciones",
        "Fwd: Undeliverable: news",
        "Re: Automatic reply: news",
        "Delivery problem",
        "Address change",
    ],
)
@pytest.mark.parametrize("body", PEOPLE)
def test_people_are_not_suppressed(subject: str, body: str) -> None:
    assert not why(body, subject=subject)
    assert not why_text(body)


@pytest.mark.parametrize(
    "body",
    [
        "I\u2019m driving with Focus turned on. I\u2019ll see your message when I get where I\u2019m going.",
        "(I\u2019m not receiving notifications. If this is urgent, reply \u201curgent\u201d.)",
        "I'm driving right now - I'll get back to you later.",
        "Thank you for contacting Prairie House. Our business hours are 9-5.",
        "Auto-reply: in a meeting",
        "This number does not accept text messages.",
        "Estoy conduciendo con el modo de concentración activado.",
        "Este es un mensaje automático. No responda.",
    ],
)
def test_automatic_texts(body: str) -> None:
    assert why_text(body)


@pytest.mark.parametrize(
    "body",
    [
        "Thanks for your email. I read my mail on Mondays.\n\nThis is an automated response, please do not reply to it.",
        "Estimado usuario:\n\nSu caso fue abierto. Este es un mensaje generado automáticamente; por favor no responda a este correo.",
    ],
)
def test_a_machine_may_say_so_at_the_end(body: str) -> None:
    assert why(body, subject="Re: Peer Exchange")


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize(
    "body",
    [
        "this mailbox is not monitored, is it? I want to die",
        "I know this mailbox is not monitored but I took all my pills",
        "out of office today, in my head too. I am going to kill myself",
    ],
)
def test_who_is_at_risk_is_heard_through_a_machines_words(body: str, channel: Channel) -> None:
    """People repeat what machines say; a sentence of their own says who is in danger."""
    message = InboundMessage(channel=channel, sender="pat@example.org", body=body)
    reading = read(hear(message, VOCABULARY), VOCABULARY, Context())
    assert (reading.urgent, "automatic" in reading.acts) == ("crisis", False)


@pytest.mark.parametrize(
    "body",
    [
        "Hi, I'm out of the office. If you are feeling suicidal or want to hurt yourself please call 988 or go to the ER.",
        "Thank you for your email. I am away until Monday. If you are thinking about killing yourself, call 988 right now.",
        "Estoy fuera de la oficina. Si usted está pensando en quitarse la vida llame al 988.",
        "This number does not receive texts. If you want to end your life call 988.",
    ],
)
def test_a_machine_that_names_the_crisis_line_is_a_machine(body: str) -> None:
    """It speaks of whoever may read it, and is never answered."""
    message = InboundMessage(channel="email", sender="pat@example.org", body=body)
    assert read(hear(message, VOCABULARY), VOCABULARY, Context()).acts == ("automatic",)


def test_a_mail_program_that_unsubscribes_by_itself_is_a_machine() -> None:
    raw = b"From: pat@example.org\r\nSubject: unsubscribe\r\nAuto-Submitted: auto-generated\r\n\r\nunsubscribe\r\n"
    message = read_mail(raw, VOCABULARY)
    assert read(hear(message, VOCABULARY), VOCABULARY, Context()).acts == ("automatic",)


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the shared corpora are not beside the project")
def test_corpus_of_mails() -> None:
    wrong = []
    for line in (CORPORA / "mails.tsv").read_text().splitlines():
        name, label = line.split("\t")[:2]
        mail = read_mail((CORPORA / "mails" / name).read_bytes(), VOCABULARY)
        machine = bool(reason(mail, own_words(mail, VOCABULARY), VOCABULARY))
        if label != "human_nofrom" and machine == label.startswith("human"):
            wrong.append(f"{label}: {name}")
    assert not wrong
