"""A volunteer's mistake in a vocabulary is refused with the file and the entry; additions win by language."""

from __future__ import annotations

import re
import shutil
from itertools import accumulate
from pathlib import Path

import pytest

from parsers.alphabet import spell
from parsers.errors import IntakeError
from parsers.grammar import Grammar
from parsers.patterns import Hit, classes_of, patterns_of
from parsers.phrasebook import word_set
from parsers.phrases import scan
from parsers.ready import verify
from parsers.tokens import plain_words
from parsers.urgency import screen
from parsers.vocabulary import ADDITION, BUILT_IN, PATTERNS, Vocabulary, VocabularyError, load
from parsers.vocabulary.shape import _OPEN, _TABLES
from parsers.wishes import command, wishes

WHOLE = "\n".join(f"[{name}]" for name in ("class", "kind", "wish", "crisis", "harmless", "safeguarding", "asking", "reply", "command"))


def _with(folder: Path, text: str, *, language: str = "en") -> Vocabulary:
    """The vocabulary with an addition, every pattern of it checked."""
    (folder / language).mkdir(exist_ok=True)
    (folder / language / ADDITION).write_text(text, encoding="utf-8")
    vocabulary = load(folder)
    verify(vocabulary)
    return vocabulary


def _copy(folder: Path) -> Path:
    """The built-in files, for somebody to break."""
    for path in BUILT_IN.glob("*.toml"):
        shutil.copy(path, folder)
    return folder


def test_the_built_in_vocabularies_are_sound() -> None:
    verify(load())


def test_no_hit_is_passed_over_to_save_time() -> None:
    """Looking only for patterns whose rarest words are there finds what trying them all does."""
    vocabulary = load()
    lines = (Path(__file__).parent / "wordings.txt").read_text(encoding="utf-8").splitlines()[1::12]
    texts = [plain_words(line.partition(" | ")[2], vocabulary) for line in lines]
    assert len(texts) > 40
    grammar = Grammar(classes_of(vocabulary))
    for table in PATTERNS:
        named = [(name, lines) for language in vocabulary.languages.values() for name, lines in language[table].items()]
        every = [(name, re.compile("".join(grammar._run(line, "", ()).sources))) for name, lines in named for line in lines]
        for text in texts:
            words = text.split(" ")[1:-1]
            places = list(accumulate((len(word) + 1 for word in words), initial=1))
            letters = spell(words, grammar.alphabet.letters_of)
            spans = ((name, *found.span()) for name, pattern in every for found in pattern.finditer(letters))
            tried = {Hit(name, places[start], places[end]) for name, start, end in spans}
            assert set(patterns_of(vocabulary, table).find(text)) == tried


