"""How an answer becomes bytes: once, by pydantic, in the thread that made it.

FastAPI's own way checks every answer against its model again, in another thread. Our answers are instances of these models
already; schemathesis holds what is sent against the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from fastapi import Response
from fastapi.routing import APIRoute

from store_server.contract.wire import Answer


class AnsweringRoute(APIRoute):
    """A route whose answers are written by :func:`written`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, written(endpoint), **options)


def written(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function that returns an :class:`Answer` return it as JSON; anything else is left to FastAPI."""

    @wraps(endpoint)
    def answered(*args: Any, **named: Any) -> Any:
        answer = endpoint(*args, **named)
        if isinstance(answer, Answer):
            return Response(answer.model_dump_json(by_alias=True), media_type="application/json")
        return answer

    return answered
