"""The writer's name, as they would be called: never the coordinator's, a third person's, a town or a weekday."""

from __future__ import annotations

from collections.abc import Iterator

from parsers.asked_name import answered_name
from parsers.name_words import Name, NameReader, known_names
from parsers.phrasebook import word_set
from parsers.phrases import Text
from parsers.senders import from_header, from_signature, signed
from parsers.towns import is_state, known_place, named_place, within_place
from parsers.vocabulary import Vocabulary

_LONGEST = 3  # words that a name has
_EARLY = 8  # words into a message by which somebody has said who they are
_SHORTEST = 2
_TIES = frozenset('/&(+@#:$%<="\\')  # after these a word goes on with what stands before
_DASHES = frozenset("-~*_")
_ADDRESS = "#"  # what stands for every address and number in a text


def read_name(
    text: Text, vocabulary: Vocabulary, *, header: str = "", signature: str = "", asked: bool = False, free: bool = False
) -> Name | None:
    """Read the name from the text, else from the signature, else from the From header.

    With `free` the message is one that people sign: a last word that nobody knows is a name then.
    """
    known = known_names(vocabulary)
    greeted = frozenset(_greeted(NameReader(text, vocabulary, known))) if "names.greeting" in text.kinds else frozenset()
    reader = NameReader(text, vocabulary, known, greeted=greeted, asked=asked)
    typed = (
        (answered_name(reader) if asked else None)
        or _introduced(reader)
        or _closing(reader, header)
        or _leading(reader)
        or _among(reader)
        or _asked_for(reader)
        or (signed(reader) if free and not header else None)
    )
    if typed and len(typed.called) < _SHORTEST and not asked and _glued(text, typed.end + 1):  # "M-Th"
        typed = None
    if typed and header and (_initials(typed.called) or _initial_ahead(text, typed)):
        typed = None
    return typed or from_signature(signature, vocabulary) or from_header(header, vocabulary)


def _greeted(reader: NameReader) -> Iterator[str]:
    """Yield the names of those who are addressed: "Hi Jim", "Jim, see below"."""
    text = reader.text
    for mark in text.of("names.greeting"):
        taken = reader.take(mark.end) if _begins(text, mark.start) else None
        if taken and not text.at("names.here", taken[1]):
            yield text.word(mark.end)


def _begins(text: Text, index: int) -> bool:
    return index == 0 or not text.word(index - 1).isalnum()


def _introduced(reader: NameReader) -> Name | None:
    text = reader.text
    for mark in text.of("names.preferred"):
        if taken := reader.take(mark.end):
            return reader.spelt(*taken)
    for mark in text.of("names.sure"):
        hers = text.word(mark.start - 1) in word_set(reader.vocabulary, "other_people", "other")  # "her name is Patsy"
        if not hers and (taken := reader.take(mark.end, sure=mark.end - mark.start > 1 and not text.at("names.preferred", mark.start))):
            return reader.spelt(*taken)
    for mark in text.of("names.plain"):
        taken = reader.take(mark.end, sure=False) if _introduces(reader, mark.start) else None
        if taken and (text.word(mark.end) in reader.known.given or not known_place(text, mark.end, reader.vocabulary)):
            return reader.spelt(*taken)
    for mark in text.of("names.here"):
        taken = _before(reader, mark.start)
        if taken and not _is_town(reader, taken[0]):
            return reader.spelt(*taken)
    return None


def _is_town(reader: NameReader, index: int) -> bool:
    """Tell "Havre here" and "Host. Medford" from somebody's name."""
    return bool(named_place(reader.text, index, reader.vocabulary)) and not reader.is_given(index)


def _introduces(reader: NameReader, index: int) -> bool:
    """Tell "this is Rochelle" from "is it Friday" and "I'm not Dave" by what stands before."""
    text = reader.text
    if any(text.at("names.not_me", place) for place in (index - 1, index)):
        return False
    if text.word(index) in word_set(reader.vocabulary, "places", "near") or text.ends("other_people.relation", index):
        return False
    return (
        index == 0
        or not text.tokens[index - 1].raw[:1].isupper()
        or not text.cased
        or not text.word(index - 1).isalpha()
        or text.word(index - 1) in (reader.known.stop | reader.greeted)
    )


