"""Which gate controller may run the shop's lanes: the one whose record says which passes were used; pure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from store_server.contract.arbiter_messages import ClaimLanes

SILENT_AFTER_S = 30
"""A controller claims its lanes every few seconds."""


@dataclass(frozen=True, slots=True)
class Arbiter:
    """Who runs the lanes."""

    controller_id: UUID
    run_id: UUID
    gate: str
    """The device's name."""
    heard_at: int
    released: bool


def refuse_claim(holder: Arbiter | None, claim: ClaimLanes, *, now_s: int) -> str:
    """Return the sentence that refuses a claim; empty when the lanes are the claimer's.

    Time alone never moves the lanes to another controller: the one that fell silent may be letting people out without the
    server, and only its own record knows whom. A person has to say that it is gone.
    """
    if holder is None or holder.released:
        return ""
    if holder.controller_id == claim.controller_id:
        return "" if claim.begins or holder.run_id == claim.run_id else _OVERTAKEN
    silent_s = now_s - holder.heard_at
    if silent_s <= SILENT_AFTER_S:
        return _AT_WORK.format(gate=holder.gate, silent_s=max(0, silent_s))
    return "" if claim.begins and claim.take_over else _SILENT.format(gate=holder.gate, silent_s=silent_s)


_OVERTAKEN = "This gate controller was started a second time, with a copy of its folder; the later one runs the lanes."
_AT_WORK = (
    "Another gate controller ({gate}) runs the lanes of this shop; it was heard {silent_s} s ago. One record of used passes"
    " must serve all lanes: stop that one first, or add these lanes to its settings."
)
_SILENT = (
    "Another gate controller ({gate}) runs the lanes of this shop; it was last heard {silent_s} s ago and may hold exits that"
    " the store does not know yet. Start it again; if it is gone for good, start this one once with --take-over."
)
