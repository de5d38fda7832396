"""The second reader: what was learned is looked up right, doubts what is seldom meant, and keeps quiet where it knows too little."""

from __future__ import annotations

import json
import math
from pathlib import Path
from zlib import crc32

import pytest

from learning.messages import labelled
from parsers.message import InboundMessage
from parsers.opinion import UNSAID, checksums, features, opinion, slot_of
from parsers.reading import Context, Reading, hear, read
from parsers.reconsider import SELDOM
from parsers.tokens import closed, plain_words
from parsers.vocabulary import load


def _read(text: str, context: Context | None = None) -> Reading:
    message = InboundMessage(channel="sms", sender="+14065550100", body=text)
    return read(hear(message, load()), load(), context or Context())


def _table(path: Path, rows: dict[str, tuple[int, int]], *, bias: float, slots: int = 8) -> Path:
    """Write a table of one label in which every feature begins at the same slot as `calm`, so that they must be looked for."""
    keys, places = [0] * slots, [0] * slots
    for row, feature in enumerate(rows):
        slot = slot_of(crc32(feature.encode()), keys)
        keys[slot], places[slot] = crc32(feature.encode()), row
    head = json.dumps({"slots": slots, "rows": len(rows), "bias": {"calm": bias}}).encode() + b"\n"
    columns = ((keys, 4), (places, 2), ([rare for rare, _ in rows.values()], 1), ([rare * weight for rare, weight in rows.values()], 2))
    path.write_bytes(head + b"".join(number.to_bytes(size, "little", signed=number < 0) for column, size in columns for number in column))
    return path


def test_what_was_learned_is_added_up(tmp_path: Path) -> None:
    """Rarities make a vector of unit length, each part of which counts by its weight, and the logistic function makes it a chance."""
    path = _table(tmp_path / "learned.bin", {"sea": (30, 20), "calm": (40, -10), "the sea": (50, 7)}, bias=0.5)
    length = math.sqrt(3**2 + 4**2)
    score = 0.5 + (3 * 2.0 + 4 * -1.0) / length
    assert opinion(path).of("calm sea").get("calm", -1) == pytest.approx(1 / (1 + math.exp(-score)))


def test_it_keeps_quiet_of_a_language_that_it_has_not_learned(tmp_path: Path) -> None:
    """Where most words are unknown nothing is likely, nor unlikely."""
    path = _table(tmp_path / "learned.bin", {"sea": (30, 20)}, bias=0.5)
    assert opinion(path).of("das meer ist ruhig sea") is UNSAID
    assert UNSAID.get("calm", 0.7) == 0.7


def test_features_are_words_and_what_stands_near_them() -> None:
    """Words, two and three in a row, two around another, and the edges of the message."""
    assert features(["be", "a", "mentor"]) == {
        *(b"^", b"be", b"a", b"mentor", b"$", b"^ be", b"be a", b"a mentor", b"mentor $", b"^ be a", b"be a mentor", b"a mentor $"),
        *(b"^ _ a", b"be _ mentor", b"a _ $"),
    }


@pytest.mark.parametrize("words", [[], ["hi"], ["be", "a"], ["ser", "mentor", "con", "mi", "vecina", "y", "con", "mi", "vecina"]])
def test_a_feature_is_looked_up_by_its_own_checksum(words: list[str]) -> None:
    """Those that go on from another's are the same as those of the whole feature, by which it was learned."""
    assert checksums(words) == ([crc32(word.encode()) for word in words], set(map(crc32, features(words))))


def test_every_kind_of_message_is_learned_from() -> None:
    """The labels of all that is read belong to acts or risks, and each is met often."""
    seen: dict[str, int] = {}
    for message in labelled(load()):
        for label in message.labels:
            seen[label] = seen.get(label, 0) + 1
    assert {label for label in seen if opinion().bias.get(label) is None} <= {"answer", "automatic", "help", "none", "other"}
    assert min(seen[label] for label in opinion().bias) > 200


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        (
            "my cousin Marta keeps saying people are welcome to trail her at the ER, she is great with them",
            {"mentor_offer", "shadow_offer"},
        ),
        ("how many hours does a mentor have to give each month, roughly speaking, and is gas paid?", {"mentor_offer", "mentor_request"}),
    ],
)
def test_a_doubt_makes_no_record(text: str, acts: set[str]) -> None:
    """What sounds like an offer and is seldom meant as one puts nobody on record."""
    assert not acts & set(_read(text).acts)


