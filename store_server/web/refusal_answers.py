"""Every way to say no over HTTP: one JSON body, a status, never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from store_server.contract.refusals import Refusal
from store_server.contract.wire import RefusedAnswer
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services.guess_limits import TooManyGuessesError
from store_server.services.refused import NotThereError, RefusedError
from store_server.web.observing import REFUSAL
from store_server.web.plain_text import address_mistake, body_mistake

BODY_MAX_BYTES = 1024 * 1024
RETRY_AFTER_S = 1
RETRY_AFTER_FULL_S = 30
"""A disk gets room by people."""

_STATUS = {
    Refusal.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Refusal.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Refusal.SECOND_PERSON: HTTPStatus.FORBIDDEN,
    Refusal.UNKNOWN_ORDER: HTTPStatus.NOT_FOUND,
    Refusal.BAD_REQUEST: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.EMPTY_ORDER: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.NOT_A_PASS: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.FORGED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.OTHER_SHOP: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Refusal.SERVER_BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""422 is what no state of things makes right; all that are not here are 409: right, but not in the present state of things.
What an address names and the shop does not have is 404, whatever the refusal says."""

_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_AFTER_S)},
    HTTPStatus.INSUFFICIENT_STORAGE: {"Retry-After": str(RETRY_AFTER_FULL_S)},
}

REFUSALS: dict[int | str, dict[str, Any]] = {
    status.value: {"model": RefusedAnswer, "description": status.phrase}
    for status in (
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.INSUFFICIENT_STORAGE,
    )
}
"""What every route may answer besides, for the OpenAPI document."""

_FULL = "The store server's disk takes no more writes; nothing was changed. Please call the staff: the disk needs room."
_TOO_LONG = f"it has more than {BODY_MAX_BYTES} bytes"
_BAD = Refusal.BAD_REQUEST
_DEFECT = "The store server made a mistake of its own; nothing was changed. Its log tells more."

_log = logging.getLogger(__name__)


def add_refusal_answers(app: FastAPI) -> None:
    """Make every exception an answer that a client can read."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DatabaseBusyError, _busy)
    app.add_exception_handler(DatabaseFullError, _full)
    app.add_exception_handler(Exception, _defect)


def refused_answer(refusal: Refusal, sentence: str = "", status: HTTPStatus | None = None) -> JSONResponse:
    """Write a refusal."""
    answer = RefusedAnswer(refusal=refusal, sentence=sentence or refusal.sentence)
    code = status or _STATUS.get(refusal, HTTPStatus.CONFLICT)
    return JSONResponse(answer.model_dump(mode="json"), status_code=code, headers=_HEADERS.get(code))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)
    request.scope[REFUSAL] = error.refusal.value
    status = HTTPStatus.NOT_FOUND if isinstance(error, NotThereError) else None
    answer = refused_answer(error.refusal, error.sentence, status)
    if isinstance(error, TooManyGuessesError):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part not in {"body", "path"}) or "body"
    return _not_understood(f"{place}: {first['msg']}")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    sentences = {
        HTTPStatus.NOT_FOUND: "There is no such address on the store server.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take such a request.",
    }
    status = HTTPStatus(error.status_code)
    sentence = sentences.get(status)
    answer = _not_understood(str(error.detail), status) if sentence is None else refused_answer(_BAD, sentence, status)
    answer.headers.update(error.headers or {})
    return answer


async def _busy(_request: Request, error: Exception) -> JSONResponse:
    _log.warning("busy: %s", error)
    return refused_answer(Refusal.SERVER_BUSY)


async def _full(_request: Request, error: Exception) -> JSONResponse:
    _log.error("the disk takes no more writes: %s", error)
    return refused_answer(Refusal.SERVER_BUSY, _FULL, HTTPStatus.INSUFFICIENT_STORAGE)


async def _defect(_request: Request, _error: Exception) -> JSONResponse:
    # The traceback is in the log already: Starlette raises the exception again once this answer is out.
    return refused_answer(Refusal.SERVER_BUSY, _DEFECT, HTTPStatus.INTERNAL_SERVER_ERROR)


def _not_understood(why: str, status: HTTPStatus | None = None) -> JSONResponse:
    return refused_answer(_BAD, f"The request is not understood: {why}.", status)


class BodyLimit:
    """ASGI middleware that stops reading a request to the API at :data:`BODY_MAX_BYTES`, and at text that is none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, looking at what comes in."""
        mistake = None if scope["type"] != "http" else address_mistake(scope["path"], scope["query_string"])
        if mistake is not None:
            await _not_understood(f"the address: {mistake}")(scope, receive, send)
            return
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        if any(not value.isdigit() or int(value[:20]) > BODY_MAX_BYTES for value in lengths):
            await _not_understood(_TOO_LONG, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)(scope, receive, send)
            return
        await self._app(scope, _looked_at(receive), send)


def _looked_at(receive: Receive) -> Callable[[], Awaitable[Message]]:
    taken = bytearray()

    async def looked_at() -> Message:
        message = await receive()
        if message["type"] != "http.request":
            return message
        taken.extend(message.get("body", b""))
        if len(taken) > BODY_MAX_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LONG)
        if not message.get("more_body", False) and (mistake := body_mistake(taken)) is not None:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, mistake)
        return message

    return looked_at
