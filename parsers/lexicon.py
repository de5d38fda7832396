"""What vocabulary/mail.toml says, compiled once into the patterns by which mails are taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from parsers.folding import fold, pattern
from parsers.vocabulary import Vocabulary, VocabularyError

_LINE_HEAD = r"^[\s>*_|]{0,12}"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns over folded lines; those of one line are anchored at its start."""

    opening: re.Pattern[str]
    verb: re.Pattern[str]
    verb_closes: re.Pattern[str]
    verb_dashed: re.Pattern[str]
    shared_line: re.Pattern[str]
    header: re.Pattern[str]
    header_kinds: dict[str, str]
    original: re.Pattern[str]
    forward: re.Pattern[str]
    above: re.Pattern[str]
    below: re.Pattern[str]
    forward_subject: re.Pattern[str]
    reply_subject: re.Pattern[str]
    stub: re.Pattern[str]
    device: re.Pattern[str]
    disclaimer: re.Pattern[str]
    banner: re.Pattern[str]
    postscript: re.Pattern[str]
    closing: re.Pattern[str]
    work: frozenset[str]  # words of titles and of the names of organisations
    contact: re.Pattern[str]
    speaking: frozenset[str]
    times: frozenset[str]


@lru_cache(maxsize=4)
def lexicon(vocabulary: Vocabulary) -> Lexicon:
    def words(section: str, key: str) -> list[str]:
        return phrases(vocabulary, section, key)

    openings, verbs, dates = (pattern(words("attribution", key)).pattern for key in ("openings", "verbs", "dates"))
    kinds = {fold(name): kind for kind in ("subject", "to", "sent", "from") for name in words("headers", kind)}
    names = pattern(kinds).pattern
    rule = r"[-_=*~\s>]"
    prefix = r"^(?:\[[^\]]{1,40}\]\s{0,3})?"
    mark = r"(?:\[\d{1,3}\]|\(\d{1,3}\))?\s{0,2}:"
    footer, ending = (pattern(words("footer", key)).pattern for key in ("devices", "device_endings"))
    return Lexicon(
        opening=re.compile(rf"^[\s>]{{0,8}}(?:-{{2,20}}\s{{0,2}})?(?:{openings}[\s,:]|{dates}[\s,.]|\d)"),
        verb=re.compile(verbs),
        verb_closes=re.compile(rf"{verbs}(?:\s[^\n:]{{0,120}})?\s{{0,3}}:[\s>]{{0,6}}$|{verbs}[\s>.]{{0,6}}$"),
        verb_dashed=re.compile(rf"^\s{{0,3}}-{{2,20}}\s.{{0,300}}{verbs}\s{{0,2}}:?\s{{0,2}}-{{2,20}}\s{{0,5}}$"),
        shared_line=re.compile(rf"(?<=\s)(?:{openings})\s(?:{dates}|\d)[^\n]{{0,300}}{verbs}\s{{0,2}}:\s{{0,3}}$"),
        header=re.compile(rf"{_LINE_HEAD}({names})[*_\s]{{0,4}}:"),
        header_kinds=kinds,
        original=re.compile(rf"^(?:{rule}{{2,80}}){pattern(words('quotation', 'originals')).pattern}\s{{0,3}}(?:{rule}|$|:)"),
        forward=re.compile(
            rf"^(?:{rule}{{2,80}}|\s{{0,4}}(?=[^\n]{{1,60}}:\s{{0,4}}$)){pattern(words('quotation', 'forwards')).pattern}\s{{0,3}}(?:{rule}|$|:)"
        ),
        above=pattern(words("quotation", "above")),
        below=pattern(words("quotation", "below")),
        forward_subject=re.compile(rf"{prefix}{pattern(words('quotation', 'forward_prefixes')).pattern}{mark}"),
        reply_subject=re.compile(rf"{prefix}{pattern(words('quotation', 'reply_prefixes')).pattern}{mark}"),
        stub=pattern(words("quotation", "stubs")),
        device=re.compile(rf"^[\s*_(<\[\-—~]{{0,8}}(?:{footer}|[^\n]{{0,60}}{ending}[\s.)>]{{0,4}}$)"),
        disclaimer=pattern(words("footer", "disclaimers"), before=r"^[\s*_\-=#\[(\"]{0,8}"),
        banner=pattern(words("footer", "banners"), before=r"^[\s*_\-=#!\"]{0,8}"),
        postscript=pattern(words("footer", "postscripts"), before=r"^\s{0,4}", after=r"[\s.:,]"),
        closing=re.compile(rf"^\s{{0,4}}{pattern(words('signature', 'closings')).pattern}[\s,.!;:\-~—❤]{{0,6}}$"),
        work=frozenset(map(fold, (*words("signature", "titles"), *words("signature", "organisations")))),
        contact=re.compile(
            rf"^[\s*•|\-]{{0,4}}(?:{pattern(words('signature', 'contacts')).pattern}[\s.:#]|{pattern(words('signature', 'pronouns')).pattern})"
        ),
        speaking=frozenset(map(fold, words("signature", "speaking"))),
        times=frozenset(map(fold, words("signature", "times"))),
    )


@lru_cache(maxsize=64)
def anchored(vocabulary: Vocabulary, key: str) -> re.Pattern[str]:
    """Any phrase of `[automatic]` at the start of a text, behind at most some marks."""
    return pattern(phrases(vocabulary, "automatic", key), before=r"^[\s*#\-–—<>!¡]{0,12}")


@lru_cache(maxsize=16)
def anywhere(vocabulary: Vocabulary, key: str) -> re.Pattern[str]:
    return pattern(phrases(vocabulary, "automatic", key))


def phrases(vocabulary: Vocabulary, section: str, key: str) -> list[str]:
    """One list of mail.toml.

    Raises:
        VocabularyError: the list is missing, or holds something that is not a phrase.

    """
    entries = vocabulary.mail.get(section, {}).get(key)
    if not isinstance(entries, list):
        raise VocabularyError(f"mail.toml: [{section}] {key} must be a list of phrases")
    for entry in entries:
        if not isinstance(entry, str) or not entry.strip():
            raise VocabularyError(f"mail.toml: [{section}] {key}: {entry!r} is not a phrase")
    return entries