def test_every_table_is_read_by_somebody() -> None:
    """A table that no module names would be words that nobody looks up."""
    code = "".join(path.read_text(encoding="utf-8") for path in BUILT_IN.parent.glob("*.py"))
    unread = [table for table in load().files["en.toml"] if not re.search(rf'"{table}\b', code) and table not in _OPEN]
    assert unread == []
    assert set(load().files["en.toml"]) == set(_TABLES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not toml at all", "en/vocabulary.toml: is not TOML: .*line 1"),
        ('[wish]\nopt_out = ["stop it]', "en/vocabulary.toml: is not TOML: .*quotation mark"),
        ("[wish]\n[wish]", "en/vocabulary.toml: is not TOML: .*twice"),
        ("[whish]", r"\[whish\] is not a table that anything reads; did you mean wish\?"),
        ("[zzz]", r"\[zzz\] is not a table that anything reads; en.toml tells which there are"),
        ('wish = "stop"', r"\[wish\] must be a table, not a text"),
        ('[[crisis]]\nwish = ["x"]', r"\[crisis\] must be a table, not a list"),
        ('[kind]\nmentor_ofer = ["be kind"]', r"\[kind\] mentor_ofer is not a name of that table in en.toml; did you mean mentor_offer\?"),
        ('[times]\nafterwards = ["then"]', r"\[times\] afterwards is not a name"),
        ('[wish]\nopt_out = "stop"', r"\[wish\] opt_out must be a list, not a text"),
        ('[days]\nmon = "moonday"', r"\[days\] mon must be a list, not a text"),
        ('[names]\ngiven = ["Wanda"]', r"\[names\] given must be a text, not a list"),
        ('[class]\nboat = "canoe"', r"\[class\] boat must be a list, not a text"),
        ('[number_words]\nthirteen = "13"', r"\[number_words\] thirteen must be a number, not a text"),
        ("[number_words]\nthirteen = true", r"\[number_words\] thirteen must be a number, not a truth value"),
        ('[spelling.expand]\ngr8 = ["great"]', r"\[spelling\] expand.gr8 must be a text, not a list"),
        ('[spelling]\nexpand = ["great"]', r"\[spelling\] expand must be a table, not a list"),
        ("[wish]\nopt_out = [7]", r"\[wish\] opt_out, entry 1: 7 is not a phrase"),
        ('[wish]\nopt_out = ["go away", " "]', r"\[wish\] opt_out, entry 2: ' ' is not a phrase"),
        ('[wish]\nopt_out = ["Stop It"]', r"\[wish\] opt_out, entry 1: 'Stop It' must be in small letters: 'stop it'"),
        ('[days]\nmon = ["Moonday"]', r"\[days\] mon, entry 1: 'Moonday' must be in small letters"),
        ('[wish]\nopt_out = ["don\'t text"]', r"\[wish\] opt_out, entry 1: .* has an apostrophe.*write contractions out"),
        ('[twilio]\nopt_out = ["enough"]', r"\[twilio\] holds the words that Twilio itself acts on"),
        ('[keyword]\nmentor_offer = ["quit"]', r"\[keyword\] mentor_offer, entry 1: 'quit' is a word that Twilio itself acts on"),
        ('[together]\ncrisis = ["thunder"]', r"\[together\] thunder is not a name of \[cue\]"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(VocabularyError, match=told) as raised:
        _with(tmp_path, text)
    words = str(raised.value)
    assert words.startswith("en/vocabulary.toml: ")
    assert "\n" not in words


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("stop <mentour>", r"there is no class <mentour>; did you mean <mentor>\?"),
        ("stop <qqqqqq>", r"there is no class <qqqqqq>; add it to the table \[class\]"),
        ("stop (it", "a bracket is not closed"),
        ("stop (this|(that) thing", "a bracket is not closed"),
        ("stop it)", "a bracket is closed that was not opened"),
        ("stop|end", r"\| stands outside brackets"),
        ("stop <it", "'<' cannot be read there"),
        ("stop ??", r"'\?\?' cannot be read there"),
        ("stop + it", r"'\+' is not a gap"),
        ("stop ~12 it", "'~12' is not a gap"),
        ("stop ~2it", "'~2it' is not a gap"),
        ("stop +100 it", r"'\+100' is not a gap"),
        ("stop the e-mails", "'e-mails' would never be found.*write 'e mails'"),
        ("stop?", "would be found in every text"),
        ("~3", "would be found in every text"),
        ("(please)? now?", "would be found in every text"),
        ("(stop|end?)", "would be found in every text"),
        ("(stop|)", "would be found in every text"),
        ("()", "would be found in every text"),
    ],
)
@pytest.mark.parametrize("place", ["[crisis]\nwish", "[class]\nnew"])
def test_a_malformed_pattern_is_told_with_its_place(tmp_path: Path, place: str, pattern: str, told: str) -> None:
    """In a class as in a table."""
    table, name = place.split("\n")
    with pytest.raises(VocabularyError, match=told) as raised:
        _with(tmp_path, f'{place} = ["quite right", "{pattern}"]')
    assert str(raised.value).startswith(f"en/vocabulary.toml: {table} {name}, entry 2: '{pattern}'")


