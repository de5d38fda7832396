"""What a writer does with a message, told from their own words and from what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from parsers.asking import asks
from parsers.direction import Spoken, set_apart, spoken
from parsers.inline import inline_kinds
from parsers.patterns import Hit, class_words, patterns_of
from parsers.phrasebook import day_words
from parsers.tokens import closed
from parsers.told import KINDS, OFFERS, Known, Told
from parsers.vocabulary import Vocabulary
from parsers.wishes import command, wishes

_OF = 8  # letters between what ends and what it was: "my offer of hosting"
_NEXT = 80  # letters between what is needed and who will give it
_SHORT = 12  # words; a longer text says what it wants in its own way


def tell(words: str, vocabulary: Vocabulary, *, about: str = "", inline: Iterable[tuple[str, str]] = (), forwarded: bool = False) -> Told:
    """Find everything that the acts are decided by; needs no context, but for what a mail says that it is about."""
    words = set_apart(closed(words), vocabulary)
    told = Told(words=words, places=spoken(words, vocabulary), wishes=wishes(words, vocabulary), forwarded=forwarded)
    domain, junk = patterns_of(vocabulary, "domain"), patterns_of(vocabulary, "junk")
    fields = domain.names(words)
    sure = "words" in fields or "words" in domain.names(about)
    ours = sure or not next(junk.find(words), None)
    # "Off the list of mentors" speaks of a list, not of mentoring; "my request for a mentor" of what is on record.
    listed = [*told.wishes.get("off_list", ()), *(hit._replace(end=hit.end + _OF) for hit in told.wishes.get("own_record", ()))]
    told.places = [_stepped_in(place, told) for place in told.places if ours and not any(_meet(place, hit) for hit in listed)]
    for place in told.places:
        _sort(place, told)
    ended = told.wishes.get("withdraw", ())
    told.plain = told.kinds & {place.kind for place in told.places if not any(hit.start <= place.start < hit.end + _OF for hit in ended)}
    if sure and ours and not told.kinds:
        _compose(told, vocabulary)
    if told.kinds == {"shadow_offer"} and _newcomerasks(words, vocabulary):
        told.kinds, told.guessed, told.question = {"mentor_request"}, True, False
    for kind, agreed in inline_kinds(inline, vocabulary):
        (told.kinds if agreed else told.denied).add(kind)
    if not (told.kinds or told.others or told.wishes.get("recommended") or told.wishes.get("off_list")):
        _guess(told, vocabulary)
    told.question |= asks(told, vocabulary)
    told.sure = sure
    told.vague = not sure and not inline and ("elsewhere" in fields or day_words(vocabulary).isdisjoint(words.split()))
    told.peer = "peer_worker" in told.wishes
    return told


def decide(told: Told, known: Known, vocabulary: Vocabulary) -> set[str]:
    """Weigh what was told; the set is empty where only the fields can say whether there is an update or an answer."""
    vague = told.vague and not told.guessed and not (known.asked or known.records or known.match)
    if vague and (told.kinds or told.plain or told.others):
        told = replace(told, kinds=set(), plain=set(), others=set())
    order = command(told.words, vocabulary)
    if order and not (order == "help" and known.asked):
        return {order}
    acts: set[str] = set()
    if told.wishes.get("opt_out"):
        acts.add("opt_out")
    elif told.wishes.get("opt_in") and (told.guessed or not told.kinds):
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


def _stepped_in(place: Spoken, told: Told) -> Spoken:
    """`A new guy needs a mentor, I got time`: what somebody else needs, or we, is what the writer gives."""
    if place.denied or not place.kind.startswith("mentor") or not (place.other or place.kind == "mentor_request"):
        return place
    certain, theirs = told.wishes.get("i_am_it", []), told.wishes.get("i_will", []) if place.other or place.yours else []
    reach = _NEXT if place.kind == "mentor_request" else 0
    if any(place.start <= hit.start < place.end + reach for hit in [*certain, *theirs]):
        return replace(place, kind="mentor_offer", other=False, yours=False, told=False, asked=False, only_asked=False)
    return place


def _compose(told: Told, vocabulary: Vocabulary) -> None:
    """What no set phrase said is put together from who there is (a learner, an old hand) and what one does with the other."""
    ended = (*told.wishes.get("withdraw", ()), *(hit._replace(end=hit.end + _OF) for hit in told.wishes.get("own_record", ())))
    settled = [*ended, *(place for place in told.places if place.denied or place.other)]
    heard = [place for place in spoken(told.words, vocabulary, table="composed") if not any(_meet(place, other) for other in settled)]
    for place in heard:
        _sort(place, told)
    told.places += heard


def _meet(place: Spoken, other: Spoken | Hit) -> bool:
    return place.start < other.end and other.start < place.end


def _guess(told: Told, vocabulary: Vocabulary) -> None:
    """Nothing was plainly said: a word that points back, a bare keyword, or interest without a direction."""
    mentioned = not class_words(vocabulary, "mentor").isdisjoint(told.words.split())
    if mentioned and _take(told, spoken(told.words, vocabulary, table="meant")):
        return
    if _take(told, spoken(told.words, vocabulary, table="unclear"), kinds=KINDS):
        told.guessed = True
        return
    first = _first_word_kind(told.words, vocabulary)
    if first and not told.denied:
        told.kinds.add(first)
        told.guessed = first != "shadow_offer"
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
    """`MENTOR Wanda Havre thursdays`: a keyword with what belongs to a record after it; or `shadow?` alone."""
    said = words.split()
    if not said or ("?" in said and len(set(said)) > 2) or len(said) > _SHORT:
        return None
    hits = [hit for hit in patterns_of(vocabulary, "keyword").find(words) if hit.start == 1]
    name = max(hits, key=lambda hit: hit.end).name if hits else None
    return name if name in KINDS else None


def _newcomerasks(words: str, vocabulary: Vocabulary) -> bool:
    """`Can someone ride with me my first shifts?` offers nobody a place to watch."""
    names = patterns_of(vocabulary, "newcomer").names(words)
    return {"words", "asks"} <= names


def _refers(told: Told) -> bool:
    if told.forwarded and not told.kinds and not told.wishes.get("for_myself"):
        return True
    if told.others or told.wishes.get("recommended_too"):
        return True
    if told.kinds:
        return False
    if told.wishes.get("praised") and not told.wishes.get("own_match"):
        return True
    refused = [place for place in told.places if place.denied]  # "they say I'd make a good mentor, but nah" recommends nobody
    recommended = [hit for hit in told.wishes.get("recommended", ()) if not any(_meet(place, hit) for place in refused)]
    return bool(recommended) or bool(told.wishes.get("referral") and told.places and not told.denied)


def _seeks_service(told: Told) -> bool:
    said = told.wishes
    asks = (told.question and not told.kinds) or said.get("for_them")
    for_kin = said.get("for_kin") and said.get("their_plight")
    if not (said.get("service_seeker") or (said.get("ailing") and asks) or for_kin):
        return False
    plainly = any(place.kind in told.kinds and place.kind in OFFERS and not place.asked for place in told.places)
    return not plainly and not told.peer and not ({"shadow_request"} & told.kinds)


def _record_acts(told: Told, known: Known, so_far: set[str]) -> set[str]:
    """Kinds said by somebody with records may be changes to them; kinds denied may end them."""
    acts: set[str] = set()
    moved = bool(told.wishes.get("changed_days")) and not told.denied  # "put me down for Saturdays instead"
    kinds = told.kinds - ({"mentor_offer"} if told.guessed and (known.records or known.asked or moved or "opt_out" in so_far) else set())
    ends = bool(told.wishes.get("withdraw"))
    if told.guessed and ends and known.records:
        kinds = set()  # "cancel the shadow one" asks for no new one
    new = {kind for kind in kinds if kind not in known.records}
    acts |= new
    if known.records or known.match:
        once = bool(told.wishes.get("cancel_date"))  # "can't make it out to shadow on Thursday" ends nothing
        if (ends or (told.denied & set(known.records) and not once)) and "opt_out" not in so_far:
            acts.add("withdraw")
        if (
            (kinds - new) & (told.plain if "withdraw" in acts else kinds)
            or told.wishes.get("cancel_date")
            or (told.wishes.get("update") and not acts and "opt_out" not in so_far)
        ):
            acts.add("update")
    elif told.wishes.get("own_record") and not new:
        acts.add("withdraw")
    leaves = "opt_out" in so_far and not told.wishes.get("channel_only")  # "my number changed hands, quit sending these"
    if (told.wishes.get("plain_update") or moved) and not new and not leaves:
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
        hosted = "shadow_request" in known.records and "mentor_request" not in known.records
        kept.add("shadow_request" if hosted else "mentor_request")
    if (known.records or known.match) and (told.wishes.get("not_them") or (acts & {"withdraw"} and told.denied)):
        kept.add("withdraw")
    return kept
