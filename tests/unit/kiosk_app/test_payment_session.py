from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.payment_session import TRANSITIONS, IllegalTransitionError, advance, is_possible, time_limit_s
from kiosk_app.session import Hopper, NoticeCode, PrintState, Session, State
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal

NEXT = UUID(int=2)
OrderOf = Callable[..., Order]
SettlementOf = Callable[[Session], Settlement]

EVENTS = [
    kind for _name, kind in inspect.getmembers(on, inspect.isclass) if issubclass(kind, on.Event) and kind is not on.Event
]


def run(session: Session, *events: on.Event) -> tuple[Session, list[do.Command]]:
    commands: list[do.Command] = []
    for event in events:
        session, more = advance(session, event)
        commands += more
    return session, commands


def only(commands: list[do.Command], kind: type[Any]) -> Any:
    found = [command for command in commands if isinstance(command, kind)]
    assert len(found) == 1, commands
    return found[0]


def coin(value_minor: int, seq: int = 1) -> on.CoinTaken:
    return on.CoinTaken("coin-box", 1, seq, value_minor)


def stacked(value_minor: int, seq: int = 1) -> on.NoteStacked:
    return on.NoteStacked("note-box", 1, seq, value_minor)


def found(order: Order, session: Session) -> on.OrderFound:
    return on.OrderFound(session.session_id, order, 10)


@pytest.fixture
def choosing(idle: Session, order_of: OrderOf) -> Session:
    looking, _ = run(idle, on.CodeRead("HTTPS://MARKET.EXAMPLE/P/CLAIM"))
    return run(looking, found(order_of(1234), looking))[0]


@pytest.fixture
def taking(choosing: Session) -> Session:
    return run(choosing, on.CashChosen())[0]


@pytest.fixture
def confirming(taking: Session) -> Session:
    return run(taking, on.NoteOffered(2000), stacked(2000))[0]


@pytest.fixture
def returning(confirming: Session, settlement_of: SettlementOf) -> Session:
    return run(confirming, on.Settled(settlement_of(confirming)))[0]


def pay_out_all(session: Session, commands: tuple[do.Command, ...] = ()) -> tuple[Session, list[do.Command]]:
    done = list(commands)
    while session.open_payout is not None:
        event = on.PayoutFinished(session.open_payout.payout_id, session.open_payout.count, 0, hopper_failed=False)
        session, more = advance(session, event)
        done += more
    return session, done


# The table.


def sample(kind: type[on.Event], order: Order, settlement: Settlement) -> on.Event:
    values: dict[str, Any] = {
        "text": "0482135",
        "next_session_id": NEXT,
        "session_id": UUID(int=1),
        "order": order,
        "cash_rounding_minor": 10,
        "refusal": Refusal.NOT_PAYABLE,
        "sentence": "No.",
        "settlement": settlement,
        "coin_values_minor": (10, 50, 100),
        "note_values_minor": (1000,),
        "hoppers": (on.HopperFound("hopper-100", 100),),
        "place": "coin-box",
        "epoch": 9,
        "seq": 9,
        "value_minor": 100,
        "payout_id": UUID(int=5),
        "paid": 1,
        "uncertain": 0,
        "hopper_failed": False,
        "job_id": UUID(int=6),
        "charge_id": UUID(int=7),
        "reversal_id": UUID(int=8),
        "amount_minor": 1234,
        "reference": "17/17",
        "brand": "mc",
        "receipt": ("PAID",),
        "cancelled": False,
        "not_started": False,
    }
    return kind(**{name: values[name] for name in inspect.signature(kind).parameters})


@pytest.fixture
def in_state(
    idle: Session, choosing: Session, taking: Session, confirming: Session, returning: Session
) -> dict[State, Session]:
    paid, _ = pay_out_all(returning)
    cancelled, _ = run(choosing, on.CancelPressed())
    broke = replace(taking, hoppers=())
    owing, _ = run(broke, coin(100), on.CancelPressed())
    by_card, _ = run(choosing, on.CardChosen())
    sessions = (idle, choosing, taking, by_card, confirming, returning, paid, cancelled, owing)
    return {session.state: session for session in sessions}


