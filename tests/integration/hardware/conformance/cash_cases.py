"""Cash buses in the conformance suite: a payout is the main operation, and the coins are counted."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from hardware.cash.bus import LATE_ANSWER_S, REPLY_S, TRIES
from hardware.cash.commands import PayOut
from hardware.cash.driver import POLL_PERIOD_S, SILENT_DEVICES, CashBusDriver
from hardware.cash.events import PayoutFinished
from hardware.cash.protocol import INTER_BYTE_S, Checksum
from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.journal import MemoryJournal
from tests.integration.hardware.conformance.case import Case, Stand
from tests.support.shaped import Shape
from tests.support.wire import wait_for

_COUNT, _COIN_MINOR = 4, 100
_OUTCOME_S = 60.0
_MIXED_CHECKSUMS: Mapping[int, Checksum] = {40: "crc16"}


def _pay(stand: Stand, attempt: int) -> None:
    del attempt
    stand.memory["before_minor"] = stand.facts()["machine_total_minor"]
    stand.memory["payouts"] = payouts = {hopper: uuid4() for hopper in stand.memory["hoppers"]}
    for hopper, payout_id in payouts.items():
        stand.device.perform(PayOut(payout_id, hopper, _COUNT))


def _is_paying(stand: Stand) -> bool:
    return bool(stand.facts()["machine_total_minor"] < stand.memory["before_minor"])


def _paid(stand: Stand, attempt: int) -> bool:
    del attempt
    payouts = stand.memory["payouts"]
    outcomes = [_outcome(stand, payout_id) for payout_id in payouts.values()]
    wait_for(lambda: stand.facts()["moving_minor"] == 0, "the coins to lie still")
    left_minor = stand.memory["before_minor"] - stand.facts()["machine_total_minor"]
    paid = sum(outcome.paid for outcome in outcomes)
    assert any(outcome.uncertain for outcome in outcomes) or left_minor == paid * _COIN_MINOR, outcomes
    assert left_minor <= len(payouts) * _COUNT * _COIN_MINOR
    return all(outcome.paid == _COUNT for outcome in outcomes)


def _outcome(stand: Stand, payout_id: UUID) -> PayoutFinished:
    return stand.owner.first(PayoutFinished, lambda event: event.payout_id == payout_id, _OUTCOME_S)


def _journal(stand: Stand) -> MemoryJournal:
    """Outlives the driver, as a file does."""
    journal: MemoryJournal = stand.memory.setdefault("journal", MemoryJournal())
    return journal


def silence_s(checksum: Checksum) -> float:
    """Return after how long a bus is lost: one is asked three times, the next once, and in two more rounds one more each."""
    unanswered_s = REPLY_S + (INTER_BYTE_S if checksum == "sum8" else LATE_ANSWER_S)
    asked = TRIES + SILENT_DEVICES - 1 + FAILED_EXCHANGES_MAX - 1
    return asked * unanswered_s + FAILED_EXCHANGES_MAX * POLL_PERIOD_S


def _mixed(stand: Stand) -> CashBusDriver:
    stand.memory["hoppers"] = ("hopper-100", "hopper-100-5")
    return CashBusDriver(echo=True, checksums=_MIXED_CHECKSUMS, journal=_journal(stand))


def _plain(stand: Stand, checksum: Checksum, *, echo: bool) -> CashBusDriver:
    stand.memory["hoppers"] = ("hopper-100",)
    return CashBusDriver(checksum=checksum, echo=echo, journal=_journal(stand))


def _case(checksum: Checksum, *, echo: bool) -> Case:
    return Case(
        name=f"cash ccTalk {checksum}{' echo' if echo else ''}",
        kind="cctalk-cash",
        driver=lambda stand: _plain(stand, checksum, echo=echo),
        begin=_pay,
        finish=_paid,
        middle=_is_paying,
        silence_s=silence_s(checksum),
        operation="four coins are paid out",
        options={"checksum": checksum, "echo": echo, "coins_per_s": 10.0, "empty_s": 0.5},
        # A sum of eight bits lets one damaged frame in some hundred through.
        shapes=tuple(shape for shape in Shape if checksum == "crc16" or shape is not Shape.NOISY),
    )


CASES = (
    _case("sum8", echo=True),
    _case("crc16", echo=False),
    Case(
        name="cash ccTalk, a mixed bus: coin acceptor, note validator with CRC-16, hoppers SCH2, Flow and Flow without key",
        kind="cctalk-cash",
        driver=_mixed,
        begin=_pay,
        finish=_paid,
        middle=_is_paying,
        silence_s=silence_s("crc16"),
        operation="two hoppers that hold the same coin pay four coins each at the same time",
        options={
            "hoppers": {"3": _COIN_MINOR, "4": 50, "5": _COIN_MINOR},
            "products": {"4": "FLOW-NOENCRYPT", "5": "FLOW"},
            "checksums": {str(address): checksum for address, checksum in _MIXED_CHECKSUMS.items()},
            "coins_per_s": 10.0,
            "empty_s": 0.5,
        },
        shapes=tuple(shape for shape in Shape if shape is not Shape.NOISY),  # a sum of eight bits, as above
    ),
)
