"""Staff at the kiosk: the code that opens their screen, and what they were told there last; pure, the time is an argument."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from enum import Enum

CODE_DIGITS_MAX = 8
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
    """What the last emptying moved into the cash box."""
    volume_percent: int = 100

    def shown(self) -> StaffDesk:
        """Ask for the code."""
        return replace(self, is_shown=True, is_open=False, typed="", told=Told.NOTHING)

    def left(self) -> StaffDesk:
        """Give the screen back to the shopper; wrong codes stay counted."""
        return replace(self, is_shown=False, is_open=False, typed="", told=Told.NOTHING)

    def key(self, key: str, code: str, now_s: float) -> StaffDesk:
        """Take one key of the keypad: a digit, ``back`` or ``ok``."""
        if self.is_open:
            return self
        if key == "ok":
            return self._entered(code, now_s)
        typed = self.typed[:-1] if key == "back" else (self.typed + key)[:CODE_DIGITS_MAX]
        return replace(self, typed=typed, told=Told.NOTHING)

    def _entered(self, code: str, now_s: float) -> StaffDesk:
        if now_s < self.locked_until_s:
            return replace(self, typed="", told=Told.LOCKED)
        if code and hmac.compare_digest(self.typed, code):
            return replace(self, is_open=True, typed="", wrong=0, told=Told.NOTHING)
        wrong = self.wrong + 1
        if wrong >= WRONG_MAX:
            return replace(self, typed="", wrong=0, locked_until_s=now_s + LOCK_S, told=Told.LOCKED)
        return replace(self, typed="", wrong=wrong, told=Told.WRONG_CODE)

    def emptied(self, moved_minor: int) -> StaffDesk:
        """Tell what went into the cash box."""
        return replace(self, told=Told.EMPTIED if moved_minor else Told.NOT_EMPTIED, moved_minor=moved_minor)


NOBODY = StaffDesk()
"""The screen is the shopper's."""
