"""Cash devices that come and go, and the restart after a power cut; in every state."""

from __future__ import annotations

from dataclasses import replace

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.session import (
    CardStage,
    Cash,
    Hopper,
    Notice,
    NoticeCode,
    PrintState,
    Session,
    State,
)
from kiosk_app.session_rules.returning import give_back
from kiosk_app.session_rules.settling import sent
from kiosk_app.session_rules.step import Step
from kiosk_app.session_rules.taking import accept


def ready_cash(session: Session, event: on.CashReady) -> Step:
    """Know the devices again after they were initialised: nothing is in escrow, nothing is accepted."""
    session = _with_cash(session, event, forgive=True)
    session = replace(session, escrow_minor=0, stacking=False, accepting=None)
    return _go_on(session)


def change_cash(session: Session, event: on.CashChanged) -> Step:
    """Know that a device on the bus came or went."""
    return _go_on(_with_cash(session, event, forgive=False))


def lose_cash(session: Session, _event: on.CashLost) -> Step:
    """Know that no cash can move; whatever is under way is asked after when the devices are back."""
    hoppers = tuple(replace(hopper, present=False) for hopper in session.hoppers)
    return replace(session, cash=replace(session.cash, ready=False), hoppers=hoppers, accepting=None), ()


def _go_on(session: Session) -> Step:
    if session.state is State.TAKING_CASH:
        return accept(session)
    if session.state is not State.RETURNING:
        return session, ()
    payout = session.open_payout
    if payout is None or not payout.must_ask:
        return give_back(session)
    hopper = session.hopper(payout.hopper)
    if hopper is None or not hopper.present:
        return session, ()
    asking = replace(session, open_payout=replace(payout, must_ask=False))
    return asking, (do.AskPayout(payout.payout_id, payout.hopper, payout.count),)


def _with_cash(session: Session, event: on.CashReady | on.CashChanged, *, forgive: bool) -> Session:
    found = {hopper.name: hopper for hopper in event.hoppers}
    known = {hopper.name: hopper for hopper in session.hoppers}
    names = (*known, *(name for name in found if name not in known))
    hoppers = tuple(_seen(known.get(name, Hopper(name)), found.get(name), forgive=forgive) for name in names)
    cash = Cash(ready=True, coin_values_minor=event.coin_values_minor, note_values_minor=event.note_values_minor)
    return replace(session, cash=cash, hoppers=hoppers)


def _seen(hopper: Hopper, found: on.HopperFound | None, *, forgive: bool) -> Hopper:
    if found is None:
        return replace(hopper, present=False)
    failed = hopper.failed and not forgive
    is_another = hopper.coin_minor not in (0, found.coin_minor)  # another hopper than the one that was counted
    count = 0 if is_another else hopper.count
    if found.count is not None:
        count = found.count
    return replace(hopper, coin_minor=found.coin_minor, count=count, present=True, failed=failed)


def resume(session: Session, event: on.Resumed) -> Step:
    """Go on after a restart: what was sent is sent again, what moved is asked after, what was printed is uncertain."""
    session = _after_restart(session)
    if session.state is State.CONFIRMING:
        return session, (sent(session),)
    if session.state is State.IDLE and session.looking_for is not None:
        fresh = replace(session, session_id=event.next_session_id, looking_for=None, notice=None)
        return fresh, (do.ReleaseOrder(session.session_id),)
    return session, ()


def resume_card(session: Session, _event: on.Resumed) -> Step:
    """Ask the terminal what became of the charge; charges nothing."""
    card = session.card
    assert card is not None
    resumed = replace(_after_restart(session), card=replace(card, text=""))
    return resumed, (do.AskCard(card.charge_id),)


def resume_returning(session: Session, _event: on.Resumed) -> Step:
    """Ask again for a reversal whose outcome is not known; the same one, so that it happens once."""
    session = _after_restart(session)
    card = session.card
    if card is None or card.stage is not CardStage.REVERSING:
        return session, ()
    return session, (do.ReverseCard(session.derived_id(f"reversal-{session.charges}"), card.charge_id),)


def resume_taking(session: Session, _event: on.Resumed) -> Step:
    """Give back what was taken before the restart."""
    return replace(_after_restart(session), notice=Notice(NoticeCode.RESTARTED)), ()


def _after_restart(session: Session) -> Session:
    payout = session.open_payout
    printing = session.print_state is PrintState.PRINTING
    return replace(
        session,
        cash=Cash(),
        hoppers=tuple(replace(hopper, present=False) for hopper in session.hoppers),
        accepting=None,
        open_payout=None if payout is None else replace(payout, must_ask=True),
        print_state=PrintState.UNCERTAIN if printing else session.print_state,
    )
