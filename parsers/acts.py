"""What a writer does with a message, told from their own words and from what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from parsers.direction import Spoken, is_question, sentences, spoken
from parsers.inline import inline_kinds
from parsers.patterns import Hit, class_words, patterns_of
from parsers.vocabulary import Vocabulary
from parsers.wishes import command, wishes

KINDS = ("mentor_offer", "shadow_offer", "mentor_request", "shadow_request")
OFFERS = ("mentor_offer", "shadow_offer")
_SHORT = 12  # words; a longer text says what it wants in its own way


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the sender, as far as the acts hang on it."""

    asked: str | None = None
    records: Collection[str] = ()
    match: str | None = None
    options: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Told:
    """What was found in the words, before it is weighed."""

    words: str
    places: list[Spoken]
    wishes: dict[str, list[Hit]]
    kinds: set[str] = field(default_factory=set)
    guessed: bool = False
    denied: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)  # kinds that somebody else would be
    question: bool = False
    forwarded: bool = False
    peer: bool = False


def tell(words: str, vocabulary: Vocabulary, *, inline: Iterable[tuple[str, str]] = (), forwarded: bool = False) -> Told:
    """Find everything that the acts are decided by; needs no context."""
    told = Told(words=words, places=spoken(words, vocabulary), wishes=wishes(words, vocabulary), forwarded=forwarded)
    if not next(patterns_of(vocabulary, "domain").find(words), None):
        told.places = []
    for place in told.places:
        _sort(place, told)
    if told.kinds == {"shadow_offer"} and _newcomer_asks(words, vocabulary):
        told.kinds, told.guessed, told.question = {"mentor_request"}, True, False
    for kind, agreed in inline_kinds(inline, vocabulary):
        (told.kinds if agreed else told.denied).add(kind)
    if not told.kinds and not told.others:
        _guess(told, vocabulary)
    told.question |= _asks(told, vocabulary)
    told.peer = "peer_worker" in told.wishes
    return told


def decide(told: Told, known: Known, vocabulary: Vocabulary) -> set[str]:
    """Weigh what was told; the set is empty where only the fields can say whether there is an update or an answer."""
    order = command(told.words, vocabulary)
    if order and not (order == "help" and known.asked):
        return {order}
    acts: set[str] = set()
    if told.wishes.get("opt_out"):
        acts.add("opt_out")
    elif told.wishes.get("opt_in") and "opt_out" not in acts:
        return {"opt_in"}
    if _seeks_service(told):
        return acts | {"service_seeker"}
    if _refers(told):
        acts.add("referral")
    acts |= _record_acts(told, known, acts)
    if told.question and not acts & {"referral", "opt_out"}:
        acts.add("question")
    return acts


def _sort(place: Spoken, told: Told) -> None:
    """Put one place where a kind is spoken of into its drawer."""
    if place.denied:
        told.denied.add(place.kind)
    elif place.other:
        told.others.add(place.kind)
    elif place.told or place.only_asked or place.yours:
        return
    else:
        told.kinds.add(place.kind)
        told.question |= place.asked and place.kind in OFFERS


def _guess(told: Told, vocabulary: Vocabulary) -> None:
    """Nothing was plainly said: a word that points back, a bare keyword, or interest without a direction."""
    mentioned = not class_words(vocabulary, "mentor").isdisjoint(told.words.split())
    if mentioned and _take(told, spoken(told.words, vocabulary, table="meant")):
        return
    if _take(told, spoken(told.words, vocabulary, table="unclear"), kinds=KINDS):
        told.guessed = True
        return
    first = _first_word_kind(told.words, vocabulary)
    if first:
        told.kinds.add(first)
        told.guessed = first != "shadow_offer" or len(told.words.split()) > 1
        return
    if (
        len(told.words.split()) <= _SHORT
        and not told.places
        and _take(told, spoken(told.words, vocabulary, table="unclear"), kinds=("either",))
    ):
        told.kinds = {"mentor_offer"}
        told.guessed = True


def _take(told: Told, places: list[Spoken], *, kinds: Collection[str] = KINDS) -> bool:
    meant = [place for place in places if place.kind in kinds and not (place.denied or place.told or place.other)]
    meant = [place for place in meant if not (place.only_asked or (place.yours and place.kind not in OFFERS))]
    told.kinds |= {place.kind for place in meant}
    told.denied |= {place.kind for place in places if place.denied and place.kind in KINDS}
    return bool(meant)


