"""From the best plan to the receipt: which line gave how much to which promotion, to the minor unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from store_server.contract.best_price.discounts import Decision, Plan
from store_server.contract.best_price.single_offers import PRICE_TEXTS
from store_server.contract.promotions import AppliedPromotion, CouponReason, LineTake, UnusedCoupon

Parts = tuple[tuple[str, int], ...]
"""Promotion and what it takes off one piece; 0 for a piece that pays in full so that another is free."""


@dataclass(frozen=True, slots=True)
class Run:
    """Some equal pieces of one stack."""

    pieces: int
    parts: Parts


@dataclass(slots=True)
class Receipt:
    """What every promotion took from every line."""

    units: dict[str, dict[int, int]] = field(default_factory=dict)
    minor: dict[str, dict[int, int]] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)

    def take(self, promotion_id: str, line: int, units: int, minor: int) -> None:
        """Write down what one promotion took from one line."""
        for table, amount in ((self.units, units), (self.minor, minor)):
            row = table.setdefault(promotion_id, {})
            row[line] = row.get(line, 0) + amount

    def of_line(self, line: int) -> int:
        """Return all that was taken from a line."""
        return sum(row.get(line, 0) for row in self.minor.values())


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights, exactly: largest remainders first, earlier places first among equals.

    >>> shares(100, [1, 1, 1])
    [34, 33, 33]
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def receipt_of(plan: Plan, quantities: Sequence[int]) -> Receipt:
    """Write down the whole plan; ``quantities`` are the pieces of each line."""
    receipt = Receipt()
    runs: list[list[Run]] = [[] for _stack in plan.stacks]
    for number, row in _deal_runs(plan, receipt):
        runs[number].append(row)
    left: dict[int, int] = {}
    for number, reduced in enumerate(plan.stacks):
        first = tuple((one.promotion_id, one.minor) for one in reduced.first)
        rest = reduced.stack.count - sum(run.pieces for run in runs[number])
        own = ((reduced.own.promotion_id, reduced.own.minor),) if reduced.own.minor else ()
        for name in [key for key, _minor in (*first, *(own if rest else ()))]:
            receipt.times[name] = receipt.times.get(name, 0) + (reduced.stack.count if name in dict(first) else rest)
        _hand_out(receipt, [Run(run.pieces, first + run.parts) for run in (*runs[number], Run(rest, own))], reduced.stack.lines)
        left |= {line: reduced.stack.price_minor * pieces - receipt.of_line(line) for line, pieces in reduced.stack.lines}
    _basket_lines(plan, receipt, left, quantities)
    return receipt


def _deal_runs(plan: Plan, receipt: Receipt) -> Iterable[tuple[int, Run]]:
    """Tell for each stack what its pieces give to the deals."""
    for deal, use in plan.deals:
        name = deal.offer.promotion.promotion_id
        receipt.times[name] = receipt.times.get(name, 0) + (1 if deal.deal.or_more else use.pieces // deal.deal.size)
        if deal.each:
            for number, pieces, reduced in use.taken:
                parts = tuple((one.promotion_id, one.minor) for one in deal.each[number] if one.minor)
                for other, _minor in parts:
                    if other != name:
                        receipt.times[other] = receipt.times.get(other, 0) + reduced
                yield number, Run(reduced, parts)
                yield number, Run(pieces - reduced, ((name, 0),))
            continue
        weights = [plan.stacks[number].price_minor * pieces for number, pieces, _reduced in use.taken]
        for (number, pieces, _reduced), minor in zip(use.taken, shares(use.saved_minor, weights), strict=True):
            each, more = divmod(minor, pieces)
            yield number, Run(more, ((name, each + 1),))
            yield number, Run(pieces - more, ((name, each),))


def _hand_out(receipt: Receipt, runs: Iterable[Run], lines: Iterable[tuple[int, int]]) -> None:
    """Give the runs of one stack to its lines, one line after the other."""
    waiting = [[line, pieces] for line, pieces in reversed(tuple(lines))]
    for run in runs:
        pieces = run.pieces
        while pieces:
            line, room = waiting[-1]
            taken = min(room, pieces)
            for name, minor in run.parts:
                receipt.take(name, line, taken, minor * taken)
            pieces -= taken
            waiting[-1][1] -= taken
            if not waiting[-1][1]:
                waiting.pop()


def _basket_lines(plan: Plan, receipt: Receipt, left: dict[int, int], quantities: Sequence[int]) -> None:
    """Split each basket discount over what is left of the lines."""
    lines = list(left)
    for one in plan.basket:
        name = one.offer.promotion.promotion_id
        receipt.times[name] = receipt.times.get(name, 0) + one.offer.times
        for line, minor in zip(lines, shares(one.minor, [left[line] for line in lines]), strict=True):
            left[line] -= minor
            if minor:
                receipt.take(name, line, 0 if line in receipt.units.get(name, {}) else quantities[line], minor)


def applied(decision: Decision, receipt: Receipt) -> tuple[AppliedPromotion, ...]:
    """Return every discount with its reason, by promotion id."""
    offers = {offer.promotion.promotion_id: offer for offer in decision.offers}
    instances = {one.offer.promotion.promotion_id for one in decision.plan.basket}
    found = []
    for name, row in sorted(receipt.minor.items()):
        amount = sum(row.values())
        if not amount:
            continue
        offer, times = offers.get(name), receipt.times[name]
        coupon_ids: tuple[str, ...] = ()
        if offer is not None:
            given = sum(one.offer.promotion.promotion_id == name for one in decision.plan.basket)
            coupon_ids = offer.coupon_ids[:given] if name in instances else offer.used(times)
        takes = tuple(
            LineTake(line=line, units=receipt.units[name][line], amount_minor=minor)
            for line, minor in sorted(row.items())
            if receipt.units[name][line]
        )
        texts = PRICE_TEXTS[name] if offer is None else offer.promotion.texts
        found.append(
            AppliedPromotion(
                promotion_id=name, texts=texts, amount_minor=amount, times=times, takes=takes, coupon_ids=coupon_ids
            )
        )
    return tuple(found)


def unused(decision: Decision, discounts: Iterable[AppliedPromotion]) -> tuple[UnusedCoupon, ...]:
    """Return the coupons that stay the shopper's."""
    spent = {coupon for discount in discounts for coupon in discount.coupon_ids}
    idle = (UnusedCoupon(coupon_id=key, reason=CouponReason.NO_USE) for key in decision.opened.shown if key not in spent)
    return tuple(sorted((*decision.opened.refused, *idle), key=lambda one: one.coupon_id))
