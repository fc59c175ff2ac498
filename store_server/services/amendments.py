"""Staff rescans an article in a lane, or all goods: the order's revision rises, and the whole basket is priced again.

1. It costs what the handheld would have shown with the article in it: by the order's price-book version, with the promotions,
   coupons and member prices of the order, as at the time when it was handed in. An article that this version does not have
   yet, or did not sell, is priced by the newest one; one that is recalled or off sale by now is refused.
2. What is due is the new total less what was paid. When a promotion makes the whole cheaper than that, nothing is due, the
   order stays paid, and the difference is told as ``overpaid_minor``; staff gives it back as a refund when the shopper is out
   of the lane. A coupon that was used up when the order was paid stays so.
3. An order of which an overpaid difference went back already takes no more articles, and what a full check finds is not paid
   with money that went back: it would be counted twice. A refund that waits for a second person counts as gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection

from store_server.contract import order_messages
from store_server.contract.article_messages import Article
from store_server.contract.money import cash_rounded
from store_server.contract.order_messages import AddArticle, OrderLine, PricedLine
from store_server.contract.order_status import OrderStatus
from store_server.contract.pricing import FindArticle, PricedBasket
from store_server.contract.product_code import ProductCode, ProductCodeError
from store_server.contract.refusals import Refusal
from store_server.contract.wire import LINES_MAX
from store_server.domain.basket import REVISION_MAX, mistake_in_lines
from store_server.domain.order import ArticleAdded, article_added, basket_replaced, can
from store_server.domain.pricing_terms import scanned_line
from store_server.persistence.audit import audited
from store_server.persistence.crash_points import crash_point
from store_server.persistence.order_rows import StoredOrder
from store_server.services.answered import answer_request
from store_server.services.order_pricing import priced, refuse_withheld
from store_server.services.order_steps import get_order, take_step
from store_server.services.passes import order_answer
from store_server.services.principals import StaffMember
from store_server.services.refunds import promised_minor
from store_server.services.refused import RefusedError
from store_server.services.store import Store

_GIVEN_BACK = "Money of this order went back or is to go back. Let the shopper buy the article as an order of its own."


def add_article(store: Store, staff: StaffMember, order_id: UUID, request: AddArticle) -> order_messages.Order:
    """Add a rescanned article to the order that a lane holds.

    Raises:
        RefusedError: no such order or article, no lane holds the order, or a kiosk is taking money for it right now.
    """
    return answer_request(
        store,
        staff,
        request,
        request_id=f"amend:{order_id}:{request.amendment_id}",
        answer=order_messages.Order,
        act=lambda connection: order_answer(store, _add(store, connection, staff, order_id, request)),
    )


def scanned(store: Store, connection: Connection, stored: StoredOrder, text: str) -> OrderLine:
    """Read what staff scanned in a lane, as a line of the order that is there.

    Raises:
        RefusedError: no such article, or it may not be sold.
    """
    find = _finder(store, connection, stored)
    line = _scanned_line(store, text, find)
    refuse_withheld(store.books.newest(connection).find, [line])
    return line


def name_of(store: Store, connection: Connection, stored: StoredOrder, code: str) -> dict[str, str]:
    """Return an article's names; its code where nobody knows it."""
    article = _finder(store, connection, stored)(code)
    return {"en": code} if article is None else article.name


def replace_basket(
    store: Store, connection: Connection, staff: StaffMember, stored: StoredOrder, *, check_id: UUID, lines: list[OrderLine]
) -> StoredOrder:
    """Make ``lines`` the order's basket; it is priced as if the handheld had scanned them.

    Raises:
        RefusedError: no lane holds the order, money for it is being taken or went back already, or the basket is not possible.
    """
    _refuse_now(connection, stored)
    find = _finder(store, connection, stored)
    held = store.books.get(connection, stored.price_book_version)
    if not lines or len(lines) > LINES_MAX:
        raise RefusedError(Refusal.BAD_REQUEST, f"An order has at least one and at most {LINES_MAX} lines.")
    basket = priced(store, held, lines, stored.terms, at_s=stored.submitted_at, find=find)
    _refuse_unless_kept(connection, stored, basket.total_minor)
    payable = cash_rounded(max(0, basket.total_minor - stored.order.paid_minor), store.shop.cash_rounding_minor) > 0
    event = basket_replaced(check_id, basket.total_minor, payable=payable)
    now_s = store.now_s()
    basket = replace(basket, lines=tuple(line.model_copy(update={"rescanned": True}) for line in basket.lines))
    after = take_step(connection, replace(stored, basket=basket, priced_at=now_s), event, who=staff.principal, now_s=now_s)
    _write_down(connection, staff, stored, after, action="amendment/basket_replaced", article=None)
    return after