def card_charged(in_state: dict[State, Session]) -> Session:
    """Return a session whose card was charged, and whose payment is being confirmed."""
    asked = in_state[State.TAKING_CARD]
    assert asked.card is not None
    return run(asked, on.CardApproved(asked.card.charge_id, 1234, "17/17", "mc", ()))[0]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_pair_of_state_and_event(
    in_state: dict[State, Session],
    state: State,
    kind: type[on.Event],
    order_of: OrderOf,
    settlement_of: SettlementOf,
) -> None:
    session = in_state[state]
    assert session.state is state
    event = sample(kind, order_of(1234), settlement_of(in_state[State.CONFIRMING]))
    if session.card is not None and hasattr(event, "charge_id"):
        event = dataclasses.replace(event, charge_id=session.card.charge_id)  # type: ignore[call-arg] # all of them have it
    if kind is on.CardKept and state is State.CONFIRMING:
        session = card_charged(in_state)
    if (state, kind) not in TRANSITIONS:
        assert not is_possible(session, event)
        with pytest.raises(IllegalTransitionError, match=f"{kind.__name__} cannot happen in {state.name}"):
            advance(session, event)
        return
    assert is_possible(session, event)
    if kind is on.DueCovered:  # the machine's own conclusion, drawn only when it is so
        session = replace(session, taken=in_state[State.CONFIRMING].taken)
    after, _ = advance(session, event)
    reachable = {TRANSITIONS[state, kind]}
    if reachable & {State.TAKING_CASH, State.RETURNING}:  # the machine may conclude more from what it then knows
        reachable |= {State.CONFIRMING, State.PAID, State.CANCELLED, State.OWING}
    assert after.state in reachable


def test_every_state_is_reached_and_left() -> None:
    for state in State:
        assert any(target is state and source is not state for (source, _), target in TRANSITIONS.items()), state
        assert any(source is state and target is not state for (source, _), target in TRANSITIONS.items()), state


def test_cancelling_is_impossible_while_the_outcome_of_the_payment_is_unknown(confirming: Session) -> None:
    assert not is_possible(confirming, on.CancelPressed())
    assert not is_possible(confirming, on.TimeUp(NEXT))
    assert time_limit_s(confirming) is None


# Finding an order.


def test_a_scanned_claim_is_asked_for_once(idle: Session) -> None:
    looking, commands = run(idle, on.CodeRead(" HTTPS://MARKET.EXAMPLE/P/CLAIM\r"), on.CodeRead("ANOTHER"))
    assert commands == [do.FetchOrder(idle.session_id, "HTTPS://MARKET.EXAMPLE/P/CLAIM", None)]
    assert looking.notice is not None
    assert looking.notice.code is NoticeCode.LOOKING


@pytest.mark.parametrize("text", ["", "   ", "x" * 513, "\x00\x1b[2J", "ключ", "a\ud800"])
def test_what_can_be_no_claim_is_refused_without_the_server(idle: Session, text: str) -> None:
    after, commands = run(idle, on.CodeRead(text))
    assert after.looking_for is None
    assert after.notice is not None
    assert after.notice.refusal is Refusal.NOT_A_PASS
    assert commands == [do.Say(do.Phrase.NOT_UNDERSTOOD)]


def test_a_typed_number_is_checked_before_it_is_sent(idle: Session) -> None:
    wrong, commands = run(idle, on.NumberTyped("0482136"))
    assert wrong.notice is not None
    assert wrong.notice.code is NoticeCode.BAD_NUMBER
    assert commands == [do.Say(do.Phrase.NOT_UNDERSTOOD)]
    _, commands = run(idle, on.NumberTyped("048-2135"))
    assert commands == [do.FetchOrder(idle.session_id, None, "0482135")]


