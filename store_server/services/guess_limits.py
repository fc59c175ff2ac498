"""How often something that can be guessed may be tried: a bucket of tries per kind and asker that fills again with time.

A try is taken before it is judged, so tries made side by side cannot all be the last one; a right one is given back. A process
that serves alone keeps its buckets in memory, and a restart forgets them. Several processes share them as rows besides: a try
reads one row, and only a wrong one writes. What must hold beyond that is kept in the books anyway: the lock of a staff member,
the tries of an enrolment code.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.dialects.postgresql import insert

from store_server.contract.refusals import Refusal
from store_server.persistence.access_tables import wrong_guesses
from store_server.persistence.database import Database, DatabaseBusyError
from store_server.services.refused import RefusedError

BUCKETS_MAX = 10_000
"""The bucket that was used longest ago goes first; it is full again by then."""
DEBT_MAX = 17
"""Buckets that one asker can owe: each of so many processes may judge a bucket of tries side by side, and all of them count."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many wrong tries at once, and how soon another one is allowed."""

    tries: int
    again_s: float

    @property
    def again_ms(self) -> int:
        """What one wrong try costs."""
        return int(self.again_s * 1000)

    @property
    def bucket_ms(self) -> int:
        """How long an empty bucket takes to be full."""
        return self.tries * self.again_ms


class Guess(Enum):
    """What can be guessed."""

    STAFF_LOGIN = "staff login"
    ENROLMENT_CODE = "enrolment code"
    ORDER_NUMBER = "order number"
    EXIT_NUMBER = "exit number"
    PASS = "pass"  # noqa: S105 - a name, no password
    COUPON = "coupon"
    MEMBER = "member"


PACES = {
    Guess.STAFF_LOGIN: Pace(20, 6.0),
    Guess.ENROLMENT_CODE: Pace(5, 30.0),
    Guess.ORDER_NUMBER: Pace(10, 6.0),
    Guess.EXIT_NUMBER: Pace(5, 60.0),
    Guess.PASS: Pace(20, 2.0),
    Guess.COUPON: Pace(10, 6.0),
    Guess.MEMBER: Pace(10, 6.0),
}
"""Logins and enrolment codes are counted per address (:func:`asker`), all others per device. Wherever they come from, five
wrong passwords lock a member of staff and five wrong tries spend an enrolment code besides."""


_ONE_ASKER_BITS = 64
"""Of an IPv6 address: whoever has one has the whole network of it, and may ask from another one of its addresses each time."""


def asker(address: str) -> str:
    """Return under what the tries of an address are counted: IPv4 addresses one by one, IPv6 by network."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address or "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _ONE_ASKER_BITS), strict=False))


class TooManyGuessesError(RefusedError):
    """Too many wrong tries; the same answer whether the next one would be right or not."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(Refusal.TOO_MANY, f"Too many wrong tries. Please wait {retry_after_s} s, or ask the staff.")
        self.retry_after_s = retry_after_s


class GuessLimits(Protocol):
    """All buckets of tries; use it from any thread."""

    def guessing(
        self, guess: Guess, who: str, now_s: float, *, wrong: frozenset[Refusal]
    ) -> contextlib.AbstractContextManager[None]:
        """Judge a try inside the block; it counts when the block refuses with one of ``wrong``.

        Raises:
            TooManyGuessesError: there were too many wrong ones; the block is not entered.
        """

    def forget_old(self, now_s: float) -> None:
        """Drop what is full again."""


def guess_limits(database: Database) -> GuessLimits:
    """Make the limits that fit the books."""
    return SharedGuessLimits(database) if database.is_shared else OwnGuessLimits()


class OwnGuessLimits:
    """The buckets of one process."""

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

    def forget_old(self, now_s: float) -> None:
        """Drop nothing: there is room for :data:`BUCKETS_MAX`."""

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


class SharedGuessLimits:
    """The buckets of all processes that serve the same books.

    A row says when its bucket will be full again. Tries side by side in several processes may overdraw it once, by a bucket for
    each of them; that is owed, so over any longer time no more tries are judged than one process would judge.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._own = OwnGuessLimits()

    @contextlib.contextmanager
    def guessing(self, guess: Guess, who: str, now_s: float, *, wrong: frozenset[Refusal]) -> Iterator[None]:
        """Judge a try inside the block; it counts when the block refuses with one of ``wrong``.

        Raises:
            TooManyGuessesError: there were too many wrong ones; the block is not entered.
        """
        now_ms = int(now_s * 1000)
        with self._own.guessing(guess, who, now_s, wrong=wrong):
            self._refuse_too_many(guess, who, now_ms)
            try:
                yield
            except RefusedError as error:
                if error.refusal in wrong:
                    self._write_down(guess, who, now_ms)
                raise

    def forget_old(self, now_s: float) -> None:
        """Drop what is full again, and what a clock that was set back would keep empty for too long."""
        now_ms = int(now_s * 1000)

        def work(connection: Connection) -> None:
            connection.execute(wrong_guesses.delete().where(wrong_guesses.c.full_at_ms <= now_ms))
            for guess, pace in PACES.items():
                too_far = and_(
                    wrong_guesses.c.guess == guess.value, wrong_guesses.c.full_at_ms > now_ms + DEBT_MAX * pace.bucket_ms
                )
                connection.execute(wrong_guesses.update().where(too_far).values(full_at_ms=now_ms + pace.bucket_ms))

        self._database.write(work)

    def _refuse_too_many(self, guess: Guess, who: str, now_ms: int) -> None:
        held = select(wrong_guesses.c.full_at_ms).where(wrong_guesses.c.guess == guess.value, wrong_guesses.c.who == who)
        full_at_ms = self._database.read(lambda connection: connection.execute(held).scalar_one_or_none())
        wait_ms = (full_at_ms or now_ms) - now_ms - PACES[guess].bucket_ms + PACES[guess].again_ms
        if wait_ms > 0:
            raise TooManyGuessesError(math.ceil(wait_ms / 1000))

    def _write_down(self, guess: Guess, who: str, now_ms: int) -> None:
        pace, full_at_ms = PACES[guess], wrong_guesses.c.full_at_ms
        later = func.least(func.greatest(full_at_ms, now_ms) + pace.again_ms, now_ms + DEBT_MAX * pace.bucket_ms)
        one_more = (
            insert(wrong_guesses)
            .values(guess=guess.value, who=who, full_at_ms=now_ms + pace.again_ms)
            .on_conflict_do_update(index_elements=[wrong_guesses.c.guess, wrong_guesses.c.who], set_={full_at_ms.name: later})
        )
        try:
            self._database.write(lambda connection: connection.execute(one_more))
        except DatabaseBusyError as error:
            # The answer stays the same, and this process counts the try anyway.
            _log.warning("a wrong %s by %s is counted by this process alone: %s", guess.value, who, error)
