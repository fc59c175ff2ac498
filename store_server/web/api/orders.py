"""Orders: handed in by a handheld, looked at by every device."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from store_server.contract.order_messages import Order, SubmitOrder
from store_server.services import orders
from store_server.web.api.access import Anyone, Handheld, OpenStore
from store_server.web.api.answering import AnsweringRoute

router = APIRouter(route_class=AnsweringRoute, tags=["handheld"])


@router.post("/v1/orders")
def submit(store: OpenStore, handheld: Handheld, request: SubmitOrder) -> Order:
    """Hand in a basket; the answer carries the claim."""
    return orders.submit(store, handheld, request)


@router.get("/v1/orders/{order_id}")
def order(store: OpenStore, caller: Anyone, order_id: UUID) -> Order:
    """Fetch an order's present state; a handheld sees its own only."""
    return orders.get(store, caller, order_id)
