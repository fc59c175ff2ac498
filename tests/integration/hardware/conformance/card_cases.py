"""Card terminals in the conformance suite: a charge is the main operation, compared with what the bank really booked."""

from __future__ import annotations

from uuid import uuid4

from hardware.card_terminal.commands import Charge
from hardware.card_terminal.events import ChargeFinished, Verdict
from hardware.card_terminal.https import Trust
from hardware.card_terminal.nexo_driver import SHORT_TIMEOUT_S, NexoDriver, NexoSettings
from hardware.card_terminal.terminal import POLL_PERIOD_S, Patience
from hardware.card_terminal.zvt_driver import ZvtDriver, ZvtSettings
from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.journal import MemoryJournal
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always
from tests.support.shaped import Shape

_PATIENCE = Patience(heartbeat_s=0.3, acknowledge_s=1.0, ask_period_s=0.2, answer_limit_s=3.0)
_PAYS_S = 0.5
"""So long a shopper takes."""
_VERDICT_S = 40.0
_PASSPHRASE = "mysupersecretpassphrase"
_ANEW = (
    "ZVT on a network has no checksum and repeats nothing: a payment whose end is damaged or missing is asked after on a new "
    "connection"
)


def _journal(stand: Stand) -> MemoryJournal:
    journal: MemoryJournal = stand.memory.setdefault("journal", MemoryJournal())
    return journal


def _charge(stand: Stand, attempt: int) -> None:
    stand.memory["charge"] = charge_id = uuid4()
    stand.memory["before"] = stand.facts()["booked_minor"]
    stand.play("next_payment", behaviour="approve", delay_s=_PAYS_S)
    stand.device.perform(Charge(charge_id, 1000 + attempt, "CNY"))


def _is_paying(stand: Stand) -> bool:
    return stand.facts()["running"] is not None


def _charged(stand: Stand, attempt: int) -> bool:
    charge_id = stand.memory["charge"]

    def is_final(event: ChargeFinished) -> bool:
        return event.charge_id == charge_id and event.result.verdict.is_final

    result = stand.owner.first(ChargeFinished, is_final, _VERDICT_S).result
    facts = stand.facts()
    booked_minor = facts["booked_minor"] - stand.memory["before"]
    assert result.verdict in {Verdict.APPROVED, Verdict.REFUSED}, result
    assert booked_minor == (1000 + attempt if result.verdict is Verdict.APPROVED else 0), (result, facts)
    assert result.amount_minor == booked_minor, (result, facts)
    assert facts["running"] is None, "it may still be booked"
    assert facts["repeated_names"] == 0
    journal = _journal(stand)
    assert journal.moved_minor(stand.name, "charge") == facts["booked_minor"]
    assert not journal.open_entries(stand.name)
    return result.verdict is Verdict.APPROVED


def _nexo(stand: Stand) -> NexoDriver:
    trust = Trust(fingerprint=stand.certificate())
    return NexoDriver(NexoSettings("kiosk-1", "V400m-324688179", trust, _PASSPHRASE), _journal(stand), _PATIENCE)


CASES = (
    Case(
        name="card terminal nexo",
        kind="nexo-terminal",
        driver=_nexo,
        begin=_charge,
        finish=_charged,
        silence_s=FAILED_EXCHANGES_MAX * (_PATIENCE.heartbeat_s + POLL_PERIOD_S + SHORT_TIMEOUT_S),
        silence_middle_s=_PATIENCE.answer_limit_s
        + FAILED_EXCHANGES_MAX * (_PATIENCE.ask_period_s + POLL_PERIOD_S + SHORT_TIMEOUT_S),
        operation="a card is charged, and what is told compared with what the bank booked",
        middle=_is_paying,
        transports=("https",),
    ),
    Case(
        name="card terminal ZVT",
        kind="zvt-terminal",
        driver=lambda stand: ZvtDriver(ZvtSettings(currency="CNY"), _journal(stand), _PATIENCE),
        begin=_charge,
        finish=_charged,
        silence_s=FAILED_EXCHANGES_MAX * (_PATIENCE.heartbeat_s + POLL_PERIOD_S + _PATIENCE.acknowledge_s),
        silence_middle_s=_PATIENCE.answer_limit_s + _PATIENCE.ask_period_s,
        operation="a card is charged, and what is told compared with what the bank booked",
        middle=_is_paying,
        transports=("tcp",),
        shapes=tuple(shape for shape in Shape if shape.is_whole),  # TCP loses and changes nothing
        must={
            fault: must
            for kind in (Fault.DROPPED, Fault.CORRUPTED, Fault.TRUNCATED, Fault.DOUBLED, Fault.GARBAGE)
            for fault, must in always(kind, Connection.MAY_RETURN, _ANEW).items()
        },
    ),
)
