"""What news of the order in a lane mean to it."""

from __future__ import annotations

from uuid import UUID

import pytest

from gate_controller import words
from gate_controller.entry_desk import EntryDesk
from gate_controller.lane_state import Lane, State
from gate_controller.store_link import OrderSeen
from gate_controller.weighing import Expectation
from gate_controller.words import OrderInLane
from store_server.contract.order_messages import Order
from store_server.contract.order_status import OrderStatus

HELD = OrderInLane(
    entry_id=UUID(int=1),
    order_id=UUID(int=2),
    order_number="0482135",
    revision=1,
    total_minor=1280,
    decided_by="server",
    expected=Expectation(500.0, 25.0),
    eas_pieces=0,
)
AUDITING = Lane(name="lane-1", state=State.AUDITING, order=HELD)


def seen(status: OrderStatus, revision: int, due_minor: int, order_id: UUID = HELD.order_id) -> OrderSeen:
    order = Order(
        order_id=order_id,
        order_number="0482135",
        status=status,
        revision=revision,
        currency="CNY",
        lines=[],
        taxes=[],
        total_minor=1280 + due_minor,
        paid_minor=1280,
        due_minor=due_minor,
        article_count=0,
    )
    return OrderSeen("lane-1", order)


@pytest.mark.parametrize(
    ("news", "kind"),
    [
        (seen(OrderStatus.LEAVING, 1, 0), None),
        (seen(OrderStatus.PAID, 1, 0), None),
        (seen(OrderStatus.SUBMITTED, 2, 590), words.OrderAmended),
        (seen(OrderStatus.TENDERING, 2, 590), words.OrderAmended),
        (seen(OrderStatus.PAID, 2, 0), words.OrderPaid),
        (seen(OrderStatus.LEAVING, 2, 0), words.OrderPaid),
        (seen(OrderStatus.EXITED, 1, 0), words.OrderGone),
        (seen(OrderStatus.REFUNDED, 2, 0), words.OrderGone),
        (seen(OrderStatus.PAID, 2, 0, UUID(int=9)), None),
        (OrderSeen("lane-1", None), None),
    ],
)
def test_news_of_an_order(news: OrderSeen, kind: type[words.Event] | None) -> None:
    event = EntryDesk.seen(AUDITING, news)
    assert (None if event is None else type(event)) is kind
    assert EntryDesk.seen(Lane(name="lane-1"), news) is None, "a lane without an order does not care"


def test_the_same_sum_is_told_once() -> None:
    told = Lane(name="lane-1", state=State.AUDITING, order=HELD, due_minor=590)
    assert EntryDesk.seen(told, seen(OrderStatus.SUBMITTED, 2, 590)) is None
