"""What vocabulary/mail.toml says, compiled once into the patterns by which mails are taken apart."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from parsers.errors import VocabularyError
from parsers.folding import Sought, fold, pattern
from parsers.vocabulary import Vocabulary

_SETS = {
    "work": ("signature.titles", "signature.organisations"),
    "particles": ("signature.particles",),
    "suffixes": ("signature.suffixes",),
    "speaking": ("signature.speaking",),
    "asking": ("signature.asking",),
    "times": ("signature.times",),
}
_HEADERS = ("subject", "to", "sent", "from")
_AUTOMATIC = (
    *("senders", "sender_starts", "sender_ends", "names", "away_subjects", "receipt_subjects", "bounce_subjects", "ticket_subjects"),
    *("calendar_subjects", "maybe_subjects", "maybe_tickets", "receipts", "openings", "anywhere", "maybe_openings", "also", "away"),
    *("away_also", "preludes", "bounces", "bounce_hints", "bounce_signs"),
)
_ANYWHERE = ("anywhere", "bounce_hints", "bounce_signs", "also", "away_also", "receipts")
_SLOT = re.compile(r"«([a-z_]+\.[a-z_]+)»")
_RULED = r"^(?:[-_=*~\s>]{2,80})"
_RULED_END = r"\s{0,3}(?:[-_=*~\s>]|$|:)"
_TAGGED = r"^(?:\[[^\]]{1,40}\]\s{0,3})?"
_NUMBERED = r"(?:\[\d{1,3}\]|\(\d{1,3}\))?\s{0,2}:"
# «section.key» stands for any phrase of that list of mail.toml.
_TEMPLATES = {
    "opening": r"^[\s>*_\"]{0,8}(?:-{2,20}\s{0,2})?(?:«attribution.openings»[\s,:]|«attribution.dates»[\s,.]|\d)",
    "verb_closes": (
        r"«attribution.verbs»(?:(?:\s(?:[^\n:]|(?<=\d):(?=\d)){0,120})?\s{0,3}:[\s>*_]{0,6}"
        r"|\s?\([^)\n]{1,100}\)\s?:\s{0,3}|[\s>.*_]{0,6})$"
    ),
    "verb_dashed": r"^\s{0,3}-{2,20}\s.{0,300}«attribution.verbs»\s{0,2}:?\s{0,2}-{2,20}\s{0,5}$",
    "shared_line": r"(?<=\s)«attribution.openings»\s(?:«attribution.dates»|\d)[^\n]{0,300}«attribution.verbs»\s{0,2}:\s{0,3}$",
    "original": rf"{_RULED}«quotation.originals»{_RULED_END}",
    "forward": rf"(?:{_RULED}|^\s{{0,4}}(?=[^\n]{{1,60}}:\s{{0,4}}$))«quotation.forwards»{_RULED_END}",
    "above": r"«quotation.above»",
    "answers": r"«quotation.answers»",
    "below": r"«quotation.below»",
    "inline": r"«quotation.inline»",
    "forward_subject": rf"{_TAGGED}«quotation.forward_prefixes»{_NUMBERED}",
    "reply_subject": rf"{_TAGGED}«quotation.reply_prefixes»{_NUMBERED}",
    "stub": r"«quotation.stubs»",
    "device": r"^[\s*_(<\[\-\u2014~]{0,8}(?:«footer.devices»|[^\n]{0,60}«footer.device_endings»[\s.)>]{0,4}$)",
    "disclaimer": r"^[\s*_\-=#\[(\"]{0,8}«footer.disclaimers»",
    "legal": r"«footer.legal»",
    "banner": r"^[\s*_\-=#!\"]{0,8}«footer.banners»",
    "picture": r"^\s{0,10}(?:\[«footer.pictures»[^\]]{0,200}\]|<https?://[^>\s]{1,1500}>)",
    "postscript": r"^\s{0,4}«footer.postscripts»[\s.:,]",
    "closing": r"^\s{0,4}«signature.closings»[\s,.!;:\-~\u2014\u2764]{0,6}$",
    "contact": r"^[\s*•|\-]{0,4}(?:«signature.contacts»[\s.:#]|«signature.pronouns»)",
    "pronouns": r"\s{0,3}[(\[|,]?\s{0,2}«signature.pronouns»[^)\]]{0,12}[)\]]?\s{0,3}$",
    "slogan": r"^[\s*_\"\u201c\u2022>\-]{0,6}«signature.slogans»",
    "via": r"^(.{1,100}?)\s{1,3}«headers.via»\s",
}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns over folded lines, and sets of folded words."""

    opening: re.Pattern[str]
    verb_closes: re.Pattern[str]
    verb_dashed: re.Pattern[str]
    shared_line: re.Pattern[str]
    original: re.Pattern[str]
    forward: re.Pattern[str]
    above: re.Pattern[str]
    answers: re.Pattern[str]
    below: re.Pattern[str]
    inline: re.Pattern[str]
    forward_subject: re.Pattern[str]
    reply_subject: re.Pattern[str]
    stub: re.Pattern[str]
    device: re.Pattern[str]
    disclaimer: re.Pattern[str]
    legal: re.Pattern[str]
    banner: re.Pattern[str]
    picture: re.Pattern[str]
    postscript: re.Pattern[str]
    closing: re.Pattern[str]
    contact: re.Pattern[str]
    pronouns: re.Pattern[str]
    slogan: re.Pattern[str]
    via: re.Pattern[str]
    header: re.Pattern[str]
    header_kinds: dict[str, str]
    work: frozenset[str]  # words of titles and of the names of organisations
    particles: frozenset[str]
    suffixes: frozenset[str]
    speaking: frozenset[str]
    asking: frozenset[str]
    times: frozenset[str]


