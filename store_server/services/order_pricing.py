"""What an order costs: promotions of its price book, member prices and coupons, at the time when it was handed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from store_server.contract.coupons import TooManyCouponsError
from store_server.contract.order_messages import OrderLine, PricedLine
from store_server.contract.pricing import FindArticle, PricedBasket, UnknownArticleError, price_basket
from store_server.contract.refusals import Refusal
from store_server.contract.shop_time import local_minute, wall_clock
from store_server.domain.basket import REVISION_MAX, mistake_in_lines, mistake_in_size
from store_server.domain.order import Repriced, can
from store_server.domain.pricing_terms import AS_GUEST, PricingTerms, scanned_line
from store_server.persistence.order_rows import StoredOrder
from store_server.services.order_steps import take_step
from store_server.services.price_books import HeldBook
from store_server.services.refused import RefusedError
from store_server.services.store import Store


def priced(
    store: Store,
    held: HeldBook,
    lines: Sequence[OrderLine],
    terms: PricingTerms = AS_GUEST,
    *,
    at_s: int,
    find: FindArticle | None = None,
) -> PricedBasket:
    """Price lines as they were scanned; ``find`` knows more articles than the price book ``held`` does.

    Raises:
        RefusedError: an unknown or withheld article, a claim that no label can make, too large a basket, too many coupons.
    """
    find = find or held.find
    refuse_withheld(find, lines)
    try:
        basket = price_basket(
            lines,
            find,
            held.book.tax_rates,
            promotions=held.book.promotions,
            coupons=terms.coupons,
            shopper=terms.shopper,
            local_minute=shop_minute(store, at_s),
            prices_include_tax=held.book.prices_include_tax,
        )
    except UnknownArticleError as error:
        sentence = f"The article {error.code} is not in our range. Please ask the staff."
        raise RefusedError(Refusal.UNKNOWN_ARTICLE, sentence) from error
    except TooManyCouponsError as error:
        raise RefusedError(Refusal.COUPON_UNUSED, f"{error}.".capitalize()) from error
    mistake = mistake_in_lines(lines, find, store.shop.templates) or mistake_in_size(basket)
    if mistake is not None:
        raise RefusedError(Refusal.BAD_REQUEST, mistake)
    return basket


def refuse_withheld(find: FindArticle, lines: Sequence[OrderLine]) -> None:
    """Let nothing through that was recalled or taken off sale.

    Raises:
        RefusedError: such an article is among the lines; the sentence names it.
    """
    refuse_recalled(find, lines)
    for line in lines:
        article = find(line.code)
        if article is not None and article.withheld is not None:
            sentence = f"{article.name['en']} ({line.code}) is not for sale. Please take it out and hand it to the staff."
            raise RefusedError(Refusal.NOT_FOR_SALE, sentence)


def refuse_recalled(find: FindArticle, lines: Iterable[OrderLine | PricedLine]) -> None:
    """Let nothing through that was recalled.

    Raises:
        RefusedError: such an article is among the lines; the sentence names it.
    """
    for line in lines:
        article = find(line.code)
        if article is not None and article.withheld == "recalled":
            sentence = f"{article.name['en']} ({line.code}) was recalled. Please take it out and hand it to the staff."
            raise RefusedError(Refusal.RECALLED_ARTICLE, sentence)


def shop_minute(store: Store, at_s: int) -> int:
    """Return the minute on the shop's wall clock."""
    return local_minute(wall_clock(at_s, store.shop.time_zone))


def reprice(
    store: Store, connection: Connection, stored: StoredOrder, terms: PricingTerms, *, who: str, now_s: int
) -> StoredOrder:
    """Price an order anew, by its own price book and as at the time when it was handed in.

    Raises:
        RefusedError: something was paid already, or the order is in no state for it.
    """
    order = stored.order
    begun = bool(order.paid_minor) or stored.paid_at is not None  # a coupon may have paid for everything
    if begun or order.entry is not None or not can(order, Repriced) or order.revision >= REVISION_MAX:
        raise RefusedError(Refusal.WRONG_STATE, "Coupons and member cards count before the first payment only.")
    held = store.books.get(connection, stored.price_book_version)
    lines = [scanned_line(line, store.shop.templates) for line in stored.basket.lines]
    basket = priced(store, held, lines, terms, at_s=stored.submitted_at)
    changed = replace(stored, basket=basket, terms=terms)
    return take_step(connection, changed, Repriced(basket.total_minor), who=who, now_s=now_s)
