"""A new language is a folder with words and templates, and no Python: one is made up here, is read, and is answered in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from db.engine import Database
from db.models import Outgoing, Record
from db.schema import migrate
from intake import sandbox
from intake.languages import told_of, vocabulary_of
from intake.service import House
from intake.settings import Settings
from intake.web import create_app
from notifier.given import Given
from notifier.templates import BUILT_IN
from parsers.message import InboundMessage
from parsers.reading import Context, Reading, hear, read
from parsers.vocabulary import ADDITION, Vocabulary, VocabularyError, load
from tests.fakes import CountedIds, HeldClock

# MENTOR is ZANEK in this language.
WORDS = """
[class]
mentor = ["zanek", "zaneka"]
[kind]
mentor_offer = ["mi volo (esti)? <mentor>"]
mentor_request = ["mi serĉo <mentor>"]
[keyword]
mentor_offer = ["zanek"]
[domain]
words = ["<mentor>"]
[wish]
opt_out = ["ne (skribu|sendu) ~2 (plu|denove)"]
[crisis]
wish = ["mi volo (fini|morti)"]
[harmless]
idiom = ["mi volo fini la (kurson|taskon)"]
[safeguarding]
[asking]
opens = ["(kiu|kiam|kie|chu)"]
[reply]
yes = ["jes"]
no = ["ne"]
[command]
opt_out = ["finu"]
[language]
common = ["zanek", "zaneka", "mi", "volo", "esti", "la", "kaj", "serĉo", "ĉu"]
[days]
mon = ["mondo", "mondojn"]
[parts]
evening = ["vespere"]
[spelling.expand]
znk = "zanek"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What TEMPLATES_DIR holds: the English templates under a new name, one of them written anew."""
    shutil.copytree(BUILT_IN / "en", tmp_path / "own" / "zz")
    (tmp_path / "own" / "zz" / ADDITION).write_text(WORDS, encoding="utf-8")
    (tmp_path / "own" / "zz" / "recorded.sms.txt").write_text("Dankon! Zanek, chu ne?", encoding="utf-8")
    return tmp_path / "own"


@pytest.fixture
def settings(folder: Path, tmp_path: Path) -> Settings:
    return sandbox.settings(tmp_path, port=0).model_copy(update={"LANGUAGES": ("en", "zz"), "TEMPLATES_DIR": folder})


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    database = Database(settings.DATABASE_URL)
    migrate(database)
    yield House(settings, Given(clock=HeldClock(), ids=CountedIds(), jitter=lambda: 0.5), database)
    database.close()


def _read(text: str, vocabulary: Vocabulary) -> Reading:
    return read(hear(InboundMessage(channel="sms", sender="+14065550111", body=text), vocabulary), vocabulary, Context())


@pytest.mark.parametrize(
    ("text", "acts", "clarify"),
    [
        ("ZANEK", ("mentor_offer",), True),
        ("znk", ("mentor_offer",), True),
        ("Mi volo esti zanek, mondojn vespere", ("mentor_offer",), False),
        ("mi serĉo zaneka", ("mentor_request",), False),
        ("bonvolu ne sendu tion plu", ("opt_out",), False),
        ("finu", ("opt_out",), False),
    ],
)
def test_its_words_are_read(folder: Path, text: str, acts: tuple[str, ...], clarify: bool) -> None:  # noqa: FBT001 - of the table above
    reading = _read(text, load(folder))
    assert (reading.acts, reading.clarify) == (acts, clarify)
    assert _read(text, load()).acts != acts


def test_its_days_and_its_name_are_told(folder: Path) -> None:
    reading = _read("Mi volo esti zanek, mondojn vespere", load(folder))
    assert reading.fields["availability"] == ["mon:evening"]
    assert reading.language == "zz"


def test_its_words_of_risk_are_heard_first(folder: Path) -> None:
    """And explained away where they stand in an idiom of its own."""
    vocabulary = load(folder)
    assert _read("mi volo morti", vocabulary).urgent == "crisis"
    assert _read("mi volo fini la kurson", vocabulary).urgent is None


def test_the_other_languages_are_read_as_before(folder: Path) -> None:
    for text in ("MENTOR", "me gustaria ser mentora, puedo los sabados en la tarde", "stop texting me", "I want to end my life"):
        assert _read(text, load(folder)) == _read(text, load())


def test_a_writer_is_answered_in_it(house: House) -> None:
    app = create_app(house.webhook(unsigned=True))
    app.test_client().post("/sms", data={"MessageSid": "SM1", "From": "+14065550111", "Body": "ZANEK"})
    with house.database.read() as session:
        assert list(session.execute(select(Record.kind)).scalars()) == ["mentor_offer"]
        answers = select(Outgoing.body).where(Outgoing.recipient == "+14065550111")
        assert list(session.execute(answers).scalars()) == ["Dankon! Zanek, chu ne?"]


def test_what_there_is_is_told(settings: Settings) -> None:
    assert told_of(settings.programme) == "en, es, zz are understood, every entry is sound; own words: zz/vocabulary.toml"


def test_a_language_without_words_is_refused_at_the_start(settings: Settings, folder: Path) -> None:
    (folder / "zz" / ADDITION).unlink()
    with pytest.raises(VocabularyError, match="LANGUAGES: there is no vocabulary for 'zz'; put one into TEMPLATES_DIR as zz"):
        vocabulary_of(settings.programme)


def test_a_language_without_templates_is_refused_at_the_start(settings: Settings, folder: Path) -> None:
    for path in (folder / "zz").glob("*.txt"):
        path.unlink()
    with pytest.raises(VocabularyError, match="LANGUAGES: there are no templates for 'zz'; put them into TEMPLATES_DIR/zz"):
        vocabulary_of(settings.programme)


def test_a_template_that_it_lacks_is_told_by_the_check(settings: Settings, folder: Path) -> None:
    """The start goes on: in its place the first language's goes out."""
    (folder / "zz" / "crisis.sms.txt").unlink()
    vocabulary_of(settings.programme)
    with pytest.raises(VocabularyError, match=r"'zz' has no template crisis\.sms\.txt"):
        told_of(settings.programme)
