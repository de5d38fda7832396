"""What a text costs."""

from __future__ import annotations

import pytest

from notifier.segments import GSM_7, GSM_7_EXTENDED, fold, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("\u2019" + "a" * 69, 1),
        ("\u2019" + "a" * 70, 2),
        ("í" * 134, 2),
        ("í" * 135, 3),
        ("\N{GRINNING FACE}" * 35, 1),
        ("\N{GRINNING FACE}" * 36, 2),
    ],
)
def test_segments_are_counted_as_they_are_charged(text: str, count: int) -> None:
    """160 GSM-7 characters or 70 UTF-16 units alone, 153 or 67 in each of several; extended characters count twice."""
    assert segments(text) == count


def test_the_alphabet_is_whole() -> None:
    """GSM 03.38 has 128 places: one is the escape, and ten characters stand behind it."""
    assert len(GSM_7) == 127
    assert len(GSM_7_EXTENDED) == 10
    assert not GSM_7 & GSM_7_EXTENDED


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("don\u2019t \u201cwait\u201d \u2013 now\u2026", 'don\'t "wait" - now...'),
        ("9\u00a0to\u202f5", "9 to 5"),
        ("línea, aquí, según", "linea, aqui, segun"),
        ("¿mañana? ¡sí, señor! él", "¿mañana? ¡si, señor! él"),
        ("cafe\u0301", "café"),
        ("Ålesund, Zürich, Łódź", "Ålesund, Zürich, Łodz"),
    ],
)
def test_what_can_be_in_gsm_7_is_put_there(text: str, folded: str) -> None:
    """Quotation marks, dashes, no-break spaces and accents cost nothing; what GSM-7 has is left as it is."""
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["李明", "Привет", "\N{PURPLE HEART}", "½ day"])
def test_what_has_no_likeness_stays(text: str) -> None:
    """Nobody's name is turned into question marks or other letters."""
    assert fold(text) == text
