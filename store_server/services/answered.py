"""The same request again gets the same answer again; the same id with other contents is refused.

The answer is kept in the transaction that has the effect, so there is no moment at which one exists without the other. Refusals
are not kept: they changed nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, bindparam, select

from store_server.contract.refusals import Refusal
from store_server.contract.wire import Answer, Request
from store_server.persistence.collected import add_row, collected
from store_server.persistence.crash_points import crash_point
from store_server.persistence.failures import TransactionOvertakenError
from store_server.persistence.tables import answers
from store_server.services.principals import Principal
from store_server.services.refused import RefusedError
from store_server.services.store import Store

_FORMER = select(answers.c.body_hash, answers.c.answer).where(
    answers.c.principal == bindparam("who"), answers.c.request_id == bindparam("id")
)

_IN_FLIGHT = "the same request is being answered by another process"

KEPT_S = 30 * 24 * 3600
"""Nobody repeats a request after a month; what may happen only once has keys of its own besides."""

AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


def answer_request(
    store: Store,
    who: Principal,
    request: Request,
    *,
    request_id: str,
    answer: type[AnyAnswer],
    act: Callable[[Connection], AnyAnswer],
) -> AnyAnswer:
    """Answer a request in a transaction of its own; see :func:`answer_once`."""

    def work(connection: Connection) -> AnyAnswer:
        return answer_once(
            connection,
            principal=who.principal,
            request_id=request_id,
            request=request,
            answer=answer,
            now_s=store.now_s(),
            act=lambda: act(connection),
        )

    return store.database.write(work)


def answer_once(
    connection: Connection,
    *,
    principal: str,
    request_id: str,
    request: Request,
    answer: type[AnyAnswer],
    now_s: int,
    act: Callable[[], AnyAnswer],
) -> AnyAnswer:
    """Run ``act`` for a request that was not answered before, else give the former answer.

    Raises:
        RefusedError: the id was used with other contents (``KEY_REUSED``), or ``act`` refuses.
    """
    body_hash = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    asked = {"who": principal, "id": request_id}
    former = _former(connection, asked)
    if former is not None:
        if former[0] != body_hash:
            raise RefusedError(Refusal.KEY_REUSED)
        return answer.model_validate_json(former[1])
    crash_point("answer.before_effect")
    try:
        given = act()
    except RefusedError:
        # Another process may have answered this very request since: its facts are then what this one was refused for.
        if _former(connection, asked) is not None:
            raise TransactionOvertakenError(_IN_FLIGHT) from None
        raise
    crash_point("answer.after_effect")
    row = {
        "principal": principal,
        "request_id": request_id,
        "body_hash": body_hash,
        "answer": given.model_dump_json(),
        "answered_at": now_s,
    }
    # When another process answers this very request, its key stops this transaction at the latest when both commit.
    add_row(connection, answers, row)
    crash_point("answer.kept")
    return given


def _former(connection: Connection, asked: dict[str, str]) -> tuple[str, str] | None:
    """Return the hash of a request that was answered, and the answer."""
    held = collected(connection)
    # The same request may stand twice in one group of writers.
    for table, kept in held.rows if held is not None else ():
        if table is answers and kept["request_id"] == asked["id"] and kept["principal"] == asked["who"]:
            return kept["body_hash"], kept["answer"]
    row = connection.execute(_FORMER, asked).one_or_none()
    return None if row is None else (row.body_hash, row.answer)


def forget_old(connection: Connection, now_s: int) -> int:
    """Drop answers that nobody asks for any more; return how many."""
    return connection.execute(answers.delete().where(answers.c.answered_at < now_s - KEPT_S)).rowcount