def test_a_class_that_holds_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"\[class\] boat, entry 1: 'big <ship>'.*the class <ship> holds itself"):
        _with(tmp_path, '[class]\nboat = ["big <ship>"]\nship = ["long <boat>"]')


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("en.toml", "[crisis]\n", "[krisis]\n", r"en.toml: \[crisis\] is missing"),
        ("en.toml", "\n[times]\n", "\n[tymes]\n", r"en.toml: \[times\] is missing; es.toml has it"),
        (
            "en.toml",
            "[verbs]\nsit = [",
            "[verbs]\nsat = [",
            r"es.toml: \[verbs\] sit is not a name of .*; did you mean sat",
        ),
        ("en.toml", "[junk]\nstrong = [", '[junk]\nstrong = "x"\nweaker = [', r"en.toml: \[junk\] strong must be a list, not a text"),
        ("en.toml", "[number_words]\n", '[number_words]\nzero = "nought"\n', r"en.toml: \[number_words\] .* must be a "),
        ("en.toml", "[verbs]\nsit = [", '[verbs]\nsit = "sat"\nsot = [', r"en.toml: \[verbs\] sit must be a list, not a text"),
        ("es.toml", "[harmless]\n", "[harmles]\n", r"es.toml: \[harmless\] is missing"),
        ("es.toml", "\n[days]\n", "\n[dias]\n", r"es.toml: \[dias\] is not a table that anything reads"),
        (
            "es.toml",
            "[partner]\nwho = [",
            '[partner]\nwho = [\n    "(el",\n',
            r"es.toml: \[partner\] who, entry 1: '\(el': a bracket",
        ),
        ("mail.toml", "[headers]", "[headders]", r"mail.toml: \[headers\] \w+ must be a list of phrases"),
        ("mail.toml", "\nvia = [", "\nvya = [", r"mail.toml: \[headers\] via must be a list of phrases"),
        (
            "mail.toml",
            "\nvia = [",
            "\nvya = []\nvia = [",
            r"mail.toml: \[headers\] vya .*; did you mean headers.via",
        ),
        ("mail.toml", "\nvia = [", "\nvia = [7, ", r"mail.toml: \[headers\] via: 7 is not a phrase"),
    ],
)
def test_a_slip_in_a_built_in_file_is_told_with_its_place(tmp_path: Path, name: str, before: str, after: str, told: str) -> None:
    path = _copy(tmp_path) / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(VocabularyError, match=f"^{told}"):
        verify(load(built_in=tmp_path))


