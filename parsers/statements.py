"""The statements about time in a text: which days and parts of the day belong together, and whether the writer can or cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parsers.ahead import (
    beside_time,
    bound_follows,
    good_follows,
    kind_of_next,
    leads_on,
    looks_back,
    opens_late,
    says_something_else,
    time_follows,
)
from parsers.beginnings import Standing, days_begin, parts_begin
from parsers.day_letters import DAYS
from parsers.phrasebook import word_set
from parsers.phrases import Text
from parsers.statement import Statement, add_parts, over, refuse, rule_out
from parsers.timeline import WAKING, Item
from parsers.vocabulary import Vocabulary

_NEAR = 3  # words from a time within which a bare number may be an hour
_LED = 2  # words between a day and the work that is done on it
_FAR = 4  # words in between after which two times are no longer one statement
_AHEAD = 16  # items that are looked at ahead


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
    praised: bool = False  # "free" or "best" was said since
    refused: int = -1  # where a refusal ended

    def hear(self, items: Sequence[Item]) -> list[Statement]:
        for index, item in enumerate(items):
            self._take(item, () if item.kind == "word" else items[index + 1 : index + _AHEAD])
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
            case kind if kind != "filler":
                self._change(item, rest)

    def _change(self, item: Item, rest: Sequence[Item]) -> None:
        """Change what holds for the times that follow."""
        match item.kind:
            case "except":
                if time_follows(rest, 6):
                    self._all_open(item)
                    self._turn(can=False)
            case "other":
                self._others()
            case "then":
                self._after_that()
            case "but" if not (self.now and bound_follows(rest)):  # "evenings, but after 7", "daily but not past 8"
                broad = self.now is not None and self.now.broad and not self.words and time_follows(rest, 2)
                left_out = broad and (self._any(item) or not good_follows(rest))
                self._turn(can=not left_out)
            case "busy":
                self._busy(rest)
            case kind if kind != "but":
                self._turn(can=True)

    def _any(self, but: Item) -> bool:
        """Tell "any night but Friday works" from "weekdays, but Friday works best"."""
        return self.text.at("times_glue.any_one", but.start - 2) is not None

    def _busy(self, rest: Sequence[Item]) -> None:
        """Hear working hours that follow, and those that stand before: "Mondays I work", "Fridays I'm in class until 3"."""
        if not (self.can or self.told or self.busy):
            return  # "except when I have group on Tuesdays"
        if self.now and not (self.now.can or self.now.busy) and not time_follows(rest, _FAR):
            return  # "any day but Tuesday, I have class", "except Monday when I have dialysis"
        if self.now and leads_on(rest):
            return
        near = self.now is not None and (self.words < _LED if self.now.days else not (self.words or self.joint or self.now.praised))
        led = self.now if self.now and (self.now.days or self.now.parts) and near and not self.now.clock and not self.host else None
        if led and (after := kind_of_next(rest) if time_follows(rest, 1) else "") != "days":
            self.now = None
            self._turn(can=False)
            self.busy = True
            if after:
                self.now = Statement(can=False, days=led.days, busy=True)
            else:
                self.statements.append(Statement(can=False, days=led.days, parts=led.parts, busy=True))
                self._turn(can=True)
            return
        self._turn(can=self.host)
        self.busy = not self.host

    def _all_open(self, item: Item) -> None:
        """Hear "anything but Mondays" as a whole week with a gap in it."""
        if item.broad and self.now is None and not self.statements:
            self.statements.append(Statement(can=True, parts=WAKING, broad=True))

    def _others(self) -> None:
        """Rule out the times that were only mentioned before "any other morning"."""
        self._close()
        rule_out(self.statements)
        self._turn(can=True)

    def _after_that(self) -> None:
        """Hear "I work weekdays 9 to 5, after that I'm good"."""
        self._close()
        self.run.clear()
        self.joint = ""
        if self.statements and not self.statements[-1].can and (left := over(self.statements[-1])):
            self._turn(can=True)
            self.statements.append(left)

    def _time(self, item: Item, rest: Sequence[Item]) -> None:
        if item.clock and not item.clock.certain and not (self.busy or (self.now and self.words < _NEAR) or beside_time(item, rest)):
            return
        if self.text.at("times_glue.other", item.start):
            self._others()
        if item.kind == "days":
            self._days(item, rest)
        else:
            self._parts(item, rest)
        self.joint, self.words, self.told = "", 0, True

    def _days(self, item: Item, rest: Sequence[Item]) -> None:
        if self.now and days_begin(self.now, item, rest, self._standing()):
            self._close()
        elif self._refused_too(item):
            self._turn(can=False)
        now = self._open()
        now.led_by_part |= now.parts is not None and not now.days
        every = now.broad and not self.joint and len(now.days) == len(DAYS)  # "any day Monday to Friday"
        now.days = item.days if every else now.days | item.days
        now.broad |= item.broad
        behind = self.joint == "comma" and len(item.days) == 1
        now.tail = item.days if (now.led_by_part and self.joint == "comma") or (behind and now.spanned) else now.tail
        now.spanned = now.spanned or (len(item.days) > 2 and now.days == item.days)
        if item.parts:
            now.parts = item.parts

    def _refused_too(self, item: Item) -> bool:
        """Hear "Mondays are out, Tuesdays too"."""
        after_a_no = self.now is None and bool(self.statements) and not (self.statements[-1].can or self.statements[-1].busy)
        return after_a_no and self.joint == "comma" and self.text.at("times_glue.too", item.end) is not None

    def _parts(self, item: Item, rest: Sequence[Item]) -> None:
        left_out = not self.can and not self.busy and self.joint == "comma"
        if left_out and self.now and self.now.days and self.now.parts is None:  # "lunes a viernes, menos martes, de 3 a 5"
            self._turn(can=True)
        if self.now and parts_begin(self.now, item, rest, self._standing()):
            self._close()
        now, clock = self._open(), item.clock
        named = now.days or now.parts or (clock and clock.kind == "after")  # but "I sleep til 2"
        if clock and named and not self.can and not self.busy and opens_late(self.text, item):
            now.can = self.can = True  # "can't on weekdays until after 6"
            clock = replace(clock, kind="after")
        parts = clock.parts(now.parts if now.parts and self.joint != "and" else frozenset()) if clock else item.parts
        add_parts(now, parts, self.joint)
        now.broad |= item.broad
        now.clock = clock or now.clock

    def _standing(self) -> Standing:
        return Standing(self.can, self.joint, self.words, first=not self.statements)

    def _open(self) -> Statement:
        if self.now is None:
            before = self.run or (self.statements if self.joint == "and" else [])
            listed = bool(before) and (self.joint == "and" or (self.joint == "comma" and not self.words))
            self.now = Statement(can=self.can, listed=listed, after_comma=self.joint == "comma", busy=self.busy, praised=self.praised)
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
        self.can, self.busy, self.joint, self.words, self.told, self.praised = can, False, "", 0, False, False

    def _pause(self) -> None:
        self.joint = self.joint or "comma"
        if not self.can and (not self.told or self.text.ends("times_glue.in_place", self.refused)):
            self._turn(can=True)

    def _word(self) -> None:
        self.words += 1
        if self.words >= _FAR:
            self.joint = ""
        if self.words >= _FAR and self.now:
            self._close()
            self.run.clear()
        if self.words > _FAR + 1 and not self.can and self.told:
            self._turn(can=True)

    def _good(self, item: Item, rest: Sequence[Item]) -> None:
        work = all(self.text.word(place) in word_set(self.vocabulary, "verbs", "work") for place in range(item.start, item.end))
        self.praised = not work
        if self.now and not work:
            self.now.praised = self.now.approved = True
            self.now.sole |= not self.words and self.text.at("times_glue.sole", item.start) is not None
        if self.can:
            if work and not self.now and not self.host and time_follows(rest, 1) and not self.text.ends("times_glue.good", item.start):
                self._turn(can=False)
                self.busy = True
        elif self.now:
            self._good_after(self.now, rest)
        elif self.told:
            self._turn(can=True)
        elif self.refused != item.start:  # "never free Mondays" frees nothing
            self.can = not work

    def _good_after(self, now: Statement, rest: Sequence[Item]) -> None:
        """Take back a refusal for the times that "works" stands behind, or opens."""
        if (now.after_comma or self.joint == "comma") and self.words < 3:
            now.can = now.can or self.joint != "comma"
            self._turn(can=True)
        elif (self.busy or not self.joint) and time_follows(rest, 1 + _FAR):
            self._turn(can=True)

    def _no(self, item: Item, rest: Sequence[Item]) -> None:
        done = self.now is not None and self.words < 2
        if done and self.now and rest and opens_late(self.text, rest[0]):
            self.now.parts, self.can = self.now.parts if self.now.days else None, False  # "mornings don't work until after 10"
            return
        if done and not says_something_else(self.text, item, rest, self.joint) and looks_back(item, rest, self.joint):
            self._refuse()
            self._turn(can=True)
        else:
            self._turn(can=False)
            self.refused = item.end

    def _refuse(self) -> None:
        now = self.now
        if now and now.tail and now.spanned and now.tail < now.days:  # "Monday to Thursday, Fridays no"
            now.days, tail = now.days - now.tail, now.tail
            self._turn(can=False)
            self.now = Statement(can=False, days=tail)
        elif now and now.tail and now.tail == now.days:  # "mornings, Sundays excepted"
            now.days, tail = frozenset(), now.days
            self._turn(can=False)
            self.now = Statement(can=False, days=tail)
        elif now and now.comma_part and now.can:  # "Tuesday to Saturday, mornings no"
            self.statements.append(Statement(can=True, days=now.days))
            self.now = Statement(can=False, days=now.days, parts=now.parts)
        self._close()
        refuse(self.run)
