"""When somebody can and cannot: what a text says of days and hours, on a weekly grid of 28 slots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from parsers.clock import PARTS
from parsers.phrases import Text, table
from parsers.timeline import DAYS, WAKING, WEEKEND, Item, timeline
from parsers.vocabulary import Vocabulary

_TIMES = ("days", "parts", "clock")
_FAR = 4  # words in between after which two times are no longer one statement

Slots = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Availability:
    available: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()


@dataclass(slots=True)
class Statement:
    """Days, parts of the day, or both, that belong together."""

    can: bool
    days: frozenset[str] = frozenset()
    parts: frozenset[str] | None = None
    broad: bool = False
    led_by_part: bool = False
    listed: bool = False  # one of a list that "and", "or" or a comma holds together
    after_comma: bool = False
    tail: frozenset[str] = frozenset()  # days that came behind a part and a comma


@dataclass(slots=True)
class Listener:
    """Goes through the items and gathers statements; what it holds is how the sentence stands so far."""

    text: Text
    host: bool
    vocabulary: Vocabulary
    statements: list[Statement] = field(default_factory=list)
    now: Statement | None = None
    run: list[Statement] = field(default_factory=list)  # the statements since the last full stop or change of mind
    can: bool = True
    busy: bool = False
    joint: str = ""  # "and" or "comma" since the last time
    words: int = 0  # since the last time
    told: bool = False  # a time has come since the mind was changed

    def hear(self, items: Sequence[Item]) -> list[Statement]:
        for index, item in enumerate(items):
            self._take(item, items[index + 1 :])
        self._close()
        return self.statements

    def _take(self, item: Item, rest: Sequence[Item]) -> None:
        match item.kind:
            case "days" | "parts" | "clock":
                self._time(item, rest)
                return
            case "break":
                self._turn(can=True)
            case "comma":
                self._pause()
            case "and":
                self.joint = "and"
            case "word":
                self._word()
            case "good":
                self._good(item, rest)
            case "bad" | "not":
                self._no(item, rest)
            case "except":
                if _time_follows(rest, 3):
                    self._turn(can=False)
            case "but":
                left_out = self._broad() and _time_follows(rest, 2) and not _good_follows(rest)
                self._turn(can=not left_out)
            case "busy":
                self._turn(can=self.host)
                self.busy = not self.host
            case "idle" | "release":
                self._turn(can=True)

    def _time(self, item: Item, rest: Sequence[Item]) -> None:
        if item.clock and not item.clock.certain and not self._near_time(item, rest):
            return
        if item.kind == "days":
            self._days(item)
        else:
            self._parts(item)
        self.joint, self.words, self.told = "", 0, True

    def _near_time(self, item: Item, rest: Sequence[Item]) -> bool:
        beside = [near for near in rest[:3] if near.kind not in ("comma", "filler")][:1]
        return self.busy or (self.now is not None and self.words < 2) or any(near.kind in _TIMES for near in beside) or not item.start

    def _days(self, item: Item) -> None:
        now = self.now
        if now and now.days and (now.parts is not None and not now.led_by_part):
            self._next()
        elif now and now.days and (self.words or (not self.can and self.joint == "comma")):
            self._next()
        elif now and now.parts is not None and not now.days and self._apart_from(item):
            self._next()
        now = self._open()
        now.led_by_part |= now.parts is not None and not now.days
        now.days |= item.days
        now.broad |= item.broad
        now.tail = item.days if now.led_by_part and self.joint == "comma" else now.tail
        if item.parts:
            now.parts = item.parts

    def _apart_from(self, item: Item) -> bool:
        """Tell "evenings and weekends" from "evenings on Mondays"."""
        if self.joint == "comma" and not self.can:
            return True
        return self.joint == "and" or (self.joint == "comma" and (item.days == WEEKEND or not self.now or self.now.after_comma))

    def _parts(self, item: Item) -> None:
        now = self.now
        if now and now.led_by_part and now.days:
            self._next()
        elif now and now.days == WEEKEND and now.parts is None and self.joint == "and":
            self._next()
        elif now and not self.can and now.parts is not None and (not self.joint or self.joint == "comma") and item.kind == "parts":
            self._next()
        elif now and now.parts is not None and self.joint == "comma" and self.words:
            self._next()
        now = self._open()
        parts = item.clock.parts(now.parts or frozenset()) if item.clock else item.parts
        if now.parts is None:
            now.parts = parts
        elif self.joint == "and" or not (now.parts & parts):
            now.parts |= parts
        else:
            now.parts &= parts
        now.broad |= item.broad

    def _open(self) -> Statement:
        if self.now is None:
            self.now = Statement(can=self.can, listed=bool(self.joint and self.run), after_comma=self.joint == "comma")
            if self.now.listed and self.run:
                self.run[-1].listed = True
        return self.now

    def _next(self) -> None:
        self._close()

    def _close(self) -> None:
        if self.now is not None:
            self.statements.append(self.now)
            self.run.append(self.now)
        self.now = None

    def _turn(self, *, can: bool) -> None:
        self._close()
        self.run.clear()
        self.can, self.busy, self.joint, self.words, self.told = can, False, "", 0, False

    def _pause(self) -> None:
        self.joint = self.joint or "comma"
        if not self.can and not self.told:
            self._turn(can=True)

    def _word(self) -> None:
        self.words += 1
        if self.words >= _FAR and self.now:
            self._close()
            self.run.clear()
            self.joint = ""
        if self.words > _FAR + 1 and not self.can and self.told:
            self._turn(can=True)

    def _good(self, item: Item, rest: Sequence[Item]) -> None:
        work = all(self.text.word(place) in _work(self.vocabulary) for place in range(item.start, item.end))
        if work and not self.now and not self.host and self.can and self._next_is_time(rest) and not self._can_before(item):
            self._turn(can=False)
            self.busy = True
        elif not self.can and self.now and (self.now.after_comma or self.joint == "comma") and self.words < 3:
            if self.joint == "comma":
                self._turn(can=True)
            else:
                self.now.can = True
                self._turn(can=True)
        elif not self.can and not self.now and not self.told:
            self.can = self.can or not work
        elif not self.can and not self.now:
            self._turn(can=True)

    def _can_before(self, item: Item) -> bool:
        return self.text.ends("times_glue.good", item.start) is not None

    def _next_is_time(self, rest: Sequence[Item]) -> bool:
        return _time_follows(rest, 1)

    def _no(self, item: Item, rest: Sequence[Item]) -> None:
        done = self.now is not None and self.words < 2
        follows = _time_follows(rest, 3)
        if done and not (self.joint == "comma" and follows) and (item.kind == "bad" or not follows) and (not follows or not self._starts_anew(rest)):
            self._refuse()
            self._turn(can=True)
        else:
            self._turn(can=False)

    def _refuse(self) -> None:
        now = self.now
        if now and now.tail and now.tail == now.days:  # "mornings, Sundays excepted"
            now.days, tail = frozenset(), now.days
            self._turn(can=False)
            self.now = Statement(can=False, days=tail)
        self._close()
        for statement in self.run:
            statement.can = False

    def _starts_anew(self, rest: Sequence[Item]) -> bool:
        """Say whether the time that follows stands right behind the refusal ("los lunes puedo no puedo los martes")."""
        return self.joint == "and" and _time_follows(rest, 1)

    def _broad(self) -> bool:
        return self.now is not None and self.now.broad and not self.words


def read_availability(text: Text, vocabulary: Vocabulary, *, host: bool, skipped: frozenset[int] = frozenset()) -> Availability:
    """Read when the writer can and cannot; a host's own working hours are when they can, anybody else's are when not."""
    statements = Listener(text, host, vocabulary).hear(timeline(text, vocabulary, host=host, skipped=skipped))
    can = _slots([statement for statement in statements if statement.can])
    cannot = frozenset(slot for statement in statements if not statement.can for slot in _grid(statement.days, statement.parts or frozenset(PARTS)))
    if can:
        return Availability(available=_written(can - cannot))
    waking = frozenset(slot for statement in statements if not statement.can for slot in _grid(statement.days, statement.parts or WAKING))
    return Availability(unavailable=_written(waking))


def _slots(statements: Sequence[Statement]) -> Slots:
    """Put together what was said: parts that were named apart from any day go for the days that were named apart from any part."""
    parts_only = [statement for statement in statements if not statement.days and not statement.listed]
    days_only = [statement for statement in statements if statement.parts is None and not statement.listed]
    paired = [statement for statement in statements if statement.days and statement.parts]
    parts = frozenset(part for statement in parts_only for part in statement.parts or ())
    slots: set[tuple[str, str]] = set()
    for statement in statements:
        if statement in parts_only and (days_only or any(statement.parts and statement.parts <= (pair.parts or frozenset()) for pair in paired)):
            continue
        slots |= _grid(statement.days, parts if parts and statement in days_only else statement.parts or WAKING)
    return frozenset(slots)


def _grid(days: frozenset[str], parts: frozenset[str]) -> Slots:
    return frozenset((day, part) for day in days or DAYS for part in parts)


def _written(slots: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{day}:{part}" for day, part in slots))


def _time_follows(items: Sequence[Item], within: int) -> bool:
    heard = [item for item in items[: within * 3] if item.kind not in ("filler", "and")][:within]
    for item in heard:
        if item.kind in _TIMES:
            return True
        if item.kind in ("break", "comma"):
            return False
    return False


def _good_follows(items: Sequence[Item]) -> bool:
    for item in items:
        if item.kind in ("good", "break", "comma", "but"):
            return item.kind == "good"
    return False


def _work(vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(word for found in table(vocabulary, "verbs") for word in found["work"])
