"""The writer's own words are found whatever mail program quoted, signed or passed on."""

from __future__ import annotations

import pytest

from parsers.message import Channel, InboundMessage
from parsers.reply import Words, own_words
from parsers.vocabulary import load
from tests.cost import cost

VOCABULARY = load()
NEWS = "Would you mentor somebody new?\nReply STOP to leave the list."
QUOTED = "> Would you mentor somebody new?\n> Reply STOP to leave the list."
HEADERS = "From: Bulletin <bulletin@example.org>\nSent: Monday, March 2, 2026 8:15 AM\nTo: Dana\nSubject: Three questions"
GMAIL = "On Mon, Mar 2, 2026 at 8:15 AM Bulletin <bulletin@example.org> wrote:"

INTRODUCTIONS = [
    GMAIL,
    "On Mon, Mar 2, 2026 at 8:15 AM Bulletin <\nbulletin@example.org> wrote:",
    "On Mon, Mar 2, 2026 at 8:15 AM Bulletin <bulletin@example.org>\nwrote:",
    "On Mar 2, 2026, at 8:15 AM, Bulletin via Peer News <bulletin@example.org> wrote:",
    "On 3/2/2026 8:15 AM, Bulletin wrote:",
    "On Monday, March 2nd, 2026 at 8:15 AM, Bulletin <bulletin@example.org> wrote:",
    "    On Monday, March 2, 2026 at 08:15:30 AM MST, Bulletin <bulletin@example.org> wrote:  ",
    "---- On Mon, 02 Mar 2026 08:15:30 -0700 Bulletin <bulletin@example.org> wrote ----",
    "Bulletin <bulletin@example.org> wrote on Mon, 2 Mar 2026 08:15:",
    "2026-03-02 8:15 GMT-07:00 Bulletin <bulletin@example.org>:",
    "El lun, 2 mar 2026 a la(s) 8:15 a.m., Bulletin (<bulletin@example.org>) escribió:",
    "El lunes, 2 de marzo de 2026, 08:15:30 a.m. GMT-7, Bulletin <bulletin@example.org> escribió:",
    "El 02/03/2026 a las 8:15, Bulletin escribió:",
    "Le lun. 2 mars 2026 à 08:15, Bulletin <bulletin@example.org> a écrit :",
    "Am Mo., 2. März 2026 um 08:15 Uhr schrieb Bulletin <bulletin@example.org>:",
    "Op ma 2 mrt 2026 om 08:15 schreef Bulletin <bulletin@example.org>:",
    "Op 2 mrt 2026 om 08:15 heeft Bulletin <bulletin@example.org> het volgende geschreven:",
    "Il giorno lun 2 mar 2026 alle ore 08:15 Bulletin <bulletin@example.org> ha scritto:",
    "Em seg., 2 de mar. de 2026 às 08:15, Bulletin <bulletin@example.org> escreveu:",
    "Den mån 2 mars 2026 kl 08:15 skrev Bulletin <bulletin@example.org>:",
    "pon., 2 mar 2026 o 08:15 Bulletin <bulletin@example.org> napisał(a):",
    "пн, 2 мар. 2026 в 08:15, Bulletin <bulletin@example.org>:",
    "Bulletin <bulletin@example.org> 于2026年3月2日周一 08:15写道:",
]
BLOCKS = [
    HEADERS,
    f"________________________________\n{HEADERS}",
    f"-----Original Message-----\n{HEADERS}",
    HEADERS.replace("\n", "\n\n"),
    "*From:* Bulletin <bulletin@example.org>\n*Sent:* Monday\n*To:* Dana\n*Subject:* Three questions",
    "De: Bulletin <bulletin@example.org>\nEnviado el: lunes, 2 de marzo de 2026 08:15 a. m.\nPara: Dana\nAsunto: Tres preguntas",
    "-------- Mensaje original --------\nDe: Bulletin <bulletin@example.org>\nFecha: 2/3/26 8:15 a.m. (GMT-07:00)\nA: Dana\nAsunto: Hola",
    "De : Bulletin\nEnvoyé : lundi 2 mars 2026 08:15\nÀ : Dana\nObjet : Questions",
    "Von: Bulletin\nGesendet: Montag, 2. März 2026 08:15\nAn: Dana\nBetreff: Fragen",
    "Van: Bulletin\nVerzonden: maandag 2 maart 2026 08:15\nAan: Dana\nOnderwerp: Vragen",
    "---------- Forwarded message ---------\nFrom: Bulletin <bulletin@example.org>\nDate: Mon, Mar 2, 2026\nSubject: News\nTo: Dana",
    "Inicio del mensaje reenviado:\n\nDe: Bulletin <bulletin@example.org>\nAsunto: Hola\nFecha: 2 de marzo de 2026",
    "##- Please type your reply above this line -##",
]
FOOTERS = [
    "Sent from my iPhone",
    "Sent from my Verizon, Samsung Galaxy smartphone",
    "Get Outlook for Android<https://example.org/o>",
    "Sent from Yahoo Mail on Android",
    "Sent with Proton Mail secure email.",
    "Enviado desde mi Samsung",
    "Obtener Outlook para iOS",
    "Please excuse any typos, sent from my phone",
    "Virus-free. www.example.org",
    "[image: logo] <https://example.org/logo>",
    "CONFIDENTIALITY NOTICE: If you have received this in error, stop and delete it.",
    "Este mensaje y sus archivos adjuntos son confidenciales.",
    "-- \nDana Ruiz\nMentor, Shadow Host",
    "Dana Ruiz\nPeer Support Specialist\nPrairie Recovery Center\n(406) 555-0111",
    "Dana Ruiz (she/her)\nPeer Lead | Prairie Mental Health Center",
    "Dana Ruiz\nShift Manager | We are hosting shadows all year!\nPrairie Drop-In\n406-555-0111",
    "Dana Ruiz\nPrairie Drop-In\nShift Manager | You are always welcome!",
    "Dana Ruiz, CPSS\nPeer Mentor",
    "Dana\n406-555-0111",
    "Dana Ruiz\nCoordinadora de Voluntarios\nCentro de Recuperación",
    'Dana Ruiz\nPeer Coach\nPrairie Home\n"Hope is a verb."',
    "*Dana Ruiz*\n*Peer Support Specialist*",
    "Dana Ruiz\n\nPeer Support Specialist\n\nPrairie Recovery Center",
]
OWN = [
    "Count me in, Tuesdays after 5.",
    "Hi Lee,\n\nI'd like to host a shadow.\n\nThanks,\nDana",
    "Sí, quiero ser mentora.\n\nSaludos,\nDana",
    "ok",
]


