"""A little shop to think with: an order, a settlement, hoppers with coins, no I/O."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from kiosk_app.session import Cash, Hopper, Session
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order, PricedLine, TaxShare
from store_server.contract.order_status import OrderStatus

SESSION = UUID(int=1)
EXIT_PASS = "HTTPS://MARKET.EXAMPLE/P/ABCDEFG"


def make_order(due_minor: int, *, paid_minor: int = 0, exit_pass: str | None = None) -> Order:
    total_minor = due_minor + paid_minor
    line = PricedLine(
        code="09520000000301",
        name={"en": "Jasmine rice", "zh": "茉莉香米"},
        quantity=2,
        weight_g=None,
        sold_by="piece",
        unit_price_minor=total_minor // 2,
        total_minor=total_minor,
        tax_class="reduced",
        mean_g=1010,
        sd_g=5,
        eas=False,
        minimum_age=0,
    )
    return Order(
        order_id=UUID(int=77),
        order_number="0482135",
        status=OrderStatus.TENDERING,
        revision=1,
        currency="CNY",
        lines=[line],
        taxes=[TaxShare(tax_class="reduced", rate="9", gross_minor=total_minor, tax_minor=total_minor * 9 // 109)],
        total_minor=total_minor,
        paid_minor=paid_minor,
        due_minor=due_minor,
        article_count=2,
        claim="HTTPS://MARKET.EXAMPLE/P/CLAIM",
        exit_pass=exit_pass,
    )


@pytest.fixture
def order_of() -> Callable[..., Order]:
    """Return a function that makes an order with this much due."""
    return make_order


@pytest.fixture
def settlement_of() -> Callable[[Session], Settlement]:
    """Return a function that settles a session's request as the server does."""

    def settle(session: Session) -> Settlement:
        assert session.order is not None
        payment_id = session.request.payment_id if session.request is not None else session.derived_id("payment")
        paid = make_order(0, paid_minor=session.order.total_minor, exit_pass=EXIT_PASS)
        return Settlement(payment_id=payment_id, receipt_number="0001-0000001", paid_at=1_800_000_000, order=paid)

    return settle


@pytest.fixture
def idle() -> Session:
    """Return a kiosk that waits, with its devices ready and coins in its hoppers."""
    return Session(
        session_id=SESSION,
        hoppers=(
            Hopper("hopper-100", 100, 40, present=True),
            Hopper("hopper-50", 50, 20, present=True),
            Hopper("hopper-10", 10, 60, present=True),
        ),
        cash=Cash(ready=True, coin_values_minor=(10, 50, 100), note_values_minor=(500, 1000, 2000, 5000, 10000)),
    )
