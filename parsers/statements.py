"""The statements about time in a text: which days and parts of the day belong together, and whether the writer can or cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.ahead import TIMES, good_follows, kind_of_next, time_follows
from parsers.phrasebook import word_set
from parsers.phrases import Text
from parsers.timeline import WEEKEND, Item
from parsers.vocabulary import Vocabulary

_FAR = 4  # words in between after which two times are no longer one statement
_AHEAD = 16  # items that are looked at ahead


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
    busy: bool = False  # ruled out by working hours, not by a plain "not"
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
            self._take(item, items[index + 1 : index + _AHEAD])
        self._close()
        return self.statements

    def _take(self, item: Item, rest: Sequence[Item]) -> None:
        match item.kind:
            case "days" | "parts" | "clock":
                self._time(item, rest)
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
            case "filler":
                pass
            case _:
                self._change(item, rest)

    def _change(self, item: Item, rest: Sequence[Item]) -> None:
        """Change what holds for the times that follow."""
        match item.kind:
            case "except":
                if time_follows(rest, 3):
                    self._turn(can=False)
            case "but":
                left_out = self._broad() and time_follows(rest, 2) and not good_follows(rest)
                self._turn(can=not left_out)
            case "busy":
                self._turn(can=self.host)
                self.busy = not self.host
            case _:
                self._turn(can=True)

    def _time(self, item: Item, rest: Sequence[Item]) -> None:
        if item.clock and not item.clock.certain and not self._near_time(item, rest):
            return
        if item.kind == "days":
            self._days(item, rest)
        else:
            self._parts(item, rest)
        self.joint, self.words, self.told = "", 0, True

    def _near_time(self, item: Item, rest: Sequence[Item]) -> bool:
        beside = [near for near in rest[:3] if near.kind not in ("comma", "filler")][:1]
        return self.busy or (self.now is not None and self.words < 3) or any(near.kind in TIMES for near in beside) or not item.start

    def _days(self, item: Item, rest: Sequence[Item]) -> None:
        if self.now and self._days_begin(self.now, item, rest):
            self._close()
        now = self._open()
        now.led_by_part |= now.parts is not None and not now.days
        now.days |= item.days
        now.broad |= item.broad
        now.tail = item.days if now.led_by_part and self.joint == "comma" else now.tail
        if item.parts:
            now.parts = item.parts

    def _days_begin(self, now: Statement, item: Item, rest: Sequence[Item]) -> bool:
        """Say whether days begin a statement of their own."""
        if now.days and now.parts is not None and not now.led_by_part:
            return True
        if now.broad and item.broad and now.parts is None and kind_of_next(rest) in ("parts", "clock"):
            return True  # "weekends and weekday evenings"
        if now.days and now.led_by_part and self.joint and kind_of_next(rest) in ("parts", "clock"):
            return True
        if now.days:
            return bool(self.words) or (not self.can and self.joint == "comma")
        return now.parts is not None and self._apart_from(item)

    def _apart_from(self, item: Item) -> bool:
        """Tell "evenings and weekends" from "evenings on Mondays"."""
        if self.joint == "comma" and not self.can:
            return True
        return self.joint == "and" or (self.joint == "comma" and (item.days == WEEKEND or not self.now or self.now.after_comma))

    def _parts(self, item: Item, rest: Sequence[Item]) -> None:
        left_out = not self.can and not self.busy and self.joint == "comma"
        if left_out and self.now and self.now.days and self.now.parts is None:  # "lunes a viernes, menos martes, de 3 a 5"
            self._turn(can=True)
        if self.now and self._parts_begin(self.now, item, rest):
            self._close()
        now = self._open()
        parts = item.clock.parts(now.parts if now.parts and self.joint != "and" else frozenset()) if item.clock else item.parts
        if now.parts is None:
            now.parts = parts
        elif self.joint == "and" or not (now.parts & parts):
            now.parts |= parts
        else:
            now.parts &= parts
        now.broad |= item.broad

    def _parts_begin(self, now: Statement, item: Item, rest: Sequence[Item]) -> bool:
        """Say whether parts of the day begin a statement of their own: "Wednesday evenings and all day Saturday"."""
        if now.days and now.led_by_part:
            return True
        if now.parts is None:
            return now.days == WEEKEND and self.joint == "and"
        opens = bool(self.joint) and kind_of_next(rest) == "days"
        refused = not self.can and self.joint != "and" and item.kind == "parts"
        return (bool(now.days) and opens) or refused or (self.joint == "comma" and bool(self.words))

    def _open(self) -> Statement:
        if self.now is None:
            before = self.run or (self.statements if self.joint == "and" else [])
            listed = bool(before) and (self.joint == "and" or (self.joint == "comma" and not self.words))
            self.now = Statement(can=self.can, listed=listed, after_comma=self.joint == "comma", busy=self.busy)
            if listed:
                before[-1].listed = True
        return self.now

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
        work = all(self.text.word(place) in word_set(self.vocabulary, "verbs", "work") for place in range(item.start, item.end))
        if self.can:
            if work and not self.now and not self.host and time_follows(rest, 1) and not self._can_before(item):
                self._turn(can=False)
                self.busy = True
        elif self.now:
            self._good_after(self.now, rest)
        elif self.told:
            self._turn(can=True)
        else:
            self.can = not work

    def _good_after(self, now: Statement, rest: Sequence[Item]) -> None:
        """Take back a refusal for the times that "works" stands behind, or opens."""
        if (now.after_comma or self.joint == "comma") and self.words < 3:
            now.can = now.can or self.joint != "comma"
            self._turn(can=True)
        elif not self.joint and time_follows(rest, 1 + _FAR):
            self._turn(can=True)

    def _can_before(self, item: Item) -> bool:
        return self.text.ends("times_glue.good", item.start) is not None

    def _no(self, item: Item, rest: Sequence[Item]) -> None:
        done = self.now is not None and self.words < 2
        follows = time_follows(rest, 3)
        if (
            done
            and not (self.joint == "comma" and follows)
            and (item.kind == "bad" or not follows)
            and (not follows or not self._starts_anew(rest))
        ):
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
        return self.joint == "and" and time_follows(rest, 1)

    def _broad(self) -> bool:
        return self.now is not None and self.now.broad and not self.words
