"""Money goes back: one hopper at a time, what no hopper can give is owed."""

from __future__ import annotations

from dataclasses import replace

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.cash_rules import next_payout
from kiosk_app.session import (
    PAYOUTS_MAX,
    CardStage,
    FinishedPayout,
    OpenPayout,
    Session,
)
from kiosk_app.session_rules.ending import enter_cancelled
from kiosk_app.session_rules.step import Step


def cancel_order(session: Session, _event: on.CancelPressed | on.TimeUp) -> Step:
    """Let go of an order before any money came."""
    return enter_cancelled(replace(session, notice=None), _event)


def return_all(session: Session, _event: on.CancelPressed | on.TimeUp) -> Step:
    """Take no more and give everything back; an undecided note in escrow goes back by itself."""
    returning, commands = give_back(replace(session, accepting=None, notice=None))
    return returning, (do.StopAccepting(), *commands)


def give_back(session: Session) -> Step:
    """Start the next payout, if one is needed and possible; what no hopper can give is owed."""
    if session.open_payout is not None or session.escrow_minor or not session.to_return_minor or not session.cash.ready:
        return session, ()
    found = next_payout(session) if len(session.payouts) < PAYOUTS_MAX else None
    if found is None:
        return _owe_rest(session), ()
    hopper, count = found
    payout_id = session.derived_id(f"payout-{len(session.payouts)}")
    session = replace(session, open_payout=OpenPayout(payout_id, hopper.name, hopper.coin_minor, count))
    return session, (do.PayOut(payout_id, hopper.name, count),)


def _owe_rest(session: Session) -> Session:
    return replace(session, owed_minor=session.owed_minor + session.to_return_minor)


def finish_payout(session: Session, event: on.PayoutFinished) -> Step:
    """Book what a hopper did, then go on with the rest. What belongs to no open payout was booked before."""
    payout = session.open_payout
    if payout is None or payout.payout_id != event.payout_id:
        return session, ()
    booked = _book(session, payout, event.paid, event.uncertain)
    hopper = booked.hopper(payout.hopper)
    if hopper is not None and event.hopper_failed:
        booked = booked.with_hopper(replace(hopper, failed=True))
    return give_back(booked)


def _book(session: Session, payout: OpenPayout, paid: int, uncertain: int) -> Session:
    done = FinishedPayout(payout.payout_id, payout.hopper, payout.coin_minor, payout.count, paid, uncertain)
    hopper = session.hopper(payout.hopper)
    if hopper is not None:
        session = session.with_hopper(replace(hopper, count=max(0, hopper.count - paid - uncertain)))
    return replace(session, payouts=(*session.payouts, done), open_payout=None)


def lose_payout(session: Session, event: on.PayoutUnknown) -> Step:
    """Wait for the hopper, then ask it; nothing else moves until then."""
    payout = session.open_payout
    if payout is None or payout.payout_id != event.payout_id:
        return session, ()
    return replace(session, open_payout=replace(payout, must_ask=True)), ()


def end_returning(session: Session, _event: on.TimeUp) -> Step:
    """Stop waiting for a device: coins under way are uncertain, a note under way is doubtful, the rest is owed."""
    if session.open_payout is not None:
        session = _book(session, session.open_payout, 0, session.open_payout.count)
    doubt_minor = session.doubt_minor + session.escrow_minor
    if session.card is not None and session.card.stage is CardStage.REVERSING:
        session = replace(session, card=replace(session.card, stage=CardStage.KEPT))
    session = replace(session, escrow_minor=0, stacking=False, doubt_minor=doubt_minor)
    return _owe_rest(session), ()
