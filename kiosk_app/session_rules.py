"""What each event changes in a session and what it asks for; :mod:`kiosk_app.payment_session` says when it may happen.

Every rule gets the session already moved to the event's target state.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.cash_rules import acceptable, may_take, next_payout
from kiosk_app.session import (
    PAYOUTS_MAX,
    TAKEN_MAX,
    Cash,
    FinishedPayout,
    Hopper,
    Notice,
    NoticeCode,
    OpenPayout,
    PrintState,
    Session,
    State,
    Taken,
)
from kiosk_app.session_commands import Command, Phrase, Say
from store_server.contract.money import cash_rounded
from store_server.contract.order_number import OrderNumber, OrderNumberError
from store_server.contract.order_pass import TEXT_LIMIT
from store_server.contract.refusals import Refusal

Step = tuple[Session, tuple[Command, ...]]


def nothing(session: Session, _event: on.Event) -> Step:
    """Ignore it."""
    return session, ()


# Finding the order.


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


# Taking cash.


def begin_cash(session: Session, _event: on.CashChosen) -> Step:
    """Let coins and notes in."""
    accepting, commands = _accept(replace(session, notice=None))
    return accepting, (*commands, Say(Phrase.INSERT_CASH))


def _accept(session: Session) -> Step:
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
    accepting, commands = _accept(_with_piece(session, event))
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
        accepting, commands = _accept(replace(offered, stacking=True, notice=None))
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
    return _accept(session)


def doubt_note(session: Session, event: on.NoteDoubtful) -> Step:
    """Remember a note that staff must look for."""
    session = replace(session, escrow_minor=0, stacking=False, doubt_minor=session.doubt_minor + event.value_minor)
    if session.state is State.RETURNING:
        return give_back(session)
    return _accept(session) if session.state is State.TAKING_CASH else (session, ())


def doubt_idle_note(session: Session, _event: on.NoteDoubtful) -> Step:
    """Leave it to staff, who hear of it from the log: there is no shopper."""
    return replace(session, escrow_minor=0, stacking=False), ()


def reject_piece(session: Session, _event: on.PieceRejected) -> Step:
    """Tell the shopper to try again."""
    return replace(session, notice=Notice(NoticeCode.PIECE_REJECTED)), ()


# Asking the server to settle.


def confirm(session: Session, _event: on.DueCovered) -> Step:
    """Take no more and send the payment."""
    request = session.settle_request()
    session = replace(session, request=request, accepting=None, notice=None)
    return session, (do.StopAccepting(), do.Settle(request), Say(Phrase.ONE_MOMENT))


def lose_store_settling(session: Session, _event: on.StoreUnreachable) -> Step:
    """Keep trying: the money is safe and the payment is sent again until the server answers."""
    return replace(session, store_away=True), (do.RetryLater(),)


def settle_again(session: Session, _event: on.RetryDue) -> Step:
    """Send the same payment again."""
    assert session.request is not None
    return session, (do.Settle(session.request),)


def settle(session: Session, event: on.Settled) -> Step:
    """Give change."""
    session = replace(session, settlement=event.settlement, store_away=False, notice=None)
    returning, commands = give_back(session)
    spoken = (Say(Phrase.TAKE_CHANGE),) if session.to_return_minor else ()
    return returning, (*commands, *spoken)


def refuse_settlement(session: Session, event: on.SettleRefused) -> Step:
    """Give everything back."""
    notice = Notice(NoticeCode.REFUSED, refusal=event.refusal, sentence=event.sentence)
    return give_back(replace(session, store_away=False, notice=notice))


# Giving back.


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
    session = replace(session, escrow_minor=0, stacking=False, doubt_minor=doubt_minor)
    return _owe_rest(session), ()


# The ends.


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
    unpaid = session.order is not None and session.settlement is None
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
    report = session.report()
    commands: tuple[Command, ...] = () if report is None else (do.ReportCash(report),)
    return Session(session_id=event.next_session_id, hoppers=session.hoppers, cash=session.cash), commands


# Devices and restarts, in every state.


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
        return _accept(session)
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
    found = {hopper.name: hopper.coin_minor for hopper in event.hoppers}
    known = {hopper.name: hopper for hopper in session.hoppers}
    names = (*known, *(name for name in found if name not in known))
    hoppers = tuple(_seen(known.get(name, Hopper(name)), found.get(name), forgive=forgive) for name in names)
    cash = Cash(ready=True, coin_values_minor=event.coin_values_minor, note_values_minor=event.note_values_minor)
    return replace(session, cash=cash, hoppers=hoppers)


def _seen(hopper: Hopper, coin_minor: int | None, *, forgive: bool) -> Hopper:
    if coin_minor is None:
        return replace(hopper, present=False)
    failed = hopper.failed and not forgive
    if hopper.coin_minor not in (0, coin_minor):  # another hopper than the one that was counted
        return replace(hopper, coin_minor=coin_minor, count=0, present=True, failed=failed)
    return replace(hopper, coin_minor=coin_minor, present=True, failed=failed)


def resume(session: Session, event: on.Resumed) -> Step:
    """Go on after a restart: what was sent is sent again, what moved is asked after, what was printed is uncertain."""
    session = _after_restart(session)
    if session.state is State.CONFIRMING:
        assert session.request is not None
        return session, (do.Settle(session.request),)
    if session.state is State.IDLE and session.looking_for is not None:
        fresh = replace(session, session_id=event.next_session_id, looking_for=None, notice=None)
        return fresh, (do.ReleaseOrder(session.session_id),)
    return session, ()


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
