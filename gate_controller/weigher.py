"""Listens to one lane's scale: settled weights when one was asked for, zero while the belt is empty."""

from __future__ import annotations

import structlog

from gate_controller import words
from gate_controller.lane_state import Lane, State
from gate_controller.settling import Settling, SettlingRules
from gate_controller.shop_cache import ShopCache
from gate_controller.weighing import Fit, WeighingRules, judge
from gate_controller.words import Event, Fault, OrderInLane
from gate_controller.zero_watch import Finding, ZeroWatch
from hardware.scale.events import WeightRead
from hardware.scale.reading import Unavailable

REFUSED_S = 1.0
"""A scale that says for so long why it tells no weight goes on saying so: staff is called."""

_log = structlog.get_logger(__name__)


class Weigher:
    """From readings to what they mean for the lane."""

    def __init__(self, rules: WeighingRules, settling: SettlingRules, cache: ShopCache) -> None:
        self._rules = rules
        self._settling_rules = settling
        self._cache = cache
        self._settling: Settling | None = None
        self._refused_since_s: float | None = None
        self._zero = ZeroWatch()
        self.zero_is_due = False
        """Set when the empty scale should be zeroed; whoever does it resets it."""

    @property
    def reading_due_s(self) -> float | None:
        """When the next reading matters (monotonic seconds), 0 for at once; None when nobody waits for a settled weight."""
        return None if self._settling is None else self._settling.due_s

    def ask(self) -> None:
        """Wait for a settled weight from now on."""
        self._settling = Settling(self._settling_rules)
        self._refused_since_s = None

    def forget(self) -> None:
        """Nobody waits for a weight any more."""
        self._settling = None

    def unavailable(self, reason: Unavailable, now_s: float) -> Event | None:
        """The scale tells no weight just now: begin to wait anew, or give up when it goes on."""
        if self._settling is None:
            return None
        self._settling = Settling(self._settling_rules)
        if reason is Unavailable.MOVING:  # some scales say this where others say a weight that is not stable
            self._refused_since_s = None
            return None
        if self._refused_since_s is None:
            self._refused_since_s = now_s
        if now_s - self._refused_since_s < REFUSED_S:
            return None
        self._settling = None
        return words.NoStableWeight(reason.value)

    def read(self, reading: WeightRead, lane: Lane, now_s: float) -> Event | None:
        """Take a reading; return what it means for the lane."""
        if self._settling is not None and lane.order is not None:
            self._refused_since_s = None
            self._settling, grams = self._settling.feed(reading.grams, stable=reading.stable, now_s=now_s)
            if grams is None:
                return None
            self._settling = None
            return self._weighed(lane.name, lane.order, grams)
        empty = lane.state is State.IDLE and not lane.entry_broken and not lane.exit_broken
        self._zero, finding = self._zero.feed(reading.grams, stable=reading.stable, empty=empty, now_s=now_s)
        self.zero_is_due = self.zero_is_due or finding is Finding.ZERO
        if finding is Finding.DRIFTED and Fault.SCALE_ZERO not in lane.faults:
            return words.FaultRaised(Fault.SCALE_ZERO)
        if finding is Finding.FINE and Fault.SCALE_ZERO in lane.faults:
            self._zero = ZeroWatch()  # whoever put the scale right has looked at the belt
            return words.FaultCleared(Fault.SCALE_ZERO)
        return None

    def _weighed(self, lane: str, order: OrderInLane, grams: float) -> Event:
        verdict = judge(order.expected, grams, self._rules, self._cache.catalogue)
        _log.info(
            "weighed",
            lane=lane,
            order=order.order_number,
            fit=verdict.fit.value,
            measured_g=round(grams, 1),
            expected_g=round(verdict.expected_g, 1),
            low_g=round(verdict.low_g, 1),
            high_g=round(verdict.high_g, 1),
            explanations=[explanation.text["en"] for explanation in verdict.explanations],
        )
        if verdict.fit is Fit.FITS:
            return words.WeightFits(verdict)
        return words.WeightShort(verdict) if verdict.fit is Fit.TOO_LIGHT else words.WeightDiffers(verdict)
