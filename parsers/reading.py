"""A message is read: what its writer does with it, says of themself, and whether anybody is at risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, get_args

from parsers.acts import decide, tell, urgent_acts
from parsers.automatic import BY_ITS_WORDS, reason
from parsers.courtesy import is_courtesy, is_reaction, is_spam
from parsers.fields import read_fields
from parsers.language import language_of
from parsers.message import InboundMessage
from parsers.opinion import UNSAID
from parsers.reconsider import doubt, guess
from parsers.replies import reply_acts
from parsers.reply import Words, own_words
from parsers.second_opinion import danger, no_misconduct, no_spam, second_opinion, speaks_of_itself
from parsers.standing import Standing, Want, standing
from parsers.tokens import closed, plain_words
from parsers.told import KINDS, Known, Told
from parsers.urgency import screen_words
from parsers.vocabulary import Vocabulary
from parsers.wishes import command

_AMONG = 2  # answers that stand below questions of ours
_OF_A_CRY = ("name", "location", "phone", "email", "language")  # who it is and where; the days that it tells of are no days of a record
Kind = Literal["mentor_offer", "shadow_offer", "mentor_request", "shadow_request"]
Act = Literal[
    "mentor_offer",
    "shadow_offer",
    "mentor_request",
    "shadow_request",
    "update",
    "withdraw",
    "answer",
    "question",
    "opt_out",
    "opt_in",
    "help",
    "referral",
    "service_seeker",
    "automatic",
    "spam",
    "other",
]
Urgent = Literal["crisis", "safeguarding"]
NOBODYS = ("", "our own", "bounce")  # reasons for which a mail is a person's, or certainly nobody's offer
FieldValue = str | int | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the sender before the message is read."""

    asked: str | None = None  # the open question: role, name, availability, setting, consent
    records: tuple[Kind, ...] = ()  # kinds of the sender's open records
    match: str | None = None  # an open introduction's code
    options: tuple[Kind, ...] = ()  # the kinds offered to choose from, in their order
    today: date | None = None  # where the writer is; without it no day is read until which something shall rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The half of the reading that needs no context, so that it is done before any lock is held."""

    message: InboundMessage
    words: Words
    urgent: Urgent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a careful coordinator would make of one message."""

    reply_text: str
    acts: tuple[Act, ...]  # sorted, never empty
    urgent: Urgent | None = None
    clarify: bool = False  # the kind of record is a guess that the answer must put as a question
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    language: str = "en"  # of the words themselves, for the answer: a key of the vocabulary
    keyword: bool = False  # the whole text is a word that Twilio itself acts on (STOP, START, HELP and their sisters)
    courtesy: bool = False  # thanks, a greeting, a reaction, a lone emoji: it wants no answer
    wants: frozenset[Want] = frozenset()  # of what stands on record: to see it, to let it rest, to have it put right or added to
    until: date | None = None  # the day on which what shall rest goes on
    about: frozenset[str] = frozenset()  # the kinds on record that are spoken of


def hear(message: InboundMessage, vocabulary: Vocabulary) -> Heard:
    """Cut the writer's own words out and screen them for risk, before keywords, state or opt-out."""
    words = own_words(message, vocabulary)
    return Heard(message=message, words=words, urgent=_risk(message, words, vocabulary))


def read(heard: Heard, vocabulary: Vocabulary, context: Context, *, choosing: bool = False) -> Reading:
    """Read what was heard in the light of what is known of its sender; `choosing` where we asked which record was meant."""
    whole = _with_subject(heard, vocabulary)
    words, message = whole.words, whole.message
    plain = plain_words(words.said, vocabulary)
    machine = reason(message, words, vocabulary)
    if machine and not (heard.urgent == "crisis" and machine in BY_ITS_WORDS and speaks_of_itself(closed(plain), vocabulary)):
        return Reading(reply_text=words.text, acts=("automatic",), language=language_of(plain, vocabulary))
    if is_reaction(words.said, vocabulary):
        return Reading(reply_text=words.text, acts=("other",), language=language_of(plain, vocabulary), courtesy=True)
    subject = plain_words(message.subject, vocabulary)
    if not heard.urgent and _is_spam(subject, plain, vocabulary) and not no_spam(closed(plain), vocabulary):
        return Reading(reply_text=words.text, acts=("spam",), language=language_of(plain, vocabulary))
    told = tell(plain, vocabulary, about=subject, inline=words.inline, forwarded=words.forwarded)
    known = Known(asked=context.asked, records=context.records, match=context.match, options=context.options)
    acts, fields = _weigh(told, whole, vocabulary, context, known=known)
    known = replace(known, asked="which") if choosing else known
    wish = Standing() if heard.urgent else standing(told, known, vocabulary, text=words.text, today=context.today)
    return Reading(
        reply_text=words.text,
        acts=tuple(sorted(acts)) or ("other",),  # type: ignore[arg-type]
        urgent=heard.urgent,
        clarify=told.guessed and any(kind in acts for kind in KINDS) and context.asked != "role",
        fields=fields,
        language=language_of(plain, vocabulary),
        keyword=message.channel == "sms" and bool(command(plain_words(message.body, vocabulary), vocabulary, exact=True)),
        courtesy=not acts and (is_courtesy(plain, vocabulary) or _says_nothing(heard, vocabulary)),
        wants=wish.wants,
        until=wish.until,
        about=wish.about,
    )