def words(body: str, *, subject: str = "Re: News", html: str = "", channel: Channel = "email") -> Words:
    message = InboundMessage(channel=channel, sender="dana@example.org", sender_name="Dana Ruiz", subject=subject, body=body, html=html)
    return own_words(message, VOCABULARY)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("own", OWN)
def test_quotation_below_an_attribution_is_cut(introduction: str, own: str) -> None:
    """Marked or not, above or below the answer, in each language."""
    assert flat(words(f"{own}\n\n{introduction}\n\n{QUOTED}\n").text) == flat(own)
    assert flat(words(f"{own}\n\n{introduction}\n{QUOTED}\n").text) == flat(own)
    assert flat(words(f"{own}\n\nSent from my iPhone\n\n{introduction}\n\n{NEWS}").text) == flat(own)
    assert flat(words(f"{introduction}\n\n{QUOTED}\n\n{own}").text) == flat(own)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("own", OWN)
def test_mail_below_a_header_block_is_cut(block: str, own: str) -> None:
    got = words(f"{own}\n\n{block}\n\n{NEWS}")
    assert flat(got.text) == flat(own)
    assert "STOP" in got.original


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize("own", OWN)
def test_footer_and_signature_are_cut(footer: str, own: str) -> None:
    """A closing word and a typed name above the signature stay."""
    assert flat(words(f"{own}\n\n{footer}").text) == flat(own)
    assert flat(words(f"{own}\n\n{footer}\n\n{GMAIL}\n\n{QUOTED}").text) == flat(own)


