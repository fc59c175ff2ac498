"""Asking the server to settle, until its answer is known."""

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
from kiosk_app.session_letters import card_settlement, cash_settlement
from kiosk_app.session_rules import card
from kiosk_app.session_rules.returning import give_back
from kiosk_app.session_rules.step import Step


def confirm(session: Session, _event: on.DueCovered) -> Step:
    """Take no more and send the payment."""
    request = cash_settlement(session)
    session = replace(session, request=request, accepting=None, notice=None)
    return session, (do.StopAccepting(), do.Settle(request), Say(Phrase.ONE_MOMENT))


def lose_store_settling(session: Session, _event: on.StoreUnreachable) -> Step:
    """Keep trying: the money is safe and the payment is sent again until the server answers."""
    return replace(session, store_away=True), (do.RetryLater(),)


def settle_again(session: Session, _event: on.RetryDue) -> Step:
    """Send the same payment again."""
    return session, (sent(session),)


def sent(session: Session) -> do.Settle | do.SettleCard:
    """Return what was sent to the server, to be sent again."""
    if session.card is not None:
        return card_settlement(session)
    assert session.request is not None
    return do.Settle(session.request)


def settle(session: Session, event: on.Settled) -> Step:
    """Give change."""
    session = replace(session, settlement=event.settlement, store_away=False, notice=None)
    returning, commands = give_back(session)
    spoken = (Say(Phrase.TAKE_CHANGE),) if session.to_return_minor else ()
    return returning, (*commands, *spoken)


def refuse_settlement(session: Session, event: on.SettleRefused) -> Step:
    """Give everything back."""
    notice = Notice(NoticeCode.REFUSED, refusal=event.refusal, sentence=event.sentence)
    reversing, commands = card.give_back(replace(session, store_away=False, notice=notice))
    returning, more = give_back(reversing)
    return returning, (*commands, *more)
