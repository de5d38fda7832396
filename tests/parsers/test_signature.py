"""A signature is told from the words above it, and from people whom the writer names."""

from __future__ import annotations

import pytest

from parsers.lexicon import lexicon
from parsers.message import InboundMessage
from parsers.reply import own_words
from parsers.vocabulary import Vocabulary, VocabularyError, load
from tests.parsers.test_reply import flat

VOCABULARY = load()


def text_of(body: str, name: str = "Dana Ruiz") -> str:
    message = InboundMessage(channel="email", sender="dana@example.org", sender_name=name, subject="Re: News", body=body)
    return flat(own_words(message, VOCABULARY).text)


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("Dana Ruiz | Peer Mentor | Prairie House | 406-555-0111", "Dana Ruiz"),
        ("Bo\nPeer Mentor, Recovery Center\n406-555-0111", "Robert Tanner"),
        ("dana ruiz\npeer specialist, prairie house", "Dana Ruiz"),
        ("Dana Ruiz MSW, LCSW (she/her/ella)\nClinical Supervisor", "Dana Ruiz"),
        ("Ruiz, Dana\nPeer Support Specialist, VA", "Ruiz, Dana"),
        ("Dana Ruiz\nPeer Specialist\n\nOffice hours: Monday to Thursday 8-4", "Dana Ruiz"),
        ("Dana Ruiz, CPS\nPeer Mentor Lead\n406-555-0111\nAsk me about becoming a mentor!", "Dana Ruiz"),
        ("Dana Ruiz\nVolunteer Services - Be a mentor! Let a student shadow you!\n406-555-0111", "Dana Ruiz"),
        ("The contents are privileged and may be confidential. Any unauthorized disclosure is prohibited.", "Dana Ruiz"),
        ("_______________________________________________\nPeers mailing list\nhttps://lists.example.org/peers", "Dana Ruiz"),
    ],
)
def test_signature_goes(signature: str, name: str) -> None:
    assert text_of(f"I can host on Mondays.\n\n{signature}", name) == "I can host on Mondays."


@pytest.mark.parametrize(
    "body",
    [
        "You should ask:\n\nAnn Lee\n406-555-0112\n\nShe is great.\n\nDana",
        "Two people want to mentor:\n\nAnn Lee\nPrairie House\n\nBob Ray\nVA Clinic",
        "My record is private I hope.\n\nIs it privileged and confidential, and would disclosure hurt me or my family?",
        "I can mentor.\n\nDana Ruiz, CPSS",
    ],
)
def test_words_stay(body: str) -> None:
    assert text_of(body) == flat(body)


def test_what_is_said_below_a_signature_stays() -> None:
    assert text_of("Dana Ruiz\n406-555-0111\nI want to mentor new peers") == "I want to mentor new peers"


def test_a_grade_in_a_title_is_nobody_speaking() -> None:
    assert (
        text_of("I would like a mentor.\n\nProsper Ames\nPeer Support Specialist I\nState Hospital\n(701) 555-0147")
        == "I would like a mentor."
    )


def test_malformed_vocabulary_is_refused() -> None:
    """The file and the entry that is wrong are named."""
    mail = {**VOCABULARY.mail, "attribution": {**VOCABULARY.mail["attribution"], "verbs": ["wrote", 3]}}
    with pytest.raises(VocabularyError, match=r"mail.toml: \[attribution\] verbs: 3"):
        lexicon(Vocabulary(languages={}, mail=mail))
    with pytest.raises(VocabularyError, match=r"mail.toml: \[\w+\] \w+ must be a list"):
        lexicon(Vocabulary(languages={}, mail={}))


@pytest.mark.parametrize(
    "words",
    [
        "Be a mentor is what I want, please sign me up",
        "Get involved? I'd love to, as a mentor!",
        "Join us no more: my host groped me.",
        "Become a mentor on Mondays is what I'd like.",
    ],
)
def test_what_somebody_says_below_a_signature_is_no_slogan(words: str) -> None:
    """Whoever speaks of themself, or asks, or names a day, is heard, though they begin as a slogan does."""
    assert words in text_of(f"Hello,\n\nDana Ruiz, CPSW\nNew Day Recovery\n406-555-0111\n\n{words}")