def _before(reader: NameReader, index: int) -> tuple[int, int] | None:
    """Take a name that fills the sentence up to here: "dana here"."""
    text = reader.text
    for start in range(max(0, index - _LONGEST), index):
        greeting = text.ends("names.greeting", start)
        if (_begins(text, start) or greeting) and (taken := reader.take(start, sure=False)) and taken[1] == index:
            return taken
    return None


def _closing(reader: NameReader, header: str) -> Name | None:
    """Read the name that a message ends with."""
    text, words = reader.text, reader.text.words
    last = len(words)
    while last and not words[last - 1].isalnum():
        last -= 1
    for start in range(last - 1, max(-1, last - 10), -1):
        before = text.word(start - 1)
        if before == "\n" and (stop := text.at("names.closing", start)) and stop.end == last:
            continue  # "Warmly," and then a block that was cut
        closing = text.ends("names.closing", start, longest=6) if "names.closing" in text.kinds else None
        if start and ((before.isalnum() and not closing) or before in _TIES or _glued(text, start) or len(words[start]) < _SHORTEST):
            continue
        if within_place(text, start, reader.vocabulary) or (before == "," and _is_whereabouts(reader, start)):
            continue
        taken = reader.take(start, sure=(before in _DASHES or (closing is not None and before == "\n")) and last - start < _LONGEST)
        if taken and start and _rest_is_whereabouts(reader, taken[1], last) and _fits(reader, taken, header, closing=closing is not None):
            return reader.spelt(*taken)
    return None


def _glued(text: Text, start: int) -> bool:
    """Tell the dash of "M-F" from that of "-Kip" and "thanks -Kip"."""
    dash = start - 1
    return (
        text.word(dash) in _DASHES and dash > 0 and text.word(dash - 1).isalnum() and text.tokens[dash - 1].end == text.tokens[dash].start
    )


def _fits(reader: NameReader, taken: tuple[int, int], header: str, *, closing: bool) -> bool:
    text, known = reader.text, reader.known
    start, end = taken
    before, word = text.word(start - 1), text.word(start)
    title = word in known.titles
    given = word in known.given or word in known.given_words or word in header.lower().split() or title
    if before.isalnum():  # "thanks roy" signs, "Thanks Jim!" addresses
        if header:
            return word in header.lower().replace(",", " ").split()
        return closing and text.word(end) != "!" and given and _something_before(text, start)
    if known_place(text, start, reader.vocabulary) and word not in known.given and before not in _DASHES:
        return False
    if before == ",":
        if known_place(text, start, reader.vocabulary) and _behind_a_place(reader, start - 1):
            return False  # "in Butte, Helena" lists towns
        return given or text.ends("names.closing", start - 1, longest=6) is not None
    return given or before in _DASHES or before == "\n" or (text.cased and end - start <= 2)


def _is_whereabouts(reader: NameReader, start: int) -> bool:
    """Tell the Sidney of "Rena, Sidney", a town, from the one of "Thanks, Sidney"."""
    return named_place(reader.text, start, reader.vocabulary) > 0 and _before(reader, start - 1) is not None


def _behind_a_place(reader: NameReader, end: int) -> bool:
    return any(known_place(reader.text, at, reader.vocabulary) == end for at in range(max(0, end - _LONGEST), end))


def _something_before(text: Text, start: int) -> bool:
    """Say whether more than thanks stands before a name: who says nothing but thanks, thanks the one they name."""
    closing = text.ends("names.closing", start, longest=6)
    return closing is not None and closing.start > 0


def _rest_is_whereabouts(reader: NameReader, at: int, last: int) -> bool:
    """Say whether nothing but credentials, a town or a number follows a name that closes a message."""
    while at < last:
        end = named_place(reader.text, at, reader.vocabulary) or (at + 1 if _fits_behind(reader, at) else 0)
        if not end:
            return False
        at = end
    return True


def _fits_behind(reader: NameReader, at: int) -> bool:
    text = reader.text
    word = text.word(at)
    if (
        not word.isalnum()
        or word in reader.known.credentials
        or is_state(word, reader.vocabulary)
        or text.at("places.near", at)
        or text.at("places.self", at)
    ):
        return True
    named = text.word(at - 1) == "," or text.at("places.near", at - 1) is not None
    return named and text.cased and text.tokens[at].raw[:1].isupper() and word not in reader.known.stop


