"""Coordinators' lines: which command, for which numbers, with what words behind."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.commands import BY_NAME
from parsers.order_words import order_words
from parsers.orders import Misread, Order, orders

# `close 12 14` is an order for two numbers, `note 12 | called` one with words behind it, `close?` a line that is nearly one.
ENGLISH = [
    ("show 12", "show 12"),
    ("Show #12", "show 12"),
    ("#12 show", "show 12"),
    ("12 show", "show 12"),
    ("show me 12", "show 12"),
    ("what about 12?", "show 12"),
    ("who is #12", "show 12"),
    ("Show 12 and 14", "show 12 14"),
    ("show 12, 13, 14", "show 12 13 14"),
    ("show number 12 please", "show 12"),
    ("Please show 12", "show 12"),
    ("could you show me #12?", "show 12"),
    ("show it", "show"),
    ("show", "show"),
    ("list", "list"),
    ("list offers warmline", "list | offers warmline"),
    ("List all offers", "list | offers"),
    ("list open mentor requests in Billings", "list | open mentor requests in Billings"),
    ("list paused", "list | paused"),
    ("list mine", "list | mine"),
    ("list late", "list | late"),
    ("close 12", "close 12"),
    ("close #12 and 14", "close 12 14"),
    ("12 close", "close 12"),
    ("#12: close", "close 12"),
    ("12 - closed", "close 12"),
    ("#12 done", "close 12"),
    ("12 is done", "close 12"),
    ("12 done, thanks", "close 12"),
    ("done with 12", "close 12"),
    ("close 12, 13 and 15", "close 12 13 15"),
    ("close 12 13 15", "close 12 13 15"),
    ("Close no. 12", "close | no. 12"),
    ("close number 12 please", "close 12"),
    ("pls close 12", "close 12"),
    ("close the offer 12", "close 12"),
    ("close record #12", "close 12"),
    ("closed #12", "close 12"),
    ("Close both 12 & 14", "close 12 14"),
    ("close it", "close"),
    ("close this one", "close"),
    ("close", "close"),
    ("reopen 12", "reopen 12"),
    ("re-open 12", "reopen 12"),
    ("open 12 again", "reopen 12"),
    ("reopen #12 please", "reopen 12"),
    ("snooze 12 5d", "snooze 12 | 5d"),
    ("snooze 12 for 5 days", "snooze 12 | for 5 days"),
    ("snooze 12 until Monday", "snooze 12 | until Monday"),
    ("Snooze 12 till next week please", "snooze 12 | till next week"),
    ("12 snooze 5 days", "snooze 12 | 5 days"),
    ("snooze 5d", "snooze | 5d"),
    ("snooze until June 1", "snooze | until June 1"),
    ("snooze it until Friday", "snooze | until Friday"),
    ("remind me about 12 on Friday", "snooze 12 | on Friday"),
    ("12 later", "snooze 12"),
    ("postpone 12 to next Tuesday", "snooze 12 | to next Tuesday"),
    ("note 12 called her, no answer; will try again. Tomorrow", "note 12 | called her, no answer; will try again. Tomorrow"),
    ("note 12: called", "note 12 | called"),
    ("#12 note: called her", "note 12 | called her"),
    ("note called her", "note | called her"),
    ("note: called her", "note | called her"),
    ("add a note to 12: she prefers evenings", "note 12 | she prefers evenings"),
    ("ask 12 which evenings suit you?", "ask 12 | which evenings suit you?"),
    ("ask #12: which evenings suit you?", "ask 12 | which evenings suit you?"),
    ("ask which evenings suit you?", "ask | which evenings suit you?"),
    ("12 ask which evenings suit you; and where?", "ask 12 | which evenings suit you; and where?"),
    ("ask her which evenings", "ask | which evenings"),
    ("answer: yes, you can", "answer | yes, you can"),
    ("answer 31: yes, you can", "answer 31 | yes, you can"),
    ("31 answer: yes", "answer 31 | yes"),
    ("set 12 town Billings", "set 12 | town Billings"),
    ("set town Billings", "set | town Billings"),
    ("12 set town to Billings", "set 12 | town to Billings"),
    ("set 12 town: Billings", "set 12 | town: Billings"),
    ("change 12 town to Great Falls", "set 12 | town to Great Falls"),
    ("set #12 days tue evening", "set 12 | days tue evening"),
    ("update 12 language Spanish", "set 12 | language Spanish"),
    ("correct 12 name Ana Maria", "set 12 | name Ana Maria"),
    ("kind 12 shadow offer", "kind 12 | shadow offer"),
    ("12 kind mentor request", "kind 12 | mentor request"),
    ("make 12 a shadow offer", "kind 12 | a shadow offer"),
    ("12 is a shadow offer", "kind 12 | shadow offer"),
    ("change kind of 12 to mentor offer", "kind 12 | to mentor offer"),
    ("merge 12 15", "merge 12 15"),
    ("merge 12 and 15", "merge 12 15"),
    ("merge 12 with 15", "merge 12 15"),
    ("merge #12 #15", "merge 12 15"),
    ("12 and 15 are the same person", "merge 12 15"),
    ("same person 12 15", "merge 12 15"),
    ("join 12 into 15", "merge 12 15"),
    ("withdraw 12", "withdraw 12"),
    ("12 withdraw", "withdraw 12"),
    ("take 12 off the list", "withdraw 12"),
    ("remove 12", "withdraw 12"),
    ("ack 31", "ack 31"),
    ("ack", "ack"),
    ("31 ack", "ack 31"),
    ("on it", "ack"),
    ("I'm on it", "ack"),
    ("got it", "ack"),
    ("I have it", "ack"),
    ("acknowledged 31", "ack 31"),
    ("digest", "digest"),
    ("send me the digest", "digest"),
    ("digest please", "digest"),
    ("export", "export"),
    ("export please", "export"),
    ("export csv", "export"),
    ("erase 12", "erase 12"),
    ("delete 12", "erase 12"),
    ("forget 12", "erase 12"),
    ("forget her", "erase"),
    ("yes", "yes"),
    ("Yes please", "yes"),
    ("yes, erase", "yes"),
    ("yes?", "yes | ?"),
    ("pause 12", "pause 12"),
    ("pause 12 until June 1", "pause 12 | until June 1"),
    ("12 on hold", "pause 12"),
    ("pause 12 for two weeks", "pause 12 | for two weeks"),
    ("put 12 on hold", "pause 12"),
    ("put 12 on hold until June", "pause 12 | until June"),
    ("resume 12", "resume 12"),
    ("12 resume", "resume 12"),
    ("unpause 12", "resume 12"),
    ("commands", "commands"),
    ("help", "commands"),
    ("take 12", "take 12"),
    ("12 mine", "take 12"),
    ("I'll take 12", "take 12"),
    ("I take #12", "take 12"),
    ("12 is mine", "take 12"),
    ("give 12 to Sam", "give 12 | to Sam"),
    ("give 12 Sam", "give 12 | Sam"),
    ("assign 12 to Jo", "give 12 | to Jo"),
    ("hand over 12 to Jo", "give 12 | to Jo"),
    ("hand 12 over to Jo", "give 12 | to Jo"),
    ("12 give to Sam", "give 12 | to Sam"),
    ("give it to Sam", "give | to Sam"),
    ("undo", "undo"),
    ("undo that", "undo"),
    ("undo please", "undo"),
    (
        "new mentor offer: Ana, 406-555-0101, Tuesday evenings, warmline",
        "new | mentor offer: Ana, 406-555-0101, Tuesday evenings, warmline",
    ),
    ("new: Ana", "new | Ana"),
    ("New shadow request: Bo", "new | shadow request: Bo"),
    ("add mentor offer: Ana, 406-555-0101", "new | mentor offer: Ana, 406-555-0101"),
    ("new volunteer came today: great", "new | volunteer came today: great"),
    ("close 12; show 14; note 15 x; y", "close 12 ; show 14 ; note 15 | x; y"),
    ("close 12. show 14. Thanks", "close 12 ; show 14"),
    ("close 12 and show 14", "close 12 ; show 14"),
    ("close 12, show 14", "close 12 ; show 14"),
    ("note to self: call", "note | to self: call"),
    ("Yes I think so", "yes | I think so"),
    ("Show me the way to go home", "show | the way to go home"),
    ("digest this", "digest"),
    ("Help is on its way", "commands | is on its way"),
    ("Give my best to Sam", "give | my best to Sam"),
    ("close no. 12", "close | no. 12"),
    ("set 12 days tue evening", "set 12 | days tue evening"),
    ("merge 12 to 15", "merge 12 15"),
    ("put 12 on hold until June 1", "pause 12 | until June 1"),
    ("close 12, show 14. list mine; note 15 a. b", "close 12 ; show 14 ; list | mine ; note 15 | a. b"),
    ("close 12 and note 14 x; y", "close 12 ; note 14 | x; y"),
    ("ask her which days?", "ask | which days?"),
    ("ask 12 her days", "ask 12 | her days"),
    ("answer her: yes", "answer | yes"),
    ("answer 31 Yes: ok", "answer 31 | Yes: ok"),
    ("answer 31: ok", "answer 31 | ok"),
    ("answer: x", "answer | x"),
    ("31 answer yes", "answer 31 | yes"),
    ("close 12 done", "close 12 | done"),
    ("snooze 12 and 14 5d", "snooze 12 14 | 5d"),
    ("1. close 12", "close 12"),
    ("(2) close 14", "close 14"),
    ("- close 12", "close 12"),
    ("* #14 done", "close 14"),
    ("12. close", "close 12"),
    ("snooze 12 2 weeks", "snooze 12 | 2 weeks"),
    ("snooze 12 days", "snooze | 12 days"),
    ("pause 12 3 weeks", "pause 12 | 3 weeks"),
    ("put on hold 12", "pause 12"),
    ("show 12?!", "show 12"),
    ("close 12?", "close 12"),
    ("close 99999999999", "close | 99999999999"),
    ("close 12 14th", "close 12 | 14th"),
    ("close 12-14", "close | 12-14"),
    ("close #12/#14", "close | #12/#14"),
    ("close 12/14", "close | 12/14"),
    ("Hi, close 12", "close 12"),
    ("Hello Sam, please close 12", "close 12"),
    ("ok close 12 thanks!", "close 12"),
    ("Thanks, close 12", "close 12"),
    ("kindly show #12 now", "show 12"),
    ("CLOSE 12", "close 12"),
    ("close　12", "close 12"),
    ("close \uff11\uff12", "close 12"),
    ("close #12, thanks", "close 12"),
    ("list offers, please", "list | offers"),
    ("show 12 please?", "show 12"),
    ("give 12 to sam@example.org", "give 12 | to sam@example.org"),
    ("give 12 to me", "take 12"),
    ("assign 12 to me", "take 12"),
    ("help me with 12", "commands | me with 12"),
    ("can you show me 12", "show 12"),
    ("12, 14 close", "close 12 14"),
    ("12+14 close", "close 12 14"),
    ("12 & 14: snooze 3 days", "snooze 12 14 | 3 days"),
    ("withdraw 12 and 14, thanks", "withdraw 12 14"),
    ("I am on it", "ack"),
    ("im on it", "ack"),
    ("ok, on it!", "ack"),
    ("seeing to 31", "ack 31"),
    ("undo, please", "undo"),
    ("export all", "export"),
    ("kind 12: mentor", "kind 12 | mentor"),
    ("note12 x", "note 12 | x"),
    ("close12", "close 12"),
    ("Thanks. Close 12.", "close 12"),
    ("Ok. Close 12 and 14. Thanks, Sam", "close 12 14"),
    ("Could you close #12 for me? Thanks!", "close 12"),
    ("mark 12 as closed", "close 12"),
    ("who\u2019s 12?", "show 12"),
    ("What\u2019s open in Billings?", "list | in Billings"),
    ("note to 12: left a voicemail", "note 12 | left a voicemail"),
    ("ask about 12 o'clock", "ask | about 12 o'clock"),
    ("Remind me on Friday about 12", "snooze 12 | on Friday"),
    ("snooze until 15 of June", "snooze | until 15 of June"),
    ("pause to 15 June", "pause | to 15 June"),
    ("set town of 12 to Billings", "set 12 | town to Billings"),
    ("change 12's town to Butte", "set 12 | town to Butte"),
    ("set days of the week", "set | days of the week"),
    ("merge 3 and 5, they are the same", "merge 3 5"),
    ("reply to 12: thanks", "answer 12 | thanks"),
    ("new mentor offer Ana 406-555-0101", "new | mentor offer Ana 406-555-0101"),
    ("oops, undo my last", "undo"),
]
SPANISH = [
    ("mostrar 12", "show 12"),
    ("muéstrame el 12", "show 12"),
    ("cerrar 12 y 14", "close 12 14"),
    ("12 cerrar", "close 12"),
    ("cierra el #12 por favor", "close 12"),
    ("listo 12", "close 12"),
    ("posponer 12 hasta el lunes", "snooze 12 | hasta el lunes"),
    ("pospón 12 5 días", "snooze 12 | 5 días"),
    ("nota 12 la llamé", "note 12 | la llamé"),
    ("preguntar 12 ¿qué tardes le convienen?", "ask 12 | ¿qué tardes le convienen?"),
    ("respuesta: sí puede", "answer | sí puede"),
    ("poner 12 ciudad Billings", "set 12 | ciudad Billings"),
    ("cambia 12 ciudad a Billings", "set 12 | ciudad a Billings"),
    ("tipo 12 oferta de mentor", "kind 12 | oferta de mentor"),
    ("unir 12 y 15", "merge 12 15"),
    ("retirar 12", "withdraw 12"),
    ("enterada", "ack"),
    ("yo me encargo", "ack"),
    ("enterado 31", "ack 31"),
    ("resumen", "digest"),
    ("exportar", "export"),
    ("borrar 12", "erase 12"),
    ("sí", "yes"),
    ("pausar 12 hasta el 1 de junio", "pause 12 | hasta el 1 de junio"),
    ("reanudar 12", "resume 12"),
    ("comandos", "commands"),
    ("tomar 12", "take 12"),
    ("lo tomo", "take"),
    ("dar 12 a Sam", "give 12 | a Sam"),
    ("deshacer", "undo"),
    ("nuevo oferta de mentor: Ana, 406-555-0101", "new | oferta de mentor: Ana, 406-555-0101"),
    ("nueva solicitud de mentor: Ana", "new | solicitud de mentor: Ana"),
    ("reabrir 12", "reopen 12"),
    ("lista ofertas warmline", "list | ofertas warmline"),
    ("cerar 12", "close?"),
    ("12 lo que sea", "show?"),
    ("pregúntale: qué días", "ask | qué días"),
    ("responder a ella: sí", "answer | sí"),
    ("muestra 12 y 14", "show 12 14"),
    ("ver 12", "show 12"),
    ("cierra 12, 13 y 14", "close 12 13 14"),
    ("12 listo, gracias", "close 12"),
    ("hecho 12", "close 12"),
    ("recuérdame 12 el viernes", "snooze 12 | el viernes"),
    ("anota 12: la llamé", "note 12 | la llamé"),
    ("agrega nota 12 prefiere tardes", "note 12 | prefiere tardes"),
    ("corrige 12 idioma español", "set 12 | idioma español"),
    ("12 tipo solicitud de mentor", "kind 12 | solicitud de mentor"),
    ("junta 12 y 15", "merge 12 15"),
    ("12 y 15 son la misma persona", "merge 12 15"),
    ("quita 12", "withdraw 12"),
    ("12 en pausa", "pause 12"),
    ("pausa 12 dos semanas", "pause 12 | dos semanas"),
    ("quitar pausa 12", "resume 12"),
    ("pasa 12 a Jo", "give 12 | a Jo"),
    ("asigna 12 a Jo", "give 12 | a Jo"),
    ("me encargo", "ack"),
    ("voy yo", "ack"),
    ("mándame el resumen", "digest"),
    ("elimina 12", "erase 12"),
    ("sí, borra", "yes"),
    ("lista solicitudes abiertas", "list | solicitudes abiertas"),
    ("por favor cierra 12", "close 12"),
    ("hola, muestra el 12", "show 12"),
    ("\u00bfquién es el 12?", "show 12"),
    ("pregunta a 12 qué días", "ask 12 | qué días"),
    ("cambia la ciudad de 12 a Butte", "set 12 | ciudad a Butte"),
    ("yo tomo 12", "take 12"),
]
NEARLY = [
    ("12 town Billings", "show?"),
    ("12 withdrew", "withdraw?"),
    ("12 to Sam", "show?"),
    ("clsoe 12", "close?"),
    ("shwo 12", "show?"),
    ("snoze 12 5d", "snooze?"),
    ("12 clos", "close?"),
    ("closing 12", "close?"),
    ("lsit", "list?"),
    ("12 whatever", "show?"),
    ("12", "show?"),
    ("#12", "show?"),
    ("12?", "show?"),
    ("tell 12 that we called", "ask?"),
    ("email #12 and ask which days", "ask?"),
    ("dile a 12 que llame", "ask?"),
]
PROSE = [
    "answer him please",
    "Call or text me at 406 555 0188",
    "New mentor came at 5",
    "I will close 12 tomorrow",
    "The show was great",
    "Let us list what we need",
    "Take care",
    "Thank you for this!",
    "Great work, team",
    "I asked 12 people",
    "We closed at 5",
    "I got it wrong",
    "new people came",
    "answer yes",
    "#12close",
]

MAILS = {
    "a number below a command in no words that we know": ("close 12\nI also heard from #14 again", "close 12 ; show?"),
    "a wrapped question": (
        "ask 12 which evenings would suit you best for the shadowing at the drop-in\nclose 14 hours a week, or more?",
        "ask 12 | which evenings would suit you best for the shadowing at the drop-in\nclose 14 hours a week, or more?",
    ),
    "a question, and a command below": ("ask 12 which evenings?\nclose 14", "ask 12 | which evenings? ; close 14"),
    "a wrapped note and a name": (
        "note 12 she said that\nher best\ndays are Mondays\nBest, Sam",
        "note 12 | she said that\nher best\ndays are Mondays",
    ),
    "a question and a name": ("ask 12 which evenings?\nThanks,\nSam", "ask 12 | which evenings?"),
    "an answer of two paragraphs": ("answer: yes\n\nyou can come at 5\n\nclose 14", "answer | yes\n\nyou can come at 5 ; close 14"),
    "several lines": ("close 12\nsnooze 14 5d\n\nshow 15", "close 12 ; snooze 14 | 5d ; show 15"),
    "a list": ("- close 12\n- snooze 14 5d\n* show 15", "close 12 ; snooze 14 | 5d ; show 15"),
    "a numbered list": ("1. close 12\n2. snooze 14 5d\n3) show 15", "close 12 ; snooze 14 | 5d ; show 15"),
    "prose above": ("Hi\nI looked at all of them.\n\nclose 12", "close 12"),
    "too much prose above": ("I looked.\nAnd I called.\nShe said yes.\nSo it goes.\nclose 12", ""),
    "prose below ends it": ("hello there\nshow 12\n\n\nclose 14\nThat was all for today.\nerase 12", "show 12 ; close 14"),
    "a closing ends it": ("close 12\nThanks!\nshow 14", "close 12"),
    "a name is no command": ("close 12\n\nJake", "close 12"),
    "a near miss with a number is told": ("close 12\nclsoe 14", "close 12 ; close?"),
    "a greeting": ("Thanks for this!\nclose 12\nSam", "close 12"),
    "a closing alone": ("Regards\nclose 12", ""),
    "nothing": ("\n \n", ""),
}


@pytest.mark.parametrize(("line", "meant"), [*ENGLISH, *SPANISH, *NEARLY])
def test_a_line(line: str, meant: str) -> None:
    """A line is the commands that a careful reader takes it for."""
    assert shown(orders([line])) == meant


@pytest.mark.parametrize("line", PROSE)
def test_prose_is_no_command(line: str) -> None:
    """Sentences command nothing, whatever words they hold."""
    assert orders([line]) == []


@pytest.mark.parametrize(("text", "meant"), MAILS.values(), ids=MAILS)
def test_a_mail(text: str, meant: str) -> None:
    """Commands are read line by line, up to the first prose behind them; what a mail program wrapped is one."""
    assert shown(orders(text.splitlines())) == meant


def test_the_line_is_kept_as_it_was_written() -> None:
    """The answer quotes it; of two commands in one line each has its own."""
    (one, two) = orders(["- Please close #12, and note 14 She's in; call later"])
    assert (one.line, two.line) == ("Please close #12", "and note 14 She's in; call later")


@pytest.mark.parametrize("language", order_words().shown)
def test_every_command_is_understood_as_help_shows_it(language: str) -> None:
    """Each language has words for each command, and the first of them is read as that command."""
    shown_words = order_words().shown[language]
    assert set(shown_words) == set(BY_NAME)
    for name, word in shown_words.items():
        (read,) = orders([f"{word} 12: x"])
        assert isinstance(read, Order)
        assert (read.name, read.numbers) == (name, (12,))


WORDS = st.sampled_from(
    [" ".join(phrase) for table in order_words().tables.values() for phrase in table]
    + ["12", "#14", "31", "7", "5d", "15", ";", ".", ",", ":", "and", "-", "#", "(", "2.", "2nd", "May", "9999999999", "1/2", "12-14"]
)
LINES = st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=8).map(" ".join)


@given(st.lists(LINES, max_size=6))
def test_no_number_but_those_in_the_text(lines: list[str]) -> None:
    """Whatever comes, nothing raises, and no order is for a number that nobody wrote."""
    read = orders(lines)
    written = {int(digits) for line in lines for digits in re.findall(r"\d+", unicodedata.normalize("NFKC", line))}  # "¹" is a 1
    for one in read:
        if isinstance(one, Order):
            assert one.name in BY_NAME
            assert set(one.numbers) <= written
            assert len(set(one.numbers)) == len(one.numbers)
        else:
            assert one.nearest in BY_NAME


@given(st.text())
def test_any_text(text: str) -> None:
    """Characters of any kind are read or left."""
    assert isinstance(orders(text.splitlines()), list)


def shown(read: list[Order | Misread]) -> str:
    return " ; ".join(_shown(one) for one in read)


def _shown(one: Order | Misread) -> str:
    if isinstance(one, Misread):
        return f"{one.nearest}?"
    return " ".join([one.name, *map(str, one.numbers)]) + (f" | {one.rest}" if one.rest else "")
