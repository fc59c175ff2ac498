"""Cash buses in the conformance suite: a payout is the main operation, and the coins are counted."""

from __future__ import annotations

from uuid import uuid4

from hardware.cash.bus import LATE_ANSWER_S, REPLY_S, TRIES
from hardware.cash.commands import PayOut
from hardware.cash.driver import POLL_PERIOD_S, CashBusDriver
from hardware.cash.events import PayoutFinished
from hardware.cash.protocol import INTER_BYTE_S, Checksum
from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.journal import MemoryJournal
from tests.integration.hardware.conformance.case import Case, Stand
from tests.support.shaped import Shape
from tests.support.wire import wait_for

_COUNT, _COIN_MINOR = 4, 100
_OUTCOME_S = 60.0


def _pay(stand: Stand, attempt: int) -> None:
    del attempt
    payout_id = uuid4()
    stand.memory["before_minor"] = stand.facts()["machine_total_minor"]
    stand.memory["payout"] = payout_id
    stand.device.perform(PayOut(payout_id, "hopper-100", _COUNT))


def _is_paying(stand: Stand) -> bool:
    return bool(stand.facts()["machine_total_minor"] < stand.memory["before_minor"])


def _paid(stand: Stand, attempt: int) -> bool:
    del attempt
    payout_id = stand.memory["payout"]
    outcome = stand.owner.first(PayoutFinished, lambda event: event.payout_id == payout_id, _OUTCOME_S)
    wait_for(lambda: stand.facts()["moving_minor"] == 0, "the coins to lie still")
    left_minor = stand.memory["before_minor"] - stand.facts()["machine_total_minor"]
    assert outcome.uncertain or left_minor == outcome.paid * _COIN_MINOR, outcome
    assert left_minor <= _COUNT * _COIN_MINOR
    return outcome.paid == _COUNT


def _journal(stand: Stand) -> MemoryJournal:
    """Outlives the driver, as a file does."""
    journal: MemoryJournal = stand.memory.setdefault("journal", MemoryJournal())
    return journal


def silence_s(checksum: Checksum, devices: int) -> float:
    """Return after how long a bus is lost: everybody is asked three times, then everybody once, and once more."""
    unanswered_s = REPLY_S + (INTER_BYTE_S if checksum == "sum8" else LATE_ANSWER_S)
    return devices * (TRIES + FAILED_EXCHANGES_MAX - 1) * unanswered_s + FAILED_EXCHANGES_MAX * POLL_PERIOD_S


def _case(checksum: Checksum, *, echo: bool) -> Case:
    return Case(
        name=f"cash ccTalk {checksum}{' echo' if echo else ''}",
        kind="cctalk-cash",
        driver=lambda stand: CashBusDriver(checksum=checksum, echo=echo, journal=_journal(stand)),
        begin=_pay,
        finish=_paid,
        middle=_is_paying,
        silence_s=silence_s(checksum, devices=5),
        operation="four coins are paid out",
        options={"checksum": checksum, "echo": echo, "coins_per_s": 10.0, "empty_s": 0.5},
        # A sum of eight bits lets one damaged frame in some hundred through.
        shapes=tuple(shape for shape in Shape if checksum == "crc16" or shape is not Shape.NOISY),
    )


CASES = (_case("sum8", echo=True), _case("crc16", echo=False))
