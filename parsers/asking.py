"""A question of the writer's own, which a person has to answer."""

from __future__ import annotations

from parsers.direction import asks_anywhere, is_question, sentences
from parsers.patterns import patterns_of
from parsers.told import Told
from parsers.vocabulary import Vocabulary


def asks(told: Told, vocabulary: Vocabulary) -> bool:
    """A question of its own: a sentence that asks and neither says a kind nor is a courtesy."""
    wishes_to_stop = [
        *told.wishes.get("opt_out", ()),
        *told.wishes.get("off_list", ()),
        *told.wishes.get("opt_in", ()),
        *told.wishes.get("referral_ask", ()),
    ]
    asking = patterns_of(vocabulary, "asking")
    asks_at_all = asks_anywhere(told.words, vocabulary)
    if not asks_at_all and not told.wishes.get("question"):
        return False  # as of most
    for start, end in sentences(told.words):
        sentence = told.words[start:end]
        said = [place for place in told.places if start <= place.start < end and not place.only_asked and not place.denied]
        kinds = [place for place in said if place.kind in told.kinds]
        if any(start <= hit.start < end for hit in wishes_to_stop):
            continue
        if kinds and not told.guessed:
            if asks_at_all and is_question(sentence, vocabulary) and "eligible" in asking.names(sentence):
                return True
            continue
        if any(hit.name == "question" and start <= hit.start < end for hits in told.wishes.values() for hit in hits):
            return True
        if not asks_at_all or (told.denied and "opens" not in asking.names(sentence)):
            continue  # "Maybe after tax season?" asks nobody
        if is_question(sentence, vocabulary) and not _empty(sentence, vocabulary) and not (told.guessed and told.kinds):
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
