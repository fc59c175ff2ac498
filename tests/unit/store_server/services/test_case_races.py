"""Eight at once on the same charge in doubt and the same emptied box: decided once, booked once."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

from store_server.contract.box_messages import EmptyBox, Pile
from store_server.contract.card_case_messages import CardVerdict, JudgeCardCase
from store_server.contract.order_messages import OrderLine
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffRole
from store_server.services import boxes, card_cases, tendering
from store_server.services.principals import StaffMember
from tests.unit.store_server.market import BEGINNING_S, KIOSK, WINE, Market
from tests.unit.store_server.services.test_card_cases import doubted, say
from tests.unit.store_server.services.test_money_races import AT_ONCE, raced


def test_a_case_is_decided_once(market: Market) -> None:
    order = market.submit()
    session = market.tender(order)
    case = doubted(market, order, session=session)
    actions = [
        partial(
            card_cases.judge,
            market.store,
            StaffMember(f"staff-{number}"),
            case.case_id,
            JudgeCardCase(judgement_id=uuid4(), verdict=list(CardVerdict)[number % 2], reason="looked"),
        )
        for number in range(AT_ONCE)
    ]
    answers = raced([*actions, partial(tendering.release, market.store, KIOSK, session)])
    assert answers.count(None) == 2, "one judgement, and the kiosk's letting go"
    assert answers.count(Refusal.WRONG_STATE) == AT_ONCE - 1
    assert market.balances().get("card/kiosk-1", 0) in {0, 1280}
    assert market.balances().get("owed/kiosk-1", 0) == 0
    assert market.findings() == []


def test_a_second_person_agrees_once(market: Market) -> None:
    order = market.submit(OrderLine(code=WINE, quantity=3))
    case = doubted(market, order)
    say(market, case, CardVerdict.CHARGED)
    bosses = [StaffMember(f"boss-{number}", StaffRole.SUPERVISOR) for number in range(AT_ONCE)]
    answers = raced([partial(card_cases.decide, market.store, boss, case.case_id, agree=True) for boss in bosses])
    assert answers.count(None) == 1
    assert market.balances()["card/kiosk-1"] == order.total_minor
    assert market.findings() == []


def test_a_box_is_emptied_once(market: Market) -> None:
    market.pay(market.submit())
    request = EmptyBox(
        emptying_id=uuid4(),
        device="coin-box",
        contents=[Pile(value_minor=1280, count=1)],
        counted_minor=1200,
        staff="anna",
        emptied_at=BEGINNING_S,
    )
    answers = raced([partial(boxes.empty_box, market.store, KIOSK, request) for _ in range(AT_ONCE)])
    assert answers == [None] * AT_ONCE
    assert (market.balances()["safe"], market.balances()["over-short/kiosk-1"]) == (1200, 80)
    assert market.findings() == []
