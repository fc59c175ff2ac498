"""The order machine: every way an order can go, and what each step books.

1. An order is priced by the server when it is submitted; from then on only staff's rescan changes what it costs.
2. One kiosk at a time holds it while money goes in. Whoever loses hold of it never gets that session back.
3. PAID means that nothing is due. Only a PAID order enters a lane, and one lane at a time holds it.
4. An article that staff adds in the lane raises the revision, and the whole basket is priced again. If something is due then,
   the order is SUBMITTED again, else it is PAID; either way the lane still holds its shopper and enters it again, once paid,
   with the new expected weight. A promotion that the article completes may make the whole cheaper than what was paid: the
   difference is ``overpaid_minor``, which staff gives back as a refund. A full check by staff does the same with the whole
   basket: what was scanned takes its place.
5. The goods leaving is a fact: an exit that a lane reports ends the order in whatever living state it is. Something due at that
   moment stays due and visible.
6. EXITED, VOIDED, EXPIRED and REFUNDED are final. Money for goods that were brought back does not change EXITED.
7. A card that was charged stays with the order as a part payment; balances are only set aside until the rest is there. Whoever
   shows a coupon or a member's card while paying has the order priced anew, as a new revision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from store_server.contract.order_status import OrderStatus
from store_server.domain.payment import (
    HeldBalance,
    Transfer,
    balance_transfers,
    card_transfers,
    sale_transfers,
    settlement_source,
    written_off,
)


@dataclass(frozen=True, slots=True)
class Tendering:
    """One kiosk's hold on an order."""

    session_id: UUID
    kiosk: str
    since_s: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class LaneEntry:
    """One lane's hold on an order and its shopper."""

    entry_id: UUID
    lane: str
    since_s: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order machine's memory."""

    status: OrderStatus = OrderStatus.OPEN
    revision: int = 0
    """0 until it is submitted."""
    total_minor: int = 0
    paid_minor: int = 0
    tendering: Tendering | None = None
    """Set in TENDERING only."""
    entry: LaneEntry | None = None
    """Set from entering a lane until leaving or exiting, also while a difference is being paid."""
    exited_at: int | None = None

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        return max(0, self.total_minor - self.paid_minor)

    @property
    def overpaid_minor(self) -> int:
        """What was paid above the total; only an article that staff added can make an order cheaper than that."""
        return max(0, self.paid_minor - self.total_minor)


# Events: what happened.


@dataclass(frozen=True, slots=True)
class Submitted:
    """The shopper handed the basket in and the server priced it."""

    total_minor: int


@dataclass(frozen=True, slots=True)
class TenderingBegun:
    """A kiosk takes hold of the order; taking over from another one is the caller's judgement."""

    tendering: Tendering


@dataclass(frozen=True, slots=True)
class TenderingReleased:
    """The kiosk let go without payment."""


@dataclass(frozen=True, slots=True)
class Settled:
    """All that is due was taken: from balances, the rest in cash."""

    payment_id: UUID
    cash_due_minor: int
    """What balances do not cover, rounded to the smallest coin."""
    held: tuple[HeldBalance, ...] = ()
    """What was set aside on balances; together at most what is due."""


@dataclass(frozen=True, slots=True)
class PartPaid:
    """A card terminal took money while a kiosk holds the order; it stays with the order whatever follows."""

    payment_id: UUID
    amount_minor: int
    """At most what is due."""


@dataclass(frozen=True, slots=True)
class Repriced:
    """A coupon or a member's card was shown, or is no longer valid, before anything was paid."""

    total_minor: int


@dataclass(frozen=True, slots=True)
class LaneEntered:
    """A lane takes hold of the order."""

    entry: LaneEntry


@dataclass(frozen=True, slots=True)
class LaneLeft:
    """The shopper turned back."""


@dataclass(frozen=True, slots=True)
class Exited:
    """The lane opened and the goods left."""

    at_s: int


@dataclass(frozen=True, slots=True)
class ArticleAdded:
    """Staff rescanned an article, and something is due for it."""

    total_minor: int


