"""The last screen of a session, the paper, and the books."""

from __future__ import annotations

from dataclasses import replace

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.session import (
    PrintState,
    Session,
)
from kiosk_app.session_commands import Command, Phrase, Say
from kiosk_app.session_letters import end_report
from kiosk_app.session_rules.step import Step


def enter_paid(session: Session, _event: on.ChangeGiven) -> Step:
    """Print the receipt, once."""
    if session.print_state is not PrintState.NONE:
        return session, ()
    return _print(session, Phrase.THANK_YOU)


def enter_owing(session: Session, _event: on.RestOwed) -> Step:
    """Print what is owed, with the receipt if the order is paid."""
    printing, commands = _print(session, Phrase.STAFF_COMES)
    return printing, (*_release(session), *commands)


def enter_cancelled(session: Session, _event: on.Event) -> Step:
    """Let the order be paid elsewhere."""
    return session, (*_release(session), Say(Phrase.CANCELLED))


def _release(session: Session) -> tuple[Command, ...]:
    # With a charge in doubt the order is neither paid nor free to be paid: staff decides.
    unpaid = session.order is not None and session.settlement is None and not session.card_doubt_minor
    return (do.ReleaseOrder(session.session_id),) if unpaid else ()


def _print(session: Session, phrase: Phrase) -> Step:
    printing = replace(session, print_state=PrintState.PRINTING, prints=session.prints + 1)
    return printing, (do.PrintReceipt(printing.print_job_id), Say(phrase))


def note_print(session: Session, event: on.ReceiptPrinted | on.ReceiptNotPrinted | on.ReceiptUncertain) -> Step:
    """Remember what became of the paper; the payment stands in any case."""
    if session.print_state is not PrintState.PRINTING or event.job_id != session.print_job_id:
        return session, ()
    outcomes: dict[type[on.Event], PrintState] = {
        on.ReceiptPrinted: PrintState.PRINTED,
        on.ReceiptNotPrinted: PrintState.NOT_PRINTED,
        on.ReceiptUncertain: PrintState.UNCERTAIN,
    }
    return replace(session, print_state=outcomes[type(event)]), ()


def close(session: Session, event: on.DonePressed | on.TimeUp) -> Step:
    """Hand the session to the books and wait for the next shopper."""
    report = end_report(session)
    commands: tuple[Command, ...] = () if report is None else (do.ReportCash(report),)
    return Session(session_id=event.next_session_id, hoppers=session.hoppers, cash=session.cash), commands
