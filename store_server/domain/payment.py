"""Cash in the books: which accounts a coin, a sale, a payout and a debt move money between.

One :class:`Transfer` is one row of the ledger: it takes an amount off the credited account and puts it on the debited one, so
an imbalance cannot even be written down. Accounts (balance = debits minus credits)::

    cash/<kiosk>/<device>   money that lies in a device
    escrow/<kiosk>          the shopper's money inside the machine; 0 when nobody pays there
    sales                   what was sold (grows negative)
    rounding                what rounding to the smallest coin gave away (positive) or took (negative)
    owed/<kiosk>            what a machine could not give back, or its terminal took for nothing, and the shop owes (negative)
    uncertain/<kiosk>       coins of which the hopper does not know whether it paid them; staff counts
    discrepancy/<kiosk>     what a kiosk's report does not explain; never hidden, always to be looked into
    wallet/<member>         a member's balance, set aside or not (negative: the shop owes it)
    card/<kiosk>            what card terminals took
    refunds                 what was given back (grows positive)
    claims                  refunds that wait to be paid in cash (negative)
    desk                    cash that the service desk paid out (negative)
    safe                    what staff took out of kiosks' boxes
    over-short/<kiosk>      what counting a box found missing (positive) or too much (negative)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from store_server.contract.box_messages import EmptyBox, MoveNotes, Pile
from store_server.contract.cash_messages import CashEvent, CashReport, Payout, SettleCash
from store_server.contract.money import cash_rounded
from store_server.contract.refusals import Refusal

SALES = "sales"
ROUNDING = "rounding"
REFUNDS = "refunds"
CLAIMS = "claims"
DESK = "desk"
SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One row of the ledger, never changed."""

    source: str
    """The one fact it comes from; each source is posted once."""
    debit: str
    credit: str
    amount_minor: int
    """Above 0."""


@dataclass(frozen=True, slots=True)
class HeldBalance:
    """Money of one balance, set aside for one order."""

    hold_id: UUID
    member_id: UUID
    amount_minor: int


def wallet_account(member_id: UUID) -> str:
    """Name the account of a member's balance."""
    return f"wallet/{member_id}"


def card_account(kiosk: str) -> str:
    """Name the account of what the card terminal beside a kiosk took."""
    return f"card/{kiosk}"


def balance_transfers(held: Iterable[HeldBalance]) -> tuple[Transfer, ...]:
    """Book what balances pay for an order."""
    return tuple(Transfer(f"hold/{one.hold_id}", wallet_account(one.member_id), SALES, one.amount_minor) for one in held)


def card_transfers(payment_id: UUID, kiosk: str, amount_minor: int) -> tuple[Transfer, ...]:
    """Book what a card terminal took for an order."""
    return (Transfer(f"card/{payment_id}", card_account(kiosk), SALES, amount_minor),)


def top_up_transfer(top_up_id: UUID, kiosk: str, member_id: UUID, amount_minor: int) -> Transfer:
    """Book cash that becomes a balance."""
    return Transfer(f"top-up/{top_up_id}", escrow_account(kiosk), wallet_account(member_id), amount_minor)


def refund_transfer(refund_id: UUID, destination: str, amount_minor: int) -> Transfer:
    """Book money that is given back, to the account of whoever gets it."""
    return Transfer(f"refund/{refund_id}", REFUNDS, destination, amount_minor)


def claim_paid_transfer(refund_id: UUID, amount_minor: int) -> Transfer:
    """Book a claim that the service desk paid in cash."""
    return Transfer(f"claim/{refund_id}", CLAIMS, DESK, amount_minor)


def cash_account(kiosk: str, device: str) -> str:
    """Name the account of the money inside one device."""
    return f"cash/{kiosk}/{device}"


def escrow_account(kiosk: str) -> str:
    """Name the account of the shopper's money inside a kiosk."""
    return f"escrow/{kiosk}"


def owed_account(kiosk: str) -> str:
    """Name the account of what a kiosk could not give back."""
    return f"owed/{kiosk}"


def uncertain_account(kiosk: str) -> str:
    """Name the account of coins that may or may not have been paid out."""
    return f"uncertain/{kiosk}"


def discrepancy_account(kiosk: str) -> str:
    """Name the account of what a kiosk's report does not explain."""
    return f"discrepancy/{kiosk}"


def over_short_account(kiosk: str) -> str:
    """Name the account of what counting a kiosk's boxes found missing or too much."""
    return f"over-short/{kiosk}"


def emptied_transfers(kiosk: str, request: EmptyBox) -> tuple[Transfer, ...]:
    """Book a box that staff emptied: what was counted goes to the safe, the box loses exactly what should have been in it."""
    expected = worth_minor(request.contents)
    counted = expected if request.counted_minor is None else request.counted_minor
    box, differs, source = cash_account(kiosk, request.device), over_short_account(kiosk), f"emptied/{request.emptying_id}"
    return _above_zero(
        Transfer(f"{source}/safe", SAFE, box, counted),
        Transfer(f"{source}/short", differs, box, expected - counted),
        Transfer(f"{source}/over", box, differs, counted - expected),
    )