def test_a_refused_order_leaves_a_new_id_and_the_reason(idle: Session) -> None:
    after, _ = run(idle, on.CodeRead("X"), on.OrderRefused(Refusal.OTHER_SHOP, "Another shop.", NEXT))
    assert (after.state, after.session_id, after.looking_for) == (State.IDLE, NEXT, None)
    assert after.notice is not None
    assert after.notice.refusal is Refusal.OTHER_SHOP


def test_an_unanswered_question_is_let_go_of(idle: Session) -> None:
    after, commands = run(idle, on.CodeRead("X"), on.StoreUnreachable(NEXT))
    assert do.ReleaseOrder(idle.session_id) in commands
    assert after.session_id == NEXT


def test_an_answer_that_never_comes_is_given_up(idle: Session) -> None:
    looking, _ = run(idle, on.CodeRead("X"))
    assert time_limit_s(looking) is not None
    after, commands = run(looking, on.TimeUp(NEXT))
    assert do.ReleaseOrder(idle.session_id) in commands
    assert (after.session_id, after.looking_for) == (NEXT, None)
    assert run(after, on.TimeUp(NEXT))[0].notice is None


def test_an_order_that_comes_too_late_is_let_go_of(choosing: Session) -> None:
    _, commands = run(choosing, on.OrderFoundLate(NEXT))
    assert commands == [do.ReleaseOrder(NEXT)]


def test_a_kiosk_without_cash_devices_asks_for_no_order(idle: Session) -> None:
    lost, _ = run(idle, on.CashLost())
    assert run(lost, on.CodeRead("X"))[1] == []
    assert run(lost, on.NumberTyped("0482135"))[1] == []


def test_what_is_due_is_rounded_to_the_smallest_coin(choosing: Session) -> None:
    assert choosing.due_minor == 1230


def test_another_code_in_the_middle_changes_nothing(taking: Session) -> None:
    after, commands = run(taking, on.CodeRead("OTHER"))
    assert commands == []
    assert after.notice is not None
    assert after.notice.code is NoticeCode.FINISH_FIRST


def test_cancelling_before_any_money_lets_the_order_go(choosing: Session) -> None:
    after, commands = run(choosing, on.CancelPressed(), on.DonePressed(NEXT))
    assert do.ReleaseOrder(choosing.session_id) in commands
    assert not any(isinstance(command, do.ReportCash) for command in commands)
    assert (after.state, after.session_id, after.hoppers) == (State.IDLE, NEXT, choosing.hoppers)


# Taking cash.


def test_only_notes_that_can_be_changed_are_taken(choosing: Session) -> None:
    _, commands = run(choosing, on.CashChosen())
    accept = only(commands, do.AcceptCash)
    # There are 56 yuan in coins: notes of 5 and 10 could go back on cancel, 20 and 50 can be changed, 100 cannot.
    assert accept == do.AcceptCash(coins=True, notes=frozenset({500, 1000, 2000, 5000}))


def test_a_note_that_cannot_be_changed_goes_back(taking: Session) -> None:
    after, commands = run(taking, on.NoteOffered(10000))
    assert only(commands, do.ReturnNote) == do.ReturnNote()
    assert after.notice is not None
    assert (after.notice.code, after.notice.amount_minor) == (NoticeCode.NOTE_REFUSED, 10000)
    assert after.taken_minor == 0
    back, _ = run(after, on.NoteReturned())
    assert (back.state, back.escrow_minor, back.notice) == (State.TAKING_CASH, 0, after.notice)


def test_a_note_is_credited_only_when_it_is_stacked(taking: Session) -> None:
    offered, commands = run(taking, on.NoteOffered(1000))
    assert only(commands, do.StackNote) == do.StackNote()
    assert only(commands, do.AcceptCash).coins is False
    assert offered.taken_minor == 0
    credited, commands = run(offered, stacked(1000))
    assert credited.taken_minor == 1000
    assert only(commands, do.AcceptCash).coins is True


def test_a_note_that_comes_back_after_all_is_not_credited(taking: Session) -> None:
    after, _ = run(taking, on.NoteOffered(1000), on.NoteReturned())
    assert (after.taken_minor, after.escrow_minor) == (0, 0)
    assert after.notice is not None
    assert after.notice.code is NoticeCode.NOTE_WENT_BACK