@pytest.mark.parametrize(
    "body",
    [
        "On Monday I wrote: please call me. Nobody did.",
        "On 3/2 my supervisor wrote:\nDana can host.\nSo I can.",
        "On Mondays and Tuesdays, 9:00 to 13:00\nOn Fridays too",
        "My hours:\nMon: 9-12\nTue: 1-4\n\nThanks",
        "Dana Ruiz\nPrairie House, Butte\nMondays and Tuesdays",
        "Name: Dana Ruiz\nPhone: 406-555-0111\nDays: Mondays",
        "Thank you!\n\nDana Ruiz, CPSS",
        "Two things:\n- I can mentor\n- I can host\n\n- Dana",
        "Hi\n-----\nI can mentor",
        "I am in. Call me at\n406-555-0111\nDana",
        "I can mentor on Mondays.\n--\nAlso I need to tell you that I moved.",
        "I&#39;d be glad to&nbsp;mentor",
    ],
)
def test_a_mail_that_is_all_its_writers_stays_whole(body: str) -> None:
    assert flat(words(body, subject="hello").text) == flat(body)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"{GMAIL}\n> Would you mentor?\nYes\n> Which days?\nMondays\n\nDana", "Yes Mondays Dana"),
        (f"Hi, see inline.\n\n{GMAIL}\n\n> 1. Mentor?\n\nYes\n\n> 2. Days?\n\nMondays", "Hi, see inline. Yes Mondays"),
        ("> Would you mentor?\nYes!\n\n> Would you host?\nNo.", "Yes! No."),
        (
            f"My answers are in caps below.\n\n{HEADERS}\n\nWould you mentor?\nGLADLY\n\nWhich days?\nMONDAYS",
            "My answers are in caps below. GLADLY MONDAYS",
        ),
        (
            f"My answers are below.\n\n{HEADERS}\n\nWould you mentor? Yes, gladly.\n\nWhich days?\nMondays\n\nLee",
            "My answers are below. Yes, gladly. Mondays",
        ),
        (f"Mis respuestas van abajo.\n\n{HEADERS}\n\n¿Quiere ser mentor?\nSí, claro", "Mis respuestas van abajo. Sí, claro"),
    ],
)
def test_answers_among_the_lines_are_the_writers(body: str, text: str) -> None:
    got = words(body)
    assert flat(got.text) == text
    assert got.inline


def test_inline_answers_know_their_questions() -> None:
    got = words(f"{GMAIL}\n\n> 1. Would you mentor?\n\nNo\n\n> 2. Would you host a shadow?\n\nYes")
    assert got.inline == (("1. Would you mentor?", "No"), ("2. Would you host a shadow?", "Yes"))


def test_a_forwarded_mail_is_nobodys_word() -> None:
    """Even where the writer adds nothing, or says that it is below."""
    passed_on = f"---------- Forwarded message ---------\n{HEADERS}\n\nCould I get a mentor? I am new."
    for own in ("", "My reply is below, see what Ada asks.\n\n"):
        got = words(own + passed_on, subject="Fwd: mentor")
        assert flat(got.text) == flat(own)
        assert got.forwarded
        assert "Could I get a mentor" in got.original


def test_what_is_shown_is_not_always_said() -> None:
    """A bare quotation is shown with the answer, and yet no act is read from it."""
    got = words("> I would love to be a mentor.\n\nLet us thank her for that.")
    assert got.text.startswith(">")
    assert got.said == "Let us thank her for that."
    assert words("I&#39;d mentor&nbsp;now").said == "I'd mentor now"


def test_postscript_below_signature_or_footer_stays() -> None:
    assert flat(words("I can mentor\n\nSent from my iPad\n\nPS I speak Spanish").text) == "I can mentor PS I speak Spanish"
    assert flat(words("I can mentor.\n\nDana Ruiz\nPeer Specialist\n\nP.S. I speak Spanish.").text) == "I can mentor. P.S. I speak Spanish."
    assert flat(words("Sent from my iPhone\n\nI want to mentor").text) == "I want to mentor"


def test_signature_is_kept_for_its_name() -> None:
    assert words("Yes.\n\nDana Ruiz\nPeer Mentor").signature == "Dana Ruiz\nPeer Mentor"


def test_banner_of_a_mail_server_is_cut() -> None:
    assert words("CAUTION: This email originated from outside.\nDo not click.\n\nI can mentor").text == "I can mentor"


def test_a_text_stays_as_it_came() -> None:
    """Texts have no signatures; a reaction keeps its invisible marks, which are not said."""
    assert words(" ok\nDana\n406-555-0111 ", channel="sms").text == "ok\nDana\n406-555-0111"
    got = words("\u200b👍\u200b to “ok”", channel="sms")
    assert got.text == "\u200b👍\u200b to “ok”"
    assert got.said == "👍 to “ok”"


@pytest.mark.parametrize(
    "piece",
    [
        "From: a\n",
        "On Mon 2026 x\n",
        "on a b c\n",
        "> ",
        "--\n",
        "Dana\nzzz\n",
        "1:",
        "<a@",
        "(",
        "wrote: ",
        "&amp;",
        "> x\ny\n",
        "why?\nx\n",
    ],
)
def test_hostile_repetition_costs_little(piece: str) -> None:
    much = piece * (200_000 // len(piece))
    assert cost(lambda: [words("My answers are below\n\n" + HEADERS + "\n\n" + much), words(much)]) < 3
