"""Staff rescans an article in a lane: the order's revision rises, and what it costs becomes due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from store_server.contract import order_messages
from store_server.contract.money import cash_rounded
from store_server.contract.order_messages import AddArticle, OrderLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.pricing import PricedBasket, total_basket
from store_server.contract.product_code import ProductCode, ProductCodeError
from store_server.contract.promotions import AppliedPromotion
from store_server.contract.refusals import Refusal
from store_server.contract.wire import LINES_MAX
from store_server.domain.basket import REVISION_MAX, mistake_in_lines, mistake_in_size
from store_server.domain.order import ArticleAdded, article_added, can
from store_server.persistence.crash_points import crash_point
from store_server.persistence.order_rows import StoredOrder
from store_server.services.answered import answer_once
from store_server.services.order_pricing import priced
from store_server.services.order_steps import get_order, take_step
from store_server.services.passes import order_answer
from store_server.services.price_books import HeldBook
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store


def add_article(store: Store, staff: StaffMember, order_id: UUID, request: AddArticle) -> order_messages.Order:
    """Add a rescanned article to the order that a lane holds.

    Raises:
        RefusedError: no such order or article, no lane holds the order, or a kiosk is taking money for it right now.
    """

    def work(connection: Connection) -> order_messages.Order:
        return answer_once(
            connection,
            principal=staff.principal,
            request_id=f"amend:{order_id}:{request.amendment_id}",
            request=request,
            answer=order_messages.Order,
            now_s=store.now_s(),
            act=lambda: order_answer(store, _add(store, connection, staff, order_id, request)),
        )

    return store.database.write(work)


def _add(store: Store, connection: Connection, staff: StaffMember, order_id: UUID, request: AddArticle) -> StoredOrder:
    stored = get_order(connection, order_id)
    if stored.order.status is OrderStatus.TENDERING:
        raise RefusedError(Refusal.BUSY_ELSEWHERE, "This order is being paid at a kiosk. Rescan when that is done.")
    if stored.order.entry is None or not can(stored.order, ArticleAdded) or stored.order.revision >= REVISION_MAX:
        raise RefusedError(Refusal.WRONG_STATE, "An article can be added only while the order is in a lane.")
    line = _scanned_line(store, stored, store.books.newest(connection), request.code)
    basket = _with_line(store, stored, line)
    due = basket.total_minor - stored.order.paid_minor
    crash_point("amend.priced")
    event = article_added(
        stored.order,
        request.amendment_id,
        basket.total_minor,
        payable=cash_rounded(due, store.shop.cash_rounding_minor) > 0,
    )
    now_s = store.now_s()
    changed = replace(stored, basket=basket, priced_at=now_s)
    return take_step(connection, changed, event, who=staff.principal, now_s=now_s)


def _scanned_line(store: Store, stored: StoredOrder, held: HeldBook, text: str) -> PricedBasket:
    """Price the article by itself, with the promotions of today that need no other goods and no coupon."""
    try:
        code = ProductCode.parse(text, store.shop.templates)
    except ProductCodeError as error:
        raise RefusedError(Refusal.UNKNOWN_ARTICLE, f"{error}. Scan or type it again.") from error
    article = held.find(code.key)
    if article is None:
        raise RefusedError(Refusal.UNKNOWN_ARTICLE, f"{code.text} is not in our range. Is it from another shop?")
    line = _checked(lambda: OrderLine(code=code.key, weight_g=code.weight_g or None, price_minor=code.price_minor))
    mistake = mistake_in_lines([line], held.find, store.shop.templates)
    if mistake is not None:
        raise RefusedError(Refusal.BAD_REQUEST, f"The label {code.text} is not complete: weigh the goods again.")
    alone = stored.terms.model_copy(update={"coupons": ()})
    return priced(store, held, [line], alone, at_s=store.now_s())


def _moved(discount: AppliedPromotion, place: int) -> AppliedPromotion:
    takes = tuple(take.model_copy(update={"line": take.line + place}) for take in discount.takes)
    return discount.model_copy(update={"takes": takes})


def _checked(make: Callable[[], OrderLine]) -> OrderLine:
    try:
        return make()
    except ValueError as error:
        raise RefusedError(Refusal.BAD_REQUEST, "The weight or price on this label is out of range.") from error


def _with_line(store: Store, stored: StoredOrder, added: PricedBasket) -> PricedBasket:
    place = len(stored.basket.lines)
    if place >= LINES_MAX:
        raise RefusedError(Refusal.BAD_REQUEST, f"An order has at most {LINES_MAX} lines.")
    before = stored.basket
    lines = (*before.lines, *added.lines)
    basket = total_basket(lines, store.shop.tax_rates, prices_include_tax=before.prices_include_tax)
    moved = tuple(_moved(discount, place) for discount in added.discounts)
    basket = replace(basket, discounts=(*before.discounts, *moved))
    mistake = mistake_in_size(basket)
    if mistake is not None:
        raise RefusedError(Refusal.BAD_REQUEST, mistake)
    return basket