def _first_word_kind(words: str, vocabulary: Vocabulary) -> str | None:
    """`MENTOR Wanda Havre thursdays`: a keyword with what belongs to a record after it."""
    said = words.split()
    if not said or "?" in said or len(said) > _SHORT:
        return None
    hits = [hit for hit in patterns_of(vocabulary, "keyword").find(words) if hit.start == 1]
    return max(hits, key=lambda hit: hit.end).name if hits else None


def _newcomer_asks(words: str, vocabulary: Vocabulary) -> bool:
    """`Can someone ride with me my first shifts?` offers nobody a place to watch."""
    names = patterns_of(vocabulary, "newcomer").names(words)
    return {"words", "asks"} <= names


def _asks(told: Told, vocabulary: Vocabulary) -> bool:
    """A question of its own: a sentence that asks and neither says a kind nor is a courtesy."""
    wishes_to_stop = [*told.wishes.get("opt_out", ()), *told.wishes.get("opt_in", ()), *told.wishes.get("referral_ask", ())]
    for start, end in sentences(told.words):
        sentence = told.words[start:end]
        said = [place for place in told.places if start <= place.start < end and not place.only_asked and not place.denied]
        kinds = [place for place in said if place.kind in told.kinds]
        if any(start <= hit.start < end for hit in wishes_to_stop):
            continue
        asking = patterns_of(vocabulary, "asking").names(sentence)
        if kinds and not told.guessed:
            if is_question(sentence, vocabulary) and "eligible" in asking:
                return True
            continue
        if told.denied and "opens" not in asking:
            continue  # "Maybe after tax season?" asks nobody
        if is_question(sentence, vocabulary) and not _empty(sentence, vocabulary) and not (told.guessed and told.kinds):
            return True
        if any(hit.name == "question" and start <= hit.start < end for hits in told.wishes.values() for hit in hits):
            return True
    return False


def _empty(sentence: str, vocabulary: Vocabulary) -> bool:
    """A question that wants no answer ("ok?", "how are you?")."""
    said = len(sentence.strip(" .?,").split(" "))
    hits = [hit for hit in patterns_of(vocabulary, "asking").find(sentence) if hit.name == "empty"]
    longest = max((len(sentence[hit.start : hit.end].split()) for hit in hits), default=0)
    ends = any(hit.end >= len(sentence.rstrip(" .?")) for hit in hits)
    opens = any(hit.name == "opens" for hit in patterns_of(vocabulary, "asking").find(sentence))
    return not sentence.strip(" .?,") or (bool(hits) and said - longest <= 2) or (ends and not opens)


def _refers(told: Told) -> bool:
    if told.forwarded and not told.kinds:
        return True
    if told.others:
        return True
    if told.kinds:
        return False
    return bool(told.wishes.get("recommended")) or bool(told.wishes.get("referral") and told.places and not told.denied)


def _seeks_service(told: Told) -> bool:
    if not told.wishes.get("service_seeker"):
        return False
    plainly = any(place.kind in told.kinds and place.kind in OFFERS for place in told.places)
    return not plainly and not told.peer and not ({"shadow_request"} & told.kinds)


def _record_acts(told: Told, known: Known, so_far: set[str]) -> set[str]:
    """Kinds said by somebody with records may be changes to them; kinds denied may end them."""
    acts: set[str] = set()
    kinds = told.kinds - ({"mentor_offer"} if told.guessed and (known.records or known.asked or "opt_out" in so_far) else set())
    new = {kind for kind in kinds if kind not in known.records}
    acts |= new
    ends = bool(told.wishes.get("withdraw"))
    if known.records or known.match:
        if (ends or told.denied & set(known.records)) and "opt_out" not in so_far:
            acts.add("withdraw")
        if kinds - new or told.wishes.get("cancel_date") or (told.wishes.get("update") and not acts and "opt_out" not in so_far):
            acts.add("update")
    elif told.wishes.get("own_record") and not new:
        acts.add("withdraw")
    if told.wishes.get("plain_update") and not new - {"mentor_offer"} and not new:
        acts.add("update")
    return acts


def urgent_acts(told: Told, acts: set[str], known: Known, *, urgent: str) -> set[str]:
    """Beside a cry for help or a complaint, only what is plainly meant."""
    kept = acts & {"opt_out"}
    if "question" in acts and (urgent == "safeguarding" or told.wishes.get("what_to_do")):
        kept.add("question")
    if urgent == "crisis":
        return kept | ({"update"} if told.wishes.get("cancel_date") and (known.records or known.match) else set())
    if told.wishes.get("someone_else"):
        kept.add("mentor_request")
    if (known.records or known.match) and (told.wishes.get("not_them") or (acts & {"withdraw"} and told.denied)):
        kept.add("withdraw")
    return kept