@dataclass(frozen=True, slots=True)
class ArticleAddedFree:
    """Staff rescanned an article, and nothing is to be paid: it is free, completes a promotion, or costs less than a coin."""

    amendment_id: UUID
    total_minor: int


@dataclass(frozen=True, slots=True)
class BasketReplaced:
    """Staff scanned all goods anew: they are the order now, and something is due for them."""

    total_minor: int


@dataclass(frozen=True, slots=True)
class BasketReplacedFree:
    """Staff scanned all goods anew: they are the order now, and nothing is to be paid; perhaps something goes back."""

    amendment_id: UUID
    total_minor: int


@dataclass(frozen=True, slots=True)
class Voided:
    """Given up before anything was paid."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody paid in time."""


@dataclass(frozen=True, slots=True)
class Refunded:
    """All that was paid went back to the shopper."""


Event: TypeAlias = (
    Submitted
    | TenderingBegun
    | TenderingReleased
    | Settled
    | PartPaid
    | Repriced
    | LaneEntered
    | LaneLeft
    | Exited
    | ArticleAdded
    | ArticleAddedFree
    | BasketReplaced
    | BasketReplacedFree
    | Voided
    | Expired
    | Refunded
)


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; the caller should have refused it."""


_OPEN, _SUBMITTED, _TENDERING = OrderStatus.OPEN, OrderStatus.SUBMITTED, OrderStatus.TENDERING
_PAID, _LEAVING, _EXITED = OrderStatus.PAID, OrderStatus.LEAVING, OrderStatus.EXITED

TRANSITIONS: dict[tuple[OrderStatus, type[Event]], OrderStatus] = {
    (_OPEN, Submitted): _SUBMITTED,
    (_OPEN, Voided): OrderStatus.VOIDED,
    (_SUBMITTED, TenderingBegun): _TENDERING,
    (_SUBMITTED, Repriced): _SUBMITTED,
    (_SUBMITTED, ArticleAdded): _SUBMITTED,
    (_SUBMITTED, ArticleAddedFree): _PAID,
    (_SUBMITTED, BasketReplaced): _SUBMITTED,
    (_SUBMITTED, BasketReplacedFree): _PAID,
    (_SUBMITTED, LaneLeft): _SUBMITTED,
    (_SUBMITTED, Exited): _EXITED,
    (_SUBMITTED, Voided): OrderStatus.VOIDED,
    (_SUBMITTED, Expired): OrderStatus.EXPIRED,
    (_SUBMITTED, Refunded): OrderStatus.REFUNDED,
    (_TENDERING, TenderingBegun): _TENDERING,
    (_TENDERING, TenderingReleased): _SUBMITTED,
    (_TENDERING, PartPaid): _TENDERING,
    (_TENDERING, Repriced): _TENDERING,
    (_TENDERING, Settled): _PAID,
    (_TENDERING, LaneLeft): _TENDERING,
    (_TENDERING, Exited): _EXITED,
    (_PAID, LaneEntered): _LEAVING,
    (_PAID, LaneLeft): _PAID,
    (_PAID, ArticleAdded): _SUBMITTED,
    (_PAID, ArticleAddedFree): _PAID,
    (_PAID, BasketReplaced): _SUBMITTED,
    (_PAID, BasketReplacedFree): _PAID,
    (_PAID, Exited): _EXITED,
    (_PAID, Refunded): OrderStatus.REFUNDED,
    (_LEAVING, LaneEntered): _LEAVING,
    (_LEAVING, LaneLeft): _PAID,
    (_LEAVING, ArticleAdded): _SUBMITTED,
    (_LEAVING, ArticleAddedFree): _PAID,
    (_LEAVING, BasketReplaced): _SUBMITTED,
    (_LEAVING, BasketReplacedFree): _PAID,
    (_LEAVING, Exited): _EXITED,
}

Step = tuple[Order, tuple[Transfer, ...]]


def advance(order: Order, event: Event) -> Step:
    """Return the order after ``event`` and the transfers to post with it, in the same database transaction.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((order.status, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen in {order.status.name}")
    change = _CHANGES.get(type(event))
    changed, transfers = (order, ()) if change is None else change(order, event)
    return replace(changed, status=target), transfers


def can(order: Order, event: type[Event]) -> bool:
    """Tell whether the table has this event in the order's state."""
    return (order.status, event) in TRANSITIONS


def article_added(amendment_id: UUID, total_minor: int, *, payable: bool) -> ArticleAdded | ArticleAddedFree:
    """Choose the event for a rescan.

    Args:
        amendment_id: names the rescan.
        total_minor: of all articles, the added one included.
        payable: what is then due rounds to at least one coin.
    """
    return ArticleAdded(total_minor) if payable else ArticleAddedFree(amendment_id, total_minor)


def basket_replaced(amendment_id: UUID, total_minor: int, *, payable: bool) -> BasketReplaced | BasketReplacedFree:
    """Choose the event for a full check that found other goods; see :func:`article_added`."""
    return BasketReplaced(total_minor) if payable else BasketReplacedFree(amendment_id, total_minor)


def _submitted(order: Order, event: Event) -> Step:
    assert isinstance(event, Submitted)
    return replace(order, revision=1, total_minor=event.total_minor), ()


def _tendering_begun(order: Order, event: Event) -> Step:
    assert isinstance(event, TenderingBegun)
    return replace(order, tendering=event.tendering), ()


def _tendering_ended(order: Order, _event: Event) -> Step:
    return replace(order, tendering=None), ()


def _settled(order: Order, event: Event) -> Step:
    assert isinstance(event, Settled)
    assert order.tendering is not None
    source = settlement_source(event.payment_id)
    held_minor = sum(held.amount_minor for held in event.held)
    assert 0 <= held_minor <= order.due_minor, "more was set aside than is due"
    in_cash = sale_transfers(source, order.tendering.kiosk, order.due_minor - held_minor, event.cash_due_minor)
    transfers = (*balance_transfers(event.held), *in_cash)
    return replace(order, tendering=None, paid_minor=order.total_minor), transfers


def _part_paid(order: Order, event: Event) -> Step:
    assert isinstance(event, PartPaid)
    assert order.tendering is not None
    assert 0 < event.amount_minor <= order.due_minor, "a card pays at most what is due"
    transfers = card_transfers(event.payment_id, order.tendering.kiosk, event.amount_minor)
    return replace(order, paid_minor=order.paid_minor + event.amount_minor), transfers


def _repriced(order: Order, event: Event) -> Step:
    assert isinstance(event, Repriced)
    assert order.paid_minor == 0, "only an order that nobody has begun to pay is priced anew"
    return replace(order, revision=order.revision + 1, total_minor=event.total_minor), ()


def _lane_entered(order: Order, event: Event) -> Step:
    assert isinstance(event, LaneEntered)
    return replace(order, entry=event.entry), ()


def _lane_left(order: Order, _event: Event) -> Step:
    return replace(order, entry=None), ()


def _exited(order: Order, event: Event) -> Step:
    assert isinstance(event, Exited)
    return replace(order, tendering=None, entry=None, exited_at=event.at_s), ()


def _article_added(order: Order, event: Event) -> Step:
    assert isinstance(event, ArticleAdded | BasketReplaced)
    return replace(order, revision=order.revision + 1, total_minor=event.total_minor), ()


def _article_added_free(order: Order, event: Event) -> Step:
    assert isinstance(event, ArticleAddedFree | BasketReplacedFree)
    paid_minor = max(order.paid_minor, event.total_minor)
    transfers = written_off(f"amendment/{event.amendment_id}", paid_minor - order.paid_minor)
    return replace(order, revision=order.revision + 1, total_minor=event.total_minor, paid_minor=paid_minor), transfers


_CHANGES: dict[type[Event], Callable[[Order, Event], Step]] = {
    Submitted: _submitted,
    TenderingBegun: _tendering_begun,
    TenderingReleased: _tendering_ended,
    Settled: _settled,
    PartPaid: _part_paid,
    Repriced: _repriced,
    LaneEntered: _lane_entered,
    LaneLeft: _lane_left,
    Exited: _exited,
    ArticleAdded: _article_added,
    ArticleAddedFree: _article_added_free,
    BasketReplaced: _article_added,
    BasketReplacedFree: _article_added_free,
}
