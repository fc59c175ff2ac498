"""Staff at the kiosk: the code that opens their screen, and what they were told there last; pure, the time is an argument."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from kiosk_app.boxes import Box

CODE_DIGITS_MAX = 8
COUNTED_DIGITS_MAX = 8
SHARED = "staff"
"""Who it was when the code is not one person's own."""
WRONG_MAX = 5
LOCK_S = 60.0
"""After so many wrong codes nobody gets in for so long."""
IDLE_LIMIT_S = 120.0
"""So long after the last touch the screen is the shopper's again."""


class Told(Enum):
    """What became of the last touch."""

    NOTHING = "nothing"
    WRONG_CODE = "wrong code"
    LOCKED = "locked"
    PRINTER_ASKED = "printer asked"
    EMPTYING = "emptying"
    EMPTIED = "emptied"
    NOT_EMPTIED = "not emptied"
    BOX_EMPTIED = "box emptied"
    BOX_CHANGED = "box changed"
    SLIP_AGAIN = "slip again"
    SLIP_NOT_PRINTED = "slip not printed"


_NOBODYS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StaffDesk:
    """The staff's screen."""

    is_shown: bool = False
    is_open: bool = False
    """The right code was typed."""
    typed: str = ""
    wrong: int = 0
    locked_until_s: float = 0.0
    told: Told = Told.NOTHING
    moved_minor: int = 0
    """What the last emptying moved into the cash box, or what was in the box that was emptied."""
    volume_percent: int = 100
    who: str = SHARED
    """Whose code opened it."""
    boxes: tuple[Box, ...] = ()
    place: str = ""
    """The box that is about to be emptied."""
    counted: str = ""
    """Digits of what staff counted in it, in minor units; empty: it is not counted here."""
    difference_minor: int | None = None
    """What was counted in the box that was emptied, less what should have been in it."""

    @property
    def box(self) -> Box:
        """The box that is about to be emptied."""
        return next((box for box in self.boxes if box.place == self.place), Box(self.place))

    @property
    def counted_minor(self) -> int | None:
        """What staff counted."""
        return int(self.counted) if self.counted else None

    def shown(self) -> StaffDesk:
        """Ask for the code."""
        return replace(
            self, is_shown=True, is_open=False, typed="", told=Told.NOTHING, who=SHARED, boxes=(), place="", counted=""
        )

    def left(self) -> StaffDesk:
        """Give the screen back to the shopper; wrong codes stay counted."""
        return replace(self.shown(), is_shown=False)

    def key(self, key: str, code: str, now_s: float, people: Mapping[str, str] = _NOBODYS) -> StaffDesk:
        """Take one key of the keypad: a digit, ``back`` or ``ok``; ``people`` have codes of their own, by name."""
        if self.is_open:
            return self._count(key) if self.place else self
        if key == "ok":
            return self._entered({SHARED: code, **people}, now_s)
        typed = self.typed[:-1] if key == "back" else (self.typed + key)[:CODE_DIGITS_MAX]
        return replace(self, typed=typed, told=Told.NOTHING)

    def _count(self, key: str) -> StaffDesk:
        if key == "ok":
            return self
        counted = self.counted[:-1] if key == "back" else (self.counted + key)[:COUNTED_DIGITS_MAX]
        return replace(self, counted=counted, told=Told.NOTHING)

    def _entered(self, codes: Mapping[str, str], now_s: float) -> StaffDesk:
        if now_s < self.locked_until_s:
            return replace(self, typed="", told=Told.LOCKED)
        found = [name for name, code in codes.items() if code and hmac.compare_digest(self.typed, code)]
        if found:
            return replace(self, is_open=True, typed="", wrong=0, told=Told.NOTHING, who=found[-1])
        wrong = self.wrong + 1
        if wrong >= WRONG_MAX:
            return replace(self, typed="", wrong=0, locked_until_s=now_s + LOCK_S, told=Told.LOCKED)
        return replace(self, typed="", wrong=wrong, told=Told.WRONG_CODE)

    def emptied(self, moved_minor: int) -> StaffDesk:
        """Tell what went into the cash box."""
        return replace(self, told=Told.EMPTIED if moved_minor else Told.NOT_EMPTIED, moved_minor=moved_minor)

    def chosen(self, number: int) -> StaffDesk:
        """Look into a box; the first one is number 1."""
        if not 1 <= number <= len(self.boxes):
            return self
        return replace(self, place=self.boxes[number - 1].place, counted="", told=Told.NOTHING)

    def put_back(self) -> StaffDesk:
        """Leave the box as it is."""
        return replace(self, place="", counted="", told=Told.NOTHING)

    def box_emptied(self) -> StaffDesk:
        """Tell what was taken out."""
        expected, counted = self.box.worth_minor, self.counted_minor
        difference = None if counted is None else counted - expected
        return replace(self, place="", counted="", told=Told.BOX_EMPTIED, moved_minor=expected, difference_minor=difference)


NOBODY = StaffDesk()
"""The screen is the shopper's."""
