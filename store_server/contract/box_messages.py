"""What goes over the wire about cash that moves without a shopper: boxes that staff empties, notes put into a box."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from store_server.contract.wire import AMOUNT_MAX_MINOR, AmountMinor, Answer, Count, DeviceName, Request

PILES_MAX = 40
PIECES_MAX = 1_000_000
"""More than a box ever holds, also where what was taken out for years is in no journal."""


class Pile(Request):
    """Coins or notes of one value."""

    value_minor: Annotated[int, Field(ge=1, le=AMOUNT_MAX_MINOR)]
    count: Annotated[int, Field(ge=1, le=PIECES_MAX)]


class DevicePile(Pile):
    """Coins or notes of one value that lie in one device."""

    device: DeviceName
    """Such as recycler-500."""


class EmptyBox(Request):
    """Staff took everything out of a box; from the kiosk's journal until the server has it. Repeating it changes nothing."""

    emptying_id: UUID
    device: DeviceName
    """Such as coin-box, note-box or recycler-box."""
    contents: Annotated[list[Pile], Field(max_length=PILES_MAX)]
    """What the kiosk's journal says was in it."""
    counted_minor: AmountMinor | None = None
    """What staff counted at once; None where it was not counted at the kiosk."""
    staff: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """Whose code opened the kiosk's staff screen."""
    emptied_at: Count


class MoveNotes(Request):
    """A recycler moved notes of its store into its cash box; told like :class:`EmptyBox`."""

    movement_id: UUID
    into: DeviceName
    """Such as recycler-box."""
    piles: Annotated[list[DevicePile], Field(min_length=1, max_length=PILES_MAX)]
    moved_at: Count


class CashMoved(Answer):
    """It is in the books."""

    movement_id: UUID
    expected_minor: int
    difference_minor: int
    """Counted less expected; 0 where nobody counted."""
