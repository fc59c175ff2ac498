"""When the store server was last heard, how this computer's clock ran since then, and so how far a signature may be trusted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from gate_controller.clock_watch import ClockWatch
from gate_controller.offline import Trust
from gate_controller.passes_used import PassesUsed, RecordError, RecordIdentity
from store_server.contract.shop_messages import OfflineCaps, Shop

HEARD_STEP_S = 10
"""The disk learns at most so often that the server was heard."""
_NO_CAPS = OfflineCaps(value_minor=0, exits=0, away_s=0, exits_per_hour=0)

_log = logging.getLogger(__name__)


class ServerContact:
    """What all threads know of the connection."""

    def __init__(
        self,
        record: PassesUsed,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._record = record
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self.identity: RecordIdentity = record.identity(int(clock()))
        self._heard_mono_s: float | None = None
        self._heard_stored = record.server_heard_at()
        self._watch = ClockWatch(clock(), monotonic())
        self._clock_was_set = False
        self._is_away = False

    def heard(self) -> None:
        """The server answered just now: its clock judges, and counts anew."""
        with self._lock:
            now = int(self._clock())
            self._heard_mono_s = self._monotonic()
            self._watch, self._clock_was_set = ClockWatch(self._clock(), self._heard_mono_s), False
            if self._is_away:
                _log.info("the store server is back")
            if self._is_away or self._heard_stored is None or abs(now - self._heard_stored) >= HEARD_STEP_S:
                self._is_away = False
                self._heard_stored = now
                try:
                    self._record.server_heard(now)
                except RecordError as error:
                    _log.warning("%s", error)

    def away(self, reason: str) -> None:
        """The server did not answer."""
        with self._lock:
            if not self._is_away:
                _log.warning("the store server is away: %s", reason)
            self._is_away = True

    def trust(self, shop: Shop | None) -> Trust:
        """Return how far a signature alone may be trusted at this moment."""
        with self._lock:
            now = self._clock()
            # Once noticed, a step stays noticed: setting the clock right again proves nothing about what it was used for.
            self._clock_was_set = self._clock_was_set or self._watch.was_set(now, self._monotonic())
            return Trust(
                caps=shop.offline_caps if shop is not None else _NO_CAPS,
                exits=self._record.exits_without_server(),
                away_s=self._away_s(now),
                exits_in_the_hour=self._record.exits_without_server_in_the_hour(int(now)),
                record_begun_at=self.identity.begun_at,
                clock_was_set=self._clock_was_set,
            )

    def watch_clock(self) -> None:
        """Look whether the clock was set; to be called every second or so."""
        with self._lock:
            if not self._clock_was_set and self._watch.was_set(self._clock(), self._monotonic()):
                self._clock_was_set = True
                _log.warning("this computer's clock was set; nobody leaves on a signature until the server is heard")

    def _away_s(self, now: float) -> float | None:
        if self._heard_mono_s is not None:
            return self._monotonic() - self._heard_mono_s
        return None if self._heard_stored is None else now - self._heard_stored
