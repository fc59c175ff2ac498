from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.cash_messages import CashEvent, CashReport, Payout, SettleCash
from store_server.contract.money import cash_rounded
from store_server.contract.refusals import Refusal
from store_server.domain.payment import (
    Transfer,
    refuse_settlement,
    report_transfers,
    sale_transfers,
    taken_transfer,
    tells_twice,
)

ID = UUID(int=5)


def coin(seq: int, value_minor: int, device: str = "coin-box") -> CashEvent:
    return CashEvent(device=device, epoch=1, seq=seq, value_minor=value_minor)


def payout(number: int, coin_minor: int, paid: int, uncertain: int = 0) -> Payout:
    return Payout(
        payout_id=UUID(int=number),
        device=f"hopper-{coin_minor}",
        coin_minor=coin_minor,
        requested=paid + uncertain,
        paid=paid,
        uncertain=uncertain,
    )


def report(taken: list[CashEvent], payouts: list[Payout], owed_minor: int = 0) -> CashReport:
    return CashReport(session_id=ID, order_id=None, outcome="paid", taken=taken, payouts=payouts, owed_minor=owed_minor)


def balances(transfers: list[Transfer]) -> dict[str, int]:
    found: dict[str, int] = {}
    for transfer in transfers:
        found[transfer.debit] = found.get(transfer.debit, 0) + transfer.amount_minor
        found[transfer.credit] = found.get(transfer.credit, 0) - transfer.amount_minor
    return {account: balance for account, balance in found.items() if balance}


def ended(taken: list[CashEvent], payouts: list[Payout], settled_minor: int, owed_minor: int = 0) -> dict[str, int]:
    """Balances after taking, settling and reporting."""
    posted = [taken_transfer("kiosk-1", event) for event in taken]
    posted += sale_transfers("settlement/x", "kiosk-1", settled_minor, settled_minor)
    posted += report_transfers("kiosk-1", report(taken, payouts, owed_minor), settled_minor)
    assert len({transfer.source for transfer in posted}) == len(posted)
    return balances(posted)


@given(st.integers(1, 10**8), st.sampled_from([1, 5, 10, 100]))
def test_a_sale_is_booked_in_full_whatever_rounding_does(due_minor: int, step: int) -> None:
    cash_due = cash_rounded(due_minor, step)
    found = balances(list(sale_transfers("s", "kiosk-1", due_minor, cash_due)))
    assert found["sales"] == -due_minor
    assert found.get("escrow/kiosk-1", 0) == cash_due
    assert found.get("rounding", 0) == due_minor - cash_due


def test_a_sale_with_change_leaves_nothing_in_escrow() -> None:
    found = ended([coin(1, 2000, "note-box")], [payout(1, 100, 7), payout(2, 10, 2)], settled_minor=1280)
    assert found == {
        "cash/kiosk-1/note-box": 2000,
        "sales": -1280,
        "cash/kiosk-1/hopper-100": -700,
        "cash/kiosk-1/hopper-10": -20,
    }


def test_what_could_not_be_given_back_is_owed() -> None:
    found = ended([coin(1, 2000)], [payout(1, 100, 5)], settled_minor=1280, owed_minor=220)
    assert found["owed/kiosk-1"] == -220
    assert "escrow/kiosk-1" not in found


def test_coins_of_which_nobody_knows_wait_for_a_count() -> None:
    found = ended([coin(1, 2000)], [payout(1, 100, 6, uncertain=1), payout(2, 10, 2)], settled_minor=1280)
    assert found["uncertain/kiosk-1"] == -100
    assert "escrow/kiosk-1" not in found
    assert "discrepancy/kiosk-1" not in found


def test_uncertain_coins_that_the_kiosk_counts_as_owed_are_not_booked_twice() -> None:
    found = ended([coin(1, 2000)], [payout(1, 100, 6, uncertain=1), payout(2, 10, 2)], settled_minor=1280, owed_minor=100)
    assert found["owed/kiosk-1"] == -100
    assert "uncertain/kiosk-1" not in found


@given(
    st.lists(st.integers(1, 10_000), max_size=5),
    st.lists(st.tuples(st.sampled_from([10, 50, 100]), st.integers(0, 20), st.integers(0, 3)), max_size=4),
    st.integers(0, 5000),
    st.integers(0, 3000),
)
def test_whatever_a_kiosk_reports_escrow_ends_empty_and_cash_is_what_moved(
    values: list[int], paid: list[tuple[int, int, int]], settled_minor: int, owed_minor: int
) -> None:
    taken = [coin(seq, value) for seq, value in enumerate(values)]
    payouts = [payout(number, coin_minor, count, unsure) for number, (coin_minor, count, unsure) in enumerate(paid)]
    found = ended(taken, payouts, settled_minor, owed_minor)
    assert "escrow/kiosk-1" not in found
    in_cash = sum(balance for account, balance in found.items() if account.startswith("cash/"))
    assert in_cash == sum(values) - sum(coin_minor * count for coin_minor, count, _ in paid)
    assert sum(found.values()) == 0


def settle(cash_due_minor: int, taken: list[CashEvent], change_minor: int) -> SettleCash:
    return SettleCash(
        payment_id=ID,
        session_id=ID,
        order_id=ID,
        revision=1,
        cash_due_minor=cash_due_minor,
        taken=taken,
        change_minor=change_minor,
    )


@pytest.mark.parametrize(
    ("cash_due", "taken", "change", "refusal"),
    [
        (1280, [1280], 0, None),
        (1280, [2000], 720, None),
        (1284, [1284], 0, Refusal.AMOUNT_MISMATCH),
        (1270, [1270], 0, Refusal.AMOUNT_MISMATCH),
        (1280, [1270], 0, Refusal.AMOUNT_MISMATCH),
        (1280, [2000], 710, Refusal.AMOUNT_MISMATCH),
        (1280, [2000], 730, Refusal.AMOUNT_MISMATCH),
    ],
)
def test_the_amounts_of_a_payment_must_fit(cash_due: int, taken: list[int], change: int, refusal: Refusal | None) -> None:
    request = settle(cash_due, [coin(seq, value) for seq, value in enumerate(taken)], change)
    assert refuse_settlement(request, due_minor=1284, rounding_minor=10) == refusal


def test_the_same_coin_in_one_list_twice_is_noticed() -> None:
    assert tells_twice([coin(1, 100), coin(2, 100), coin(1, 50)])
    assert not tells_twice([coin(1, 100), coin(1, 100, "note-box")])
