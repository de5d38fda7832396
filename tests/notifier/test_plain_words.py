"""What writers are told is short and plain: measured over every template, filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import pytest

from notifier.templates import Templates
from tests.notifier.test_templates import ANSWERS, LANGUAGES, TEXTS, TO_COORDINATORS, _answers, _text

SENTENCE = re.compile(r"[.!?:]+(?:\s|$)|\n\s*\n|\n- ")
WORD = re.compile(r"[^\W\d_]+")
VOWELS = {"en": re.compile(r"[aeiouy]+"), "es": re.compile(r"[aeiouáéíóúü]+")}
HIATUS = re.compile(r"[aeoáéó](?=[aeoáéó])|í(?=[aeoáéó])|[aeoáéó](?=[íú])|ú(?=[aeoáéó])")
ENOUGH = 12  # words
EVERY = 17  # of all combinations of values, each so many-th is measured


def syllables(word: str, language: str) -> int:
    """Groups of vowels; in English a silent e does not count, in Spanish two strong vowels are two."""
    word = word.lower()
    groups = len(VOWELS[language].findall(word)) + word.startswith("coor")
    if language == "es":
        return max(1, groups + len(HIATUS.findall(word)))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent - (word.endswith("ed") and not word.endswith(("ted", "ded")) and groups > 1))


def counts(text: str, language: str) -> tuple[int, int, int]:
    words = WORD.findall(text)
    sentences = [part for part in SENTENCE.split(text) if WORD.search(part)]
    return len(sentences), len(words), sum(syllables(word, language) for word in words)


def flesch_kincaid(text: str) -> float:
    """The school grade that an English text asks for."""
    sentences, words, spoken = counts(text, "en")
    return 0.39 * words / sentences + 11.8 * spoken / words - 15.59


def fernandez_huerta(text: str) -> float:
    """How easy a Spanish text is, of 100."""
    sentences, words, spoken = counts(text, "es")
    return 206.84 - 60 * spoken / words - 1.02 * words / sentences


def _said(name: str, language: str) -> Iterator[str]:
    """What a template says, without the names in it."""
    templates = Templates(LANGUAGES)
    for values in islice(_answers(), 0, None, EVERY):
        if any(record.details for record in values["records"]):
            continue  # the writer's own words and lists of days are no sentences of ours
        if name.endswith(" by text"):
            yield _text(templates, name.removesuffix(" by text"), language, values)
        else:
            yield templates.mail(name, language, **values).body


def _measured(name: str, language: str) -> set[str]:
    """Each mail by itself; texts of a few words, of which no measure says much, together with the others of their template."""
    said = set(_said(name, language))
    return {"\n\n".join(sorted(said))} | {text for text in said if len(WORD.findall(text)) >= ENOUGH}


NAMES = [*ANSWERS, *(f"{name} by text" for name in sorted(set(TEXTS) - set(TO_COORDINATORS)))]


@pytest.mark.parametrize("name", NAMES)
def test_english_is_for_the_sixth_grade(name: str) -> None:
    """Flesch-Kincaid: 6 at most, in whatever way a template is filled."""
    grades = {text: flesch_kincaid(text) for text in _measured(name, "en")}
    worst = max(grades, key=lambda text: grades[text])
    assert grades[worst] <= 6, (grades[worst], worst)


@pytest.mark.parametrize("name", NAMES)
def test_spanish_is_easy(name: str) -> None:
    """Fernández-Huerta: 70 at least, in whatever way a template is filled."""
    eases = {text: fernandez_huerta(text) for text in _measured(name, "es")}
    worst = min(eases, key=lambda text: eases[text])
    assert eases[worst] >= 70, (eases[worst], worst)


@pytest.mark.parametrize(("word", "language", "number"), [
    ("mentor", "en", 2), ("one", "en", 1), ("people", "en", 2), ("coordinator", "en", 5),
    ("días", "es", 2), ("quiere", "es", 2), ("pregunta", "es", 3), ("leer", "es", 2), ("ciudad", "es", 2),
])  # fmt: skip
def test_syllables_are_counted(word: str, language: str, number: int) -> None:
    """As they are spoken."""
    assert syllables(word, language) == number
