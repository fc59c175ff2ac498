"""Issuing and reading passes, and an order as it is answered.

Passes are not stored: Ed25519 signatures are deterministic, so the same order gives the same text each time.
"""

from __future__ import annotations

from sqlalchemy import Connection

from store_server.contract import order_messages
from store_server.contract.order_number import OrderNumber
from store_server.contract.order_pass import OrderPass, PassKind, PassRefused, issue, verify
from store_server.contract.order_status import OrderStatus
from store_server.persistence.order_rows import StoredOrder
from store_server.services.keys import verifying
from store_server.services.store import Store

_CLAIMABLE = frozenset({OrderStatus.SUBMITTED, OrderStatus.TENDERING})
_MAY_LEAVE = frozenset({OrderStatus.PAID, OrderStatus.LEAVING})


def order_answer(store: Store, stored: StoredOrder, *, refunded_minor: int = 0) -> order_messages.Order:
    """Write an order as every program reads it, with the pass that its state gives; refunds lower only what was overpaid."""
    order, basket = stored.order, stored.basket
    return order_messages.Order(
        order_id=stored.order_id,
        order_number=OrderNumber.of(stored.serial).digits,
        status=order.status,
        revision=order.revision,
        currency=stored.currency,
        lines=list(basket.lines),
        taxes=list(basket.taxes),
        discounts=list(basket.discounts),
        prices_include_tax=basket.prices_include_tax,
        total_minor=order.total_minor,
        paid_minor=order.paid_minor,
        due_minor=order.due_minor,
        overpaid_minor=max(0, order.overpaid_minor - refunded_minor),
        article_count=basket.article_count,
        claim=_claim(store, stored) if order.status in _CLAIMABLE else None,
        exit_pass=exit_pass_of(store, stored) if order.status in _MAY_LEAVE else None,
        exited_at=order.exited_at,
    )


def read_pass(store: Store, connection: Connection, text: str, kind: PassKind, at_s: int) -> OrderPass | PassRefused:
    """Verify a scanned text with every key that this shop ever signed with."""
    return verify(text, kind=kind, shop_id=store.shop.id, keys=verifying(connection), now_s=at_s)


def exit_pass_of(store: Store, stored: StoredOrder) -> str:
    """Issue the exit pass of an order that was paid at some time."""
    assert stored.paid_at is not None
    return _issue(store, stored, PassKind.EXIT, stored.paid_at, stored.paid_at + store.shop.pass_validity_s)


def claim_expiry_s(store: Store, stored: StoredOrder) -> int:
    """Return when the order can no longer be paid by its claim."""
    return stored.priced_at + store.shop.claim_validity_s


def _claim(store: Store, stored: StoredOrder) -> str:
    return _issue(store, stored, PassKind.CLAIM, stored.priced_at, claim_expiry_s(store, stored))


def _issue(store: Store, stored: StoredOrder, kind: PassKind, not_before: int, expiry: int) -> str:
    key = store.keys.signing[kind]
    order_pass = OrderPass(
        kind=kind,
        shop_id=store.shop.id,
        key_id=key.key_id,
        order_id=stored.order_id,
        order_serial=stored.serial,
        revision=stored.order.revision,
        total_minor=stored.order.total_minor,
        currency=stored.currency,
        article_count=stored.basket.article_count,
        expected_g=round(stored.basket.expected_g),
        spread_g=stored.basket.spread_g,
        not_before=not_before,
        expiry=expiry,
    )
    return issue(order_pass, key.sign, store.shop.host)
