"""What a ZVT terminal's newest receipt says of a payment whose end was not heard."""

from __future__ import annotations

from uuid import UUID

import pytest

from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal.charges import CHARGE
from hardware.card_terminal.events import Verdict
from hardware.card_terminal.protocol_zvt import Apdu
from hardware.card_terminal.protocol_zvt_told import Heard
from hardware.journal_entry import Entry, Intent


def repeated(trace: int, amount: int = 1234) -> Heard:
    """The terminal repeats a receipt."""
    heard = Heard()
    told = bytes.fromhex(f"2700 04{amount:012d} 0b{trace:06d} 87{trace % 10000:04d}")
    heard.note(Apdu(zvt.STATUS_INFORMATION, told))
    heard.note(Apdu(zvt.COMPLETION))
    return heard


def lost(trace: int, receipt: int) -> Entry:
    """A payment of 12.34 was begun when this was the newest transaction."""
    return Entry(Intent(UUID(int=1), "terminal", CHARGE, 1234, "", {"trace": trace, "receipt": receipt}))


@pytest.mark.parametrize(
    ("before", "newest", "verdict"),
    [
        ((4, 4), 5, Verdict.APPROVED),
        ((4, 4), 4, Verdict.REFUSED),
        ((5, 0), 4, Verdict.UNCERTAIN),
        ((0, 0), 1, Verdict.APPROVED),
        ((999_999, 9_999), 1, Verdict.APPROVED),
    ],
)
def test_only_a_newer_receipt_is_taken_for_the_lost_payments(before: tuple[int, int], newest: int, verdict: Verdict) -> None:
    assert repeated(newest).judged(lost(*before)).verdict is verdict


def test_a_receipt_of_another_amount_decides_nothing() -> None:
    assert repeated(5, amount=1200).judged(lost(4, 4)).verdict is Verdict.UNCERTAIN


def test_a_payment_that_was_given_up_tells_no_transaction() -> None:
    heard = Heard()
    heard.note(Apdu(zvt.ABORTED, b"\x6c"))
    assert (heard.newest, heard.newest_repeated) == (None, (0, 0))
