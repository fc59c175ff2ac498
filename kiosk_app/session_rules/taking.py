"""Coins and notes go in: what is credited, what goes back at once."""

from __future__ import annotations

from dataclasses import replace

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.cash_rules import acceptable, may_take
from kiosk_app.session import (
    TAKEN_MAX,
    Notice,
    NoticeCode,
    Session,
    State,
    Taken,
)
from kiosk_app.session_commands import Phrase, Say
from kiosk_app.session_rules.returning import give_back
from kiosk_app.session_rules.step import Step


def begin_cash(session: Session, _event: on.CashChosen) -> Step:
    """Let coins and notes in."""
    accepting, commands = accept(replace(session, notice=None))
    return accepting, (*commands, Say(Phrase.INSERT_CASH))


def accept(session: Session) -> Step:
    """Tell the devices what may be taken now, if it differs from what they know."""
    wanted = acceptable(session)
    if not session.cash.ready or wanted == session.accepting or session.remaining_minor == 0:
        return session, ()
    return replace(session, accepting=wanted), (do.AcceptCash(wanted.coins, wanted.notes),)


def _with_piece(session: Session, event: on.CoinTaken | on.NoteStacked) -> Session:
    taken = (*session.taken, Taken(event.place, event.epoch, event.seq, event.value_minor))
    hopper = session.hopper(event.place)
    if hopper is not None:  # a sorter that feeds the hopper
        session = session.with_hopper(replace(hopper, count=hopper.count + 1))
    if isinstance(event, on.NoteStacked):
        session = replace(session, escrow_minor=0, stacking=False)
    return replace(session, taken=taken, notice=None)


def take_piece(session: Session, event: on.CoinTaken | on.NoteStacked) -> Step:
    """Credit a coin or note while the shopper pays."""
    accepting, commands = accept(_with_piece(session, event))
    if len(accepting.taken) >= TAKEN_MAX:
        accepting = replace(accepting, notice=Notice(NoticeCode.TOO_MANY_PIECES))
    return accepting, commands


def take_late_piece(session: Session, event: on.CoinTaken | on.NoteStacked) -> Step:
    """Credit what fell in while the payment is confirmed; it goes back afterwards."""
    return _with_piece(session, event), ()


def take_returning_piece(session: Session, event: on.CoinTaken | on.NoteStacked) -> Step:
    """Credit what fell in while money goes back; it goes back too."""
    return give_back(_with_piece(session, event))


def take_stray_piece(session: Session, event: on.CoinTaken | on.NoteStacked) -> Step:
    """Give back what fell in when nothing was to be paid."""
    stray = replace(_with_piece(session, event), looking_for=None, notice=Notice(NoticeCode.STRAY_MONEY))
    returning, commands = give_back(stray)
    return returning, (do.StopAccepting(), *commands)


def offer_note(session: Session, event: on.NoteOffered) -> Step:
    """Decide about the note in escrow: keep it only if the rules of cash allow."""
    offered = replace(session, escrow_minor=event.value_minor, stacking=False)
    if may_take(session, event.value_minor):
        accepting, commands = accept(replace(offered, stacking=True, notice=None))
        return accepting, (*commands, do.StackNote())
    notice = Notice(NoticeCode.NOTE_REFUSED, amount_minor=event.value_minor)
    return replace(offered, notice=notice), (do.ReturnNote(), Say(Phrase.NOTE_REFUSED))


def offer_unwanted_note(session: Session, event: on.NoteOffered) -> Step:
    """Hand back a note when nothing is to be paid."""
    return replace(session, escrow_minor=event.value_minor, stacking=False), (do.ReturnNote(),)


def return_note(session: Session, _event: on.NoteReturned) -> Step:
    """Forget the note that went back."""
    wanted = session.stacking
    amount = session.escrow_minor
    session = replace(session, escrow_minor=0, stacking=False)
    if session.state is State.RETURNING:
        return give_back(session)
    if session.state is not State.TAKING_CASH:
        return session, ()
    if wanted:
        session = replace(session, notice=Notice(NoticeCode.NOTE_WENT_BACK, amount_minor=amount))
    return accept(session)


def doubt_note(session: Session, event: on.NoteDoubtful) -> Step:
    """Remember a note that staff must look for."""
    session = replace(session, escrow_minor=0, stacking=False, doubt_minor=session.doubt_minor + event.value_minor)
    if session.state is State.RETURNING:
        return give_back(session)
    return accept(session) if session.state is State.TAKING_CASH else (session, ())


def doubt_idle_note(session: Session, _event: on.NoteDoubtful) -> Step:
    """Leave it to staff, who hear of it from the log: there is no shopper."""
    return replace(session, escrow_minor=0, stacking=False), ()


def reject_piece(session: Session, _event: on.PieceRejected) -> Step:
    """Tell the shopper to try again."""
    return replace(session, notice=Notice(NoticeCode.PIECE_REJECTED)), ()
