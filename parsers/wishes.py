"""What is wished of us besides a place in the scheme: no more messages, messages again, help, a change, an end."""

from __future__ import annotations

import re
from functools import lru_cache

from parsers.patterns import Hit, patterns_of
from parsers.phrasebook import day_words
from parsers.vocabulary import Vocabulary

_PAUSE = re.compile(r" [.,] ")
_PARTED = re.compile(r"(?:^|[.,]) (\w+) (?=[.,]|$)")
_NEXT = 12  # letters between the two
_THEIRS = frozenset({"plain_update", "update", "referral", "recommended"})  # a text for somebody else tells us none of it
_THANKS = 14  # words of a thank-you beside STOP


def wishes(words: str, vocabulary: Vocabulary) -> dict[str, list[Hit]]:
    """Return the hits of each wish by its name; a wish that is taken back or bounded in the same breath is left out."""
    found: dict[str, list[Hit]] = {}
    for hit in patterns_of(vocabulary, "wish").find(words):
        found.setdefault(hit.name, []).append(hit)
    if "opt_in" in found:
        found["opt_in"] = [hit for hit in found["opt_in"] if not _touched(hit, found.get("not_back", ()))]
    _settle_opt_out(found, words, vocabulary)
    _settle_withdraw(found)
    if found.get("astray"):
        found = {name: hits for name, hits in found.items() if name not in _THEIRS}
    return found


def command(words: str, vocabulary: Vocabulary, *, exact: bool = False) -> str | None:
    """Name the command that the whole text is, courtesies aside (not aside where `exact`)."""
    if exact:
        return _named(words.strip(" .,?"), "twilio", vocabulary)
    polite = _one_words(vocabulary, "reply_words", "polite")
    said = (word for word in words.split() if word.isalnum() and word not in polite)
    first = next(said, "")
    order = _named(" ".join((first, *said)), "command", vocabulary) if first in _openings(vocabulary) else None
    return order or _opening(words, vocabulary) or _thanked(words, vocabulary)


def _opening(words: str, vocabulary: Vocabulary) -> str | None:
    """`STOP! Thanks and good luck to you all`: the word that Twilio would act on, a pause, and nothing but a farewell."""
    first, *rest = _PAUSE.split(words, maxsplit=1)
    order = _named(first.strip(), "twilio", vocabulary)
    if not rest or "?" in words or order != "opt_out":
        return None
    kind = _one_words(vocabulary, "reply", "courtesy") | _one_words(vocabulary, "reply_words", "farewell")
    return order if all(word in kind for word in rest[0].split() if word.isalnum()) else None


def _thanked(words: str, vocabulary: Vocabulary) -> str | None:
    """`STOP thank you kindly`, `with many thanks, STOP`: the word that Twilio would act on and a thank-you, in whatever words."""
    thanks = _one_words(vocabulary, "reply_words", "thanks")
    if thanks.isdisjoint(words.split()):
        return None  # as of most
    said = [word for word in words.split() if word not in (".", ",")]
    if not 1 < len(said) <= _THANKS or "?" in said or not day_words(vocabulary).isdisjoint(said):
        return None
    parted = _PARTED.findall(words.strip(" .") + " ")
    order = next((order for word in parted if (order := _named(word, "command", vocabulary))), None)
    if said[1] in thanks:
        order = order or _named(said[0], "twilio", vocabulary)
    return order if order == "opt_out" else None


def _named(said: str, table: str, vocabulary: Vocabulary) -> str | None:
    return _names(vocabulary, table).get(said)


@lru_cache(maxsize=16)
def _names(vocabulary: Vocabulary, table: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for language in vocabulary.languages.values():
        for name, commands in language.get(table, {}).items():
            named = dict.fromkeys(commands, str(name)) | named
    return named


@lru_cache(maxsize=8)
def _openings(vocabulary: Vocabulary) -> frozenset[str]:
    """The words with which commands begin."""
    return frozenset(said.split(maxsplit=1)[0] for said in _names(vocabulary, "command") if said.strip())


@lru_cache(maxsize=16)
def _one_words(vocabulary: Vocabulary, table: str, name: str) -> frozenset[str]:
    return frozenset(word for language in vocabulary.languages.values() for word in language.get(table, {}).get(name, ()))


def _settle_opt_out(found: dict[str, list[Hit]], words: str, vocabulary: Vocabulary) -> None:
    """`don't stop`, `don't text before nine` and `call, don't text` end nothing."""
    if "opt_out" not in found:
        return
    meant = [hit for hit in found.get("opt_out", ()) if not _touched(hit, found.get("keep", ()))]
    # "Take my offer off" ends the offer alone.
    meant = [hit for hit in meant if not _touched(hit, found.get("own_record", ()))]
    # "On this phone" bounds nothing, "on Mondays" does.
    lines = found.get("on_line", ())
    bounds = [bound for bound in found.get("bounded", ()) if not any(line.start < bound.end <= line.end for line in lines)]
    meant = [hit for hit in meant if not any(hit.start <= bound.start < hit.end + 1 for bound in bounds)]
    # "Don't text me" holds "text me", which asks for no other channel.
    channels = [hit for hit in found.get("channel_only", ()) if not any(end.start <= hit.start and hit.end <= end.end for end in meant)]
    if channels or found.get("opt_in"):
        final = patterns_of(vocabulary, "final")
        meant = [hit for hit in meant if next(final.find(" " + words[hit.start : hit.end]), None)]
    if found.get("opt_in"):
        meant = [hit for hit in meant if not _touched(hit, found["opt_in"])]
    # "Dar de baja de la lista de mentoras": what it is off may follow the words that take it off.
    off_list = [Hit(hit.name, hit.start - _NEXT, hit.end) for hit in found.get("off_list", ())]
    found["opt_out"] = [hit for hit in meant if not _touched(hit, off_list)]


def _settle_withdraw(found: dict[str, list[Hit]]) -> None:
    """`can't do Fridays any more` changes a record, it does not end it."""
    if found.keys().isdisjoint(("cancel_date", "withdraw", "off_list")):
        return
    own = found.get("own_record", [])
    found["cancel_date"] = [hit for hit in found.get("cancel_date", ()) if not _touched(hit, own)]
    changes = [*found.get("update_day", ()), *found.get("cancel_date", ()), *found.get("no_end", ())]
    found["withdraw"] = [hit for hit in found.get("withdraw", ()) if not _touched(hit, changes)] + found.get("off_list", [])


def _touched(hit: Hit, others: list[Hit] | tuple[Hit, ...]) -> bool:
    return any(hit.start < other.end and other.start < hit.end for other in others)
