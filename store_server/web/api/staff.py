"""What staff asks for: lanes, commands, rescans, orders, the ledger."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request

from store_server.contract.cash_messages import LedgerBalance
from store_server.contract.check_messages import CheckProgress, FinishCheck, ScanArticle, TakeScanBack
from store_server.contract.lane_messages import GiveCommand, LaneView, StaffCommand
from store_server.contract.order_messages import AddArticle, Order, VoidOrder
from store_server.contract.staff_messages import StaffLogin, StaffSession
from store_server.contract.wire import DeviceName
from store_server.services import amendments, books_check, goods_checks, lanes, orders, staff
from store_server.web.api.access import OpenStore, Public, Staff
from store_server.web.api.answering import AnsweringRoute
from store_server.web.api.guessing import address_of

router = APIRouter(route_class=AnsweringRoute, prefix="/v1/staff", tags=["staff"])


@router.post("/login", dependencies=[Public])
def login(store: OpenStore, connection: Request, request: StaffLogin) -> StaffSession:
    """Open a staff session."""
    return staff.login(store, request, address_of(connection))


@router.get("/lanes")
def lane_views(store: OpenStore, _staff: Staff) -> list[LaneView]:
    """Fetch what every lane last said."""
    return lanes.views(store)


@router.post("/lanes/{lane}/commands")
def command_lane(store: OpenStore, member: Staff, lane: DeviceName, request: GiveCommand) -> StaffCommand:
    """Tell a lane what to do."""
    return lanes.give_command(store, member, lane, request)


@router.get("/lanes/{lane}/checks/{check_id}")
def check_progress(store: OpenStore, member: Staff, lane: DeviceName, check_id: UUID) -> CheckProgress:
    """See how a check of somebody's goods stands."""
    return goods_checks.progress(store, member, lane, check_id)


@router.post("/lanes/{lane}/checks/{check_id}/scans")
def scan_for_check(store: OpenStore, member: Staff, lane: DeviceName, check_id: UUID, request: ScanArticle) -> CheckProgress:
    """Scan an article during a check."""
    return goods_checks.scan(store, member, lane, check_id, request)


@router.post("/lanes/{lane}/checks/{check_id}/scans/take-back")
def take_scan_back(store: OpenStore, member: Staff, lane: DeviceName, check_id: UUID, request: TakeScanBack) -> CheckProgress:
    """Forget a scan that was a mistake."""
    return goods_checks.take_back(store, member, lane, check_id, request)


@router.post("/lanes/{lane}/checks/{check_id}/finish")
def finish_check(store: OpenStore, member: Staff, lane: DeviceName, check_id: UUID, request: FinishCheck) -> CheckProgress:
    """Say that all was looked at; the lane goes on, asks for everything, or has a new order to be paid."""
    return goods_checks.finish(store, member, lane, check_id, request)


@router.post("/orders/{order_id}/articles")
def add_article(store: OpenStore, member: Staff, order_id: UUID, request: AddArticle) -> Order:
    """Add a rescanned article to an order that is in a lane; the difference becomes due."""
    return amendments.add_article(store, member, order_id, request)


@router.post("/orders/{order_id}/void")
def void_order(store: OpenStore, member: Staff, order_id: UUID, request: VoidOrder | None = None) -> Order:
    """Give an unpaid order up, for a reason."""
    return orders.void(store, member, order_id, "" if request is None else request.reason)


@router.get("/orders")
def recent_orders(store: OpenStore, _staff: Staff) -> list[Order]:
    """Fetch the newest orders, newest first."""
    return orders.recent(store)


@router.get("/ledger")
def ledger(store: OpenStore, _staff: Staff) -> list[LedgerBalance]:
    """Fetch the balance of every account."""
    return books_check.balances(store)
