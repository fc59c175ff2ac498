"""From a scanned code or a typed number to an order."""

from __future__ import annotations

from dataclasses import replace

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.session import (
    Notice,
    NoticeCode,
    Session,
)
from kiosk_app.session_commands import Phrase, Say
from kiosk_app.session_rules.step import Step
from store_server.contract.money import cash_rounded
from store_server.contract.order_number import OrderNumber, OrderNumberError
from store_server.contract.order_pass import TEXT_LIMIT
from store_server.contract.refusals import Refusal


def nothing(session: Session, _event: on.Event) -> Step:
    """Ignore it."""
    return session, ()


def read_code(session: Session, event: on.CodeRead) -> Step:
    """Ask the server for the order of a scanned claim; what cannot be a claim is refused here."""
    if session.looking_for is not None or not session.cash.ready:
        return session, ()
    text = event.text.strip()
    if not text or len(text) > TEXT_LIMIT or not (text.isascii() and text.isprintable()):
        return _refuse(session, Notice(NoticeCode.REFUSED, refusal=Refusal.NOT_A_PASS))
    return _look_for(session, text, do.FetchOrder(session.session_id, claim=text, order_number=None))


def read_code_amid(session: Session, _event: on.CodeRead) -> Step:
    """Tell the shopper to finish this order first."""
    return replace(session, notice=Notice(NoticeCode.FINISH_FIRST)), ()


def type_number(session: Session, event: on.NumberTyped) -> Step:
    """Ask the server for the order of a typed number; a typing slip is found here."""
    if session.looking_for is not None or not session.cash.ready:
        return session, ()
    try:
        number = OrderNumber.parse(event.text)
    except OrderNumberError:
        return _refuse(session, Notice(NoticeCode.BAD_NUMBER))
    return _look_for(session, str(number), do.FetchOrder(session.session_id, claim=None, order_number=number.digits))


def _look_for(session: Session, what: str, fetch: do.FetchOrder) -> Step:
    return replace(session, looking_for=what, notice=Notice(NoticeCode.LOOKING)), (fetch,)


def _refuse(session: Session, notice: Notice) -> Step:
    return replace(session, looking_for=None, notice=notice), (Say(Phrase.NOT_UNDERSTOOD),)


def find_order(session: Session, event: on.OrderFound) -> Step:
    """Show the order and what is due in cash."""
    due_minor = cash_rounded(event.order.due_minor, event.cash_rounding_minor)
    return replace(session, looking_for=None, notice=None, order=event.order, due_minor=due_minor), ()


def find_order_late(session: Session, event: on.OrderFoundLate) -> Step:
    """Let go of an order that nobody waits for any more."""
    return session, (do.ReleaseOrder(event.session_id),)


def refuse_order(session: Session, event: on.OrderRefused) -> Step:
    """Say why there is no order; the next question gets an id of its own."""
    notice = Notice(NoticeCode.REFUSED, refusal=event.refusal, sentence=event.sentence)
    return _refuse(replace(session, session_id=event.next_session_id), notice)


def lose_store_looking(session: Session, event: on.StoreUnreachable) -> Step:
    """Give up looking; the server may hold the order for us by now, so let go of it when it is back."""
    if session.looking_for is None:
        return session, ()
    idle = replace(session, session_id=event.next_session_id)
    refused, commands = _refuse(idle, Notice(NoticeCode.STORE_AWAY))
    return refused, (do.ReleaseOrder(session.session_id), *commands)


def wait_no_longer(session: Session, event: on.TimeUp) -> Step:
    """Take an old hint off the screen; give up an answer that never came."""
    if session.looking_for is not None:
        return lose_store_looking(session, on.StoreUnreachable(event.next_session_id))
    return replace(session, notice=None), ()