def _finder(store: Store, connection: Connection, stored: StoredOrder) -> FindArticle:
    """Find articles by the order's own price book, and by the newest one what that does not sell."""
    newest = store.books.newest(connection)
    held = store.books.get(connection, stored.price_book_version)

    def find(code: str) -> Article | None:
        article = held.find(code)
        return newest.find(code) if article is None or article.withheld else article

    return find


def _add(store: Store, connection: Connection, staff: StaffMember, order_id: UUID, request: AddArticle) -> StoredOrder:
    stored = get_order(connection, order_id)
    _refuse_now(connection, stored)
    find = _finder(store, connection, stored)
    line = scanned(store, connection, stored, request.code)
    before = stored.basket.lines
    lines = [*(scanned_line(one, store.shop.templates) for one in before), line]
    if len(lines) > LINES_MAX:
        raise RefusedError(Refusal.BAD_REQUEST, f"An order has at most {LINES_MAX} lines.")
    held = store.books.get(connection, stored.price_book_version)
    basket = _marked(priced(store, held, lines, stored.terms, at_s=stored.submitted_at, find=find), before)
    crash_point("amend.priced")
    payable = cash_rounded(max(0, basket.total_minor - stored.order.paid_minor), store.shop.cash_rounding_minor) > 0
    event = article_added(request.amendment_id, basket.total_minor, payable=payable)
    now_s = store.now_s()
    changed = replace(stored, basket=basket, priced_at=now_s)
    after = take_step(connection, changed, event, who=staff.principal, now_s=now_s)
    _write_down(connection, staff, stored, after, action="amendment/article_added", article=line.code)
    return after


def _refuse_now(connection: Connection, stored: StoredOrder) -> None:
    order = stored.order
    if order.status is OrderStatus.TENDERING:
        raise RefusedError(Refusal.BUSY_ELSEWHERE, "This order is being paid at a kiosk. Rescan when that is done.")
    if order.entry is None or not can(order, ArticleAdded) or order.revision >= REVISION_MAX:
        raise RefusedError(Refusal.WRONG_STATE, "An article can be added only while the order is in a lane.")
    if order.overpaid_minor and promised_minor(connection, stored.order_id):
        raise RefusedError(Refusal.WRONG_STATE, _GIVEN_BACK)


def _refuse_unless_kept(connection: Connection, stored: StoredOrder, total_minor: int) -> None:
    """Let money that went back at the desk, for goods that are no longer in the basket, pay for no others."""
    given_back_minor = promised_minor(connection, stored.order_id)
    if given_back_minor and total_minor > stored.order.paid_minor - given_back_minor:
        raise RefusedError(Refusal.WRONG_STATE, _GIVEN_BACK)


def _scanned_line(store: Store, text: str, find: FindArticle) -> OrderLine:
    try:
        code = ProductCode.parse(text, store.shop.templates)
    except ProductCodeError as error:
        raise RefusedError(Refusal.UNKNOWN_ARTICLE, f"{error}. Scan or type it again.") from error
    if find(code.key) is None:
        raise RefusedError(Refusal.UNKNOWN_ARTICLE, f"{code.text} is not in our range. Is it from another shop?")
    try:
        line = OrderLine(code=code.key, weight_g=code.weight_g or None, price_minor=code.price_minor)
    except ValueError as error:
        raise RefusedError(Refusal.BAD_REQUEST, "The weight or price on this label is out of range.") from error
    if mistake_in_lines([line], find, store.shop.templates) is not None:
        raise RefusedError(Refusal.BAD_REQUEST, f"The label {code.text} is not complete: weigh the goods again.")
    return line


def _marked(basket: PricedBasket, before: Sequence[PricedLine]) -> PricedBasket:
    """Mark the lines that staff added, now or earlier; pricing keeps the order of lines."""
    lines = tuple(
        line.model_copy(update={"rescanned": True}) if place >= len(before) or before[place].rescanned else line
        for place, line in enumerate(basket.lines)
    )
    return replace(basket, lines=lines)


def _write_down(
    connection: Connection, staff: StaffMember, before: StoredOrder, after: StoredOrder, *, action: str, article: str | None
) -> None:
    """Keep in the log what was changed and what it costs."""
    details: dict[str, str | int | bool | None] = {
        "revision": after.order.revision,
        "total_before_minor": before.order.total_minor,
        "total_minor": after.order.total_minor,
        "paid_minor": after.order.paid_minor,
        "due_minor": after.order.due_minor,
        "overpaid_minor": after.order.overpaid_minor,
    }
    if article is not None:
        details["article"] = article
    audited(
        connection,
        who=staff.principal,
        action=action,
        subject=str(after.order_id),
        at_s=after.priced_at,
        details=details,
    )
