from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from hardware.cash import events as cash
from hardware.printer.driver import PrinterStatus, PrintOutcome
from hardware.scanner.events import CodeScanned
from hardware.scanner.protocol import Symbology
from kiosk_app import device_words
from kiosk_app import session_events as on
from kiosk_app.session import Hopper

ID = UUID(int=7)
MEMORY = cash.CounterMemory("1", 2, 3, 4)


def payout(paid: int, reason: cash.PayoutReason, *, uncertain: bool = False) -> on.Event | None:
    return device_words.session_event(cash.PayoutFinished("cash", ID, "hopper-100", 5, paid, uncertain, reason))


def test_a_coin_is_credited_with_its_counter() -> None:
    taken = cash.CoinTaken("cash", "coin-box", 2, 3, 100, MEMORY)
    assert device_words.session_event(taken) == on.CoinTaken("coin-box", 2, 3, 100)
    credit = device_words.credit_of(taken)
    assert credit is not None
    assert (credit.place, credit.epoch, credit.seq, credit.memory) == ("coin-box", 2, 3, MEMORY)


def test_a_note_in_escrow_is_no_credit() -> None:
    offered = cash.NoteInEscrow("cash", 2000)
    assert device_words.session_event(offered) == on.NoteOffered(2000)
    assert device_words.credit_of(offered) is None


def test_a_complete_payout_leaves_the_hopper_trusted() -> None:
    assert payout(5, cash.PayoutReason.DONE) == on.PayoutFinished(ID, 5, 0, hopper_failed=False)
    assert payout(3, cash.PayoutReason.LINK_LOST) == on.PayoutFinished(ID, 3, 0, hopper_failed=False)


@pytest.mark.parametrize("reason", sorted(set(cash.PayoutReason) - {cash.PayoutReason.DONE, cash.PayoutReason.LINK_LOST}))
def test_every_other_end_sets_the_hopper_aside(reason: cash.PayoutReason) -> None:
    assert payout(2, reason) == on.PayoutFinished(ID, 2, 0, hopper_failed=True)


def test_what_the_counters_cannot_prove_is_uncertain() -> None:
    assert payout(2, cash.PayoutReason.RESET, uncertain=True) == on.PayoutFinished(ID, 2, 3, hopper_failed=True)


def test_an_unreachable_hopper_is_asked_again_later() -> None:
    assert payout(0, cash.PayoutReason.UNREACHABLE, uncertain=True) == on.PayoutUnknown(ID)


def test_the_lever_cancels_and_rejected_pieces_are_hints() -> None:
    assert device_words.session_event(cash.ReturnLeverPressed("cash")) == on.CancelPressed()
    trouble = cash.CashTrouble("cash", "coin-box", cash.TroubleCode.REJECTED, cash.Severity.INFORMATION, "Rejected.")
    assert device_words.session_event(trouble) == on.PieceRejected()
    doubtful = cash.CashTrouble("cash", "note-box", cash.TroubleCode.UNCERTAIN_NOTE, cash.Severity.ALARM, "Where?", 2000)
    assert device_words.session_event(doubtful) == on.NoteDoubtful(2000)
    jam = cash.CashTrouble("cash", "coin-box", cash.TroubleCode.JAM, cash.Severity.OUT_OF_SERVICE, "Jam.")
    assert device_words.session_event(jam) is None


def test_a_level_sensor_that_contradicts_the_count_is_told() -> None:
    low = cash.HopperInfo(100, cash.Level.LOW, "1")
    devices = cash.CashDevices("cash", (), (), {"hopper-100": low, "hopper-50": replace(low, coin_minor=50)})
    hoppers = (Hopper("hopper-100", 100, 200, present=True), Hopper("hopper-50", 50, 10, present=True))
    (sentence,) = device_words.doubtful_counts(devices, hoppers)
    assert "hopper-100 should hold 200 coins" in sentence


def test_scans_and_prints() -> None:
    assert device_words.session_event(CodeScanned("scanner", "X", Symbology.QR)) == on.CodeRead("X")
    assert device_words.session_event(PrintOutcome("printer", ID, "uncertain", "gone")) == on.ReceiptUncertain(ID)
    assert device_words.session_event(PrinterStatus("printer", "ok", cover_open=False, error="", online=True)) is None
