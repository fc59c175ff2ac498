"""The matrix of role and route: drawn from the route table, enforced at every route, and nothing forgotten."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from store_server.contract.device_messages import DeviceRole
from store_server.contract.lane_messages import EnterLane
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin, StaffRole
from store_server.contract.tender_messages import BeginTendering
from store_server.services import devices, staff
from store_server.services.store import Store
from store_server.web.api import access
from store_server.web.app import make_api
from tests.unit.store_server.app_client import AppClient
from tests.unit.store_server.market import Market

PASSWORD = "correct horse"
PUBLIC = {
    ("GET", "/health"),
    ("GET", "/metrics"),
    ("POST", "/v1/staff/login"),
    ("POST", "/v1/enrolments"),
    ("GET", "/v1/enrolments/{enrolment_id}"),
}


@pytest.fixture
def app(market: Market) -> FastAPI:
    return make_api(market.store)


@pytest.fixture
def client(app: FastAPI) -> AppClient:
    return AppClient(app)


def tokens(store: Store) -> dict[str, str]:
    """Return a token for every kind of caller."""
    found = {access.NOBODY: ""}
    for role in DeviceRole:
        found[role.value] = devices.enrol(store, f"{role.value}-1", role)
    for staff_role in StaffRole:
        staff.add_staff(store, staff_role.value, PASSWORD, staff_role)
        found[staff_role.value] = staff.login(store, StaffLogin(name=staff_role.value, password=PASSWORD)).token
    assert set(found) == set(access.CALLERS)
    return found


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def filled(path: str) -> str:
    return re.sub(r"\{[a-z_]*id\}", str(UUID(int=7)), re.sub(r"\{(?![a-z_]*id\})[a-z_]+\}", "no-such-1", path))


def test_every_route_says_who_may_call_it(app: FastAPI) -> None:
    silent = [route for route, callers in access.matrix(app).items() if not callers]
    assert silent == [], "take Public, Anyone, a device or a staff role of web/api/access.py"


def test_only_these_need_no_credentials(app: FastAPI) -> None:
    assert {route for route, callers in access.matrix(app).items() if access.NOBODY in callers} <= PUBLIC


def test_a_silent_route_is_found() -> None:
    app = FastAPI()
    app.get("/forgotten")(lambda: None)
    assert access.matrix(app) == {("GET", "/forgotten"): frozenset()}


def test_every_route_lets_in_exactly_who_is_declared(market: Market, app: FastAPI, client: AppClient) -> None:
    held = tokens(market.store)
    wrong = []
    for (method, path), callers in access.matrix(app).items():
        for caller, token in held.items():
            answer = client.request(method, filled(path), headers=headers(token), json={} if method != "GET" else None)
            shut = {401} if caller == access.NOBODY else {403}
            is_in = answer.status_code not in {401, 403} or (path.startswith("/v1/enrolments") and answer.status_code == 401)
            if (caller in callers) != is_in or (not is_in and answer.status_code not in shut):
                wrong.append((method, path, caller, answer.status_code))
    assert wrong == []


def test_another_devices_things_are_as_if_they_were_not_there(market: Market, client: AppClient) -> None:
    order = market.submit()
    session = market.tender(order)
    other_handheld = headers(devices.enrol(market.store, "handheld-2", DeviceRole.HANDHELD))
    own_handheld = headers(devices.enrol(market.store, "handheld-1", DeviceRole.HANDHELD))
    other_kiosk = headers(devices.enrol(market.store, "kiosk-2", DeviceRole.KIOSK))
    own_kiosk = headers(devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK))
    for own, other, method, path, nothing in (
        (own_handheld, other_handheld, "GET", f"/v1/orders/{order.order_id}", f"/v1/orders/{uuid4()}"),
        (own_kiosk, other_kiosk, "POST", f"/v1/tenderings/{session}/release", f"/v1/tenderings/{uuid4()}/release"),
    ):
        hidden, missing = client.request(method, path, headers=other), client.request(method, nothing, headers=other)
        assert (hidden.status_code, hidden.json()) == (missing.status_code, missing.json())
        assert hidden.json()["refusal"] == Refusal.UNKNOWN_ORDER
        assert client.request(method, path, headers=own).status_code == 200


def test_another_kiosk_neither_holds_nor_pays_nor_reports(market: Market, client: AppClient) -> None:
    order = market.submit()
    session = market.tender(order)
    other = headers(devices.enrol(market.store, "kiosk-2", DeviceRole.KIOSK))
    payment = market.payment(order, session, market.coins(1280), 1280)
    report = market.report(session, order, payment.taken)
    for path, body in (("/v1/payments", payment), ("/v1/cash-reports", report)):
        answer = client.post(path, json=body.model_dump(mode="json"), headers=other)
        assert answer.status_code == 409, path


def test_another_shops_codes_and_credentials_are_refused(market: Market, client: AppClient) -> None:
    order = market.submit()
    settled = market.pay(order)
    foreign = market.store.settings.model_copy(update={"shop": market.store.shop.model_copy(update={"id": 2})})
    stranger = Store(settings=foreign, database=market.store.database, keys=market.store.keys, clock=market.clock)
    other_shop = AppClient(make_api(stranger))
    kiosk = headers(devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK))
    gate = headers(devices.enrol(market.store, "gate-1", DeviceRole.GATE))
    claim = BeginTendering(session_id=uuid4(), claim=market.submit().claim)
    entry = EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass=settled.order.exit_pass)
    for path, body, who in (("/v1/tenderings", claim, kiosk), ("/v1/lane-entries", entry, gate)):
        answer = other_shop.post(path, json=body.model_dump(mode="json"), headers=who)
        assert answer.json()["refusal"] == Refusal.OTHER_SHOP
    assert client.get("/v1/shop", headers=headers("a-token-of-another-shop")).status_code == 401


def test_guessing_order_numbers_is_answered_with_a_pause(market: Market, client: AppClient) -> None:
    kiosk = headers(devices.enrol(market.store, "kiosk-1", DeviceRole.KIOSK))
    answers = []
    for number in range(13):
        body = {"session_id": str(uuid4()), "order_number": "0005724"}
        answers.append(client.post("/v1/tenderings", json=body, headers=kiosk))
        assert number >= 10 or answers[-1].json()["refusal"] == Refusal.UNKNOWN_ORDER
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json()["refusal"] == Refusal.TOO_MANY
