"""The status of every kind of "no": what a stranger who never read our refusals expects of HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest
from fastapi import FastAPI

from store_server.contract.device_messages import DeviceRole
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin, StaffRole
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services import devices, staff
from store_server.services.guess_limits import TooManyGuessesError
from store_server.services.refused import NotThereError, RefusedError
from store_server.web.app import make_api
from store_server.web.refusal_answers import add_refusal_answers
from tests.unit.store_server.app_client import AppClient
from tests.unit.store_server.market import Market

NAMED_BY_ADDRESS = [
    ("GET", "/v1/articles/9520000009990", None, "unknown_article"),
    ("GET", "/v1/articles/no-code", None, "unknown_article"),
    ("GET", f"/v1/orders/{uuid4()}", None, "unknown_order"),
    ("GET", f"/v1/staff/orders/{uuid4()}/payments", None, "unknown_order"),
    ("GET", f"/v1/staff/orders/{uuid4()}/refunds", None, "unknown_order"),
    ("POST", "/v1/staff/devices/kiosk-77/revoke", None, "bad_request"),
    ("POST", "/v1/staff/members/nobody/send-away", None, "bad_request"),
    ("POST", "/v1/staff/lanes/lane-77/commands", {"command_id": str(uuid4()), "kind": "refuse"}, "bad_request"),
]


@pytest.fixture
def client(market: Market) -> AppClient:
    return AppClient(make_api(market.store))


def test_what_the_address_names_and_is_not_there_is_404(market: Market, client: AppClient) -> None:
    staff.add_staff(market.store, "wang", "correct horse", StaffRole.MANAGER)
    token = staff.login(market.store, StaffLogin(name="wang", password="correct horse")).token
    for method, path, body, refusal in NAMED_BY_ADDRESS:
        answer = client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["refusal"]) == (404, refusal), path
        assert answer.json()["sentence"]


def test_a_code_that_is_no_pass_is_422(market: Market, client: AppClient) -> None:
    headers = {"Authorization": f"Bearer {devices.enrol(market.store, 'kiosk-1', DeviceRole.KIOSK)}"}
    answer = client.post("/v1/tenderings", json={"session_id": str(uuid4()), "claim": "rubbish"}, headers=headers)
    assert (answer.status_code, answer.json()["refusal"]) == (422, "not_a_pass")


def test_without_credentials_the_answer_tells_which_are_wanted(client: AppClient) -> None:
    answer = client.get("/v1/shop")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (DatabaseBusyError("busy"), 503, "1"),
        (DatabaseFullError("full"), 507, "30"),
        (TooManyGuessesError(17), 429, "17"),
        (RefusedError(Refusal.KEY_REUSED), 409, None),
        (RefusedError(Refusal.SECOND_PERSON), 403, None),
        (RefusedError(Refusal.UNKNOWN_ARTICLE), 409, None),
        (NotThereError(Refusal.UNKNOWN_ARTICLE), 404, None),
        (RuntimeError("ours"), 500, None),
    ],
)
def test_only_what_is_worth_repeating_says_when(error: Exception, status: int, retry_after: str | None) -> None:
    app = FastAPI()
    add_refusal_answers(app)

    @app.get("/")
    def fail() -> None:
        raise error

    answer = AppClient(app).get("/")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry_after)
    assert answer.json()["sentence"]
