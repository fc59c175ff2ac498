"""How often something that can be guessed may be tried: a bucket of tries per kind and asker that fills again with time.

A try is taken before it is judged, so tries made side by side cannot all be the last one; a right one is given back. Buckets
live in memory: each process keeps its own, and a restart forgets them. What must hold beyond that is kept in the books: the
lock of a staff member, the tries of an enrolment code.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from store_server.contract.refusals import Refusal
from store_server.services.refused import RefusedError

BUCKETS_MAX = 10_000
"""The bucket that was used longest ago goes first; it is full again by then."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many wrong tries at once, and how soon another one is allowed."""

    tries: int
    again_s: float


class Guess(Enum):
    """What can be guessed."""

    STAFF_LOGIN = "staff login"
    ENROLMENT_CODE = "enrolment code"
    ORDER_NUMBER = "order number"
    PASS = "pass"  # noqa: S105 - a name, no password
    COUPON = "coupon"
    MEMBER = "member"


PACES = {
    Guess.STAFF_LOGIN: Pace(20, 6.0),
    Guess.ENROLMENT_CODE: Pace(5, 30.0),
    Guess.ORDER_NUMBER: Pace(10, 6.0),
    Guess.PASS: Pace(20, 2.0),
    Guess.COUPON: Pace(10, 6.0),
    Guess.MEMBER: Pace(10, 6.0),
}
"""Logins and enrolment codes are counted per address, all others per device. Wherever they come from, five wrong passwords lock
a member of staff and five wrong tries spend an enrolment code besides."""


class TooManyGuessesError(RefusedError):
    """Too many wrong tries; the same answer whether the next one would be right or not."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(Refusal.TOO_MANY, f"Too many wrong tries. Please wait {retry_after_s} s, or ask the staff.")
        self.retry_after_s = retry_after_s


class GuessLimits:
    """All buckets of one process; use it from any thread."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[Guess, str], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def guessing(self, guess: Guess, who: str, now_s: float, *, wrong: frozenset[Refusal]) -> Iterator[None]:
        """Judge a try inside the block; it counts when the block refuses with one of ``wrong``.

        Raises:
            TooManyGuessesError: there were too many wrong ones; the block is not entered.
        """
        self._take(guess, who, now_s)
        try:
            yield
        except RefusedError as error:
            if error.refusal not in wrong:
                self._give_back(guess, who)
            raise
        except BaseException:
            self._give_back(guess, who)
            raise
        self._give_back(guess, who)

    def _take(self, guess: Guess, who: str, now_s: float) -> None:
        pace = PACES[guess]
        with self._lock:
            left, at_s = self._buckets.pop((guess, who), (float(pace.tries), now_s))
            # A clock that was set back neither fills nor empties a bucket.
            left = min(float(pace.tries), left + max(0.0, now_s - at_s) / pace.again_s)
            enough = left >= 1.0
            self._buckets[guess, who] = (left - 1.0 if enough else left, now_s)
            while len(self._buckets) > BUCKETS_MAX:
                self._buckets.popitem(last=False)
        if not enough:
            raise TooManyGuessesError(max(1, math.ceil((1.0 - left) * pace.again_s)))

    def _give_back(self, guess: Guess, who: str) -> None:
        with self._lock:
            held = self._buckets.get((guess, who))
            if held is not None:
                self._buckets[guess, who] = (min(float(PACES[guess].tries), held[0] + 1.0), held[1])
