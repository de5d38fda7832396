"""The writer's name where they did not type it: in their signature, or in the From header of a mail."""

from __future__ import annotations

from parsers.name_words import Name, NameReader, capitalised, known_names
from parsers.phrases import scan
from parsers.vocabulary import Vocabulary


def from_header(header: str, vocabulary: Vocabulary) -> Name | None:
    """Read a display name: "Boone, R. Tyrell" is turned round, credentials and remarks are left out."""
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
