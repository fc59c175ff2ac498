"""How far a lane may trust a signature alone while the store server cannot be reached; pure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from gate_controller.weighing import Expectation
from gate_controller.words import OrderInLane
from store_server.contract.order_number import OrderNumber
from store_server.contract.order_pass import OrderPass
from store_server.contract.shop_messages import OfflineCaps

_ROUNDING_VARIANCE_G2 = 1 / 12
"""A pass carries whole grams."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is left of the caps."""

    caps: OfflineCaps
    exits: int
    """Exits on a signature alone since the server was last heard."""
    away_s: float | None
    """Seconds since the server was last heard, which is the age of keys and withdrawn passes; None when it never was."""
    exits_in_the_hour: int = 0
    """Exits on a signature alone in the last hour, whoever was heard meanwhile."""
    record_begun_at: int = 0
    """A pass from before this moment may have been used where this record does not see it."""
    clock_was_set: bool = False
    """Somebody set this computer's clock since the server was last heard."""

    def refuses(self, order_pass: OrderPass) -> str:
        """Return why this pass is beyond the caps, or an empty text when it may leave."""
        return self._refuses_now() or self._refuses_this(order_pass)

    def _refuses_now(self) -> str:
        caps = self.caps
        if self.away_s is None:
            return "the server was never heard"
        if self.clock_was_set:
            return "the clock was set since the server was last heard"
        if not 0 <= self.away_s <= caps.away_s:
            return f"the server was not heard for {self.away_s:.0f} s; the cap is {caps.away_s} s"
        if self.exits >= caps.exits:
            return f"{self.exits} orders left without the server; the cap is {caps.exits}"
        if self.exits_in_the_hour >= caps.exits_per_hour:
            return f"{self.exits_in_the_hour} orders left without the server in an hour; the cap is {caps.exits_per_hour}"
        return ""

    def _refuses_this(self, order_pass: OrderPass) -> str:
        if order_pass.total_minor > self.caps.value_minor:
            return f"the order is worth {order_pass.total_minor}; the cap is {self.caps.value_minor}"
        if order_pass.not_before < self.record_begun_at:
            return "the pass is older than this controller's record, which cannot tell whether it was used"
        return ""


def order_of_pass(order_pass: OrderPass, entry_id: UUID, text: str) -> OrderInLane:
    """Read all that a lane needs from the pass itself."""
    variance = order_pass.spread_g**2 + _ROUNDING_VARIANCE_G2
    return OrderInLane(
        entry_id=entry_id,
        order_id=order_pass.order_id,
        order_number=OrderNumber.of(order_pass.order_serial).digits,
        revision=order_pass.revision,
        total_minor=order_pass.total_minor,
        decided_by="signature",
        expected=Expectation(mean_g=float(order_pass.expected_g), variance_g2=variance),
        eas_pieces=None,
        exit_pass=text,
    )
