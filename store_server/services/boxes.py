"""Cash that moves without a shopper: staff empties a box into the safe, a recycler puts notes of its store into its box.

The kiosk's journal tells what was in the box, not the ledger as it stands when the letter arrives: meanwhile the next shopper
may have paid. So a letter that comes late books the same as one that comes at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter
from sqlalchemy import Connection

from store_server.contract.box_messages import CashMoved, DevicePile, EmptyBox, MoveNotes, Pile
from store_server.contract.refusals import Refusal
from store_server.domain.payment import Transfer, emptied_transfers, moved_transfers, worth_minor
from store_server.persistence import ledger
from store_server.persistence.audit import Detail, audited
from store_server.persistence.cash_tables import cash_movements
from store_server.persistence.once import insert_once
from store_server.persistence.tables import TOTAL_MAX_MINOR
from store_server.services.answered import answer_request
from store_server.services.principals import Device
from store_server.services.refused import RefusedError
from store_server.services.store import Store

_TOO_MUCH = "No box holds that much money; nothing was booked."
_ONTO_ITSELF = "Notes cannot move from a device into itself; nothing was booked."
_PILES: TypeAdapter[Sequence[Pile | DevicePile]] = TypeAdapter(Sequence[DevicePile | Pile])


def empty_box(store: Store, kiosk: Device, request: EmptyBox) -> CashMoved:
    """Bring into the books that staff emptied a box; the same letter again changes nothing.

    Raises:
        RefusedError: more than any box holds, or the id was used for something else.
    """

    def act(connection: Connection) -> CashMoved:
        expected, now_s = _judged(request.contents), store.now_s()
        counted = expected if request.counted_minor is None else request.counted_minor
        row = {
            "movement_id": request.emptying_id,
            "kiosk": kiosk.name,
            "kind": "emptied",
            "device": request.device,
            "contents": _PILES.dump_json(request.contents).decode(),
            "expected_minor": expected,
            "counted_minor": request.counted_minor,
            "staff": request.staff,
            "moved_at": request.emptied_at,
            "recorded_at": now_s,
        }
        details: dict[str, Detail] = {
            "device": request.device,
            "expected_minor": expected,
            "counted_minor": request.counted_minor,
            "staff": request.staff,
        }
        _book(connection, kiosk, row, emptied_transfers(kiosk.name, request), details)
        return CashMoved(movement_id=request.emptying_id, expected_minor=expected, difference_minor=counted - expected)

    return answer_request(store, kiosk, request, request_id=f"empty-box:{request.emptying_id}", answer=CashMoved, act=act)


def move_notes(store: Store, kiosk: Device, request: MoveNotes) -> CashMoved:
    """Bring into the books that a recycler moved notes into its box; the same letter again changes nothing.

    Raises:
        RefusedError: more than any box holds, a move of a device into itself, or the id was used for something else.
    """

    def act(connection: Connection) -> CashMoved:
        moved, now_s = _judged(request.piles), store.now_s()
        if any(pile.device == request.into for pile in request.piles):
            raise RefusedError(Refusal.BAD_REQUEST, _ONTO_ITSELF)
        row = {
            "movement_id": request.movement_id,
            "kiosk": kiosk.name,
            "kind": "moved",
            "device": request.into,
            "contents": _PILES.dump_json(request.piles).decode(),
            "expected_minor": moved,
            "counted_minor": None,
            "staff": "",
            "moved_at": request.moved_at,
            "recorded_at": now_s,
        }
        details: dict[str, Detail] = {"device": request.into, "amount_minor": moved}
        _book(connection, kiosk, row, moved_transfers(kiosk.name, request), details)
        return CashMoved(movement_id=request.movement_id, expected_minor=moved, difference_minor=0)

    return answer_request(store, kiosk, request, request_id=f"move-notes:{request.movement_id}", answer=CashMoved, act=act)


def _judged(piles: Sequence[Pile]) -> int:
    worth = worth_minor(piles)
    if worth > TOTAL_MAX_MINOR:
        raise RefusedError(Refusal.BAD_REQUEST, _TOO_MUCH)
    return worth


def _book(
    connection: Connection,
    kiosk: Device,
    row: dict[str, object],
    transfers: Iterable[Transfer],
    details: dict[str, Detail],
) -> None:
    if not insert_once(connection, cash_movements, row):
        raise RefusedError(Refusal.KEY_REUSED)
    subject, now_s = str(row["movement_id"]), int(str(row["recorded_at"]))
    ledger.post(connection, transfers, order_id=None, at_s=now_s)
    audited(connection, who=kiosk.principal, action=f"box/{row['kind']}", subject=subject, at_s=now_s, details=details)
