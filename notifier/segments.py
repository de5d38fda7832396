"""What a text costs: GSM-7 or UCS-2, and how many segments (GSM 03.38; Twilio, "What the heck is a segment?")."""

from __future__ import annotations

import unicodedata

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENDED = frozenset("^{}\\[~]|€\f")  # each costs two
PLAIN = GSM_7 | GSM_7_EXTENDED
LOOKALIKES = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
        "\N{BULLET}": "-",
    }
)


def fold(text: str) -> str:
    """Put into GSM-7 what can be without harm, since one curly apostrophe more than halves what a segment holds."""
    plain = unicodedata.normalize("NFC", text.translate(LOOKALIKES))
    return plain if PLAIN.issuperset(plain) else "".join(map(_folded, plain))


def _folded(character: str) -> str:
    if character in PLAIN:
        return character
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain in GSM_7 and plain.isalpha() else character


def segments(text: str) -> int:
    """How many segments a text is sent as: 160 GSM-7 characters or 70 UTF-16 units in one, 153 or 67 in each of several."""
    if PLAIN.issuperset(text):
        units, alone, joined = len(text) + sum(map(GSM_7_EXTENDED.__contains__, text)), 160, 153
    else:
        units, alone, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= alone else -(-units // joined)
