"""Who may leave: the server's judgement on an order that shows up at a lane."""

from __future__ import annotations

from dataclasses import dataclass

from store_server.contract.order_status import OrderStatus
from store_server.contract.refusals import Refusal
from store_server.domain.order import Order


@dataclass(frozen=True, slots=True)
class ExitRefused:
    """Why the lane stays shut."""

    refusal: Refusal
    sentence: str


@dataclass(frozen=True, slots=True)
class FormerExit:
    """When and where an order left."""

    lane: str
    clock: str
    """Shop time as people read it."""


def refuse_entry(
    order: Order,
    *,
    pass_revision: int | None,
    lane: str,
    now_s: int,
    lease_s: int,
    former: FormerExit | None,
    vouched: bool = False,
) -> ExitRefused | None:
    """Judge whether ``lane`` may check this order's goods; None means yes.

    Args:
        order: as it stands.
        pass_revision: the revision on the scanned pass; None where the number was given instead.
        lane: where the shopper stands.
        now_s: seconds since 1970.
        lease_s: after this time a lane that fell silent no longer keeps the order.
        former: the recorded exit, where there is one.
        vouched: staff stands by the lane and let the number in: its receipt is lost.
    """
    if former is not None or order.status is OrderStatus.EXITED:
        return _already_used(former)
    if pass_revision is not None and pass_revision < order.revision:
        return _superseded(order)
    if order.status is OrderStatus.REFUNDED:
        return ExitRefused(Refusal.REVOKED, "This receipt was withdrawn: the order was paid back. Please ask the staff.")
    if order.status is OrderStatus.VOIDED:
        return ExitRefused(Refusal.REVOKED, "This receipt was withdrawn: the order was cancelled. Please ask the staff.")
    if order.status not in {OrderStatus.PAID, OrderStatus.LEAVING}:
        return ExitRefused(Refusal.UNPAID, Refusal.UNPAID.sentence)
    return _held_elsewhere(order, needs_pass=pass_revision is None and not vouched, lane=lane, now_s=now_s, lease_s=lease_s)


def _held_elsewhere(order: Order, *, needs_pass: bool, lane: str, now_s: int, lease_s: int) -> ExitRefused | None:
    entry = order.entry
    if needs_pass and (entry is None or entry.lane != lane):
        # A number can be guessed or read over a shoulder; only the lane that already holds the shopper may use it.
        return ExitRefused(Refusal.NOT_A_PASS, "Please scan the exit pass on your receipt.")
    if entry is None or entry.lane == lane or order.status is not OrderStatus.LEAVING or now_s - entry.since_s >= lease_s:
        return None
    return ExitRefused(Refusal.BUSY_ELSEWHERE, f"This receipt is in use at {entry.lane} right now. Please ask the staff.")


def _already_used(former: FormerExit | None) -> ExitRefused:
    told = "" if former is None else f" That was at {former.clock} at {former.lane}."
    return ExitRefused(Refusal.ALREADY_USED, f"{Refusal.ALREADY_USED.sentence}{told}")


def _superseded(order: Order) -> ExitRefused:
    if order.due_minor:
        sentence = "An article was added to this order. Please pay the difference first."
        return ExitRefused(Refusal.UNPAID, sentence)
    return ExitRefused(Refusal.SUPERSEDED, Refusal.SUPERSEDED.sentence)