def test_a_hunch_is_asked_about() -> None:
    """What no rule knows and most who write so meant is put to the writer as a question, and only to somebody of whom nothing is known."""
    text = "oi oi, fifteen years in recovery here, could do a mentee by zoom at lunchtimes on weekdays"
    assert (_read(text).acts, _read(text).clarify) == (("mentor_offer",), True)
    assert "mentor_offer" not in _read(text, Context(asked="availability", records=("shadow_request",))).acts


def test_a_cry_for_help_is_heard_where_no_rule_knows_it() -> None:
    """A thing of danger, and words that mostly meant danger."""
    assert (
        hear(InboundMessage(channel="sms", sender="+1", body="ive been staring at the rope in the shed all morning"), load()).urgent
        == "crisis"
    )


def test_words_that_a_programme_added_are_never_doubted(tmp_path: Path) -> None:
    """Nobody who wrote down what something means is overruled by what was learned before."""
    text = "thank you for the newsletter about mentors, the snowshoe evening on friday was lovely"
    assert opinion().of(closed(plain_words(text, load()))).get("mentor_offer", 1.0) < SELDOM["mentor_offer"]
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "vocabulary.toml").write_text('[kind]\nmentor_offer = ["the snowshoe evening"]\n', encoding="utf-8")
    own = load(tmp_path)
    message = InboundMessage(channel="sms", sender="+14065550100", body=text)
    assert "mentor_offer" in read(hear(message, own), own, Context()).acts


def test_a_long_text_is_not_ruled_out() -> None:
    """In a long letter a cry for help weighs little beside the rest, and the rules alone decide."""
    letter = "We had a lovely time at the fair and the children ate too much pie. " * 40 + "I am going to kill myself tonight."
    assert hear(InboundMessage(channel="sms", sender="+1", body=letter), load()).urgent == "crisis"
    assert closed(plain_words(letter, load())).count(" ") > 400


@pytest.mark.parametrize(
    "cry",
    [
        "I am in crisis and need to talk to somebody right now.",
        "I took a whole bottle of pills.",
        "voy a quitarme la vida esta noche.",
        "I want to kill myself.",
        "honestly I have been thinking of killing myself this week",
        "A person threatened me at work today, can I talk to a mentor about how to handle it",
    ],
)
@pytest.mark.parametrize(
    "beside", ["{} Do I have to fill in a form for the shadow day?", "Is there any news about my mentor? {} How do I change my days?"]
)
def test_a_cry_for_help_is_heard_beside_anything(cry: str, beside: str) -> None:
    """What the rules hear is never taken back for what stands beside it."""
    assert hear(InboundMessage(channel="sms", sender="+14065550100", body=beside.format(cry)), load()).urgent == "crisis"


@pytest.mark.parametrize(
    ("plain", "act"),
    [
        ("I would like to unsubscribe.", "opt_out"),
        ("Please take me off your mailing list.", "opt_out"),
        ("Por favor bórrenme de la lista.", "opt_out"),
        ("I would like to be a mentor.", "mentor_offer"),
        ("I need a mentor.", "mentor_request"),
        ("Someone new can shadow me on Fridays at the hospital.", "shadow_offer"),
    ],
)
@pytest.mark.parametrize("times", [1, 12, 60])
def test_a_plain_wish_is_not_drowned(plain: str, act: str, times: int) -> None:
    """However much somebody chats, a sentence that says what is wanted is believed by its own words."""
    chat = "We had a lovely time at the fair and my truck broke down on the way home. " * times
    body = f"{chat}{plain}\n\nPat"
    message = InboundMessage(channel="email", sender="pat@example.org", sender_name="Pat", subject="hello", body=body)
    assert act in read(hear(message, load()), load(), Context()).acts


def test_what_such_words_surely_mean_is_put_to_a_stranger() -> None:
    """Though no rule knows them, and though not a word of the field is said."""
    reading = _read("seven weeks on the job and nobody here to ask, is there somebody who has done this long and would look after me")
    assert (reading.acts, reading.clarify) == (("mentor_request",), True)


def test_an_offer_outweighs_what_is_sure_of_the_rest() -> None:
    """Beside somebody else who is recommended, one's own plain offer in its own sentence stays."""
    text = "I can mentor, weeknights. My coworker Lupe has said she would host shadows in the ER too, so I'll have her write to you."
    assert set(_read(text).acts) == {"mentor_offer", "referral"}


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("no don't share my number", Context(asked="consent", records=("mentor_offer",), match="M-1")),
        ("I dont get the texts anymore, did something break", Context()),
        ("don't text me before 9am please", Context()),
    ],
)
def test_nobody_is_taken_off_by_a_hunch(text: str, context: Context) -> None:
    """An answer, a question and a bound are no end, however the words look."""
    assert "opt_out" not in _read(text, context).acts
