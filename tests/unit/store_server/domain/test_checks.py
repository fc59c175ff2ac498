from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from store_server.contract.article_messages import Article
from store_server.contract.order_messages import OrderLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.pricing import price_basket
from store_server.contract.product_code import LabelTemplate
from store_server.contract.refusals import Refusal
from store_server.domain.basket import ARTICLES_MAX, mistake_in_lines, mistake_in_size
from store_server.domain.exit_check import FormerExit, refuse_entry
from store_server.domain.order import LaneEntry, Order, Tendering
from store_server.domain.tendering_check import refuse_settling, refuse_tendering

NOW_S = 10_000
LEASE_S = 300
TEMPLATES = (LabelTemplate("21IIIIIWWWWWC"), LabelTemplate("22IIIIIPPPPPC"))


def order(status: OrderStatus, paid_minor: int = 0, revision: int = 1, lane: str | None = None) -> Order:
    entry = None if lane is None else LaneEntry(UUID(int=1), lane, NOW_S - 10)
    tendering = Tendering(UUID(int=2), "kiosk-1", NOW_S - 10) if status is OrderStatus.TENDERING else None
    return Order(status=status, revision=revision, total_minor=1000, paid_minor=paid_minor, entry=entry, tendering=tendering)


@pytest.mark.parametrize(
    ("status", "paid", "refusal"),
    [
        (OrderStatus.SUBMITTED, 0, None),
        (OrderStatus.TENDERING, 0, Refusal.BUSY_ELSEWHERE),
        (OrderStatus.PAID, 1000, Refusal.ALREADY_PAID),
        (OrderStatus.LEAVING, 1000, Refusal.ALREADY_PAID),
        (OrderStatus.EXITED, 1000, Refusal.ALREADY_PAID),
        (OrderStatus.EXITED, 400, Refusal.NOT_PAYABLE),
        (OrderStatus.VOIDED, 0, Refusal.NOT_PAYABLE),
        (OrderStatus.EXPIRED, 0, Refusal.NOT_PAYABLE),
        (OrderStatus.REFUNDED, 1000, Refusal.NOT_PAYABLE),
    ],
)
def test_who_may_take_money(status: OrderStatus, paid: int, refusal: Refusal | None) -> None:
    assert refuse_tendering(order(status, paid), kiosk="kiosk-2", now_s=NOW_S, lease_s=LEASE_S) == refusal


def test_the_kiosk_that_holds_an_order_may_take_it_again_another_only_after_the_lease() -> None:
    held = order(OrderStatus.TENDERING)
    assert refuse_tendering(held, kiosk="kiosk-1", now_s=NOW_S, lease_s=LEASE_S) is None
    assert refuse_tendering(held, kiosk="kiosk-2", now_s=NOW_S - 10 + LEASE_S - 1, lease_s=LEASE_S) is Refusal.BUSY_ELSEWHERE
    assert refuse_tendering(held, kiosk="kiosk-2", now_s=NOW_S - 10 + LEASE_S, lease_s=LEASE_S) is None


@pytest.mark.parametrize(
    ("status", "paid", "holds", "revision", "refusal"),
    [
        (OrderStatus.TENDERING, 0, True, 1, None),
        (OrderStatus.TENDERING, 0, False, 1, Refusal.BUSY_ELSEWHERE),
        (OrderStatus.TENDERING, 0, True, 2, Refusal.AMOUNT_MISMATCH),
        (OrderStatus.SUBMITTED, 0, False, 1, Refusal.NOT_PAYABLE),
        (OrderStatus.PAID, 1000, False, 1, Refusal.ALREADY_PAID),
        (OrderStatus.EXITED, 1000, False, 1, Refusal.ALREADY_PAID),
        (OrderStatus.EXITED, 0, False, 1, Refusal.NOT_PAYABLE),
        (OrderStatus.VOIDED, 0, False, 1, Refusal.NOT_PAYABLE),
    ],
)
def test_who_may_settle(status: OrderStatus, paid: int, holds: bool, revision: int, refusal: Refusal | None) -> None:  # noqa: FBT001 - a table's column
    assert refuse_settling(order(status, paid), holds=holds, revision=revision) == refusal


def entry_refusal(
    shown: Order, *, revision: int | None = 1, lane: str = "lane-1", former: FormerExit | None = None, now_s: int = NOW_S
) -> Refusal | None:
    refused = refuse_entry(shown, pass_revision=revision, lane=lane, now_s=now_s, lease_s=LEASE_S, former=former)
    return None if refused is None else refused.refusal


@pytest.mark.parametrize(
    ("status", "paid", "refusal"),
    [
        (OrderStatus.SUBMITTED, 0, Refusal.UNPAID),
        (OrderStatus.TENDERING, 0, Refusal.UNPAID),
        (OrderStatus.PAID, 1000, None),
        (OrderStatus.LEAVING, 1000, None),
        (OrderStatus.EXITED, 1000, Refusal.ALREADY_USED),
        (OrderStatus.VOIDED, 0, Refusal.REVOKED),
        (OrderStatus.EXPIRED, 0, Refusal.UNPAID),
        (OrderStatus.REFUNDED, 1000, Refusal.REVOKED),
    ],
)
def test_who_may_leave(status: OrderStatus, paid: int, refusal: Refusal | None) -> None:
    assert entry_refusal(order(status, paid)) == refusal