def test_enough_money_stops_the_slots_and_sends_the_payment(taking: Session) -> None:
    after, commands = run(taking, on.NoteOffered(2000), stacked(2000))
    assert after.state is State.CONFIRMING
    request = only(commands, do.Settle).request
    assert (request.cash_due_minor, request.change_minor) == (1230, 770)
    assert [(event.device, event.epoch, event.seq, event.value_minor) for event in request.taken] == [("note-box", 1, 1, 2000)]
    assert only(commands, do.StopAccepting) == do.StopAccepting()
    assert request == after.request


def test_a_coin_that_covers_the_due_waits_for_the_note_under_way(taking: Session) -> None:
    waiting, commands = run(taking, on.NoteOffered(1000), coin(1000), coin(500, 2))
    assert waiting.state is State.TAKING_CASH
    assert not any(isinstance(command, do.Settle) for command in commands)
    done, _ = run(waiting, stacked(1000))
    assert (done.state, done.taken_minor) == (State.CONFIRMING, 2500)


def test_inserting_a_coin_chooses_cash(choosing: Session) -> None:
    after, _ = run(choosing, coin(100))
    assert (after.state, after.taken_minor) == (State.TAKING_CASH, 100)


def test_a_coin_that_a_sorter_put_into_a_hopper_can_be_paid_out_again(taking: Session) -> None:
    after, _ = run(taking, on.CoinTaken("hopper-100", 1, 1, 100))
    hopper = after.hopper("hopper-100")
    assert hopper is not None
    assert hopper.count == 41


def test_the_cash_devices_are_told_again_what_to_take_after_a_loss(taking: Session) -> None:
    ready = on.CashReady((10, 50, 100), (1000,), tuple(on.HopperFound(one.name, one.coin_minor) for one in taking.hoppers))
    lost, _ = run(taking, on.NoteOffered(1000), on.CashLost())
    back, commands = run(lost, ready)
    assert back.escrow_minor == 0
    assert only(commands, do.AcceptCash) == do.AcceptCash(coins=True, notes=frozenset({1000}))


# Confirming.


def test_the_same_payment_is_sent_until_the_server_answers(confirming: Session) -> None:
    away, commands = run(confirming, on.StoreUnreachable(NEXT))
    assert away.store_away
    assert commands == [do.RetryLater()]
    again, commands = run(away, on.RetryDue())
    assert commands == [do.Settle(confirming.request)] if confirming.request else pytest.fail("no request")
    assert again.session_id == confirming.session_id


def test_money_that_falls_in_late_changes_no_request_and_goes_back(confirming: Session, settlement_of: SettlementOf) -> None:
    late, commands = run(confirming, coin(100))
    assert commands == []
    assert late.request == confirming.request
    settled, _ = run(late, on.Settled(settlement_of(late)))
    done, _ = pay_out_all(settled)
    assert (done.state, done.returned_minor) == (State.PAID, 870)


def test_a_refused_payment_gives_everything_back(confirming: Session) -> None:
    refused, _ = run(confirming, on.SettleRefused(Refusal.NOT_PAYABLE, "No."))
    done, commands = pay_out_all(refused)
    assert (done.state, done.returned_minor) == (State.CANCELLED, 2000)
    assert do.ReleaseOrder(done.session_id) in commands
    closed, commands = run(done, on.DonePressed(NEXT))
    report = only(commands, do.ReportCash).report
    assert (report.outcome, report.owed_minor, closed.state) == ("cancelled", 0, State.IDLE)


# Giving money back.


def test_change_is_given_then_the_receipt_is_printed_then_the_books_hear_of_it(returning: Session) -> None:
    done, commands = pay_out_all(returning)
    assert (done.state, done.returned_minor, done.to_return_minor) == (State.PAID, 770, 0)
    assert only(commands, do.PrintReceipt).job_id == done.print_job_id
    _, commands = run(done, on.TimeUp(NEXT))
    report = only(commands, do.ReportCash).report
    assert (report.outcome, report.owed_minor) == ("paid", 0)
    assert [(payout.device, payout.paid) for payout in report.payouts] == [
        ("hopper-100", 7),
        ("hopper-50", 1),
        ("hopper-10", 2),
    ]


