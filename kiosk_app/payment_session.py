"""The payment session: from an order's code to a paid order, or to all the money back.

One table says which event may happen in which state, where it leads and by which rule; :func:`advance` is pure. A missing
device, a silent server and a paper jam are fields, never states. Devices and server are reached only by commands, and the desk
carries a command out only after the session that wants it is on disk, so every state can be resumed after a power cut
(``Resumed``).

- A stray coin (no session open) opens a session of its own that gives it back.
- After the payment was sent, cancelling is impossible until its outcome is known.
- OWING is the fourth money case: something could not be returned. It is printed, recorded and owed.
- A charge's outcome is known before TAKING_CARD is left. While it is unknown the staff is called and the terminal is asked;
  only what the terminal itself cannot tell, or does not tell for long, ends in OWING, and then the order stays held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from kiosk_app import session_events as on
from kiosk_app.session import CardStage, Session, State
from kiosk_app.session_events import Event
from kiosk_app.session_rules import card, devices, ending, ordering, returning, settling, taking
from kiosk_app.session_rules.step import Step
from store_server.contract.refusals import Refusal

Rule: TypeAlias = Callable[[Session, Any], Step]

TIME_LIMITS_S: dict[State, float] = {
    State.CHOOSING: 90.0,
    State.TAKING_CASH: 180.0,
    State.RETURNING: 180.0,
    State.PAID: 45.0,
    State.OWING: 300.0,
    State.CANCELLED: 12.0,
}
"""How long a state waits when nothing happens, then TimeUp. CONFIRMING has no limit: its outcome must be known."""
LOOKING_LIMIT_S = 60.0
"""How long an answer about an order is waited for; every request ends earlier by itself."""
CARD_UNKNOWN_LIMIT_S = 900.0
"""How long a terminal that lost its answer is asked before the staff alone can tell; it limits a running payment itself."""
NOTICE_LIMIT_S = 12.0
"""How long IDLE shows a hint."""


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


def _rows() -> dict[tuple[State, type[Event]], tuple[State, Rule]]:
    rows: dict[tuple[State, type[Event]], tuple[State, Rule]] = {}
    everywhere: dict[type[Event], Rule] = {
        on.CodeRead: ordering.nothing,
        on.OrderFoundLate: ordering.find_order_late,
        on.CashReady: devices.ready_cash,
        on.CashChanged: devices.change_cash,
        on.CashLost: devices.lose_cash,
        on.NoteOffered: taking.offer_unwanted_note,
        on.NoteReturned: taking.return_note,
        on.NoteDoubtful: taking.doubt_note,
        on.PieceRejected: ordering.nothing,
        on.PayoutFinished: returning.finish_payout,
        on.PayoutUnknown: returning.lose_payout,
        on.CardText: ordering.nothing,
        on.CardApproved: ordering.nothing,
        on.CardRefused: ordering.nothing,
        on.CardUnknown: ordering.nothing,
        on.CardUncertain: ordering.nothing,
        on.CardReversed: card.end_reversal,
        on.CardNotReversed: card.end_reversal,
        on.ReceiptPrinted: ending.note_print,
        on.ReceiptNotPrinted: ending.note_print,
        on.ReceiptUncertain: ending.note_print,
        on.Resumed: devices.resume,
    }
    for state in State:
        for event, rule in everywhere.items():
            rows[state, event] = state, rule
        for piece in (on.CoinTaken, on.NoteStacked):
            rows[state, piece] = State.RETURNING, taking.take_stray_piece
    rows |= _OWN_ROWS
    return rows


_OWN_ROWS: dict[tuple[State, type[Event]], tuple[State, Rule]] = {
    (State.IDLE, on.CodeRead): (State.IDLE, ordering.read_code),
    (State.IDLE, on.NumberTyped): (State.IDLE, ordering.type_number),
    (State.IDLE, on.OrderFound): (State.CHOOSING, ordering.find_order),
    (State.IDLE, on.OrderRefused): (State.IDLE, ordering.refuse_order),
    (State.IDLE, on.StoreUnreachable): (State.IDLE, ordering.lose_store_looking),
    (State.IDLE, on.TimeUp): (State.IDLE, ordering.wait_no_longer),
    (State.IDLE, on.NoteDoubtful): (State.IDLE, taking.doubt_idle_note),
    (State.CHOOSING, on.CodeRead): (State.CHOOSING, ordering.read_code_amid),
    (State.CHOOSING, on.CashChosen): (State.TAKING_CASH, taking.begin_cash),
    (State.CHOOSING, on.CardChosen): (State.TAKING_CARD, card.begin),
    (State.CHOOSING, on.CoinTaken): (State.TAKING_CASH, taking.take_piece),
    (State.CHOOSING, on.NoteStacked): (State.TAKING_CASH, taking.take_piece),
    (State.CHOOSING, on.CancelPressed): (State.CANCELLED, returning.cancel_order),
    (State.CHOOSING, on.TimeUp): (State.CANCELLED, returning.cancel_order),
    (State.TAKING_CASH, on.CodeRead): (State.TAKING_CASH, ordering.read_code_amid),
    (State.TAKING_CASH, on.CoinTaken): (State.TAKING_CASH, taking.take_piece),
    (State.TAKING_CASH, on.NoteOffered): (State.TAKING_CASH, taking.offer_note),
    (State.TAKING_CASH, on.NoteStacked): (State.TAKING_CASH, taking.take_piece),
    (State.TAKING_CASH, on.PieceRejected): (State.TAKING_CASH, taking.reject_piece),
    (State.TAKING_CASH, on.DueCovered): (State.CONFIRMING, settling.confirm),
    (State.TAKING_CASH, on.CancelPressed): (State.RETURNING, returning.return_all),
    (State.TAKING_CASH, on.TimeUp): (State.RETURNING, returning.return_all),
    (State.TAKING_CASH, on.Resumed): (State.RETURNING, devices.resume_taking),
    (State.TAKING_CARD, on.CodeRead): (State.TAKING_CARD, ordering.read_code_amid),
    (State.TAKING_CARD, on.CoinTaken): (State.TAKING_CARD, taking.take_late_piece),
    (State.TAKING_CARD, on.NoteStacked): (State.TAKING_CARD, taking.take_late_piece),
    (State.TAKING_CARD, on.CardText): (State.TAKING_CARD, card.show_text),
    (State.TAKING_CARD, on.CardApproved): (State.CONFIRMING, card.approve),
    (State.TAKING_CARD, on.CardRefused): (State.CHOOSING, card.refuse),
    (State.TAKING_CARD, on.CardUnknown): (State.TAKING_CARD, card.call_staff),
    (State.TAKING_CARD, on.CardUncertain): (State.RETURNING, card.doubt),
    (State.TAKING_CARD, on.CancelPressed): (State.TAKING_CARD, card.abort),
    (State.TAKING_CARD, on.TimeUp): (State.RETURNING, card.doubt),
    (State.TAKING_CARD, on.Resumed): (State.TAKING_CARD, devices.resume_card),
    (State.CONFIRMING, on.CardKept): (State.RETURNING, card.keep),
    (State.CONFIRMING, on.CoinTaken): (State.CONFIRMING, taking.take_late_piece),
    (State.CONFIRMING, on.NoteStacked): (State.CONFIRMING, taking.take_late_piece),
    (State.CONFIRMING, on.StoreUnreachable): (State.CONFIRMING, settling.lose_store_settling),
    (State.CONFIRMING, on.RetryDue): (State.CONFIRMING, settling.settle_again),
    (State.CONFIRMING, on.Settled): (State.RETURNING, settling.settle),
    (State.CONFIRMING, on.SettleRefused): (State.RETURNING, settling.refuse_settlement),
    (State.RETURNING, on.CoinTaken): (State.RETURNING, taking.take_returning_piece),
    (State.RETURNING, on.NoteStacked): (State.RETURNING, taking.take_returning_piece),
    (State.RETURNING, on.TimeUp): (State.RETURNING, returning.end_returning),
    (State.RETURNING, on.ChangeGiven): (State.PAID, ending.enter_paid),
    (State.RETURNING, on.AllReturned): (State.CANCELLED, ending.enter_cancelled),
    (State.RETURNING, on.RestOwed): (State.OWING, ending.enter_owing),
    (State.RETURNING, on.Resumed): (State.RETURNING, devices.resume_returning),
    (State.PAID, on.DonePressed): (State.IDLE, ending.close),
    (State.PAID, on.TimeUp): (State.IDLE, ending.close),
    (State.OWING, on.DonePressed): (State.IDLE, ending.close),
    (State.OWING, on.TimeUp): (State.IDLE, ending.close),
    (State.CANCELLED, on.DonePressed): (State.IDLE, ending.close),
    (State.CANCELLED, on.TimeUp): (State.IDLE, ending.close),
}

_TABLE = _rows()
TRANSITIONS: dict[tuple[State, type[Event]], State] = {pair: target for pair, (target, _rule) in _TABLE.items()}


def is_possible(session: Session, event: Event) -> bool:
    """Whether this event may happen now; a finger may press a button that has just become meaningless."""
    return (session.state, type(event)) in TRANSITIONS


def advance(session: Session, event: Event) -> Step:
    """Return the session after ``event`` and what is to be done, in order.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    moved, commands = _step(session, event)
    while (conclusion := _conclusion(moved)) is not None:
        moved, more = _step(moved, conclusion)
        commands = (*commands, *more)
    return moved, commands


