"""What can be seen of the server from outside: a request id in every answer and log line, and numbers at ``/metrics``."""

from __future__ import annotations

import itertools
import logging
import os
import re
import time
from collections.abc import Iterator
from http import HTTPStatus
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_server.persistence import order_rows
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services import lanes
from store_server.services.store import Store

REQUEST_ID = b"x-request-id"
REFUSAL = "scanlane_refusal"
"""Where an answer that refuses leaves its code in the request's scope."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that Prometheus' library reads when it is imported: each process then counts in files of this folder."""

_GIVEN_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_UNKNOWN = "no such address"
_log = logging.getLogger(__name__)


class Metrics:
    """The numbers of this process, told together with those of all others that count in :data:`SHARED_FOLDER`."""

    def __init__(self, store: Store) -> None:
        self.registry = CollectorRegistry()
        self._told = self.registry
        self.requests = Counter(
            "scanlane_requests", "Answered requests.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "scanlane_request_seconds", "How long answers took.", ("method", "route"), buckets=_BUCKETS, registry=self.registry
        )
        self.refusals = Counter("scanlane_refusals", "Requests that were refused.", ("refusal",), registry=self.registry)
        if SHARED_FOLDER in os.environ:
            # Its files are there from now on, so that no process is asked for them while they are made.
            self.requests.labels("", _UNKNOWN, str(HTTPStatus.NOT_FOUND.value))
            self.seconds.labels("", _UNKNOWN)
            self._told = CollectorRegistry()
            MultiProcessCollector(self._told)  # type: ignore[no-untyped-call]  # the library gives it no types
        self._told.register(_Books(store))

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self._told)


class _Books(Collector):
    """What is read from the books when somebody asks; left out while they are busy."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        try:
            by_status = self._store.database.read(order_rows.count_by_status)
            views = lanes.views(self._store)
        except (DatabaseBusyError, DatabaseFullError) as error:
            _log.warning("metrics without the books: %s", error)
            return
        orders = GaugeMetricFamily("scanlane_orders", "Orders in each state.", labels=("status",))
        for status, number in by_status.items():
            orders.add_metric((status,), number)
        yield orders
        ages = GaugeMetricFamily("scanlane_lane_silent_seconds", "Since each lane was last heard.", labels=("lane",))
        for view in views:
            ages.add_metric((view.report.lane,), max(0, self._store.now_s() - view.heard_at))
        yield ages


class Observed:
    """ASGI middleware that gives each request an id and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        # Random once for each process, then counted: randomness costs a system call.
        self._ids = uuid4().hex[:24]
        self._numbers = itertools.count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its id bound to every log line that it causes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or f"{self._ids}{next(self._numbers):08x}"
        began, status = time.perf_counter(), HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != REQUEST_ID]
                message = {**message, "headers": [*headers, (REQUEST_ID, request_id.encode("ascii"))]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, tagged)
            finally:
                self._count(scope, status, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, took_s: float) -> None:
        route = getattr(scope.get("route"), "path", "")
        if not route and scope["path"].startswith("/staff"):
            route = "/staff"
        labels = (scope["method"] if route else "", route or _UNKNOWN)
        self._metrics.requests.labels(*labels, str(status)).inc()
        self._metrics.seconds.labels(*labels).observe(took_s)
        refusal = scope.get(REFUSAL)
        if refusal is not None:
            self._metrics.refusals.labels(refusal).inc()
        if scope["path"].startswith("/v1/"):
            is_quiet = scope["method"] in {"GET", "PUT"} and status < HTTPStatus.BAD_REQUEST
            level = logging.DEBUG if is_quiet else logging.INFO
            _log.log(level, "%s %s: %d%s in %.1f ms", *labels, status, f" {refusal}" if refusal else "", took_s * 1000)


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        text = bytes(value).decode("latin-1")
        if name == REQUEST_ID and _GIVEN_ID.fullmatch(text):
            return text
    return None