def moved_transfers(kiosk: str, request: MoveNotes) -> tuple[Transfer, ...]:
    """Book notes that a recycler moved from its store into its box."""
    into = cash_account(kiosk, request.into)
    return tuple(
        Transfer(f"moved/{request.movement_id}/{place}", into, cash_account(kiosk, pile.device), worth_minor([pile]))
        for place, pile in enumerate(request.piles)
    )


def worth_minor(piles: Iterable[Pile]) -> int:
    """Sum piles of coins and notes."""
    return sum(pile.value_minor * pile.count for pile in piles)


def kept_charge_transfer(case_id: UUID, kiosk: str, amount_minor: int) -> Transfer:
    """Book what a card was charged without buying anything: the shop owes it to the shopper."""
    return Transfer(f"card-case/{case_id}", card_account(kiosk), owed_account(kiosk), amount_minor)


def taken_transfer(kiosk: str, event: CashEvent) -> Transfer:
    """Book a coin or note that stayed in the machine."""
    source = f"cash/{kiosk}/{event.device}/{event.epoch}/{event.seq}"
    return Transfer(source, cash_account(kiosk, event.device), escrow_account(kiosk), event.value_minor)


def sale_transfers(source: str, kiosk: str, due_minor: int, cash_due_minor: int) -> tuple[Transfer, ...]:
    """Book a sale of ``due_minor`` for which the shopper leaves ``cash_due_minor`` in the machine."""
    escrow, in_cash = escrow_account(kiosk), min(due_minor, cash_due_minor)
    return _above_zero(
        Transfer(f"{source}/sale", escrow, SALES, in_cash),
        Transfer(f"{source}/rounded-down", ROUNDING, SALES, due_minor - in_cash),
        Transfer(f"{source}/rounded-up", escrow, ROUNDING, cash_due_minor - in_cash),
    )


def written_off(source: str, difference_minor: int) -> tuple[Transfer, ...]:
    """Book a sale that is smaller than half the smallest coin, so that nothing can be paid for it."""
    return _above_zero(Transfer(f"{source}/rounded-down", ROUNDING, SALES, difference_minor))


def report_transfers(kiosk: str, report: CashReport, settled_minor: int) -> tuple[Transfer, ...]:
    """Book the end of a session so that the kiosk's escrow holds nothing of it any more.

    Args:
        kiosk: the reporting kiosk.
        report: what it says.
        settled_minor: what a settlement of this session took out of escrow already.
    """
    escrow = escrow_account(kiosk)
    left = total_minor(report.taken) - settled_minor - _paid_out(report.payouts) - report.owed_minor
    unsure = max(0, min(left, sum(payout.uncertain * payout.coin_minor for payout in report.payouts)))
    unexplained = left - unsure
    source = f"session/{report.session_id}"
    return _above_zero(
        *(_payout_transfer(kiosk, payout) for payout in report.payouts),
        Transfer(f"{source}/owed", escrow, owed_account(kiosk), report.owed_minor),
        Transfer(f"{source}/uncertain", escrow, uncertain_account(kiosk), unsure),
        Transfer(f"{source}/over", escrow, discrepancy_account(kiosk), unexplained),
        Transfer(f"{source}/short", discrepancy_account(kiosk), escrow, -unexplained),
    )


def refuse_settlement(request: SettleCash, due_minor: int, rounding_minor: int) -> Refusal | None:
    """Judge the amounts of a cash payment against what is due."""
    if request.cash_due_minor != cash_rounded(due_minor, rounding_minor):
        return Refusal.AMOUNT_MISMATCH
    if total_minor(request.taken) != request.cash_due_minor + request.change_minor:
        return Refusal.AMOUNT_MISMATCH
    return None


def total_minor(events: Iterable[CashEvent]) -> int:
    """Sum coins and notes."""
    return sum(event.value_minor for event in events)


def moved_minor(report: CashReport) -> int:
    """Sum everything that a report says went in, out or is owed."""
    unsure = sum(payout.uncertain * payout.coin_minor for payout in report.payouts)
    return total_minor(report.taken) + _paid_out(report.payouts) + unsure + report.owed_minor


def tells_twice(events: Sequence[CashEvent]) -> bool:
    """Tell whether the same coin or note stands in the list twice."""
    return len({(event.device, event.epoch, event.seq) for event in events}) != len(events)


def settlement_source(payment_id: UUID) -> str:
    """Name the fact that a settlement's transfers come from."""
    return f"settlement/{payment_id}"


def _payout_transfer(kiosk: str, payout: Payout) -> Transfer:
    amount = payout.paid * payout.coin_minor
    return Transfer(f"payout/{payout.payout_id}", escrow_account(kiosk), cash_account(kiosk, payout.device), amount)


def _paid_out(payouts: Iterable[Payout]) -> int:
    return sum(payout.paid * payout.coin_minor for payout in payouts)


def _above_zero(*transfers: Transfer) -> tuple[Transfer, ...]:
    return tuple(transfer for transfer in transfers if transfer.amount_minor > 0)
