"""The whole web application: API, documentation at ``/docs``, the staff page at ``/staff``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI

from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services import lapses
from store_server.services.store import Store
from store_server.web.api import card_cases, enrolments, gate, kiosk, members, refunds, shop, staff, tenders
from store_server.web.api import orders as orders_api
from store_server.web.console.page import add_console, send_to_console
from store_server.web.documentation import add_documentation
from store_server.web.observing import Metrics, Observed
from store_server.web.refusal_answers import REFUSALS, BodyLimit, add_refusal_answers

EXPIRY_EVERY_S = 60.0
ROUTERS = (
    shop.router,
    orders_api.router,
    kiosk.router,
    gate.router,
    staff.router,
    enrolments.router,
    members.router,
    tenders.router,
    refunds.router,
    card_cases.router,
)
"""The API, one router per kind of caller."""

_log = logging.getLogger(__name__)


def make_app(store: Store, staff_port: int | None = None) -> FastAPI:
    """Put the application together around an open store.

    Args:
        store: the open store.
        staff_port: where another process has the staff page; None to have it here.
    """
    app = make_api(store, tidies=staff_port is None)
    if staff_port is None:
        add_console(app, store)
    else:
        send_to_console(app, staff_port)
    return app


def make_api(store: Store, *, tidies: bool = True) -> FastAPI:
    """Make the application without the staff page; of several processes one tidies up."""
    metrics = Metrics(store)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        expiry = asyncio.create_task(_expire_now_and_then(store)) if tidies else None
        yield
        if expiry is not None:
            expiry.cancel()

    app = FastAPI(title="Scanlane store server", lifespan=lifespan, responses=REFUSALS, docs_url=None, redoc_url=None)
    app.state.store = store
    app.state.metrics = metrics
    app.add_middleware(BodyLimit)
    app.add_middleware(Observed, metrics=metrics)
    add_refusal_answers(app)
    for router in ROUTERS:
        app.include_router(router)
    add_documentation(app)
    return app


async def _expire_now_and_then(store: Store) -> None:
    while True:
        try:
            await asyncio.to_thread(lapses.lapse, store)
        except (DatabaseBusyError, DatabaseFullError) as error:
            _log.warning("old orders were not expired this time: %s", error)
        await asyncio.sleep(EXPIRY_EVERY_S)
