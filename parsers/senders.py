"""The writer's name where they did not type it: in their signature, or in the From header of a mail."""

from __future__ import annotations

from parsers.name_words import Name, NameReader, capitalised, known_names
from parsers.phrasebook import word_set
from parsers.phrases import SENTENCE_ENDS, scan
from parsers.towns import known_place
from parsers.vocabulary import Vocabulary

_SAID = 4  # words before a name that signs
_SHORTEST = 2
_LONGEST = 12


def from_header(header: str, vocabulary: Vocabulary) -> Name | None:
    """Read a display name: "Boone, R. Tyrell" is turned round, credentials and remarks are left out."""
    if not header:
        return None
    known = known_names(vocabulary)
    written = header.split("(", maxsplit=1)[0].split("|", maxsplit=1)[0].strip(" \"'")
    first, *rest = [piece.strip() for piece in written.split(",")]
    given = next((piece for piece in rest if piece and piece.lower().replace(".", "").split()[0] not in known.credentials), "")
    name = f"{given} {first}".strip()
    words = name.lower().replace(".", "").split()
    if not words or "@" in name or any(c.isdigit() for c in name) or set(words) & known.offices:
        return None
    return Name(capitalised(name))


def from_signature(signature: str, vocabulary: Vocabulary) -> Name | None:
    known = known_names(vocabulary)
    for line in [line.strip(" -*_|") for line in signature.splitlines()][:4]:
        if not line:
            continue
        text = scan(line.split(",")[0].split("|")[0], vocabulary)
        reader = NameReader(text, vocabulary, known)
        taken = reader.take(0)
        words = {token.word for token in text.tokens}
        if taken and taken[1] == len(text.tokens) and not words & known.offices:
            return Name(capitalised(text.plain.strip()))
    return None


def signed(reader: NameReader) -> Name | None:
    """Read one last word that no vocabulary knows, behind a full stop, as the name of a writer who signs: "… nights. mags"."""
    text = reader.text
    last = len(text.tokens) - 1
    while last > 0 and text.word(last) in (".", "!", "\n"):
        last -= 1
    word = text.word(last)
    alone = text.word(last - 1) in SENTENCE_ENDS and text.word(last - 2) not in (".", "…")
    if not alone or last < _SAID or not word.isalpha() or not _SHORTEST < len(word) < _LONGEST or last in text.marks:
        return None
    endings = word_set(reader.vocabulary, "names", "no_ending")
    if word in reader.known.stop or known_place(text, last, reader.vocabulary) or word.endswith(tuple(endings)):
        return None
    if text.cased and not reader.text.tokens[last].raw.istitle() and not reader.text.tokens[last].raw.islower():
        return None
    return reader.spelt(last, last + 1)
