"""What a gate asks for: whether somebody may leave, that they left, what staff wants."""

from __future__ import annotations

from fastapi import APIRouter

from store_server.contract.arbiter_messages import ClaimLanes, LanesClaimed, ReleaseLanes
from store_server.contract.lane_messages import EnterLane, ExitRecorded, LaneCommands, LaneReport, LeaveLane, ReportExit
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal
from store_server.contract.wire import DeviceName
from store_server.services import arbiter, exits, lanes
from store_server.services.refused import RefusedError
from store_server.web.api.access import Gate, OpenStore
from store_server.web.api.answering import AnsweringRoute
from store_server.web.api.guessing import entry_guess

router = APIRouter(route_class=AnsweringRoute, prefix="/v1", tags=["gate"])


@router.put("/lane-arbiter")
def claim_lanes(store: OpenStore, gate: Gate, request: ClaimLanes) -> LanesClaimed:
    """Begin to run the shop's lanes, or go on; one gate controller does at a time."""
    return arbiter.claim(store, gate, request)


@router.post("/lane-arbiter/release")
def release_lanes(store: OpenStore, _gate: Gate, request: ReleaseLanes) -> LanesClaimed:
    """Let any gate controller run the lanes."""
    return arbiter.release(store, request)


@router.post("/lane-entries")
def enter_lane(store: OpenStore, gate: Gate, request: EnterLane) -> Order:
    """Ask whether the holder of a pass may leave; the order is then held by this lane."""
    with entry_guess(store, gate, request):
        return exits.enter_lane(store, gate, request)


@router.post("/lane-entries/release")
def leave_lane(store: OpenStore, gate: Gate, request: LeaveLane) -> Order:
    """Let go of an order whose shopper turned back."""
    return exits.leave_lane(store, gate, request)


@router.post("/exits")
def report_exit(store: OpenStore, gate: Gate, request: ReportExit) -> ExitRecorded:
    """Bring an exit into the books."""
    return exits.report_exit(store, gate, request)


@router.put("/lanes/{lane}")
def report_lane(store: OpenStore, gate: Gate, lane: DeviceName, report: LaneReport) -> LaneCommands:
    """Say how the lane is; hear what staff wants."""
    if report.lane != lane:
        raise RefusedError(Refusal.BAD_REQUEST, f"The report is about {report.lane}, but was sent to {lane}.")
    return lanes.report(store, gate, report)
