"""What a message says of its writer: name, availability, setting and the other fields of a record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from parsers.addresses import own_email, own_phone
from parsers.age import ages
from parsers.availability import read_availability
from parsers.belonging import belongings
from parsers.capacity import read_capacity
from parsers.consent import read_consent
from parsers.meeting import Meeting, read_meeting
from parsers.message import InboundMessage
from parsers.names import read_name
from parsers.phrasebook import word_set
from parsers.phrases import SENTENCE_ENDS, Mark, Text, scan
from parsers.places import read_place
from parsers.reply import Words
from parsers.tokens import CHARACTERS
from parsers.tongues import cued, spoken_languages
from parsers.towns import known_place
from parsers.vocabulary import Vocabulary

Fields = dict[str, str | int | list[str]]

_OFFERS = frozenset({"mentor_offer", "shadow_offer"})
_KINDS = _OFFERS | {"mentor_request", "shadow_request"}
_ON_RECORD = _KINDS | {"update"}
_OF_A_RECORD = frozenset({"role", "availability", "setting"})
_WITHOUT_A_WISH = frozenset({"referral", "other", "help", "question", "opt_in"})
_MACHINES = frozenset({"automatic", "spam"})
_LIVED = frozenset({"unhoused", "reentry", "veteran"})  # who once was, still is
_IN_A_HOSPITAL = frozenset({"er", "va", "forensic", "crisis"})


@dataclass(frozen=True, slots=True)
class _Said:
    text: Text
    vocabulary: Vocabulary
    skipped: frozenset[int]  # what is said of other people
    meeting: Meeting


def read_fields(words: Words, message: InboundMessage, vocabulary: Vocabulary, *, asked: str | None, acts: Collection[str]) -> Fields:
    """Read the fields that fit the acts: a story or a question says nothing for a record, an answer only what was asked."""
    if not _MACHINES.isdisjoint(acts):
        return {}
    text = scan(words.text, vocabulary)
    header = message.sender_name if message.channel == "email" else ""
    fields: Fields = {}
    name = read_name(
        text,
        vocabulary,
        header=header,
        signature=words.signature[:CHARACTERS],
        asked=asked == "name" and "answer" in acts,
        free=not _KINDS.isdisjoint(acts),
    )
    if name:
        fields["name"] = name.called
    skipped = frozenset(_of_others(text, referral="referral" in acts))
    said = _Said(text, vocabulary, skipped, read_meeting(text, vocabulary, skipped=skipped))
    if set(acts) == {"answer"} and asked in ("name", "consent"):
        address = {field: value for field, value in _contact(said, words.text[:CHARACTERS], acts).items() if field in ("phone", "email")}
        return fields | _answer(text, asked) | address | _with_a_yes(said, asked)
    if asked == "consent" and "answer" in acts:
        fields |= _answer(text, asked)
        times = read_availability(text, vocabulary, host=False, skipped=skipped)
        fields |= _listed("availability", times.available) | _listed("unavailable", times.unavailable)
    fields |= _contact(said, words.text[:CHARACTERS], acts)
    if _tells(acts, asked):
        fields |= _record(said, asked=asked, acts=acts, name_end=name.end if name else 0)
    elif "service_seeker" in acts:
        fields |= _seeker(said, name_end=name.end if name else 0)
    else:
        if "withdraw" in acts:
            fields |= _listed("modality", said.meeting.modality)
        fields |= _besides(said, acts, name_end=name.end if name else 0)
    return fields


def _with_a_yes(said: _Said, asked: str | None) -> Fields:
    """Read the times that come with a consent: "Yes, mornings are better"."""
    if asked != "consent" or read_consent(said.text) != "yes":
        return {}
    return _listed("availability", read_availability(said.text, said.vocabulary, host=False, skipped=said.skipped).available)


def _tells(acts: Collection[str], asked: str | None) -> bool:
    return not _ON_RECORD.isdisjoint(acts) or ("answer" in acts and asked in _OF_A_RECORD)


def _record(said: _Said, *, asked: str | None, acts: Collection[str], name_end: int) -> Fields:
    text, vocabulary = said.text, said.vocabulary
    times = read_availability(text, vocabulary, host="shadow_offer" in acts, skipped=said.skipped)
    fields: Fields = {}
    fields |= _listed("availability", times.available)
    fields |= _listed("unavailable", times.unavailable)
    fields |= _listed("setting", sorted(_settings(said, asked=asked, host="shadow_offer" in acts)))
    if "opt_out" not in acts:
        fields |= _listed("modality", said.meeting.modality)
    fields |= _listed("language", sorted(spoken_languages(text, vocabulary, skipped=said.skipped)))
    fields |= _listed("population", sorted(_populations(said)))
    place = read_place(text, vocabulary, skipped=said.skipped, name_end=name_end)
    if place:
        fields["location"] = place
    if not set(acts) & _KINDS or set(acts) & _OFFERS:
        capacity = read_capacity(text, vocabulary, skipped=said.skipped)
        if capacity:
            fields["capacity"] = capacity
    return fields


def _seeker(said: _Said, *, name_end: int) -> Fields:
    fields = _listed("language", sorted(spoken_languages(said.text, said.vocabulary, skipped=said.skipped))) | _listed(
        "population", sorted(_populations(said))
    )
    place = read_place(said.text, said.vocabulary, name_end=name_end)
    return fields | ({"location": place} if place else {})


def _besides(said: _Said, acts: Collection[str], *, name_end: int) -> Fields:
    """Read where somebody says that they are and how many they can take, whatever else they write."""
    if not {"other", "question"} >= set(acts):
        return {}
    place = read_place(said.text, said.vocabulary, skipped=said.skipped, name_end=name_end, sure_only=True)
    capacity = read_capacity(said.text, said.vocabulary, skipped=said.skipped, sure_only=True)
    found: Fields = {"location": place} if place else {}
    return found | ({"capacity": capacity} if capacity else {})


def _contact(said: _Said, plain: str, acts: Collection[str]) -> Fields:
    fields: Fields = {}
    about_others = "referral" in acts
    if phone := own_phone(plain, said.vocabulary, of_others=about_others):
        fields["phone"] = phone
    if "@" in plain and (email := own_email(plain, said.vocabulary, of_others=about_others)):
        fields["email"] = email
    if said.meeting.channel and not set(acts) <= _WITHOUT_A_WISH:
        fields["channel"] = said.meeting.channel
    return fields


def _answer(text: Text, asked: str | None) -> Fields:
    answer = read_consent(text) if asked == "consent" else None
    return {"answer": answer} if answer else {}


def _listed(field: str, values: Collection[str]) -> Fields:
    return {field: list(values)} if values else {}


def _of_others(text: Text, *, referral: bool) -> Iterator[int]:
    """Yield the tokens of clauses whose doings are another person's: from "my coworker" to where the writer speaks of themself."""
    if not (text.of("other_people.relation") or (referral and text.of("other_people.other"))):
        return
    theirs = False
    for index, token in enumerate(text.tokens):
        if token.word in SENTENCE_ENDS or text.at("other_people.mine", index):
            theirs = False
        elif text.at("other_people.relation", index) or (referral and text.at("other_people.other", index)):
            theirs = True
        elif theirs and _own_again(text, index):
            theirs = False
        if theirs:
            yield index


