"""Note recyclers in the conformance suite: a payout is the main operation, and the notes are counted."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from hardware.cash.commands import PayOut
from hardware.cash.events import PayoutFinished
from hardware.journal import MemoryJournal
from hardware.recycler.driver import RecyclerDriver
from hardware.recycler.line import AGAIN_S, REPLY_S, TRIES
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always

_COUNT, _NOTE_MINOR = 4, 1000
_OUTCOME_S = 60.0


def _driver(stand: Stand) -> RecyclerDriver:
    journal: MemoryJournal = stand.memory.setdefault("journal", MemoryJournal())
    return RecyclerDriver(journal, stored_minor=frozenset({_NOTE_MINOR}))


def _pay(stand: Stand, attempt: int) -> None:
    del attempt
    payout_id = uuid4()
    stand.memory["before_minor"] = _inside_minor(stand)
    stand.memory["payout"] = payout_id
    stand.device.perform(PayOut(payout_id, f"recycler-{_NOTE_MINOR}", _COUNT))


def _inside_minor(stand: Stand) -> int:
    inside: Any = stand.facts()["machine_total_minor"]
    return int(inside)


def _is_paying(stand: Stand) -> bool:
    return bool(_inside_minor(stand) < stand.memory["before_minor"])


def _paid(stand: Stand, attempt: int) -> bool:
    del attempt
    payout_id = stand.memory["payout"]
    outcome = stand.owner.first(PayoutFinished, lambda event: event.payout_id == payout_id, _OUTCOME_S)
    left_minor = stand.memory["before_minor"] - _inside_minor(stand)
    assert not outcome.uncertain
    assert left_minor == outcome.paid * _NOTE_MINOR, outcome
    return outcome.paid == _COUNT


CASES = (
    Case(
        name="note recycler, eSSP",
        kind="ssp-recycler",
        driver=_driver,
        begin=_pay,
        finish=_paid,
        middle=_is_paying,
        silence_s=RecyclerDriver.poll_period_s + (TRIES - 1) * AGAIN_S + REPLY_S,
        silence_middle_s=RecyclerDriver.poll_period_s + TRIES * REPLY_S,
        operation="four notes are paid out",
        options={"stocks": {str(_NOTE_MINOR): 80}, "note_s": 0.3},
        must=always(Fault.POWER_CYCLE, Connection.RETURNS, "it forgets its key, so it is met anew"),
    ),
)
