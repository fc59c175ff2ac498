"""What a session tells the store server: its payment, and at its end what moved; always the same for the same session."""

from __future__ import annotations

import re
from typing import Literal

from kiosk_app.session import Session, Taken
from kiosk_app.session_commands import SettleCard
from store_server.contract.cash_messages import CashEvent, CashReport, Payout, SettleCash
from store_server.contract.tender_messages import RecordCard, SettleOrder

REFERENCE_MAX = 60
_NOT_IN_REFERENCE = re.compile(r"[^A-Za-z0-9 ./:_-]")


def cash_settlement(session: Session) -> SettleCash:
    """Compose the payment of everything that was taken so far."""
    assert session.order is not None
    return SettleCash(
        payment_id=session.derived_id("payment"),
        session_id=session.session_id,
        order_id=session.order.order_id,
        revision=session.order.revision,
        cash_due_minor=session.due_minor,
        taken=[_cash_event(piece) for piece in session.taken],
        change_minor=session.taken_minor - session.due_minor,
    )


def card_settlement(session: Session) -> SettleCard:
    """Compose what the server is told about an approved charge; always the same."""
    assert session.order is not None
    assert session.card is not None
    record = RecordCard(
        payment_id=session.card.charge_id,
        amount_minor=session.card.moved_minor,
        reference=_NOT_IN_REFERENCE.sub("-", session.card.reference)[:REFERENCE_MAX] or "-",
    )
    settle = SettleOrder(
        payment_id=session.derived_id("payment"),
        session_id=session.session_id,
        order_id=session.order.order_id,
        revision=session.order.revision,
    )
    return SettleCard(session.session_id, record, settle)


def end_report(session: Session) -> CashReport | None:
    """Compose what the books must know at the end; None if no money moved and no charge is in doubt."""
    if not session.taken and not session.payouts and not session.card_doubt_minor:
        return None
    outcome: Literal["paid", "cancelled", "owing"] = "cancelled"
    if session.needs_staff:
        outcome = "owing"
    elif session.settlement is not None:
        outcome = "paid"
    return CashReport(
        session_id=session.session_id,
        order_id=session.order.order_id if session.order else None,
        outcome=outcome,
        taken=[_cash_event(piece) for piece in session.taken],
        payouts=[
            Payout(
                payout_id=payout.payout_id,
                device=payout.hopper,
                coin_minor=payout.coin_minor,
                requested=payout.requested,
                paid=payout.paid,
                uncertain=payout.uncertain,
            )
            for payout in session.payouts
        ],
        owed_minor=session.owed_minor,
        card_charge_id=session.card.charge_id if session.card is not None and session.card_doubt_minor else None,
        card_doubt_minor=session.card_doubt_minor,
    )


def _cash_event(piece: Taken) -> CashEvent:
    return CashEvent(device=piece.place, epoch=piece.epoch, seq=piece.seq, value_minor=piece.value_minor)
