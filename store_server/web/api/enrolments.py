"""Devices come in and are shut out; staff members are seen and sent away."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response, status

from store_server.contract.device_messages import ApproveEnrolment, AskEnrolment, DeviceView, Enrolment, EnrolmentCode
from store_server.contract.staff_messages import ChangePassword, StaffView
from store_server.contract.wire import DeviceName
from store_server.services import devices, enrolments, staff
from store_server.web.api.access import Manager, OpenStore, Public, Staff, Supervisor
from store_server.web.api.answering import AnsweringRoute
from store_server.web.api.guessing import address_of

router = APIRouter(route_class=AnsweringRoute, prefix="/v1", tags=["access"])

StaffName = Annotated[str, Path(min_length=1, max_length=60)]


@router.post("/enrolments", dependencies=[Public])
def ask_enrolment(store: OpenStore, request: Request, asked: AskEnrolment) -> Enrolment:
    """Use a one-time code; the device then waits for staff."""
    return enrolments.ask(store, asked, address_of(request))


@router.get("/enrolments/{enrolment_id}", dependencies=[Public])
def enrolment(store: OpenStore, enrolment_id: UUID) -> Enrolment:
    """Fetch how an enrolment stands; its id is known to its device alone."""
    return enrolments.status(store, enrolment_id)


@router.post("/staff/enrolment-codes")
def make_code(store: OpenStore, member: Supervisor) -> EnrolmentCode:
    """Make a one-time code for one device."""
    return enrolments.make_code(store, member.principal)


@router.get("/staff/enrolments")
def waiting(store: OpenStore, _member: Supervisor) -> list[Enrolment]:
    """Fetch the devices that wait to be let in."""
    return enrolments.waiting(store)


@router.post("/staff/enrolments/{enrolment_id}/approve")
def approve(store: OpenStore, member: Supervisor, enrolment_id: UUID, request: ApproveEnrolment) -> Enrolment:
    """Let a device in, after comparing the fingerprint on its screen."""
    return enrolments.approve(store, member, enrolment_id, request.fingerprint)


@router.post("/staff/enrolments/{enrolment_id}/refuse")
def refuse(store: OpenStore, member: Supervisor, enrolment_id: UUID) -> Enrolment:
    """Send a device away."""
    return enrolments.refuse(store, member, enrolment_id)


@router.get("/staff/devices")
def device_views(store: OpenStore, _member: Supervisor) -> list[DeviceView]:
    """Fetch every device that was ever enrolled."""
    return devices.views(store)


@router.post("/staff/devices/{name}/revoke")
def revoke(store: OpenStore, member: Supervisor, name: DeviceName) -> DeviceView:
    """Shut a device out, at the latest a second from now."""
    return devices.revoke(store, name, member.principal)


@router.post("/staff/password", status_code=status.HTTP_204_NO_CONTENT)
def change_password(store: OpenStore, member: Staff, request: ChangePassword) -> Response:
    """Give oneself a new password; all of one's sessions end."""
    staff.change_password(store, member, request)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/staff/members")
def members(store: OpenStore, _member: Manager) -> list[StaffView]:
    """Fetch everybody who is or was staff."""
    return staff.members(store)


@router.post("/staff/members/{name}/send-away")
def send_away(store: OpenStore, member: Manager, name: StaffName) -> StaffView:
    """Let a member of staff log in no more."""
    return staff.send_away(store, name, member.principal)