def _own_again(text: Text, index: int) -> bool:
    own = text.at("other_people.self", index) is not None and not text.word(index - 1).isalpha()
    return own or text.at("other_people.lets", index) is not None


def _settings(said: _Said, *, asked: str | None, host: bool) -> set[str]:
    text = said.text
    lived = {place for mark in belongings(text, said.vocabulary) for place in range(mark.start, mark.end)}  # "out of the pen"
    found = {
        mark.value: mark
        for mark in _meant(said, "setting", "setting_block.any")
        if not _left(text, mark) and not _whence(text, mark, host=host) and mark.start not in lived
    }
    short = {mark.value for mark in (*text.of("setting_short.er"), *text.of("setting_short.va")) if _short(said, mark, asked)}
    values = set(found) | short
    named = found.get("inpatient")
    general = named and named.end - named.start == 1 and text.word(named.start) in word_set(said.vocabulary, "setting_short", "general")
    return values - {"inpatient"} if general and values & _IN_A_HOSPITAL else values


def _short(said: _Said, mark: Mark, asked: str | None) -> bool:
    """Tell the ER and the VA from "er…" and the Spanish "va"."""
    text = said.text
    if mark.start in said.skipped or _left(text, mark):
        return False
    raw = text.tokens[mark.start].raw
    capitals = text.cased and raw.isupper()
    after_article = text.word(mark.start - 1) in word_set(said.vocabulary, "setting_short", "articles")
    alone = asked == "setting" and mark.value == "er"
    if text.word(mark.start - 1) == "," and mark.value == "va":  # a town's state
        return False
    return capitals or after_article or alone


def _left(text: Text, mark: Mark) -> bool:
    """Tell where the writer is no more, "moved from days at the clinic", from where they are instead."""
    inside = mark.start + 1 < mark.end  # an article that belongs to both: "ya no estoy en | la línea"
    return any(
        text.ends("other_people.left", place, longest=5) and not any(text.at("setting", between) for between in range(place, mark.start))
        for place in range(mark.start - 2, mark.start + 1 + inside)
        if place > 0
    )


def _whence(text: Text, mark: Mark, *, host: bool) -> bool:
    """Tell somebody "from the Tuesday group" from the group that the writer runs."""
    return (
        mark.value == "group"
        and not host
        and any(text.at("other_people.whence", place) for place in range(max(0, mark.start - 3), mark.start))
    )


def _populations(said: _Said) -> set[str]:
    text = said.text
    marked = {
        mark.value
        for mark in _meant(said, "population", "population_block.any")
        if not (text.at("languages", mark.start) and cued(text, mark, "language_cues.spoken", 2, 1))  # "I speak Navajo"
        and not (text.ends("places.near", mark.start) and known_place(text, mark.start, said.vocabulary))  # "in Muskogee"
        and not text.ends("population_block.denied", mark.start)  # "not a vet"
    }
    told = {mark.value for mark in belongings(text, said.vocabulary) if mark.start not in said.skipped}
    return marked | told | set(ages(text, said.vocabulary, skipped=said.skipped))


def _meant(said: _Said, kind: str, block: str) -> Iterator[Mark]:
    """Yield the marks that are the writer's and that no longer phrase with another meaning covers."""
    if kind not in said.text.kinds:
        return
    blocked = {place for mark in said.text.of(block) for place in range(mark.start, mark.end)}
    former = {place for mark in said.text.of("other_people.former") for place in _clause_from(said.text, mark.start)}
    for mark in said.text.of(kind):
        possessive = said.text.tokens[mark.end - 1].raw.lower().endswith("'s")
        if (
            not possessive
            and mark.start not in said.skipped
            and (mark.start not in former or mark.value in _LIVED)
            and not blocked.issuperset(range(mark.start, mark.end))
        ):
            yield mark


def _clause_from(text: Text, start: int) -> Iterator[int]:
    for place in range(start, len(text.tokens)):
        if text.word(place) in SENTENCE_ENDS or text.word(place) == "," or text.at("times_glue.but", place):
            return
        yield place
