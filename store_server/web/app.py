"""The whole web application: API, documentation at ``/docs``, the staff page at ``/staff``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI

from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services import orders
from store_server.services.store import Store
from store_server.web.api import gate, kiosk, shop, staff
from store_server.web.api import orders as orders_api
from store_server.web.console.page import add_console
from store_server.web.refusal_answers import BodyLimit, add_refusal_answers

EXPIRY_EVERY_S = 60.0

_log = logging.getLogger(__name__)


def make_app(store: Store) -> FastAPI:
    """Put the application together around an open store."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        expiry = asyncio.create_task(_expire_now_and_then(store))
        yield
        expiry.cancel()

    app = FastAPI(title="Scanlane store server", lifespan=lifespan)
    app.state.store = store
    app.add_middleware(BodyLimit)
    add_refusal_answers(app)
    for router in (shop.router, orders_api.router, kiosk.router, gate.router, staff.router):
        app.include_router(router)
    add_console(app, store)
    return app


async def _expire_now_and_then(store: Store) -> None:
    while True:
        try:
            await asyncio.to_thread(orders.expire_old, store)
        except (DatabaseBusyError, DatabaseFullError) as error:
            _log.warning("old orders were not expired this time: %s", error)
        await asyncio.sleep(EXPIRY_EVERY_S)
