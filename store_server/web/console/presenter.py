"""What the staff page says, as ready texts: lanes and orders to views, without any widget."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from store_server.contract.lane_messages import Explanation, LaneReport, LaneView
from store_server.contract.money import format_minor
from store_server.contract.order_messages import Order
from store_server.contract.order_status import OrderStatus

LANGUAGE = "en"
EXPLANATIONS_SHOWN = 3
_UNBROKEN = "\N{NO-BREAK SPACE}"

_TONES = {
    "idle": "calm",
    "checking": "busy",
    "weighing": "busy",
    "deactivating": "busy",
    "passing": "good",
    "auditing": "warn",
    "refused": "warn",
    "alarm": "bad",
}
_STATUS_TONES = {
    OrderStatus.SUBMITTED: "warn",
    OrderStatus.TENDERING: "busy",
    OrderStatus.PAID: "good",
    OrderStatus.LEAVING: "busy",
    OrderStatus.EXITED: "calm",
}


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One explanation of a weight that does not fit."""

    text: str
    percent: int


@dataclass(frozen=True, slots=True)
class LaneCardView:
    """One lane's card."""

    lane: str
    state: str
    tone: str
    """``calm``, ``busy``, ``good``, ``warn`` or ``bad``."""
    headline: str
    order_id: UUID | None
    order_number: str
    due: str
    """What is still to be paid, as a sentence; empty when nothing is."""
    expected: str
    measured: str
    difference: str
    weighs: bool
    """Any of the three weights is known."""
    reasons: tuple[ReasonView, ...] = ()
    faults: tuple[str, ...] = ()
    alarm: bool = False
    silent: str = ""
    """A sentence when the lane has not been heard."""


@dataclass(frozen=True, slots=True)
class OrderRowView:
    """One line of the orders table."""

    number: str
    status: str
    tone: str
    articles: str
    total: str
    due: str
    lines: tuple[str, ...] = field(default=())


def lane_card(view: LaneView, order: Order | None, *, now_s: int, silent: bool) -> LaneCardView:
    """Say what a lane's card shows.

    Args:
        view: the lane's last report.
        order: the order in the lane, if any.
        now_s: seconds since 1970.
        silent: the lane has not been heard for too long.
    """
    report = view.report
    return LaneCardView(
        lane=report.lane,
        state=report.state.capitalize(),
        tone="bad" if report.alarm else "warn" if silent else _TONES.get(report.state.lower(), "busy"),
        headline=_said(report.headline),
        order_id=report.order_id,
        order_number=_dashed(report.order_number),
        due=_due(order),
        expected=_expected(report),
        measured=_grams(report.measured_g),
        difference=_difference(report),
        weighs=report.expected_g is not None or report.measured_g is not None,
        reasons=tuple(_reason(explanation) for explanation in report.explanations[:EXPLANATIONS_SHOWN]),
        faults=tuple(report.faults),
        alarm=report.alarm,
        silent=f"Not heard for {now_s - view.heard_at} s. Is the gate controller running?" if silent else "",
    )


def order_row(order: Order) -> OrderRowView:
    """Say what one line of the orders table shows."""
    left_unpaid = order.status is OrderStatus.EXITED and order.due_minor
    status = order.status.value.capitalize()
    if order.exited_at is not None:
        status = f"Exited {datetime.fromtimestamp(order.exited_at, tz=UTC).astimezone():%H:%M}"
    return OrderRowView(
        number=_dashed(order.order_number),
        status=status,
        tone="bad" if left_unpaid else _STATUS_TONES.get(order.status, "calm"),
        articles=str(order.article_count),
        total=format_minor(order.total_minor, order.currency),
        due=_open_money(order),
        lines=tuple(
            f"{line.quantity} x {_said(line.name)}  {format_minor(line.total_minor, order.currency)}" for line in order.lines
        ),
    )


def added_sentence(order: Order) -> str:
    """Say what a rescan did."""
    line = order.lines[-1]
    added = f"Added {_said(line.name)} for {format_minor(line.total_minor, order.currency)}."
    if order.overpaid_minor:
        back = format_minor(order.overpaid_minor, order.currency)
        return f"{added} With its promotion the order costs {back} less than was paid: give that back as a refund."
    if order.discounts:
        return f"{added} With all promotions {format_minor(order.due_minor, order.currency)} is to be paid."
    return added


def _open_money(order: Order) -> str:
    if order.overpaid_minor:
        return f"give back {format_minor(order.overpaid_minor, order.currency)}"
    return format_minor(order.due_minor, order.currency) if order.due_minor else ""


def _due(order: Order | None) -> str:
    if order is None or not order.due_minor:
        return ""
    return f"{format_minor(order.due_minor, order.currency)} due: pay order {_dashed(order.order_number)} at a kiosk."


def _said(texts: dict[str, str]) -> str:
    return texts.get(LANGUAGE) or next(iter(texts.values()), "")


def _dashed(number: str | None) -> str:
    return f"{number[:3]}-{number[3:]}" if number else ""


def _grams(grams: float | None) -> str:
    return "-" if grams is None else f"{grams:,.0f}{_UNBROKEN}g"


def _expected(report: LaneReport) -> str:
    spread = f" ±{_UNBROKEN}{report.spread_g:.0f}{_UNBROKEN}g" if report.spread_g and report.expected_g is not None else ""
    return f"{_grams(report.expected_g)}{spread}"


def _difference(report: LaneReport) -> str:
    if report.expected_g is None or report.measured_g is None:
        return "-"
    return f"{report.measured_g - report.expected_g:+,.0f}{_UNBROKEN}g"


def _reason(explanation: Explanation) -> ReasonView:
    return ReasonView(text=_said(explanation.text), percent=round(explanation.probability * 100))
