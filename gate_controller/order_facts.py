"""An order as the server, the record and the lane each write it, and how one becomes the other; pure."""

from __future__ import annotations

from uuid import UUID

from gate_controller.pass_use import PassUse
from gate_controller.weighing import Expectation, Goods, WeighingRules, expect
from gate_controller.words import DecidedBy, LineInLane, OrderInLane
from store_server.contract.lane_messages import ReportExit
from store_server.contract.order_messages import Order, PricedLine


def order_in_lane(order: Order, entry_id: UUID, text: str | None, rules: WeighingRules) -> OrderInLane:
    """Read what the lane needs from the server's order; ``text`` is the scanned pass."""
    return OrderInLane(
        entry_id=entry_id,
        order_id=order.order_id,
        order_number=order.order_number,
        revision=order.revision,
        total_minor=order.total_minor,
        decided_by="server",
        expected=expect((Goods.of_line(line) for line in order.lines), rules),
        eas_pieces=sum(line.quantity for line in order.lines if line.eas),
        exit_pass=text,
        lines=tuple(_line(line) for line in order.lines),
    )


def _line(line: PricedLine) -> LineInLane:
    return LineInLane(
        code=line.code,
        name=line.name,
        quantity=line.quantity,
        value_minor=line.goods_minor // max(1, line.quantity),
        tagged=line.eas,
        mean_g=line.mean_g,
    )


def use_of(order: OrderInLane, lane: str, decided_by: DecidedBy, now: int) -> PassUse:
    """Write down that the order uses its pass; who vouched for the payment counts for the caps, whoever opened."""
    return PassUse(
        order_id=order.order_id,
        order_number=order.order_number,
        revision=order.revision,
        lane=lane,
        entry_id=order.entry_id,
        total_minor=order.total_minor,
        expected_g=order.expected.mean_g,
        spread_g=order.expected.spread_g,
        decided_by=decided_by,
        without_server=order.decided_by == "signature",
        exit_pass=order.exit_pass,
        used_at=now,
    )


def order_of_use(use: PassUse) -> OrderInLane:
    """Remember an order that was on its way out when the program stopped."""
    return OrderInLane(
        entry_id=use.entry_id,
        order_id=use.order_id,
        order_number=use.order_number,
        revision=use.revision,
        total_minor=use.total_minor,
        decided_by="signature" if use.without_server else "server",
        expected=Expectation(use.expected_g, use.spread_g**2),
        eas_pieces=None,
        exit_pass=use.exit_pass,
    )


def exit_of(order: OrderInLane, exit_id: UUID, lane: str, measured_g: float | None, now: int) -> ReportExit:
    """Write the report of an exit that is about to happen."""
    return ReportExit(
        exit_id=exit_id,
        order_id=order.order_id,
        revision=order.revision,
        lane=lane,
        opened_at=now,
        measured_g=None if measured_g is None else round(measured_g),
        decided_by=order.decided_by,
        exit_pass=order.exit_pass,
    )