def time_limit_s(session: Session) -> float | None:
    """Return how long this session may wait for the next event; None for as long as it takes."""
    if session.state is State.IDLE:
        if session.looking_for is not None:
            return LOOKING_LIMIT_S
        return NOTICE_LIMIT_S if session.notice is not None else None
    if session.state is State.TAKING_CARD:
        return CARD_UNKNOWN_LIMIT_S if session.card is not None and session.card.unknown else None
    return TIME_LIMITS_S.get(session.state)


def _step(session: Session, event: Event) -> Step:
    row = _TABLE.get((session.state, type(event)))
    if row is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen in {session.state.name}")
    target, rule = row
    return rule(session.moved_to(target), event)


def _conclusion(session: Session) -> Event | None:
    """Return what follows from the session itself."""
    if session.escrow_minor:
        return None
    if session.state is State.CHOOSING and session.taken:
        return on.CashChosen()
    if session.state is State.TAKING_CASH and session.taken and session.remaining_minor == 0:
        return on.DueCovered()
    card = session.card
    if session.state is State.CONFIRMING and card is not None and card.moved_minor != card.amount_minor:
        return on.SettleRefused(Refusal.AMOUNT_MISMATCH, "The terminal charged another amount than it was asked for.")
    return _returned(session) if session.state is State.RETURNING else None


def _returned(session: Session) -> Event | None:
    """Return how it ends once nothing is left to go back."""
    reversing = session.card is not None and session.card.stage is CardStage.REVERSING
    if reversing or session.open_payout is not None or session.to_return_minor:
        return None
    if session.needs_staff:
        return on.RestOwed()
    return on.ChangeGiven() if session.settlement is not None else on.AllReturned()