def _leading(reader: NameReader) -> Name | None:
    """Read "Dani, Tuesdays 9-1, warmline", "MENTOR Wanda Havre thursdays" and "Hi Jim, Dee from Pocatello."."""
    text = reader.text
    for start, before in zip(range(min(_EARLY, len(text.words))), ("", *text.words), strict=False):
        taken = None if before.isalnum() else reader.take(start)
        if taken and text.at("places.near", taken[1]) and _stops(text, known_place(text, taken[1] + 1, reader.vocabulary)):
            return reader.spelt(*taken)
    for start in (0, 1):
        if start and text.word(0) not in word_set(reader.vocabulary, "names", "keywords"):
            continue
        skipped = start + (start and not text.word(start).isalnum())
        taken = reader.take(skipped, towns=not start)
        if taken and start and _is_town(reader, skipped):
            return None
        plain = text.word(0) in reader.known.stop and text.word(taken[1]).isalnum() if taken else False  # "Happy Thursday everyone"
        if taken and (start or (not plain and _list_follows(text, taken[1], reader.vocabulary))):
            return reader.spelt(*taken)
    return None


def _among(reader: NameReader) -> Name | None:
    """Read a known name that opens a list behind a full stop: "I'd mentor. Lalo, weeknights"."""
    text = reader.text
    for start in () if reader.known.given.isdisjoint(text.words) else range(1, len(text.tokens)):
        if text.word(start - 1) not in (".", "!", "\n", "-", "(") or _glued(text, start) or text.word(start) not in reader.known.given:
            continue
        taken = reader.take(start)
        if taken and (_list_follows(text, taken[1], reader.vocabulary) or text.at("places.near", taken[1]) or text.word(taken[1]) == ")"):
            return reader.spelt(*taken)
    return None


def _initial_ahead(text: Text, name: Name) -> bool:
    """Say whether a letter stands for the first name: "V. Marsh"."""
    at = name.end - len(name.called.split()) - 1
    at -= text.word(at) == "."
    return len(name.called.split()) == 1 and at >= 0 and len(text.word(at)) == 1 and text.tokens[at].raw.isupper()


def _initials(called: str) -> bool:
    """Say whether a name is no more than initials: "E.C."."""
    return len(called.replace(".", "").replace(" ", "")) <= _SHORTEST and called.isupper()


def _stops(text: Text, at: int) -> bool:
    return bool(at) and (at == len(text.tokens) or not text.word(at).isalnum())


def _town_follows(text: Text, at: int, vocabulary: Vocabulary) -> bool:
    """Say whether a town stands here that is followed by a stop: "Gonzalo, Del Rio, hablo español", "Ofelia, in Butte, can mentor"."""
    near = text.at("places.near", at)
    end = named_place(text, near.end if near else at, vocabulary)
    return end > 0 and not text.word(end).isalnum()


def _list_follows(text: Text, at: int, vocabulary: Vocabulary) -> bool:
    if text.word(at) == ":" or any(text.at(kind, at) for kind in ("days", "setting")):
        return True
    if text.at("places.near", at) and text.at("names.here", at + 2):
        return True
    if text.word(at) not in (",", "-", "\n", "/", "("):
        return False
    if _town_follows(text, at + 1, vocabulary) or text.word(at + 1) == _ADDRESS:
        return True
    if text.cased and at == 2 and text.at("other_people.self", at + 1):  # "Elpidio Raya, quiero ser mentor"
        return True
    new_line = text.word(at + 1) == "\n"  # "Jim," on a line of its own greets, unless a list follows
    listed = any(text.at(kind, at + 1 + new_line) for kind in ("days", "setting", "parts", "modality"))
    return listed or not text.word(at + 1) or (new_line and text.word(at) != ",")


def _asked_for(reader: NameReader) -> Name | None:
    found = (reader.take(mark.end) for mark in reader.text.of("own_number.ask"))
    return next((reader.spelt(*taken) for taken in found if taken), None)
