from __future__ import annotations

from dataclasses import replace
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.order_status import OrderStatus
from store_server.domain.order import (
    TRANSITIONS,
    ArticleAdded,
    ArticleAddedFree,
    BasketReplaced,
    BasketReplacedFree,
    Event,
    Exited,
    Expired,
    IllegalTransitionError,
    LaneEntered,
    LaneEntry,
    LaneLeft,
    Order,
    PartPaid,
    Refunded,
    Repriced,
    Settled,
    Submitted,
    Tendering,
    TenderingBegun,
    TenderingReleased,
    Voided,
    advance,
    article_added,
    can,
)
from store_server.domain.payment import HeldBalance, Transfer

ID = UUID(int=7)
HOLD = Tendering(UUID(int=1), "kiosk-1", 1000)
ENTRY = LaneEntry(UUID(int=2), "lane-1", 2000)
EVENTS: dict[type[Event], Event] = {
    Submitted: Submitted(1280),
    TenderingBegun: TenderingBegun(HOLD),
    TenderingReleased: TenderingReleased(),
    Settled: Settled(ID, 1280),
    PartPaid: PartPaid(ID, 280),
    Repriced: Repriced(1000),
    LaneEntered: LaneEntered(ENTRY),
    LaneLeft: LaneLeft(),
    Exited: Exited(3000),
    ArticleAdded: ArticleAdded(1530),
    ArticleAddedFree: ArticleAddedFree(ID, 1280),
    BasketReplaced: BasketReplaced(1530),
    BasketReplacedFree: BasketReplacedFree(ID, 1000),
    Voided: Voided(),
    Expired: Expired(),
    Refunded: Refunded(),
}
FINAL = {OrderStatus.EXITED, OrderStatus.VOIDED, OrderStatus.EXPIRED, OrderStatus.REFUNDED}


def in_state(status: OrderStatus) -> Order:
    order = Order(status=status, revision=1, total_minor=1280)
    if status is OrderStatus.TENDERING:
        return replace(order, tendering=HOLD)
    if status in {OrderStatus.PAID, OrderStatus.LEAVING}:
        return replace(order, paid_minor=1280, entry=ENTRY if status is OrderStatus.LEAVING else None)
    return order


def test_every_event_has_an_example() -> None:
    assert set(EVENTS) == set(get_args(Event))


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: type(event).__name__)
def test_every_pair_of_state_and_event(status: OrderStatus, event: Event) -> None:
    order = in_state(status)
    target = TRANSITIONS.get((status, type(event)))
    assert can(order, type(event)) == (target is not None)
    if target is None:
        with pytest.raises(IllegalTransitionError, match=status.name):
            advance(order, event)
    else:
        assert advance(order, event)[0].status is target


def test_every_state_is_reached() -> None:
    assert set(TRANSITIONS.values()) | {Order().status} == set(OrderStatus)


def test_every_state_but_the_final_ones_is_left_for_another() -> None:
    left = {state for (state, _event), target in TRANSITIONS.items() if target is not state}
    assert left == set(OrderStatus) - FINAL
    assert not FINAL & {state for state, _event in TRANSITIONS}


def test_every_event_happens_somewhere() -> None:
    assert {event for _state, event in TRANSITIONS} == set(EVENTS)


def test_a_trip_from_the_basket_to_the_street() -> None:
    order, _ = advance(Order(), Submitted(1284))
    assert (order.revision, order.due_minor) == (1, 1284)
    order, _ = advance(order, TenderingBegun(HOLD))
    order, transfers = advance(order, Settled(ID, 1280))
    assert transfers == (
        Transfer(f"settlement/{ID}/sale", "escrow/kiosk-1", "sales", 1280),
        Transfer(f"settlement/{ID}/rounded-down", "rounding", "sales", 4),
    )
    assert (order.due_minor, order.paid_minor, order.tendering) == (0, 1284, None)
    order, _ = advance(order, LaneEntered(ENTRY))
    order, _ = advance(order, Exited(3000))
    assert (order.status, order.entry, order.exited_at) == (OrderStatus.EXITED, None, 3000)


def test_a_rescan_makes_only_the_difference_due_and_keeps_the_lane() -> None:
    order, transfers = advance(in_state(OrderStatus.LEAVING), ArticleAdded(1530))
    assert (order.status, order.revision, order.due_minor, order.entry) == (OrderStatus.SUBMITTED, 2, 250, ENTRY)
    assert transfers == ()
    order, _ = advance(order, TenderingBegun(HOLD))
    order, transfers = advance(order, Settled(ID, 250))
    assert transfers == (Transfer(f"settlement/{ID}/sale", "escrow/kiosk-1", "sales", 250),)
    assert (order.status, order.paid_minor, order.entry) == (OrderStatus.PAID, 1530, ENTRY)