def resembles(heard: Heard, vocabulary: Vocabulary) -> tuple[Kind, ...]:
    """The offers and requests that a machine's mail would make, had a person written it; none of spam, of a bounce or of our own."""
    if heard.urgent or heard.message.channel != "email" or reason(heard.message, heard.words, vocabulary) in NOBODYS:
        return ()
    plain = plain_words(heard.words.said, vocabulary)
    subject = plain_words(heard.message.subject, vocabulary)
    if _is_spam(subject, plain, vocabulary):
        return ()
    told = tell(plain, vocabulary, about=subject, inline=heard.words.inline, forwarded=heard.words.forwarded)
    acts, _ = _weigh(told, heard, vocabulary, Context(), known=Known())
    return tuple(kind for kind in get_args(Kind) if kind in acts)


def _is_spam(subject: str, plain: str, vocabulary: Vocabulary) -> bool:
    """Without a subject it is what the acts are looked for in too, so that one look serves both."""
    return is_spam(f"{subject}.{plain}", vocabulary, alone=True) if subject.strip() else is_spam(closed(plain), vocabulary)


def _risk(message: InboundMessage, words: Words, vocabulary: Vocabulary) -> Urgent | None:
    if message.automatic:
        return None
    mail = message.channel == "email" and len(words.inline) < _AMONG  # answers are short, and their questions not here
    found = [_risk_of(text, vocabulary, mail=mail) for text in _own(message, words, vocabulary)]
    if "crisis" in found:
        return "crisis"
    return "safeguarding" if "safeguarding" in found else None


def _risk_of(text: str, vocabulary: Vocabulary, *, mail: bool) -> Urgent | None:
    """What the rules find, or else what the second reader fears; a complaint it may rule out."""
    words = closed(plain_words(text, vocabulary))
    found = screen_words(words, vocabulary)
    if found == "crisis" or (found and not no_misconduct(words, vocabulary)):
        return found
    return danger(words, vocabulary, mail=mail)


def _own(message: InboundMessage, words: Words, vocabulary: Vocabulary) -> list[str]:
    """Everything that a person wrote: a subject of their own too, and the mail that they pass on."""
    texts = [words.said]
    if message.subject and not _carried(message.subject):
        texts.append(message.subject)
    if words.forwarded and words.original:
        texts.append(words.original)
    if is_reaction(texts[0], vocabulary):
        return []
    return texts


def _with_subject(heard: Heard, vocabulary: Vocabulary) -> Heard:
    """A mail may say all it has to say in its subject, above nothing or no more than thanks."""
    subject, words = heard.message.subject, heard.words
    if not subject.strip() or words.forwarded or _carried(subject):
        return heard
    if not words.said.strip():
        return replace(heard, words=replace(words, said=subject))
    return replace(heard, words=replace(words, said=f"{subject}. {words.said}")) if _says_nothing(heard, vocabulary) else heard


def _says_nothing(heard: Heard, vocabulary: Vocabulary) -> bool:
    """No more than thanks and who it is."""
    if not heard.words.said.strip():
        return False
    own = set(plain_words(heard.message.sender_name, vocabulary).split())
    said = plain_words(heard.words.said, vocabulary).split()
    return is_courtesy(" ".join(word for word in said if word not in own), vocabulary)


def _carried(subject: str) -> bool:
    """A subject with a short word and a colon ahead came from another mail."""
    head, colon, _ = subject.strip().partition(":")
    return bool(colon) and len(head) <= 4


def _weigh(told: Told, heard: Heard, vocabulary: Vocabulary, context: Context, *, known: Known) -> tuple[set[str], dict[str, FieldValue]]:
    # An answer between quoted questions is short for what it answers, and tells nothing by itself.
    likely = UNSAID if heard.urgent or heard.words.inline else second_opinion(told.words, vocabulary)
    doubt(told, known, likely, vocabulary)
    acts = guess(told, decide(told, known, vocabulary), known, likely, vocabulary)
    # What is asked for, or on record, makes a message worth reading for it; whether it says any of it decides the acts.
    supposed = acts or ({"answer"} if context.asked else {"update"} if context.records else set())
    if acts == {"question"} and context.asked in ("name", "availability", "setting"):
        supposed = {"answer", "question"}
    fields = _fields(heard, vocabulary, context, supposed if "service_seeker" in acts else supposed | told.kinds)
    if heard.urgent:
        acts = urgent_acts(told, acts, known, urgent=heard.urgent)
    else:
        said = {name: value for name, value in fields.items() if name != "name" or context.asked == "name"}
        acts = reply_acts(told, acts, known, vocabulary, text=heard.words.text, fields=said)
        acts = acts or ({"update"} if context.records and said else set())
    fields = fields if acts == supposed else _fields(heard, vocabulary, context, acts)
    if heard.urgent and acts.isdisjoint((*KINDS, "answer")):
        fields = {name: value for name, value in fields.items() if name in _OF_A_CRY}
    return acts, fields


def _fields(heard: Heard, vocabulary: Vocabulary, context: Context, acts: set[str]) -> dict[str, FieldValue]:
    return dict(read_fields(heard.words, heard.message, vocabulary, asked=context.asked, acts=frozenset(acts or {"other"})))
