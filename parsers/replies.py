"""The open question and what may answer it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from parsers.direction import is_question, spoken
from parsers.inline import answer_of
from parsers.patterns import patterns_of
from parsers.phrasebook import table
from parsers.tokens import closed, plain_words
from parsers.told import KINDS, Known, Told
from parsers.vocabulary import Vocabulary

_NUMBER = re.compile(r"^\W{0,3}(?:\w{1,7} )?#?([1-9])(?![\w:])")
_CHANGED = re.compile(r"(?<![\w:])[1-9](?![\w:])(\D{2,25})([1-9])(?![\w:])")
_LONGEST_CHANGE = 60  # letters
_NAME_WORDS = 9
_FEW_WORDS = 8
_ASKED_FIELDS = {"availability": {"availability", "unavailable"}, "setting": {"setting"}, "name": {"name"}, "consent": {"answer"}}
_ORDINALS = ("first", "second", "third", "fourth")


def reply_acts(told: Told, acts: set[str], known: Known, vocabulary: Vocabulary, *, text: str, fields: Mapping[str, object]) -> set[str]:
    """Add `answer`, the kind that it names, and `update` for what it says besides."""
    if acts & {"opt_out", "opt_in", "help", "service_seeker"} or known.asked is None:
        return acts
    match known.asked:
        case "role":
            return _role(told, acts, known, vocabulary, text=text)
        case "consent":
            return _consent(told, acts, vocabulary, text=text)
        case "name":
            return _name(told, acts, fields, vocabulary)
        case asked:
            return _said(told, acts, fields, vocabulary, asked=asked)


def _role(told: Told, acts: set[str], known: Known, vocabulary: Vocabulary, *, text: str) -> set[str]:
    if not told.kinds - told.others and _chooses_none(told, acts, vocabulary, text=text):
        if len(told.words.split()) > _FEW_WORDS:
            return acts - {"withdraw", "update"}
        return acts if "question" in acts else {"answer"}
    chosen = role_kinds(told, known, vocabulary, text=text)
    plain = bool(told.kinds) and not told.guessed
    if plain and chosen and chosen <= set(known.options) and told.kinds.isdisjoint(known.options):
        plain = False  # "I want to learn from somebody" may be said of following too; what was offered to choose from decides
    kinds = told.kinds if plain else chosen or told.kinds
    rest = acts - set(KINDS) - {"withdraw", "referral"}
    if told.kinds and not told.guessed:
        rest -= {"update"}
    if kinds:
        return rest | set(kinds) | {"answer"}
    numbered = bool(_numbers(text, told.words, vocabulary))
    return (
        rest | {"answer"} if numbered or (not rest and len(told.words.split()) <= _FEW_WORDS and not _courtesy(told, vocabulary)) else acts
    )


def _chooses_none(told: Told, acts: set[str], vocabulary: Vocabulary, *, text: str) -> bool:
    """Neither of them, or the difference is asked; not where a number or a kind is named besides."""
    hits = [hit for hit in patterns_of(vocabulary, "role").find(told.words) if hit.name in ("neither", "compared")]
    if not hits or (_NUMBER.search(text[:30]) and hits[0].name == "neither"):
        return False
    return any(hit.start <= 1 if hit.name == "neither" else "question" in acts for hit in hits)


def role_kinds(told: Told, known: Known, vocabulary: Vocabulary, *, text: str) -> set[str]:
    """The kinds that an answer to `role` names, by number or by phrase."""
    numbers = _numbers(text, told.words, vocabulary)
    if numbers and known.options:
        return {known.options[number] for number in numbers if number < len(known.options)}
    named = spoken(told.words, vocabulary, table="role", among=(*known.options, "both") if known.options else ())
    places = [place for place in named or spoken(told.words, vocabulary, table="role") if not place.denied]
    if any(place.kind == "both" for place in places) and known.options:
        return set(known.options)
    kinds = [place for place in places if place.kind in KINDS]
    longest = max((place.end - place.start for place in kinds), default=0)
    return {place.kind for place in kinds if place.end - place.start == longest}


def _numbers(text: str, words: str, vocabulary: Vocabulary) -> set[int]:
    """Count from nought; digits are read from the text itself, since the speller takes a bare 2 or 4 for a word."""
    changed = _CHANGED.search(text[:_LONGEST_CHANGE])  # "1. no wait 2"
    if changed and "corrected" in patterns_of(vocabulary, "role").names(closed(plain_words(changed[1], vocabulary))):
        return {int(changed[2]) - 1}
    numbers = {int(digit) - 1 for digit in _NUMBER.findall(text[:30])[:1]}
    word = words.strip(" .,?")
    numbers |= {found[word] - 1 for found in table(vocabulary, "number_words") if 0 < found.get(word, 0) <= len(_ORDINALS)}
    names = patterns_of(vocabulary, "role").names(words)
    return numbers | {at for at, name in enumerate(_ORDINALS) if name in names}


def _consent(told: Told, acts: set[str], vocabulary: Vocabulary, *, text: str) -> set[str]:
    agreed = answer_of(told.words, vocabulary)
    thumb = any(mark in text for mark in ("👍", "👎", "👌", "✅", "🆗"))
    rest = acts - set(KINDS) if told.guessed else acts
    if agreed or thumb:
        return (rest - {"withdraw", "update"}) | {"answer"}
    return acts


def _name(told: Told, acts: set[str], fields: Mapping[str, object], vocabulary: Vocabulary) -> set[str]:
    if acts == {"question"} and "name" in fields and not is_question(_first_sentence(told.words), vocabulary):
        return {"answer", "question"}
    if acts - {"update"}:
        return acts
    short = 0 < len(told.words.split()) <= _NAME_WORDS and not _courtesy(told, vocabulary)
    if short or set(fields) == {"name"}:
        return {"answer"} | ({"update"} if set(fields) - {"name"} else set())
    return acts


def _first_sentence(words: str) -> str:
    """`Summer. Do you need my last name too?`: a name, a pause and what is asked besides."""
    return " " + words.replace("?", " ?").replace(".", ",").partition(",")[0].strip() + " "


def _said(told: Told, acts: set[str], fields: Mapping[str, object], vocabulary: Vocabulary, *, asked: str) -> set[str]:
    wanted = _ASKED_FIELDS.get(asked, set())
    if acts == {"question"} and is_question(_first_sentence(told.words), vocabulary):
        return acts
    if set(fields) & wanted:
        besides = set(fields) - wanted - {"name"}
        return (acts - {"update", "withdraw"}) | {"answer"} | ({"update"} if besides else set())
    short = len(told.words.split()) <= _FEW_WORDS
    return {"answer"} if not acts and short and not _courtesy(told, vocabulary) else acts


def _courtesy(told: Told, vocabulary: Vocabulary) -> bool:
    from parsers.courtesy import is_courtesy

    return is_courtesy(told.words, vocabulary)
