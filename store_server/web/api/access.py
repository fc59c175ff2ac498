"""Who may call what: bearer tokens to principals, principals to roles.

Every route declares its callers by the dependency that it takes: :data:`Public`, :data:`Anyone`, one of the devices or one of
the staff's roles. :func:`callers_of` reads the declaration back from the route, so the matrix in ``docs/access.md`` and the
tests that walk it are made from what is enforced. A route that declares nothing fails those tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from store_server.contract.device_messages import DeviceRole
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffRole
from store_server.services.principals import Device, Principal, StaffMember, require
from store_server.services.refused import RefusedError
from store_server.services.staff import find_principal, recent_principal
from store_server.services.store import Store

NOBODY = "without credentials"
CALLERS = (NOBODY, *(role.value for role in DeviceRole), *(role.value for role in StaffRole))
"""Every kind of caller, in the order of the matrix."""

_SCHEME = "bearer "
_bearer = HTTPBearer(auto_error=False, description="A device's credential, or the token of a staff session.")
_declared: dict[Callable[..., Any], frozenset[str]] = {}


async def _store(request: Request) -> Store:
    store = request.app.state.store
    assert isinstance(store, Store)
    return store


OpenStore = Annotated[Store, Depends(_store)]


async def _public() -> None:
    """Let everybody in; it is here so that a route says so."""


async def _principal(
    request: Request, store: OpenStore, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    header = request.headers.get("Authorization", "")
    token = header[len(_SCHEME) :].strip() if header.lower().startswith(_SCHEME) else ""
    principal = recent_principal(store, token) if token else None
    if token and principal is None:
        principal = await run_in_threadpool(find_principal, store, token)
    if principal is None:
        raise RefusedError(Refusal.UNAUTHENTICATED)
    return principal


Anyone = Annotated[Principal, Depends(_principal)]


def _device(*roles: DeviceRole) -> Callable[[Principal], Awaitable[Device]]:
    names = " or a ".join(role.value for role in roles)

    async def check(principal: Anyone) -> Device:
        if not isinstance(principal, Device) or principal.role not in roles:
            raise RefusedError(Refusal.FORBIDDEN, f"Only a {names} may do that.")
        return principal

    _declared[check] = frozenset(role.value for role in roles)
    return check


def _staff(role: StaffRole) -> Callable[[Principal], Awaitable[StaffMember]]:
    async def check(principal: Anyone) -> StaffMember:
        if not isinstance(principal, StaffMember):
            raise RefusedError(Refusal.FORBIDDEN, "Only staff may do that.")
        require(principal, role)
        return principal

    _declared[check] = frozenset(other.value for other in StaffRole if other.covers(role))
    return check


_declared[_public] = frozenset(CALLERS)
_declared[_principal] = frozenset(CALLERS) - {NOBODY}

Public = Depends(_public)
"""For ``dependencies=[Public]`` of a route that needs no credentials."""
Handheld = Annotated[Device, Depends(_device(DeviceRole.HANDHELD))]
Kiosk = Annotated[Device, Depends(_device(DeviceRole.KIOSK))]
Gate = Annotated[Device, Depends(_device(DeviceRole.GATE))]
Shopping = Annotated[Device, Depends(_device(DeviceRole.HANDHELD, DeviceRole.KIOSK))]
"""Devices that shoppers use."""
Staff = Annotated[StaffMember, Depends(_staff(StaffRole.ATTENDANT))]
Supervisor = Annotated[StaffMember, Depends(_staff(StaffRole.SUPERVISOR))]
Manager = Annotated[StaffMember, Depends(_staff(StaffRole.MANAGER))]


def callers_of(route: APIRoute) -> frozenset[str]:
    """Return who may call a route; empty for one that declares nothing."""
    found = [_declared[call] for call in _calls(route.dependant) if call in _declared]
    return frozenset.intersection(*found) if found else frozenset()


def matrix(*routers: FastAPI | APIRouter) -> dict[tuple[str, str], frozenset[str]]:
    """Return method and path of every route, and who may call it."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    return {(method, route.path): callers_of(route) for route in routes for method in sorted(route.methods or ())}


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call is not None:
            yield inner.call
        yield from _calls(inner)