@pytest.mark.parametrize(("total_minor", "written_off"), [(1280, 0), (1284, 4)])
def test_a_rescan_of_next_to_nothing_is_written_off_and_stays_paid(total_minor: int, written_off: int) -> None:
    order, transfers = advance(in_state(OrderStatus.LEAVING), ArticleAddedFree(ID, total_minor))
    assert (order.status, order.revision, order.due_minor, order.entry) == (OrderStatus.PAID, 2, 0, ENTRY)
    assert sum(transfer.amount_minor for transfer in transfers) == written_off


def test_the_rescan_event_follows_what_can_be_paid() -> None:
    assert article_added(ID, 1530, payable=True) == ArticleAdded(1530)
    assert article_added(ID, 1282, payable=False) == ArticleAddedFree(ID, 1282)


def test_a_rescan_that_completes_a_promotion_can_make_the_order_cheaper_than_what_was_paid() -> None:
    order, transfers = advance(in_state(OrderStatus.LEAVING), ArticleAddedFree(ID, 1000))
    assert (order.status, order.total_minor, order.paid_minor) == (OrderStatus.PAID, 1000, 1280)
    assert (order.due_minor, order.overpaid_minor, transfers) == (0, 280, ())
    order, _ = advance(order, ArticleAdded(1500))
    assert (order.due_minor, order.overpaid_minor) == (220, 0)
    order, transfers = advance(order, ArticleAddedFree(ID, 1283))
    assert (order.status, order.paid_minor, order.entry) == (OrderStatus.PAID, 1283, ENTRY)
    assert sum(transfer.amount_minor for transfer in transfers) == 3


def test_balance_card_and_cash_pay_one_order() -> None:
    order = replace(in_state(OrderStatus.TENDERING), total_minor=1284)
    order, by_card = advance(order, PartPaid(ID, 280))
    assert by_card == (Transfer(f"card/{ID}", "card/kiosk-1", "sales", 280),)
    assert (order.status, order.due_minor) == (OrderStatus.TENDERING, 1004)
    held = HeldBalance(UUID(int=8), UUID(int=9), 500)
    order, transfers = advance(order, Settled(UUID(int=10), 500, (held,)))
    assert transfers == (
        Transfer(f"hold/{held.hold_id}", f"wallet/{held.member_id}", "sales", 500),
        Transfer(f"settlement/{UUID(int=10)}/sale", "escrow/kiosk-1", "sales", 500),
        Transfer(f"settlement/{UUID(int=10)}/rounded-down", "rounding", "sales", 4),
    )
    assert (order.status, order.paid_minor) == (OrderStatus.PAID, 1284)


def test_an_order_is_priced_anew_as_a_new_revision() -> None:
    order, transfers = advance(in_state(OrderStatus.TENDERING), Repriced(1000))
    assert (order.status, order.revision, order.due_minor, transfers) == (OrderStatus.TENDERING, 2, 1000, ())


def test_goods_that_left_unpaid_stay_due() -> None:
    order, _ = advance(in_state(OrderStatus.TENDERING), Exited(3000))
    assert (order.status, order.due_minor, order.tendering) == (OrderStatus.EXITED, 1280, None)


@given(st.lists(st.sampled_from(list(EVENTS.values())), max_size=40))
def test_any_history_keeps_the_books_right(events: list[Event]) -> None:
    order, sold = Order(), 0
    for number, event in enumerate(events):
        if not can(order, type(event)):
            continue
        if isinstance(event, PartPaid) and order.due_minor < 2:
            continue
        if isinstance(event, Repriced) and order.paid_minor:
            continue
        happening = _fitting(order, event, number)
        before = order
        order, transfers = advance(order, happening)
        sold += sum(transfer.amount_minor for transfer in transfers if transfer.credit == "sales")
        assert order.revision >= before.revision
        assert (order.tendering is not None) == (order.status is OrderStatus.TENDERING)
        assert (order.exited_at is not None) == (order.status is OrderStatus.EXITED)
        assert order.status not in {OrderStatus.PAID, OrderStatus.LEAVING} or order.due_minor == 0
        assert sold == order.paid_minor
        assert order.paid_minor <= order.total_minor or order.revision > 1


def _fitting(order: Order, event: Event, number: int) -> Event:
    more, close = order.paid_minor + 250, max(0, order.paid_minor + (3 if number % 2 else -40))
    cash_due = (order.due_minor + 5) // 10 * 10
    fitting: dict[type[Event], Event] = {
        ArticleAdded: ArticleAdded(more),
        ArticleAddedFree: ArticleAddedFree(UUID(int=number), close),
        BasketReplaced: BasketReplaced(more),
        BasketReplacedFree: BasketReplacedFree(UUID(int=number), close),
        PartPaid: PartPaid(UUID(int=number), order.due_minor // 2),
        Settled: Settled(UUID(int=number), cash_due),
    }
    return fitting.get(type(event), event)