@lru_cache(maxsize=4)
def lexicon(vocabulary: Vocabulary) -> Lexicon:
    def words(name: str) -> list[str]:
        return phrases(vocabulary, *name.split("."))

    def compiled(template: str) -> re.Pattern[str]:
        return re.compile(_SLOT.sub(lambda slot: pattern(words(slot[1])).pattern, template))

    def collected(*names: str) -> frozenset[str]:
        return frozenset(fold(word) for name in names for word in words(name))

    kinds = {fold(name): kind for kind in _HEADERS for name in words(f"headers.{kind}")}
    return Lexicon(
        **{name: compiled(template) for name, template in _TEMPLATES.items()},
        header=re.compile(rf"^[\s>*_|]{{0,12}}({pattern(kinds).pattern})[*_\s]{{0,4}}:"),
        header_kinds=kinds,
        work=collected(*_SETS["work"]),
        particles=collected(*_SETS["particles"]),
        suffixes=collected(*_SETS["suffixes"]),
        speaking=collected(*_SETS["speaking"]),
        asking=collected(*_SETS["asking"]),
        times=collected(*_SETS["times"]),
    )


@lru_cache(maxsize=64)
def anchored(vocabulary: Vocabulary, key: str) -> re.Pattern[str]:
    """Any phrase of `[automatic]` at the start of a text, behind at most some marks."""
    return pattern(phrases(vocabulary, "automatic", key), before=r"^[\s*#\-\u2013\u2014<>!¡(\[]{0,12}")


@lru_cache(maxsize=16)
def anywhere(vocabulary: Vocabulary, key: str) -> Sought:
    return Sought(phrases(vocabulary, "automatic", key))


def check_mail(vocabulary: Vocabulary) -> None:
    """Hold mail.toml against what is asked of it.

    Raises:
        VocabularyError: names the list that is missing, malformed or asked for by nobody.

    """
    slots = {slot for template in _TEMPLATES.values() for slot in _SLOT.findall(template)}
    asked = {*slots, *(name for names in _SETS.values() for name in names)}
    asked |= {f"headers.{name}" for name in _HEADERS} | {f"automatic.{name}" for name in _AUTOMATIC}
    for name in sorted(asked):
        phrases(vocabulary, *name.split("."))
    for section, lists in vocabulary.mail.items():
        if not isinstance(lists, Mapping):
            raise VocabularyError(f"mail.toml: [{section}] must be a table of lists of phrases")
        for key in lists:
            if f"{section}.{key}" not in asked:
                near = difflib.get_close_matches(f"{section}.{key}", asked, n=1)
                advice = f"; did you mean {near[0]}?" if near else ""
                raise VocabularyError(f"mail.toml: [{section}] {key} is not a list that anything reads{advice}")


def compile_mail(vocabulary: Vocabulary) -> None:
    """Compile whatever a mail may be told by."""
    lexicon(vocabulary)
    for key in _AUTOMATIC:
        anchored(vocabulary, key)
    for key in _ANYWHERE:
        _ = anywhere(vocabulary, key).pattern


def phrases(vocabulary: Vocabulary, section: str, key: str) -> list[str]:
    """One list of mail.toml.

    Raises:
        VocabularyError: the list is missing, or holds something that is not a phrase.

    """
    lists = vocabulary.mail.get(section, {})
    entries = lists.get(key) if isinstance(lists, Mapping) else None
    if not isinstance(entries, list):
        raise VocabularyError(f"mail.toml: [{section}] {key} must be a list of phrases")
    for entry in entries:
        if not isinstance(entry, str) or not entry.strip():
            raise VocabularyError(f"mail.toml: [{section}] {key}: {entry!r} is not a phrase")
    return entries
