"""Requests to the application without a socket: the whole ASGI path, in the test's own process."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI


class AppClient:
    """Asks one request at a time."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, path: str, **parts: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **parts)

    def post(self, path: str, **parts: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **parts)

    def put(self, path: str, **parts: Any) -> httpx.Response:
        """PUT."""
        return self.request("PUT", path, **parts)

    def request(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """Ask and wait for the whole answer."""
        return asyncio.run(self._ask(method, path, parts))

    async def _ask(self, method: str, path: str, parts: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
            return await client.request(method, path, **parts)
