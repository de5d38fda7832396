"""The fields of a record: setting, population, language, modality, channel, capacity, addresses, answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from parsers.fields import read_fields
from parsers.message import InboundMessage
from parsers.reply import Words
from parsers.vocabulary import load

VOCABULARY = load()
SAID_ELSEWHERE = ("name", "location", "availability", "unavailable")

# text, act, open question, fields
CASES: list[tuple[str, str, str | None, dict[str, object]]] = [
    ("I work on a psych ward and can host", "shadow_offer", None, {"setting": ["inpatient"]}),
    ("someone can follow me in the ED at St Vincents", "shadow_offer", None, {"setting": ["er"]}),
    ("I'm with the mobile crisis response team", "mentor_offer", None, {"setting": ["crisis"]}),
    ("crisis stabilisation unit, any day", "answer", "setting", {"setting": ["crisis"]}),
    ("outpatient clinic", "answer", "setting", {"setting": ["outpatient"]}),
    ("I answer calls on the 988 line", "mentor_offer", None, {"setting": ["warmline"]}),
    ("warm line", "answer", "setting", {"setting": ["warmline"]}),
    ("warmlin", "answer", "setting", {"setting": ["warmline"]}),
    ("the sober living home on 3rd", "answer", "setting", {"setting": ["recovery_housing"]}),
    ("drug court and probation", "answer", "setting", {"setting": ["forensic"]}),
    ("county jail", "answer", "setting", {"setting": ["forensic"]}),
    ("vet center", "answer", "setting", {"setting": ["va"]}),
    ("er", "answer", "setting", {"setting": ["er"]}),
    ("ER or detox", "answer", "setting", {"setting": ["er", "inpatient"]}),
    ("recovery community center downtown", "answer", "setting", {"setting": ["rco"]}),
    ("peer-run drop-in", "answer", "setting", {"setting": ["drop_in"]}),
    ("street outreach with PATH team", "answer", "setting", {"setting": ["outreach"]}),
    ("the university counseling center", "answer", "setting", {"setting": ["campus", "outpatient"]}),
    ("I used to work in the jail but now I'm at a clubhouse", "mentor_offer", None, {"setting": ["drop_in"]}),
    ("I left the ER and moved to a warmline", "update", None, {"setting": ["warmline"]}),
    ("not the ER please, anything outpatient", "shadow_request", None, {"setting": ["outpatient"]}),
    ("en el hospital, en la unidad psiquiátrica", "answer", "setting", {"setting": ["inpatient"]}),
    ("en la clínica y en la calle con el equipo de alcance", "answer", "setting", {"setting": ["outpatient", "outreach"]}),
    ("centro de recuperación", "answer", "setting", {"setting": ["rco"]}),
    ("en urgencias", "answer", "setting", {"setting": ["er"]}),
    ("la cárcel del condado o corte de drogas", "answer", "setting", {"setting": ["forensic"]}),
    ("trabajo en una casa sobria y en la línea de apoyo", "mentor_offer", None, {"setting": ["recovery_housing", "warmline"]}),
    ("me va bien los lunes", "mentor_offer", None, {}),
    ("I was in crisis when my mentor found me, now I want to mentor", "mentor_offer", None, {}),
    ("I facilitate a women's support group", "mentor_offer", None, {"setting": ["group"]}),
    ("VA hospital in Helena, inpatient side", "mentor_offer", None, {"setting": ["inpatient", "va"]}),
    ("at the va", "answer", "setting", {"setting": ["va"]}),
    ("I work with homeless youth", "mentor_offer", None, {"population": ["unhoused", "youth"]}),
    ("I'm a gay man and a single dad", "mentor_offer", None, {"population": ["lgbtq", "parents"]}),
    ("want a mentor who is also a mom", "mentor_request", None, {"population": ["parents"]}),
    ("I'm Two-Spirit and enrolled Blackfeet", "mentor_offer", None, {"population": ["lgbtq", "tribal"]}),
    ("I sign ASL", "mentor_offer", None, {"population": ["deaf"]}),
    ("hard-of-hearing, so captions please", "mentor_request", None, {"population": ["deaf"]}),
    ("I was incarcerated for 5 yrs and want to help folks coming home from prison", "mentor_offer", None, {"population": ["reentry"]}),
    ("I help people get out of jail and stay out", "mentor_offer", None, {"population": ["reentry"]}),
    ("marine corps vet here", "mentor_offer", None, {"population": ["veteran"]}),
    ("I lead a group for seniors", "mentor_offer", None, {"setting": ["group"], "population": ["older"]}),
    ("trabajo con jóvenes sin hogar", "mentor_offer", None, {"population": ["unhoused", "youth"]}),
    ("soy madre soltera y veterana", "mentor_offer", None, {"population": ["parents", "veteran"]}),
    ("personas de la tercera edad", "mentor_offer", None, {"population": ["older"]}),
    ("my mom died last year but I'm ready to mentor", "mentor_offer", None, {}),
    ("my son is a vet and I want to mentor", "mentor_offer", None, {}),
    ("I can take two", "mentor_offer", None, {"capacity": 2}),
    ("I can take up to 3 mentees", "mentor_offer", None, {"capacity": 3}),
    ("max of two people at a time", "mentor_offer", None, {"capacity": 2}),
    ("one shadow at a time please", "shadow_offer", None, {"capacity": 1}),
    ("a couple of mentees is fine", "mentor_offer", None, {"capacity": 2}),
    ("room for 1 more", "mentor_offer", None, {"capacity": 1}),
    ("can take one fella", "mentor_offer", None, {"capacity": 1}),
    ("I could take two of your new folks under my wing", "mentor_offer", None, {"capacity": 2}),
    ("love to mentor two first-year peer specialists", "mentor_offer", None, {"capacity": 2}),
    ("Yes, two mentees at most", "other", None, {"capacity": 2}),
    ("they will let one person shadow me", "shadow_offer", None, {"capacity": 1}),
    ("and one newcomer could ride along", "shadow_offer", None, {"capacity": 1}),
    ("room for just one gal, not three like I said", "update", None, {"capacity": 1}),
    ("puedo ser mentora pero nomás de una persona", "mentor_offer", None, {"capacity": 1}),
    ("namas puedo con uno porque traigo dos trabajos", "mentor_offer", None, {"capacity": 1}),
    ("podemos recibir a un par nuevo, uno a la vez", "shadow_offer", None, {"capacity": 1}),
    ("que sean dos en vez de una", "update", None, {"capacity": 2}),
    ("dos sombras max", "shadow_offer", None, {"capacity": 2}),
    ("I let two students trail me last spring", "shadow_offer", None, {}),
    ("one of your new folks can come by", "mentor_offer", None, {}),
    ("group is up to 14 ppl", "other", None, {}),
    ("I have 4 kids and 2 dogs and can mentor", "mentor_offer", None, {"population": ["parents"]}),
    ("I want to mentor, call, don't text", "mentor_offer", None, {"channel": "voice"}),
    ("call, don't text", "update", None, {"channel": "voice"}),
    ("please call dont text me", "update", None, {"channel": "voice"}),
    ("text, don't call", "update", None, {"channel": "sms"}),
    ("been sober 3 years, can mentor", "mentor_offer", None, {}),
    ("I can mentor someone 2 hours a week", "mentor_offer", None, {}),
    ("I have mentored six people over the years and would again", "mentor_offer", None, {}),
    ("change my limit to 4", "update", None, {"capacity": 4}),
    ("I can do 2 now, not 3", "update", None, {"capacity": 2}),
    ("hasta dos personas a la vez", "mentor_offer", None, {"capacity": 2}),
    ("puedo con tres mentorados", "mentor_offer", None, {"capacity": 3}),
    ("un par de personas", "mentor_offer", None, {"capacity": 2}),
    ("dos como máximo", "mentor_offer", None, {"capacity": 2}),
    ("I want one mentor", "mentor_request", None, {}),
    ("only 1 at a time", "mentor_offer", None, {"capacity": 1}),
    ("I could host two students per visit", "shadow_offer", None, {"capacity": 2}),
    ("five people told me to sign up so I want to mentor", "mentor_offer", None, {}),
    ("I speak Spanish and some Russian", "mentor_offer", None, {"language": ["es", "ru"]}),
    ("bilingual english/spanish", "mentor_offer", None, {"language": ["en", "es"]}),
    ("se habla español", "mentor_offer", None, {"language": ["es"]}),
    ("busco mentor que hable inglés", "mentor_request", None, {"language": ["en"]}),
    ("i dont speak spanish", "mentor_offer", None, {}),
    ("solo hablo español", "mentor_offer", None, {"language": ["es"]}),
    ("no hablo inglés, solo español", "mentor_request", None, {"language": ["es"]}),
    ("hablo portugués", "mentor_offer", None, {"language": ["pt"]}),
    ("prefer someone who speaks Vietnamese", "mentor_request", None, {"language": ["vi"]}),
    ("love french fries, can mentor", "mentor_offer", None, {}),
    ("Spanish ok too", "mentor_offer", None, {"language": ["es"]}),
    ("in person only", "mentor_offer", None, {"modality": ["in_person"]}),
    ("zoom or in person", "mentor_offer", None, {"modality": ["in_person", "video"]}),
    ("no zoom please, in person", "mentor_offer", None, {"modality": ["in_person"]}),
    ("over the phone or facetime", "mentor_offer", None, {"modality": ["phone", "video"]}),
    ("phone or text works", "mentor_offer", None, {"modality": ["phone", "text"]}),
    ("virtual meetings", "mentor_offer", None, {"modality": ["video"]}),
    ("we could meet up for coffee", "mentor_offer", None, {"modality": ["in_person"]}),
    ("por videollamada o en persona", "mentor_offer", None, {"modality": ["in_person", "video"]}),
    ("por teléfono nada más", "mentor_offer", None, {"modality": ["phone"]}),
    ("texting is best", "mentor_offer", None, {"modality": ["text"], "channel": "sms"}),
    ("email is best for me", "mentor_offer", None, {"channel": "email"}),
    ("please email me", "update", None, {"channel": "email"}),
    ("best way to reach me is text", "update", None, {"channel": "sms"}),
    ("call me, don't text", "update", None, {"channel": "voice"}),
    ("don't call, text instead", "update", None, {"channel": "sms"}),
    ("I prefer email", "update", None, {"channel": "email"}),
    ("text is easier than email", "update", None, {"modality": ["text"], "channel": "sms"}),
    ("you can call me anytime at 406-555-0122", "update", None, {"channel": "voice", "phone": "+14065550122"}),
    ("llámenme mejor", "update", None, {"channel": "voice"}),
    ("prefiero correo", "update", None, {"channel": "email"}),
    ("mejor por mensaje de texto", "update", None, {"modality": ["text"], "channel": "sms"}),
    ("no me manden correos, mejor textos", "update", None, {"modality": ["text"], "channel": "sms"}),
    ("call or text me", "update", None, {}),
    ("my number is (406) 555-0144", "update", None, {"phone": "+14065550144"}),
    ("cell 406.555.0145", "update", None, {"phone": "+14065550145"}),
    ("4065550146 is my new number", "update", None, {"phone": "+14065550146"}),
    ("mi nuevo número es 208 555 0147", "update", None, {"phone": "+12085550147"}),
    ("her number is 406-555-0148", "referral", None, {}),
    ("call my coworker Ben at 406-555-0149", "referral", None, {}),
    ("I gave Ben's number, mine is 406-555-0150", "referral", None, {"phone": "+14065550150"}),
    ("old number 406-555-0151, new number 406-555-0152", "update", None, {"phone": "+14065550152"}),
    ("use jo.smith@example.org from now on", "update", None, {"email": "jo.smith@example.org"}),
    ("my email is Kit.Ray@Example.com.", "update", None, {"email": "kit.ray@example.com"}),
    ("si claro", "answer", "consent", {"answer": "yes"}),
    ("sounds good to me!", "answer", "consent", {"answer": "yes"}),
    ("nah", "answer", "consent", {"answer": "no"}),
    ("I'd rather not", "answer", "consent", {"answer": "no"}),
    ("not right now, maybe next month", "answer", "consent", {"answer": "no"}),
    ("ok go ahead and share it", "answer", "consent", {"answer": "yes"}),
    ("yes but only my first name", "answer", "consent", {"answer": "yes"}),
    ("no problem", "answer", "consent", {"answer": "yes"}),
    ("I'd love to but can't right now", "answer", "consent", {"answer": "no"}),
    ("ahorita no gracias", "answer", "consent", {"answer": "no"}),
    ("Sí, adelante", "answer", "consent", {"answer": "yes"}),
    ("👎", "answer", "consent", {"answer": "no"}),
    ("👍🏽", "answer", "consent", {"answer": "yes"}),
    ("don't share it please", "answer", "consent", {"answer": "no"}),
    ("I don't mind at all", "answer", "consent", {"answer": "yes"}),
    ("y", "answer", "consent", {"answer": "yes"}),
    ("N", "answer", "consent", {"answer": "no"}),
    ("that works", "answer", "consent", {"answer": "yes"}),
    ("please don't", "answer", "consent", {"answer": "no"}),
    ("I don't think so", "answer", "consent", {"answer": "no"}),
    ("please hold off for now", "answer", "consent", {"answer": "no"}),
    ("I'm fine with that", "answer", "consent", {"answer": "yes"}),
]


def fields(text: str, acts: str, asked: str | None = None, *, sender_name: str = "") -> Mapping[str, object]:
    message = InboundMessage(channel="email" if sender_name else "sms", sender="+14065550100", sender_name=sender_name, body=text)
    return read_fields(Words(text=text), message, VOCABULARY, asked=asked, acts=acts.split(","))


@pytest.mark.parametrize(("text", "act", "asked", "expected"), CASES)
def test_fields(text: str, act: str, asked: str | None, expected: dict[str, object]) -> None:
    """What was said is read, and nothing else."""
    read = {field: value for field, value in fields(text, act, asked).items() if field not in SAID_ELSEWHERE}
    assert read == expected


def said() -> list[tuple[str, str, str | None, dict[str, str]]]:
    lines = (Path(__file__).parent / "said.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line and not line.startswith("#")]
    return [
        (text, act.partition(":")[0], act.partition(":")[2] or None, dict(pair.split("=", 1) for pair in pairs.split(";") if pair))
        for act, text, pairs in rows
    ]


@pytest.mark.parametrize(("text", "act", "asked", "expected"), said())
def test_what_people_say(text: str, act: str, asked: str | None, expected: dict[str, str]) -> None:
    """The messages of said.txt, which hold a place too."""
    read = fields(text, act, asked)
    lists = {field: ",".join(value) if isinstance(value, list) else str(value) for field, value in read.items()}
    assert {field: value for field, value in lists.items() if field not in ("name", "availability", "unavailable")} == expected


def test_machines_and_advertising_say_nothing() -> None:
    """Mail that nobody wrote carries no fields, not even a name."""
    assert not fields("I am out until Monday. Ask for Rhonda.", "automatic", sender_name="Rhonda Vale")
    assert not fields("Call 406-555-0101 now!", "spam", sender_name="Offers")


def test_a_story_or_a_question_leaves_only_the_name() -> None:
    """Who asks or tells a story has said nothing for a record."""
    text = "What do mentors at the ER do on Mondays?"
    assert fields(text, "question", sender_name="Nell Ivers") == {"name": "Nell Ivers"}


def test_what_others_do_is_not_the_writers() -> None:
    """A coworker's shifts and settings stay the coworker's."""
    read = fields("I can mentor, Mondays. My coworker Ines hosts at the jail on Fridays.", "mentor_offer,referral")
    assert read["availability"] == ["mon:afternoon", "mon:evening", "mon:morning"]
    assert "setting" not in read


def test_a_hosts_hours_are_when_somebody_may_come() -> None:
    """The same words mean the opposite for a host and for somebody who seeks a mentor."""
    text = "I work Tuesdays 9 to 12"
    assert fields(text, "shadow_offer")["availability"] == ["tue:morning"]
    assert fields(text, "mentor_request")["unavailable"] == ["tue:morning"]


def test_withdrawing_keeps_how_they_can_still_be_met() -> None:
    """A withdrawal says nothing of days or settings."""
    assert fields("No more visitors at the clinic on Mondays. I can still mentor by phone.", "withdraw") == {"modality": ["phone"]}


def test_hostile_text_is_read_in_little_time() -> None:
    """Length and odd characters cost no more than they should."""
    for piece in ("mon-", "9-", "406-555-", "@", "in in ", "- ", "not except but ", "a.b@", "\u00e9\u0301", "(1)"):
        assert isinstance(fields(piece * 20_000, "mentor_offer"), dict)
