"""Who may call what: bearer tokens to principals, principals to roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from store_server.contract.messages import DeviceRole
from store_server.contract.refusals import Refusal
from store_server.services.principals import Device, Principal, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.staff import find_principal
from store_server.services.store import Store

_SCHEME = "bearer "


def _store(request: Request) -> Store:
    store = request.app.state.store
    assert isinstance(store, Store)
    return store


OpenStore = Annotated[Store, Depends(_store)]


def _principal(request: Request, store: OpenStore) -> Principal:
    header = request.headers.get("Authorization", "")
    token = header[len(_SCHEME) :].strip() if header.lower().startswith(_SCHEME) else ""
    principal = find_principal(store, token) if token else None
    if principal is None:
        raise RefusedError(Refusal.UNAUTHENTICATED)
    return principal


Anyone = Annotated[Principal, Depends(_principal)]


def _device(role: DeviceRole) -> Callable[[Principal], Device]:
    def check(principal: Anyone) -> Device:
        if not isinstance(principal, Device) or principal.role is not role:
            raise RefusedError(Refusal.FORBIDDEN, f"Only a {role.value} may do that.")
        return principal

    return check


def _staff(principal: Anyone) -> StaffMember:
    if not isinstance(principal, StaffMember):
        raise RefusedError(Refusal.FORBIDDEN, "Only staff may do that.")
    return principal


Handheld = Annotated[Device, Depends(_device(DeviceRole.HANDHELD))]
Kiosk = Annotated[Device, Depends(_device(DeviceRole.KIOSK))]
Gate = Annotated[Device, Depends(_device(DeviceRole.GATE))]
Staff = Annotated[StaffMember, Depends(_staff)]
