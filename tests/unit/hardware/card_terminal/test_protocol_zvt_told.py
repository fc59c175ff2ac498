"""What a ZVT terminal has told since a command was sent, and what that says of a payment."""

from __future__ import annotations

from uuid import UUID

import pytest

from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal.charges import CHARGE, REVERSE
from hardware.card_terminal.events import Reason, Verdict
from hardware.card_terminal.protocol_zvt import Apdu
from hardware.card_terminal.protocol_zvt_told import NONE_YET, Heard
from hardware.journal_entry import Entry, Intent

AMOUNT = "2700 04000000001234"
ENDED = Apdu(zvt.COMPLETION)


def heard(*told: Apdu) -> Heard:
    made = Heard()
    for apdu in told:
        assert made.note(apdu) == ""
    return made


def status(told: str) -> Apdu:
    return Apdu(zvt.STATUS_INFORMATION, bytes.fromhex(told))


def repeated(trace: int, told: str = AMOUNT) -> Heard:
    """The terminal repeats a receipt."""
    return heard(status(f"{told} 0b{trace:06d} 87{trace % 10000:04d}"), ENDED)


def lost(trace: int, receipt: int, action: str = CHARGE) -> Entry:
    """A payment of 12.34 was begun when this was the newest transaction."""
    return Entry(Intent(UUID(int=1), "terminal", action, 1234, "", {"trace": trace, "receipt": receipt}))


NOBODY_KNOWS = Entry(Intent(UUID(int=1), "terminal", CHARGE, 1234))


@pytest.mark.parametrize(
    ("before", "newest", "verdict"),
    [
        ((4, 4), 5, Verdict.APPROVED),
        ((4, 4), 4, Verdict.REFUSED),
        ((5, 0), 4, Verdict.UNCERTAIN),
        ((5, 0), 5, Verdict.UNCERTAIN),
        ((0, 0), 1, Verdict.APPROVED),
        ((999_999, 9_999), 1, Verdict.APPROVED),
    ],
)
def test_only_a_newer_receipt_is_taken_for_the_lost_payments(before: tuple[int, int], newest: int, verdict: Verdict) -> None:
    assert repeated(newest).judged(lost(*before)).verdict is verdict


def test_a_terminal_that_tells_only_receipt_numbers_is_compared_by_them() -> None:
    assert heard(status(f"{AMOUNT} 870005"), ENDED).judged(lost(0, 4)).verdict is Verdict.APPROVED


@pytest.mark.parametrize("told", ["2700 04000000001200", "04000000001234"])
def test_a_receipt_of_another_amount_or_without_a_result_decides_nothing(told: str) -> None:
    assert repeated(5, told).judged(lost(4, 4)).verdict is Verdict.UNCERTAIN


def test_a_receipt_of_a_refused_payment_refuses() -> None:
    assert repeated(5, "276c 04000000001234").judged(lost(4, 4)).reason is Reason.CANCELLED


def test_what_the_terminal_took_back_by_itself_was_not_paid() -> None:
    receipt = (Apdu(zvt.PRINT_LINE, b"\x00STORNO"), Apdu(zvt.PRINT_LINE, b"\x81 12,34"))
    for told in (heard(status(f"{AMOUNT} 0b000005"), *receipt, ENDED), repeated(5, f"{AMOUNT} 37000004")):
        assert told.judged(lost(4, 4)).reason is Reason.UNAVAILABLE
        assert told.judged(lost(4, 4, REVERSE)).verdict is Verdict.APPROVED
    assert repeated(5).judged(lost(4, 4, REVERSE)).verdict is Verdict.REFUSED


def test_without_numbers_nothing_is_told_apart() -> None:
    assert heard(status(AMOUNT), ENDED).judged(lost(4, 4)).verdict is Verdict.UNCERTAIN
    assert repeated(5).judged(NOBODY_KNOWS).verdict is Verdict.UNCERTAIN


def test_a_payment_that_was_given_up_tells_no_transaction() -> None:
    given_up = heard(Apdu(zvt.ABORTED, b"\x6c"))
    assert (given_up.newest, given_up.newest_repeated) == (None, (0, 0))
    assert heard(ENDED).newest_repeated is None
    assert not heard().is_completed


def test_a_terminal_that_had_a_transaction_and_repeats_none_leaves_nobody_sure() -> None:
    refuses = heard(Apdu(zvt.ABORTED, b"\x64"))
    assert refuses.newest_after(NONE_YET) == NONE_YET
    assert refuses.newest_after((4, 4)) is refuses.newest_after(None) is None
    assert repeated(5).newest_after(None) == repeated(5).newest_after((4, 4)) == (5, 5)


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ((status(AMOUNT), ENDED), Verdict.APPROVED),
        ((ENDED,), Verdict.UNKNOWN),
        ((status(AMOUNT), Apdu(zvt.ABORTED, b"\x6c")), Verdict.UNKNOWN),
        ((status("2705"), ENDED), Verdict.REFUSED),
        ((Apdu(zvt.ABORTED, b"\x6c"),), Verdict.REFUSED),
        ((Apdu(zvt.ABORTED),), Verdict.REFUSED),
    ],
)
def test_an_approval_counts_only_when_the_command_was_completed(told: tuple[Apdu, ...], verdict: Verdict) -> None:
    assert heard(*told).result(NOBODY_KNOWS).verdict is verdict


def test_an_approval_without_an_amount_is_of_what_was_asked_for() -> None:
    assert heard(status("2700"), ENDED).result(NOBODY_KNOWS).amount_minor == 1234


def test_receipts_come_as_lines_or_as_blocks() -> None:
    lines = [Apdu(zvt.PRINT_LINE, told) for told in (b"\x40* KUNDENBELEG *", b"\x81 12,34", b"\x40HAENDLERBELEG")]
    result = heard(status(AMOUNT), *lines, ENDED).result(NOBODY_KNOWS)
    assert result.customer_receipt == ("* KUNDENBELEG *", " 12,34")
    assert result.merchant_receipt == ("HAENDLERBELEG",)
    block = Apdu(zvt.PRINT_BLOCK, bytes.fromhex("06 0F 1F07 01 01 25 09 07 03 414243 07 02 4445"))
    assert heard(status(AMOUNT), block, ENDED).result(NOBODY_KNOWS).merchant_receipt == ("ABC", "DE")


def test_a_receipt_that_never_ends_is_cut() -> None:
    endless = heard(*[Apdu(zvt.PRINT_LINE, b"\x00a")] * 2000)
    assert len(endless.lines) < 2000


def test_what_is_to_be_shown_comes_back_and_what_is_not_needed_is_left() -> None:
    assert Heard().note(Apdu(zvt.INTERMEDIATE_STATUS, b"\x0a"))
    assert heard(Apdu(0x0123)) == Heard()
