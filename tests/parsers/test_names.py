"""The writer's name: where people put it, and who else is named in a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.names import read_name
from parsers.phrases import scan
from parsers.vocabulary import load

VOCABULARY = load()

# Nobody's name where the second is empty: the coordinator's, a third person's, a town or a plain word.
TYPED: list[tuple[str, str]] = [
    ("hi this is Tamara from Lewiston, i can mentor", "Tamara"),
    ("My name is Xochitl Ramos and I'd like to host", "Xochitl Ramos"),
    ("Im Devon, work at the drop in", "Devon"),
    ("i'm renee in bozeman", "Renee"),
    ("It's Kathy! I can do Fridays", "Kathy"),
    ("Hello, my name's Big Ron and I run groups in Polson", "Big Ron"),
    ("- Marcy", "Marcy"),
    ("count me in -marcy", "Marcy"),
    ("I would love to mentor. ~ Fitz", "Fitz"),
    ("would like to mentor someone new. thanks! Sheila B.", "Sheila B"),
    ("I can host.\nThanks\nmarcus", "Marcus"),
    ("Sign me up to mentor. thx, kendra", "Kendra"),
    ("Sign me up to mentor thx kendra", "Kendra"),
    ("hey jim its patty i want to shadow someone", "Patty"),
    ("Hi Sam, I want to be a mentor", ""),
    ("Hey Jo! can i shadow", ""),
    ("Thanks Jim!", ""),
    ("Thanks so much Dana", ""),
    ("My coworker Luis wants to mentor", ""),
    ("tell Joan I said hi", ""),
    ("I want to be a mentor. I live in Missoula", ""),
    ("I'm in recovery and would like to mentor", ""),
    ("im in school right now but can mentor", ""),
    ("im new to this", ""),
    ("im excited to get started", ""),
    ("This is great, count me in", ""),
    ("This is Native Wellness week, count me in", ""),
    ("I am Deaf and want a mentor", ""),
    ("I am a veteran", ""),
    ("Soy veterano y quiero ayudar", ""),
    ("soy lupita de nampa", "Lupita"),
    ("Me llamo José Luis y quiero ser mentor", "José Luis"),
    ("hola le escribe Carmen, busco mentora", "Carmen"),
    ("habla Rigoberto, puedo recibir a alguien", "Rigoberto"),
    ("quiero ser mentor. Atte. Juan Carlos Peña", "Juan Carlos Peña"),
    ("gracias, Marta", "Marta"),
    ("Aquí Toño, me apunto", "Toño"),
    ("es Graciela otra vez", "Graciela"),
    ("Dani, Tuesdays 9-1, warmline", "Dani"),
    ("Dani Tuesdays 9-1 warmline", "Dani"),
    ("Rosa: can mentor", "Rosa"),
    ("MENTOR - Priscilla, Pocatello", "Priscilla"),
    ("MENTOR Joe", "Joe"),
    ("Mentor. Gina Fallon, Elko, weekends", "Gina Fallon"),
    ("HOST Terrence Twin Falls mondays", "Terrence"),
    ("SHADOW. Bobby in Cody", "Bobby"),
    ("THIS IS DOLORES IN GREAT FALLS I WANT TO MENTOR", "Dolores"),
    ("I WANT TO HOST. EARL", "Earl"),
    ("i can mentor in havre or chinook", ""),
    ("Somebody can shadow me at the ER in Coeur d'Alene. Pat", "Pat"),
    ("Based out of Zortman, happy to mentor", ""),
    ("looking for a mentor near Wolf Point", ""),
    ("flathead valley area, any mentor pls", ""),
    ("mentor needed, Bitterroot area", ""),
    ("I work in the Yellowstone County jail", ""),
    ("I'm from Browning originally, now in Helena", ""),
    ("vivo en Caldwell y busco mentor", ""),
    ("estoy en Ontario, Oregon", ""),
    ("en Twin Falls, los lunes", ""),
    ("I moved to Spokane", ""),
    ("im in spokene", ""),
    ("anyone in sheridan i can shadow?", ""),
    ("My name is Virginia and I'm in Butte", "Virginia"),
    ("Helena here, from Helena", "Helena"),
    ("happy to mentor in May", ""),
    ("I can start in June, mornings. Art", "Art"),
    ("Will mentor. Will", "Will"),
    ("I will be here. Hope", "Hope"),
    ("hi, dawn here from the warmline", "Dawn"),
    ("new here, want a mentor", ""),
    ("anyone here who can mentor me?", ""),
    ("please call me at 406-555-0133", ""),
    ("I can mentor on zoom. Thank you, Big Al", "Big Al"),
    ("Hello. I am interested in being a mentor. My name is shanice williams", "Shanice Williams"),
    ("Marisol from Nampa here, puedo ser mentora", "Marisol"),
    ("Quiero un mentor. Bendiciones, Hno. Elías", "Elías"),
    ("I can take one more. God bless you, Sister Mary", "Sister Mary"),
    ("my friend Kim told me about this, I want a mentor. - Ana", "Ana"),
    ("Not sure if this is right but I want a mentor. Sincerely, Abdi Hassan", "Abdi Hassan"),
    ("I'm Nguyen, want to shadow in Boise", "Nguyen"),
    ("李明 here, I want to shadow", "李明"),
    ("I'd be glad to help out in any way. Cheers, Ollie from Bend", "Ollie"),
]

ANSWERS: list[tuple[str, str]] = [
    ("Call me JJ", "JJ"),
    ("Wren", "Wren"),
    ("my name is robert but everyone calls me skip", "Skip"),
    ("its tuesday weld lol", "Tuesday Weld"),
    ("Mary Ann Two Bulls", "Mary Ann Two Bulls"),
    ("soy maría elena", "María Elena"),
    ("Sure, it's Dakota Redbird", "Dakota Redbird"),
    ("you can use Ty", "Ty"),
    ("Hope", "Hope"),
    ("name's Faith", "Faith"),
    ("first name Lou last name Ferris", "Lou Ferris"),
]

HEADERS: list[tuple[str, str, str]] = [
    ("Count me in!", "Kowalski, Jan", "Jan Kowalski"),
    ("Count me in!", "Jane Doe, LCSW", "Jane Doe"),
    ("Count me in!", "JANE DOE", "Jane Doe"),
    ("Count me in!", "Jane Doe (she/her)", "Jane Doe"),
    ("Count me in!", "Recovery Center Office", ""),
    ("Count me in!", "jdoe@example.org", ""),
    ("Count me in!", "O'Brien, Mary-Kate", "Mary-Kate O'Brien"),
    ("Count me in!\n\nThanks,\nJanie", "Jane Doe", "Janie"),
    ("Count me in!\nThanks Sam", "Jane Doe", "Jane Doe"),
    ("Count me in! thanks jane", "Jane Doe", "Jane"),
]

SIGNATURES: list[tuple[str, str]] = [
    ("-- \nJane Doe\nPeer Specialist", "Jane Doe"),
    ("Jane Doe, CPSS\nRecovery Center\n406-555-0101", "Jane Doe"),
    ("Recovery Center\n12 Main St", "J D"),
]


def called(text: str, *, header: str = "", signature: str = "", asked: bool = False, free: bool = False) -> str:
    name = read_name(scan(text, VOCABULARY), VOCABULARY, header=header, signature=signature, asked=asked, free=free)
    return name.called if name else ""


@pytest.mark.parametrize(("text", "name"), TYPED)
def test_typed_name(text: str, name: str) -> None:
    """A name that somebody types for themself is read, and no other."""
    assert called(text) == name


@pytest.mark.parametrize(("text", "name"), ANSWERS)
def test_answer_to_what_is_your_name(text: str, name: str) -> None:
    """An answer may be any word, a weekday too; the name that somebody goes by wins."""
    assert called(text, asked=True) == name


@pytest.mark.parametrize(("text", "header", "name"), HEADERS)
def test_name_of_the_header(text: str, header: str, name: str) -> None:
    """The From header is turned round where need be, and counts where nothing was typed."""
    assert called(text, header=header) == name


@pytest.mark.parametrize(("signature", "name"), SIGNATURES)
def test_signature_beats_the_header(signature: str, name: str) -> None:
    """The first line of a signature that looks like a name is one."""
    assert called("Count me in!", header="J D", signature=signature) == name


def spoken() -> list[tuple[str, str, str]]:
    lines = (Path(__file__).parent / "called.txt").read_text(encoding="utf-8").splitlines()
    return [(kind, text, name) for kind, text, name in (line.split("|") for line in lines if line and not line.startswith("#"))]


@pytest.mark.parametrize(("kind", "text", "name"), spoken())
def test_names_as_people_say_them(kind: str, text: str, name: str) -> None:
    """The messages of called.txt: answers, and texts whose last word may be a name that nobody knows."""
    assert called(text, asked=kind == "A", free=kind == "T") == name


def test_initials_do_not_beat_a_full_name() -> None:
    """Who signs "E.C." is called what the header says."""
    assert called("Count me in!\n\nE.C.", header="Evander Cole") == "Evander Cole"
