"""What the rules found is weighed once more by how messages of such words were meant: a doubt takes a record away, a hunch asks for one."""

from __future__ import annotations

from parsers.direction import Spoken, asks_how, sentences
from parsers.opinion import UNSAID, Likely
from parsers.second_opinion import EVERYDAY, second_opinion
from parsers.told import KINDS, Known, Told
from parsers.vocabulary import Vocabulary

# The limits come from messages that were kept apart when the rest was learned. Below one such words seldom mean the act.
SELDOM = {**dict.fromkeys(KINDS, 0.07), "referral": 0.05, "service_seeker": 0.05}
_WITHOUT_RECORD = ("question", "referral", "service_seeker", "opt_out", "opt_in", "spam", "update")  # who has none, takes none back
# Above it they mean it, whatever the rules found; what speaks of anything else than the field has to be surer.
TAKEN = {**dict.fromkeys(KINDS, 0.6), **dict.fromkeys(_WITHOUT_RECORD, 0.5), "update": 0.9, "opt_out": 0.95}
TAKEN_OF_ANYTHING = {**dict.fromkeys(KINDS, 0.96), **dict.fromkeys(_WITHOUT_RECORD, 0.9), "question": 0.5, "opt_out": 0.985}
TAKEN_ON_RECORD = {
    **dict.fromkeys((*KINDS, "question", "referral", "service_seeker", "opt_in", "spam"), 0.9),
    "withdraw": 0.5,
    "update": 0.75,
}
KEPT = 0.1  # above it, what the rules found
BESIDES, A_QUESTION_BESIDES = 0.95, 0.8  # above it, one besides another
THE_OTHER_WAY = 0.985  # above it, an offer besides a request, or either besides what is no kind
SURE = 0.9  # above it, of somebody on record, what goes beside a question
AGAINST_THE_RULES = 0.8  # above it, a kind where the rules heard it denied, or something else said
END_OF_ONE, END_OF_ALL = 0.6, 0.35  # above the one and below the other, what is on record ends, and not all messages
AN_END_OF_ALL = 0.99  # above it somebody with records wants no more messages
# A kind less likely than the one, and another likelier than the other: the rules took it the wrong way round.
UNLIKELY, INSTEAD = 0.3, 0.8


def doubt(told: Told, known: Known, likely: Likely, vocabulary: Vocabulary) -> None:
    """Take back kinds that such words, all of them and the sentence alone, seldom mean; what is on record stays, as an opt-out does."""
    if told.guessed or known.asked or _swapped(told, known, likely):
        return
    for kind in told.kinds.difference(known.records):
        if _places(kind, told) and _doubted(kind, told, likely, vocabulary, limit=SELDOM[kind]):
            told.kinds.remove(kind)
    told.plain &= told.kinds


def _places(kind: str, told: Told) -> list[Spoken]:
    return [place for place in told.places if place.kind == kind]


def _doubted(act: str, told: Told, likely: Likely, vocabulary: Vocabulary, *, limit: float) -> bool:
    """Neither the whole, nor a sentence that says it, is of words that mean it."""
    if likely.get(act, 1.0) >= limit:
        return False
    places = _places(act, told)
    said = (
        told.words[start:end] for start, end in sentences(told.words) if any(place.start < end and start < place.end for place in places)
    )
    return all(second_opinion(sentence, vocabulary).get(act, 1.0) < limit for sentence in said)


def _swapped(told: Told, known: Known, likely: Likely) -> bool:
    """Where the rules found one kind and such words mostly mean another, that one is asked about."""
    if len(told.kinds) != 1 or known.asked or known.records or not told.places:
        return False
    (found,) = told.kinds
    if likely.get(found, 1.0) >= UNLIKELY:
        return False
    kind = max(KINDS, key=lambda kind: likely.get(kind, 0.0))
    if likely.get(kind, 0.0) <= INSTEAD or kind in told.denied:
        return False
    told.kinds, told.plain, told.guessed = {kind}, set(), True
    return True


def guess(told: Told, acts: set[str], known: Known, likely: Likely, vocabulary: Vocabulary) -> set[str]:
    """Weigh what the rules found with how likely such words mean it, and add what they very likely mean."""
    if likely is UNSAID:
        return acts
    if not (known.asked or known.records or known.match):
        return _of_a_stranger(told, acts, likely, vocabulary)
    acts = {act for act in acts if act in KINDS or likely.get(act, 1.0) >= SELDOM.get(act, 0.0)}
    if acts <= {"question"} and _ends(told, known, likely):
        return {"opt_out"}
    return _of_somebody_known(told, acts, known, likely) if known.records and not known.asked else acts


def _of_a_stranger(told: Told, acts: set[str], likely: Likely, vocabulary: Vocabulary) -> set[str]:
    """The words alone tell; friends who teach one another much are none of ours, and an opt-out that the rules found stands."""
    old = {act for act in acts if act == "opt_out" or not _doubted(act, told, likely, vocabulary, limit=KEPT)}
    if not told.sure and likely.get("everyday", 1.0) > EVERYDAY:
        return old
    limits = TAKEN if told.sure else TAKEN_OF_ANYTHING
    new = {act: likely.get(act, 0.0) for act, limit in limits.items() if act not in old and likely.get(act, 0.0) > limit}
    if _goes_on(told):
        new.pop("opt_out", None)
    first = max(new, key=new.__getitem__, default="") if old <= {"question"} else ""
    unsure = KINDS if acts else told.denied
    taken = {act for act, chance in new.items() if act == first or chance > _besides(act, old)}
    taken = old | {act for act in taken if act not in unsure or new[act] >= AGAINST_THE_RULES}
    if "service_seeker" in taken and _only_asks_how(told.words, vocabulary):
        taken.discard("question")
    told.kinds = taken.intersection(KINDS)
    told.guessed |= not told.kinds <= acts
    return taken


def _only_asks_how(words: str, vocabulary: Vocabulary) -> bool:
    """`Where can I get treatment?` is how help is sought, and asks nothing besides."""
    return len(sentences(words)) == 1 and "," not in words and asks_how(words, vocabulary)


def _besides(act: str, others: set[str]) -> float:
    ways = {kind.partition("_")[2] for kind in others.intersection(KINDS)}
    if act in KINDS and act.partition("_")[2] not in ways:
        return THE_OTHER_WAY
    return A_QUESTION_BESIDES if act == "question" else BESIDES


def _of_somebody_known(told: Told, acts: set[str], known: Known, likely: Likely) -> set[str]:
    """The end of an offer, what changes of it, and the end of all messages are easily taken for one another."""
    if "opt_out" in acts and likely.get("withdraw", 0.0) > END_OF_ONE and likely.get("opt_out", 0.0) < END_OF_ALL:
        acts = acts - {"opt_out"} | {"withdraw"}
    if not acts <= {"question"}:
        return acts
    new = {act for act, limit in TAKEN_ON_RECORD.items() if likely.get(act, 0.0) > (SURE if acts else limit)}.difference(known.records)
    told.kinds = new.intersection(KINDS)
    return new if new and likely.get("question", 0.0) <= TAKEN["question"] else new | acts


def _ends(told: Told, known: Known, likely: Likely) -> bool:
    """None is heard in an answer, nor where the field is spoken of, a time is named, or something shall go on."""
    return told.vague and not known.asked and not _goes_on(told) and likely.get("opt_out", 0.0) > AN_END_OF_ALL


def _goes_on(told: Told) -> bool:
    return not told.wishes.keys().isdisjoint(("bounded", "keep"))