def test_one_hopper_moves_at_a_time_in_small_portions(taking: Session) -> None:
    rich = replace(taking, hoppers=(Hopper("hopper-10", 10, 200, present=True),))
    returning, commands = run(rich, coin(500), on.CancelPressed())
    assert only(commands, do.PayOut).count == 20
    done, _ = pay_out_all(returning)
    assert [payout.paid for payout in done.payouts] == [20, 20, 10]
    assert done.state is State.CANCELLED


def test_a_short_payout_goes_on_with_another_hopper(returning: Session) -> None:
    payout = returning.open_payout
    assert payout is not None
    assert (payout.hopper, payout.count) == ("hopper-100", 7)
    after, commands = run(returning, on.PayoutFinished(payout.payout_id, 3, 0, hopper_failed=True))
    assert only(commands, do.PayOut).hopper == "hopper-50"
    done, _ = pay_out_all(after)
    assert (done.state, done.returned_minor) == (State.PAID, 770)


def test_what_no_hopper_can_give_is_owed_printed_and_reported(returning: Session) -> None:
    alone = replace(returning, hoppers=returning.hoppers[:1])
    payout = alone.open_payout
    assert payout is not None
    done, commands = run(alone, on.PayoutFinished(payout.payout_id, 7, 0, hopper_failed=False))
    assert (done.state, done.owed_minor, done.returned_minor) == (State.OWING, 70, 700)
    assert only(commands, do.PrintReceipt).job_id == done.print_job_id
    assert not any(isinstance(command, do.ReleaseOrder) for command in commands)
    report = only(run(done, on.DonePressed(NEXT))[1], do.ReportCash).report
    assert (report.outcome, report.owed_minor) == ("owing", 70)


def test_uncertain_coins_are_never_paid_twice(returning: Session) -> None:
    payout = returning.open_payout
    assert payout is not None
    after, _ = run(returning, on.PayoutFinished(payout.payout_id, 4, 3, hopper_failed=True))
    done, _ = pay_out_all(after)
    assert (done.state, done.uncertain_minor, done.returned_minor, done.owed_minor) == (State.OWING, 300, 470, 0)


def test_an_outcome_that_was_booked_before_is_ignored(returning: Session) -> None:
    payout = returning.open_payout
    assert payout is not None
    finished = on.PayoutFinished(payout.payout_id, payout.count, 0, hopper_failed=False)
    once, _ = run(returning, finished)
    twice, commands = run(once, finished)
    assert twice == once
    assert commands == []


def test_an_unreachable_hopper_is_asked_when_it_is_back(returning: Session) -> None:
    payout = returning.open_payout
    assert payout is not None
    present = tuple(on.HopperFound(one.name, one.coin_minor) for one in returning.hoppers)
    unknown, commands = run(returning, on.PayoutUnknown(payout.payout_id))
    assert commands == []
    without, commands = run(unknown, on.CashChanged((10,), (), present[1:]))
    assert commands == []
    _, commands = run(without, on.CashChanged((10,), (), present))
    assert commands == [do.AskPayout(payout.payout_id, payout.hopper, payout.count)]


def test_waiting_for_a_dead_device_ends_in_a_debt(returning: Session) -> None:
    lost, _ = run(returning, on.CashLost())
    done, _ = run(lost, on.TimeUp(NEXT))
    assert (done.state, done.uncertain_minor, done.owed_minor) == (State.OWING, 700, 70)


def test_more_coins_than_asked_for_are_told_as_surplus(returning: Session) -> None:
    alone = replace(returning, hoppers=returning.hoppers[:1])
    payout = alone.open_payout
    assert payout is not None
    done, _ = run(alone, on.PayoutFinished(payout.payout_id, 8, 0, hopper_failed=False))
    assert (done.state, done.surplus_minor, done.owed_minor) == (State.PAID, 30, 0)