@pytest.mark.parametrize("name", ["en.toml", "mail.toml"])
def test_a_built_in_file_that_is_gone_is_told(tmp_path: Path, name: str) -> None:
    (_copy(tmp_path) / name).unlink()
    with pytest.raises(VocabularyError, match=f"^{name}: "):
        verify(load(built_in=tmp_path))


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / ADDITION).write_bytes('[wish]\nopt_out = ["mañana no"]'.encode("cp1252"))
    with pytest.raises(VocabularyError, match=r"^es/vocabulary.toml: is not plain text in UTF-8; save it as UTF-8"):
        load(tmp_path)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Windows' editor puts one there."""
    vocabulary = _with(tmp_path, '\ufeff[wish]\nopt_out = ["no more carrier pigeons"]')
    assert wishes(plain_words("no more carrier pigeons", vocabulary), vocabulary).get("opt_out")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("vocabulary.toml", "must lie in a folder named after its language"),
        ("English/vocabulary.toml", "the folder must be named after its language in two or three letters"),
        ("mail/vocabulary.toml", "the folder must be named after its language in two or three letters"),
    ],
)
def test_an_addition_in_the_wrong_place_is_told(tmp_path: Path, path: str, told: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    with pytest.raises(VocabularyError, match=f"^{path}: {told}"):
        load(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="nowhere: is not a folder"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("missing", WHOLE.split("\n"))
def test_a_language_without_a_needed_table_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(VocabularyError, match=rf"^fr/vocabulary.toml: {re.escape(missing)} is missing"):
        _with(tmp_path, WHOLE.replace(missing, "") + "\n[language]", language="fr")


def test_a_vocabulary_error_is_told_in_one_line_by_every_command() -> None:
    """As the command line does with every error of this family."""
    assert issubclass(VocabularyError, IntakeError)


def test_an_addition_is_known_beside_the_built_in_words(tmp_path: Path) -> None:
    vocabulary = _with(tmp_path, '[wish]\nopt_out = ["no more carrier pigeons"]')
    names = patterns_of(vocabulary, "wish").names(plain_words("No more carrier pigeons!", vocabulary))
    assert "opt_out" in names
    assert "opt_out" in patterns_of(vocabulary, "wish").names(plain_words("stop texting me", vocabulary))


def test_an_addition_may_name_a_class_of_its_own_and_built_in_ones(tmp_path: Path) -> None:
    vocabulary = _with(tmp_path, '[class]\npigeon = ["(carrier|homing) pigeons"]\n[wish]\nopt_out = ["send <me> no <pigeon>"]')
    assert wishes(plain_words("please send me no homing pigeons", vocabulary), vocabulary).get("opt_out")


def test_accents_may_be_written(tmp_path: Path) -> None:
    """They are taken off on both sides."""
    vocabulary = _with(tmp_path, '[wish]\nopt_out = ["ni una paloma más"]\n[names]\ngiven = "Ñusta"', language="es")
    for text in ("ni una paloma mas", "ni una paloma más"):
        assert wishes(plain_words(text, vocabulary), vocabulary).get("opt_out")


def test_a_meaning_of_ones_own_wins_and_long_texts_grow(tmp_path: Path) -> None:
    vocabulary = _with(
        tmp_path, '[spelling.expand]\nminter = "mentee"\n[places]\nknown = "East Nowhere; Upper Nowhere"\n[names]\ngiven = "Zorblax"'
    )
    english = vocabulary.languages["en"]
    assert english["spelling"]["expand"]["minter"] == "mentee"
    assert english["spelling"]["expand"]["im"] == "i am"
    assert "billings" in english["places"]["known"]
    assert "upper nowhere" in english["places"]["known"]
    assert {"zorblax", "wanda"} <= set(english["names"]["given"].split())


def test_an_addition_takes_out_what_does_not_fit(tmp_path: Path) -> None:
    """From a list, from words with a meaning, from a text of names, and then puts in."""
    text = """
[without.command]
opt_out = ["stop please"]
[without.spelling]
expand = ["minter"]
[without.places]
known = ["billings"]
[without.names]
given = ["wanda"]
[setting]
outreach = ["stop please"]
"""
    vocabulary, before = _with(tmp_path, text), load()
    english = vocabulary.languages["en"]
    assert command(" stop it ", vocabulary) == "opt_out"
    assert "stop please" in word_set(before, "command", "opt_out")
    assert "stop please" not in word_set(vocabulary, "command", "opt_out")
    assert "minter" not in english["spelling"]["expand"]
    assert "billings;" not in english["places"]["known"]
    assert "box elder" in english["places"]["known"]
    assert "wanda" not in english["names"]["given"].split()
    assert [mark.value for mark in scan("the stop please", vocabulary).of("setting")] == ["outreach"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[without.wish]\nopt_out = ["no such words"]', r"\[without.wish\] opt_out: 'no such words' is not there to be taken out"),
        ('[without.wish]\nopt_in_out = ["x"]', r"\[without.wish\] opt_in_out is not there to take from"),
        ('[without.nothing]\nx = ["x"]', r"\[without.nothing\] x is not there to take from"),
        ('[without.wish]\nopt_out = "stop"', r"\[without.wish\] opt_out must be a list of what shall be taken out"),
        ("[without]\nwish = 3", r"\[without.wish\] must be a list"),
        ("without = 3", r"\[without\] must be a table"),
        ('[without.crisis]\nwish = ["end it all"]', r"\[without.crisis\]: nothing is taken out of this table; .*\[harmless\]"),
        ('[without.twilio]\nopt_out = ["end"]', r"\[without.twilio\]: nothing is taken out of this table"),
    ],
)
def test_what_cannot_be_taken_out_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(VocabularyError, match=f"^en/vocabulary.toml: {told}"):
        _with(tmp_path, text)


def test_a_word_of_danger_of_ones_own_is_found_at_once(tmp_path: Path) -> None:
    vocabulary = _with(tmp_path, '[crisis]\nwish = ["cross the silver river tonight"]')
    assert screen("I think I will cross the silver river tonight.", vocabulary) == "crisis"
    assert screen("I think I will cross the silver river tonight.", load()) is None
