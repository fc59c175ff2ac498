"""A card terminal charges: one charge at a time, its outcome known first, given back if it buys nothing.

The outcome of an earlier charge of the session may be told once more; it changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.session import Card, CardStage, Notice, NoticeCode, Session, State
from kiosk_app.session_commands import Phrase, Say
from kiosk_app.session_letters import card_settlement
from kiosk_app.session_rules.returning import give_back as give_cash_back
from kiosk_app.session_rules.step import Step


def begin(session: Session, _event: on.CardChosen) -> Step:
    """Charge what is due, to the last minor unit: only cash is rounded. Each try has an id of its own."""
    assert session.order is not None
    order, charges = session.order, session.charges + 1
    card = Card(session.derived_id(f"card-{charges}"), order.due_minor, order.currency)
    command = do.ChargeCard(card.charge_id, card.amount_minor, card.currency)
    return replace(session, card=card, charges=charges, notice=None), (command, Say(Phrase.USE_TERMINAL))


def show_text(session: Session, event: on.CardText) -> Step:
    """Show what the terminal asks for."""
    return replace(session, card=replace(_card(session), text=event.text)), ()


def abort(session: Session, _event: on.CancelPressed) -> Step:
    """Ask the terminal to give up, once; the card may be charged all the same, so its outcome is waited for."""
    card = _card(session)
    if card.cancelling:
        return session, ()
    return replace(session, card=replace(card, cancelling=True)), (do.AbortCard(card.charge_id),)


def approve(session: Session, event: on.CardApproved) -> Step:
    """Tell the server; an amount that differs from what was asked buys nothing and goes back."""
    card = _card(session)
    if event.charge_id != card.charge_id:
        return session.moved_to(State.TAKING_CARD), ()
    card = replace(
        card,
        stage=CardStage.APPROVED,
        moved_minor=event.amount_minor,
        reference=event.reference,
        brand=event.brand,
        receipt=event.receipt,
        unknown=False,
    )
    approved = replace(session, card=card, notice=None)
    if card.moved_minor != card.amount_minor:
        return approved, ()
    return approved, (card_settlement(approved), Say(Phrase.ONE_MOMENT))


def refuse(session: Session, event: on.CardRefused) -> Step:
    """Nothing was charged: let the shopper choose again."""
    if event.charge_id != _card(session).charge_id:
        return session.moved_to(State.TAKING_CARD), ()
    cancelled = event.cancelled or _card(session).cancelling
    code = NoticeCode.CARD_CANCELLED if cancelled else NoticeCode.CARD_REFUSED
    if event.not_started:
        code = NoticeCode.CARD_UNAVAILABLE
    return replace(session, card=None, notice=Notice(code)), ()


def call_staff(session: Session, event: on.CardUnknown) -> Step:
    """Keep asking, say so, and call the staff: the shopper must not pay a second time."""
    card = _card(session)
    if event.charge_id != card.charge_id or card.unknown:
        return session, ()
    return replace(session, card=replace(card, unknown=True, text="")), (Say(Phrase.STAFF_COMES),)


def doubt(session: Session, event: on.CardUncertain | on.TimeUp) -> Step:
    """Leave it to the staff, who compare the terminal's own list."""
    card = _card(session)
    if isinstance(event, on.CardUncertain) and event.charge_id != card.charge_id:
        return session.moved_to(State.TAKING_CARD), ()
    return give_cash_back(replace(session, card=replace(card, stage=CardStage.DOUBTFUL)))


def give_back(session: Session) -> Step:
    """Reverse a charge that buys nothing."""
    card = session.card
    if card is None or card.stage is not CardStage.APPROVED:
        return session, ()
    reversing = replace(session, card=replace(card, stage=CardStage.REVERSING))
    return reversing, (do.ReverseCard(session.derived_id(f"reversal-{session.charges}"), card.charge_id),)


def keep(session: Session, event: on.CardKept) -> Step:
    """The server has the money in its books, but the order is not paid: staff must help."""
    notice = Notice(NoticeCode.REFUSED, refusal=event.refusal, sentence=event.sentence)
    card = replace(_card(session), stage=CardStage.KEPT)
    return give_cash_back(replace(session, card=card, store_away=False, notice=notice))


def end_reversal(session: Session, event: on.CardReversed | on.CardNotReversed) -> Step:
    """Know whether the money went back."""
    card = session.card
    if card is None or card.stage is not CardStage.REVERSING:
        return session, ()
    done = isinstance(event, on.CardReversed)
    return replace(session, card=replace(card, stage=CardStage.REVERSED if done else CardStage.KEPT)), ()


def _card(session: Session) -> Card:
    assert session.card is not None
    return session.card