def test_a_used_pass_says_when_and_where() -> None:
    refused = refuse_entry(
        order(OrderStatus.EXITED, 1000),
        pass_revision=1,
        lane="lane-2",
        now_s=NOW_S,
        lease_s=LEASE_S,
        former=FormerExit("lane-1", "14:05"),
    )
    assert refused is not None
    assert "14:05" in refused.sentence
    assert "lane-1" in refused.sentence


def test_an_older_revision_is_superseded_but_what_is_due_comes_first_for_there_is_no_newer_receipt_yet() -> None:
    assert entry_refusal(order(OrderStatus.SUBMITTED, 400, revision=2)) is Refusal.UNPAID
    assert entry_refusal(order(OrderStatus.TENDERING, 400, revision=2)) is Refusal.UNPAID
    assert entry_refusal(order(OrderStatus.PAID, 1000, revision=2)) is Refusal.SUPERSEDED
    assert entry_refusal(order(OrderStatus.PAID, 1000, revision=2), revision=2) is None


def test_another_lane_waits_until_the_first_one_has_been_silent_long_enough() -> None:
    held = order(OrderStatus.LEAVING, 1000, lane="lane-1")
    assert entry_refusal(held, lane="lane-1") is None
    assert entry_refusal(held, lane="lane-2") is Refusal.BUSY_ELSEWHERE
    assert entry_refusal(held, lane="lane-2", now_s=NOW_S - 10 + LEASE_S) is None


def test_a_number_opens_only_the_lane_that_holds_the_shopper() -> None:
    assert entry_refusal(order(OrderStatus.PAID, 1000), revision=None) is Refusal.NOT_A_PASS
    assert entry_refusal(order(OrderStatus.PAID, 1000, lane="lane-2"), revision=None) is Refusal.NOT_A_PASS
    assert entry_refusal(order(OrderStatus.PAID, 1000, lane="lane-1"), revision=None) is None


PIECE = Article(
    code="09520000000011", name={"en": "Milk"}, department="Dairy", sold_by="piece", unit_price_minor=1280, tax_class="standard"
)
BY_WEIGHT = PIECE.model_copy(update={"code": "02112345000008", "sold_by": "weight"})
BY_PRICE = PIECE.model_copy(update={"code": "02200017000002", "sold_by": "weight"})
STRANGE = PIECE.model_copy(update={"code": "02900017000001", "sold_by": "weight"})
FOUND = {article.code: article for article in (PIECE, BY_WEIGHT, BY_PRICE, STRANGE)}


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        (OrderLine(code=PIECE.code, quantity=3), True),
        (OrderLine(code=PIECE.code, price_minor=1), False),
        (OrderLine(code=PIECE.code, weight_g=1), False),
        (OrderLine(code=BY_WEIGHT.code, weight_g=500), True),
        (OrderLine(code=BY_WEIGHT.code), False),
        (OrderLine(code=BY_WEIGHT.code, weight_g=500, quantity=2), False),
        (OrderLine(code=BY_WEIGHT.code, weight_g=500, price_minor=1), False),
        (OrderLine(code=BY_WEIGHT.code, price_minor=1), False),
        (OrderLine(code=BY_PRICE.code, price_minor=500), True),
        (OrderLine(code=BY_PRICE.code, price_minor=0), False),
        (OrderLine(code=BY_PRICE.code, weight_g=500), False),
        (OrderLine(code=STRANGE.code, weight_g=500), False),
        (OrderLine(code="09520000000099"), True),
    ],
)
def test_only_a_label_carries_a_weight_or_a_price(line: OrderLine, fits: bool) -> None:  # noqa: FBT001 - a table's column
    mistake = mistake_in_lines([OrderLine(code=PIECE.code), line], FOUND.get, TEMPLATES)
    assert (mistake is None) == fits
    assert mistake is None or mistake.startswith(f"Line 2 ({line.code})")


def test_an_order_has_a_largest_size() -> None:
    rates = {"standard": "13"}
    many = [OrderLine(code=PIECE.code, quantity=999)] * 10
    fits = price_basket(many, lambda _code: PIECE.model_copy(update={"unit_price_minor": 1}), rates)
    assert fits.article_count == 9990 <= ARTICLES_MAX
    assert mistake_in_size(fits) is None
    one_more = price_basket([*many, OrderLine(code=PIECE.code, quantity=10)], FOUND.get, rates)
    assert "two orders" in (mistake_in_size(one_more) or "")
    dear = replace(fits, total_minor=100_000_001)
    assert "dearer" in (mistake_in_size(dear) or "")
