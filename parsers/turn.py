"""A message read as the next turn of a conversation: as an answer to what was asked, else as whatever else it says."""

from __future__ import annotations

from dataclasses import replace

from parsers.language import language_of
from parsers.patterns import patterns_of
from parsers.phrasebook import day_words, table, word_set
from parsers.reading import Context, Heard, Reading, read
from parsers.tokens import plain_words
from parsers.told import KINDS
from parsers.vocabulary import Vocabulary

_ASKED_FIELDS = {"name": ("name",), "availability": ("availability", "unavailable"), "setting": ("setting", "location")}
_WEAK = frozenset({"answer", "update", "other"})
_PLACE_WORDS = 4


def read_turn(heard: Heard, vocabulary: Vocabulary, context: Context, *, language: str) -> Reading:
    """Read a message in its conversation; `language` is the one to answer in where its words do not tell."""
    words = plain_words(heard.words.said, vocabulary)
    choosing = context.asked == "which"
    asked = replace(context, asked=None) if choosing else context
    reading = read(heard, vocabulary, asked, choosing=choosing)
    if choosing and reading.about and set(reading.acts) <= _WEAK:
        reading = replace(reading, fields={})  # "the mentor one" counts nobody
    elif context.asked == "role" and not reading.urgent and _is_keyword(words, vocabulary):
        again = read(heard, vocabulary, replace(context, asked=None, records=()))
        reading = again if again.clarify else reading  # the bare keyword once more answers nothing
    elif not reading.urgent and set(reading.acts) <= _WEAK and not reading.courtesy:
        reading = _other_reading(reading, heard, vocabulary, context=asked, words=words) or reading
    if not any(character.isalpha() for character in heard.words.said):
        return replace(reading, language=language)  # "2" is no word of any language, though the speller takes it for one
    if context.asked == "name" and "name" in reading.fields:
        particles = word_set(vocabulary, "names", "particles")  # "María de la Cruz" speaks any language
        words = " ".join(word for word in words.split() if word not in particles)
    return replace(reading, language=language_of(words, vocabulary, default=language))


def _other_reading(reading: Reading, heard: Heard, vocabulary: Vocabulary, *, context: Context, words: str) -> Reading | None:
    """What was not asked may be said all the same: a keyword, a day where a name was asked for, a town by itself."""
    if _is_keyword(words, vocabulary):
        found = read(heard, vocabulary, replace(context, asked=None, records=()))
        return found if set(found.acts) & set(KINDS) else None
    if context.asked is None or _answers(reading, context.asked, vocabulary):
        return _with_more(reading, heard, vocabulary, context=context) if context.asked == "name" else None
    plain = read(heard, vocabulary, replace(context, asked=None))
    if plain.wants or not set(plain.acts) <= _WEAK:
        return plain
    said = {key: value for key, value in plain.fields.items() if key != "name" or context.asked != "name"}
    if said or reading.acts == ("other",):
        kept = {**reading.fields, **plain.fields} if _answers(plain, context.asked, vocabulary) else plain.fields
        return replace(plain, acts=("update",) if said else plain.acts, fields=kept)
    if context.asked == "setting" and "answer" in reading.acts and _may_be_place(words, vocabulary):
        return replace(reading, fields={**reading.fields, "location": _as_place(reading.reply_text)})
    return None


def _with_more(reading: Reading, heard: Heard, vocabulary: Vocabulary, *, context: Context) -> Reading | None:
    """Beside a name, days and places may be said that stand in no relation to it."""
    plain = read(heard, vocabulary, replace(context, asked=None))
    said = str(reading.fields["name"]).lower().split()
    parts = {word for found in table(vocabulary, "parts") for words in found.values() for word in words}
    unclear = () if parts.isdisjoint(said) else ("availability", "unavailable")  # Eve is no evening
    more = {key: value for key, value in plain.fields.items() if key not in reading.fields and key not in unclear}
    if not more or not set(plain.acts) <= _WEAK:
        return None
    return replace(reading, acts=("answer", "update"), fields={**reading.fields, **more})


def _answers(reading: Reading, asked: str, vocabulary: Vocabulary) -> bool:
    """Whether the reading says what was asked; a day of the week or a wish is nobody's name."""
    if asked == "name" and "name" in reading.fields:
        said = str(reading.fields["name"]).lower().split()
        return not reading.wants and day_words(vocabulary).isdisjoint(said)
    if asked == "role":
        return bool(set(reading.acts) & set(KINDS))
    return any(key in reading.fields for key in _ASKED_FIELDS.get(asked, ()))


def _is_keyword(words: str, vocabulary: Vocabulary) -> bool:
    whole = words.strip(" .,?")
    return any(words[hit.start : hit.end].strip() == whole for hit in patterns_of(vocabulary, "keyword").find(words))


def _may_be_place(words: str, vocabulary: Vocabulary) -> bool:
    """A few words that say neither no nor perhaps, where a town was asked for."""
    said = [word for word in words.split() if word.isalpha()]
    unsure = {word for language in vocabulary.languages.values() for word in language.get("want_words", {}).get("no_place", ())}
    return 0 < len(said) <= _PLACE_WORDS and unsure.isdisjoint(said)


def _as_place(text: str) -> str:
    place = " ".join(text.split()).strip(" .,!")[:40]
    return place if place != place.lower() else place.title()
