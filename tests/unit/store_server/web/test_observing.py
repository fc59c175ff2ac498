from __future__ import annotations

import logging
from uuid import uuid4

import pytest
import structlog

from store_server.contract.device_messages import DeviceRole
from store_server.services import devices
from store_server.web.app import make_api
from tests.unit.store_server.app_client import AppClient
from tests.unit.store_server.market import Market


@pytest.fixture
def client(market: Market) -> AppClient:
    return AppClient(make_api(market.store))


def test_a_request_id_comes_back_and_is_made_when_missing_or_bad(client: AppClient) -> None:
    assert client.get("/health", headers={"X-Request-Id": "kiosk-1.42"}).headers["X-Request-Id"] == "kiosk-1.42"
    for bad in ("", "x" * 65, "a b", "<script>"):
        given = client.get("/health", headers={"X-Request-Id": bad}).headers["X-Request-Id"]
        assert len(given) == 32
        assert given != bad


def test_every_log_line_of_a_request_has_its_id(client: AppClient, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[object] = []

    class Keeping(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            seen.append(structlog.contextvars.get_contextvars().get("request_id"))

    log, handler = logging.getLogger("store_server"), Keeping()
    log.addHandler(handler)
    try:
        with caplog.at_level(logging.INFO):
            client.post("/v1/orders", headers={"X-Request-Id": "abc"})
    finally:
        log.removeHandler(handler)
    assert seen == ["abc"]


def test_metrics_count_requests_refusals_orders_and_lanes(market: Market, client: AppClient) -> None:
    token = devices.enrol(market.store, "gate-1", DeviceRole.GATE)
    headers = {"Authorization": f"Bearer {token}"}
    market.submit()
    client.put("/v1/lanes/lane-1", json={"lane": "lane-1", "state": "idle", "headline": {}}, headers=headers)
    client.get(f"/v1/orders/{uuid4()}", headers=headers)
    client.get("/nowhere")
    text = client.get("/metrics").text
    assert 'scanlane_requests_total{method="GET",route="/v1/orders/{order_id}",status="404"} 1.0' in text
    assert 'scanlane_refusals_total{refusal="unknown_order"} 1.0' in text
    assert 'scanlane_orders{status="submitted"} 1.0' in text
    assert 'scanlane_lane_silent_seconds{lane="lane-1"} 0.0' in text
    assert 'route="no such address",status="404"} 1.0' in text
    assert 'scanlane_request_seconds_bucket{le="0.05",method="PUT",route="/v1/lanes/{lane}"}' in text


def test_the_documentation_needs_no_other_machine(client: AppClient) -> None:
    page = client.get("/docs").text
    assert "://" not in page.replace("window.location.protocol + '//'", "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/docs/assets/{asset}" in page
        assert client.get(f"/docs/assets/{asset}").status_code == 200
    assert client.get("/openapi.json").json()["paths"]
