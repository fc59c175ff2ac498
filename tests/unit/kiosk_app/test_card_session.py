"""Paying by card: one charge at a time, its outcome known first, given back if it buys nothing, never made twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.payment_session import advance, is_possible, time_limit_s
from kiosk_app.presenter import Scene, present
from kiosk_app.session import CardStage, NoticeCode, Session, State
from kiosk_app.views import CardView, OrderView, OwingView
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal

NEXT = UUID(int=2)


def run(session: Session, *events: on.Event) -> tuple[Session, list[do.Command]]:
    commands: list[do.Command] = []
    for event in events:
        session, more = advance(session, event)
        commands += more
    return session, commands


def of(commands: list[do.Command], kind: type[Any]) -> list[Any]:
    return [command for command in commands if isinstance(command, kind)]


@pytest.fixture
def choosing(idle: Session, order_of: Callable[..., Order]) -> Session:
    looking, _ = run(idle, on.CodeRead("HTTPS://MARKET.EXAMPLE/P/CLAIM"))
    return run(looking, on.OrderFound(looking.session_id, order_of(1234), 10))[0]


@pytest.fixture
def asked(choosing: Session) -> Session:
    return run(choosing, on.CardChosen())[0]


def approval(session: Session, amount_minor: int = 1234) -> on.CardApproved:
    assert session.card is not None
    return on.CardApproved(session.card.charge_id, amount_minor, "BV0q1|2026-11-22", "mc", ("TOTAL 12.34",))


def refusal(session: Session, *, cancelled: bool = False, not_started: bool = False) -> on.CardRefused:
    assert session.card is not None
    return on.CardRefused(session.card.charge_id, cancelled=cancelled, not_started=not_started)


def settled(session: Session, order_of: Callable[..., Order]) -> on.Settled:
    order = order_of(0, paid_minor=1234, exit_pass="HTTPS://MARKET.EXAMPLE/P/PASS")
    return on.Settled(
        Settlement(payment_id=session.derived_id("payment"), receipt_number="0001", paid_at=1_800_000_000, order=order)
    )


def test_a_card_is_charged_to_the_last_minor_unit_and_settled(choosing: Session, order_of: Callable[..., Order]) -> None:
    asked, commands = run(choosing, on.CardChosen())
    (charge,) = of(commands, do.ChargeCard)
    assert (charge.amount_minor, charge.currency) == (1234, "CNY")
    confirming, commands = run(asked, approval(asked))
    (settle,) = of(commands, do.SettleCard)
    assert (settle.record.payment_id, settle.record.amount_minor) == (charge.charge_id, 1234)
    assert settle.record.reference == "BV0q1-2026-11-22"
    paid, _ = run(confirming, settled(confirming, order_of))
    assert (paid.state, paid.spent_minor, paid.to_return_minor) == (State.PAID, 0, 0)
    idle, commands = run(paid, on.DonePressed(NEXT))
    assert (idle.state, idle.card, of(commands, do.ReportCash)) == (State.IDLE, None, [])


@pytest.mark.parametrize(
    ("cancelled", "not_started", "code"),
    [
        (False, False, NoticeCode.CARD_REFUSED),
        (True, False, NoticeCode.CARD_CANCELLED),
        (False, True, NoticeCode.CARD_UNAVAILABLE),
    ],
)
def test_a_refusal_lets_the_shopper_choose_again_under_a_new_id(
    asked: Session, *, cancelled: bool, not_started: bool, code: NoticeCode
) -> None:
    assert asked.card is not None
    back, _ = run(asked, refusal(asked, cancelled=cancelled, not_started=not_started))
    assert (back.state, back.card) == (State.CHOOSING, None)
    assert back.notice is not None
    assert back.notice.code is code
    again, commands = run(back, on.CardChosen())
    assert again.card is not None
    assert of(commands, do.ChargeCard)[0].charge_id != asked.card.charge_id


def test_cancelling_asks_the_terminal_and_waits_for_its_answer(asked: Session) -> None:
    cancelling, commands = run(asked, on.CancelPressed(), on.CancelPressed())
    assert len(of(commands, do.AbortCard)) == 1
    assert cancelling.state is State.TAKING_CARD
    assert run(cancelling, refusal(cancelling))[0].state is State.CHOOSING
    assert run(cancelling, approval(cancelling))[0].state is State.CONFIRMING


def test_an_unknown_outcome_calls_staff_and_blocks_everything_else(asked: Session) -> None:
    assert asked.card is not None
    unknown, commands = run(asked, on.CardUnknown(asked.card.charge_id), on.CardUnknown(asked.card.charge_id))
    assert of(commands, do.Say) == [do.Say(do.Phrase.STAFF_COMES)]
    assert unknown.state is State.TAKING_CARD
    for event in (on.CashChosen(), on.CardChosen(), on.DonePressed(NEXT)):
        assert not is_possible(unknown, event)
    assert time_limit_s(asked) is None
    assert time_limit_s(unknown) == 900
    assert run(unknown, approval(unknown))[0].state is State.CONFIRMING
    assert run(unknown, refusal(unknown))[0].state is State.CHOOSING


@pytest.mark.parametrize("event", [on.CardUncertain(UUID(int=0)), on.TimeUp(NEXT)], ids=["cannot tell", "time up"])
def test_what_stays_unknown_is_listed_and_the_order_stays_held(asked: Session, event: on.Event) -> None:
    assert asked.card is not None
    if isinstance(event, on.CardUncertain):
        event = on.CardUncertain(asked.card.charge_id)
    owing, commands = run(asked, event)
    assert (owing.state, owing.card_doubt_minor) == (State.OWING, 1234)
    assert of(commands, do.ReleaseOrder) == []
    assert len(of(commands, do.PrintReceipt)) == 1
    (told,) = of(run(owing, on.DonePressed(NEXT))[1], do.ReportCash)
    assert (told.report.outcome, told.report.taken, told.report.owed_minor) == ("owing", [], 0)
    assert (told.report.card_charge_id, told.report.card_doubt_minor) == (asked.card.charge_id, 1234)


def test_a_refused_settlement_gives_the_charge_back_once(asked: Session) -> None:
    confirming, _ = run(asked, approval(asked))
    reversing, commands = run(confirming, on.SettleRefused(Refusal.NOT_PAYABLE, "No."))
    (reverse,) = of(commands, do.ReverseCard)
    assert reversing.state is State.RETURNING
    _, again = run(reversing, on.Resumed(NEXT))
    assert of(again, do.ReverseCard) == [reverse]
    cancelled, commands = run(reversing, on.CardReversed(reverse.reversal_id))
    assert cancelled.state is State.CANCELLED
    assert len(of(commands, do.ReleaseOrder)) == 1
    kept, commands = run(reversing, on.CardNotReversed(reverse.reversal_id))
    assert (kept.state, kept.card_doubt_minor) == (State.OWING, 1234)
    assert of(commands, do.ReleaseOrder) == []
    assert run(reversing, on.TimeUp(NEXT))[0].state is State.OWING


def test_a_part_of_the_amount_buys_nothing_and_goes_back(asked: Session) -> None:
    reversing, commands = run(asked, approval(asked, 617))
    assert reversing.state is State.RETURNING
    assert of(commands, do.SettleCard) == []
    assert len(of(commands, do.ReverseCard)) == 1


def test_a_charge_in_the_books_that_pays_no_order_calls_staff(asked: Session) -> None:
    confirming, _ = run(asked, approval(asked))
    kept, commands = run(confirming, on.CardKept(Refusal.NOT_PAYABLE, "No."))
    assert kept.state is State.OWING
    assert kept.card is not None
    assert kept.card.stage is CardStage.KEPT
    assert of(commands, do.ReverseCard) == []


def test_each_step_is_resumed_by_asking(asked: Session) -> None:
    assert asked.card is not None
    resumed, commands = run(replace(asked, card=replace(asked.card, text="Insert")), on.Resumed(NEXT))
    assert of(commands, do.AskCard) == [do.AskCard(asked.card.charge_id)]
    assert of(commands, do.ChargeCard) == []
    assert resumed.state is State.TAKING_CARD
    confirming, first = run(asked, approval(asked))
    _, again = run(confirming, on.Resumed(NEXT))
    assert of(again, do.SettleCard) == of(first, do.SettleCard)
    _, retried = run(confirming, on.StoreUnreachable(NEXT), on.RetryDue())
    assert of(retried, do.SettleCard) == of(first, do.SettleCard)


def test_news_of_an_earlier_charge_change_nothing(asked: Session) -> None:
    old = UUID(int=99)
    for event in (
        on.CardApproved(old, 1234, "x", "", ()),
        on.CardRefused(old, cancelled=False, not_started=False),
        on.CardUnknown(old),
        on.CardUncertain(old),
    ):
        assert run(asked, event) == (asked, [])


def test_a_coin_beside_a_charge_goes_back_or_pays(asked: Session, order_of: Callable[..., Order]) -> None:
    coin = on.CoinTaken("coin-box", 1, 1, 100)
    with_coin, _ = run(asked, coin)
    assert (with_coin.state, with_coin.taken_minor) == (State.TAKING_CARD, 100)
    assert run(with_coin, refusal(with_coin))[0].state is State.TAKING_CASH
    confirming, _ = run(with_coin, approval(with_coin))
    returning, commands = run(confirming, settled(confirming, order_of))
    assert (returning.state, returning.to_return_minor) == (State.RETURNING, 100)
    assert len(of(commands, do.PayOut)) == 1


def test_what_the_screens_say(choosing: Session, asked: Session) -> None:
    scene = Scene(str, has_terminal=True, terminal_ready=True)
    order = present(choosing, scene)
    assert isinstance(order, OrderView)
    assert (order.pay_card, order.pay_card_enabled) == ("Pay by card", True)
    without = present(choosing, Scene(str))
    assert isinstance(without, OrderView)
    assert (without.pay_card, without.pay_card_enabled) == ("", False)
    view = present(run(asked, on.CardText("Please take your card"))[0], scene)
    assert isinstance(view, CardView)
    assert (view.amount.value, view.text, view.cancel_enabled) == ("¥12.34", "Please take your card", True)
    assert asked.card is not None
    unknown = present(run(asked, on.CardUnknown(asked.card.charge_id))[0], scene)
    assert isinstance(unknown, CardView)
    assert not unknown.cancel_enabled
    assert "Please do not pay again" in unknown.hint
    owing = present(run(asked, on.CardUncertain(asked.card.charge_id))[0], scene)
    assert isinstance(owing, OwingView)
    assert owing.title == "The staff will check your card payment"