def test_a_stray_coin_opens_a_session_of_its_own_and_goes_back(idle: Session) -> None:
    stray, commands = run(idle, coin(100))
    assert (stray.state, stray.order) == (State.RETURNING, None)
    done, more = pay_out_all(stray, tuple(commands))
    assert (done.state, done.returned_minor) == (State.CANCELLED, 100)
    assert not any(isinstance(command, do.ReleaseOrder) for command in more)
    report = only(run(done, on.TimeUp(NEXT))[1], do.ReportCash).report
    assert (report.order_id, report.outcome) == (None, "cancelled")


def test_a_coin_after_the_receipt_goes_back_without_a_second_receipt(returning: Session) -> None:
    paid, _ = pay_out_all(returning)
    stray, commands = run(paid, coin(100))
    done, more = pay_out_all(stray, tuple(commands))
    assert (done.state, done.returned_minor) == (State.PAID, 870)
    assert not any(isinstance(command, do.PrintReceipt) for command in more)


def test_a_doubtful_note_calls_staff_at_the_end(taking: Session) -> None:
    after, _ = run(taking, on.NoteOffered(1000), on.NoteDoubtful(1000), on.CancelPressed())
    assert (after.state, after.doubt_minor, after.owed_minor) == (State.OWING, 1000, 0)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (on.ReceiptPrinted, PrintState.PRINTED),
        (on.ReceiptNotPrinted, PrintState.NOT_PRINTED),
        (on.ReceiptUncertain, PrintState.UNCERTAIN),
    ],
)
def test_the_payment_stands_whatever_the_printer_does(returning: Session, kind: Any, state: PrintState) -> None:
    paid, _ = pay_out_all(returning)
    after, commands = run(paid, kind(paid.print_job_id))
    assert (after.state, after.print_state, commands) == (State.PAID, state, [])
    assert run(after, on.ReceiptPrinted(paid.print_job_id))[0] == after


# After a power cut.


def test_a_sent_payment_is_sent_again(confirming: Session) -> None:
    after, commands = run(confirming, on.Resumed(NEXT))
    assert commands == [do.Settle(confirming.request)] if confirming.request else pytest.fail("no request")
    assert after.state is State.CONFIRMING


def test_money_without_a_sent_payment_goes_back(taking: Session) -> None:
    present = tuple(on.HopperFound(one.name, one.coin_minor) for one in taking.hoppers)
    resumed, commands = run(taking, coin(100), on.Resumed(NEXT))
    assert resumed.state is State.RETURNING
    assert not any(isinstance(command, do.PayOut) for command in commands)
    _, commands = run(resumed, on.CashReady((10,), (), present))
    assert only(commands, do.PayOut).hopper == "hopper-100"


def test_an_open_payout_is_asked_after_before_anything_moves(returning: Session) -> None:
    present = tuple(on.HopperFound(one.name, one.coin_minor) for one in returning.hoppers)
    _, commands = run(returning, on.Resumed(NEXT), on.CashReady((10,), (), present))
    assert [type(command) for command in commands] == [do.AskPayout]


def test_an_order_that_was_being_fetched_is_let_go_of(idle: Session) -> None:
    after, commands = run(idle, on.CodeRead("X"), on.Resumed(NEXT))
    assert do.ReleaseOrder(idle.session_id) in commands
    assert (after.session_id, after.looking_for) == (NEXT, None)


def test_a_receipt_that_was_being_printed_is_uncertain(returning: Session) -> None:
    paid, _ = pay_out_all(returning)
    after, commands = run(paid, on.Resumed(NEXT))
    assert (after.print_state, commands) == (PrintState.UNCERTAIN, [])


def test_a_hopper_that_was_changed_counts_as_empty(idle: Session) -> None:
    after, _ = run(idle, on.CashReady((10,), (), (on.HopperFound("hopper-100", 50),)))
    assert after.hopper("hopper-100") == Hopper("hopper-100", 50, 0, present=True)
    assert after.hopper("hopper-50") == Hopper("hopper-50", 50, 20, present=False)
