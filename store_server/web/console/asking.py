"""Asking a service from the page: on a worker, with every "no" as a sentence in the page's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from nicegui import run

from store_server.contract.refusals import Refusal
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services.refused import RefusedError
from store_server.web.console.refusal_words import told

_BUSY = "The store server is busy or its disk is full. Please try again."

Result = TypeVar("Result")


class Sentence(Exception):  # noqa: N818 - an answer for a person, raised to end a handler early
    """What to tell staff in place of a result."""

    def __init__(self, text: str, refusal: Refusal | None = None) -> None:
        super().__init__(text)
        self._refusal = refusal

    def said(self, language: str) -> str:
        """Say it in the page's language."""
        return told(str(self), language, self._refusal)


async def asked(work: Callable[[], Result]) -> Result:
    """Run a service on a worker; turn its "no" into a :class:`Sentence`."""
    try:
        result = await run.io_bound(work)
    except RefusedError as error:
        raise Sentence(error.sentence, error.refusal) from error
    except (DatabaseBusyError, DatabaseFullError) as error:
        raise Sentence(_BUSY) from error
    if result is None:
        raise Sentence("The store server is stopping.")
    return result
