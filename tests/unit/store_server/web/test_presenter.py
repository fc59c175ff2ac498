from __future__ import annotations

from uuid import uuid4

import pytest

from store_server.contract.lane_messages import Explanation, LaneReport, LaneView
from store_server.contract.order_status import OrderStatus
from store_server.contract.promotions import Goods, MultiBuy
from store_server.services import catalogue, exits
from store_server.web.console.presenter import LaneCardView, added_sentence, lane_card, order_row
from tests.unit.store_server.market import GATE, MILK, Market


def card(report: LaneReport, *, silent: bool = False) -> LaneCardView:
    return lane_card(LaneView(report=report, heard_at=100), None, now_s=107, silent=silent)


def report(**facts: object) -> LaneReport:
    said = {"lane": "lane-1", "state": "idle", "headline": {"en": "Welcome", "zh": "欢迎"}}
    return LaneReport.model_validate(said | facts)


@pytest.mark.parametrize(
    ("state", "tone"),
    [("idle", "calm"), ("weighing", "busy"), ("passing", "good"), ("AUDITING", "warn"), ("refused", "warn"), ("new", "busy")],
)
def test_a_state_has_its_colour(state: str, tone: str) -> None:
    assert card(report(state=state)).tone == tone


def test_an_alarm_is_red_whatever_the_state_and_a_silent_lane_says_so() -> None:
    assert card(report(alarm=True), silent=True).tone == "bad"
    assert card(report(), silent=True).silent.startswith("Not heard for 7 s")
    assert card(report(), silent=True).tone == "warn"
    assert card(report()).silent == ""


def test_a_lane_that_is_broken_does_not_look_like_one_that_waits_for_shoppers() -> None:
    broken = card(report(state="idle", faults=["the scale does not answer"]))
    assert (broken.state, broken.tone) == ("Fault", "warn")
    assert card(report(state="weighing", faults=["the scale does not answer"])).state == "Weighing"


@pytest.mark.parametrize(
    ("state", "decides", "has_goods", "is_free"),
    [
        ("idle", False, False, True),
        ("checking", False, False, False),
        ("weighing", False, True, False),
        ("deactivating", False, True, False),
        ("passing", False, False, False),
        ("auditing", True, True, False),
        ("refused", False, False, True),
        ("alarm", False, False, False),
        ("fire", False, False, False),
    ],
)
def test_staff_is_offered_only_what_the_lane_obeys(state: str, decides: bool, has_goods: bool, is_free: bool) -> None:  # noqa: FBT001
    for faults in ([], ["the scale does not answer"]):
        shown = card(report(state=state, faults=faults))
        assert (shown.decides, shown.has_goods, shown.is_free) == (decides, has_goods, is_free)
        assert shown.may_weigh == decides
        assert not card(report(state=state, faults=faults, may_weigh_again=False)).may_weigh


def test_weights_read_as_people_write_them() -> None:
    weighed = card(report(expected_g=2935.4, spread_g=6.2, measured_g=4246.0))
    shown = [text.replace("\N{NO-BREAK SPACE}", " ") for text in (weighed.expected, weighed.measured, weighed.difference)]
    assert shown == ["2,935 g ± 6 g", "4,246 g", "+1,311 g"]
    nothing = card(report())
    assert (nothing.expected, nothing.measured, nothing.difference, nothing.weighs) == ("-", "-", "-", False)


def test_all_reasons_are_shown_the_likeliest_first() -> None:
    reasons = [
        Explanation(kind="unknown", code=None, text={"en": f"reason {number}"}, probability=0.5 / number)
        for number in range(1, 6)
    ]
    shown = card(report(explanations=reasons)).reasons
    assert [(reason.text, reason.percent) for reason in shown] == [
        ("reason 1", 50),
        ("reason 2", 25),
        ("reason 3", 17),
        ("reason 4", 12),
        ("reason 5", 10),
    ]


def test_a_headline_in_another_language_alone_is_shown_too() -> None:
    assert card(report(headline={"zh": "欢迎"})).headline == "欢迎"
    assert card(report(headline={})).headline == ""


def test_what_is_due_says_where_to_pay_it(market: Market) -> None:
    order = market.pay(market.submit()).order
    market.enter(order.exit_pass)
    amended = market.rescan(order, MILK)
    shown = lane_card(LaneView(report=report(order_id=order.order_id), heard_at=1), amended, now_s=1, silent=False)
    assert shown.due == f"¥12.80 due: pay order {order.order_number[:3]}-{order.order_number[3:]} at a kiosk."
    assert added_sentence(amended) == "Added Milk 1 l for ¥12.80."


@pytest.mark.parametrize(
    ("pair_minor", "said", "row"),
    [
        (2000, "Added Milk 1 l for ¥10.00. With all promotions ¥7.20 is to be paid.", "¥7.20"),
        (
            1000,
            (
                "Added Milk 1 l for ¥5.00. With its promotion the order costs ¥2.80 less than was paid:"
                " give that back as a refund."
            ),
            "give back ¥2.80",
        ),
    ],
)
def test_staff_is_told_what_the_whole_basket_costs_with_the_article(
    market: Market, pair_minor: int, said: str, row: str
) -> None:
    pair = MultiBuy(promotion_id="pair", texts={"en": "Pair"}, goods=Goods(codes=(MILK,)), count=2, price_minor=pair_minor)
    catalogue.set_promotions(market.store, [pair])
    amended = market.rescan(market.enter(market.pay(market.submit()).order.exit_pass), MILK)
    assert added_sentence(amended) == said
    assert order_row(amended).due == row


def test_an_order_row_shows_what_is_due_and_what_left_unpaid(market: Market) -> None:
    row = order_row(market.submit())
    assert (row.status, row.tone, row.total, row.due) == ("Submitted", "warn", "¥12.80", "¥12.80")
    unpaid = market.submit()
    left = market.leaving(unpaid).model_copy(update={"exit_id": uuid4(), "decided_by": "staff"})
    assert exits.report_exit(market.store, GATE, left).status is OrderStatus.EXITED
    row = order_row(market.look(unpaid))
    assert row.status.startswith("Exited ")
    assert row.tone == "bad"
    row = order_row(market.pay(market.submit()).order)
    assert (row.status, row.tone, row.due) == ("Paid", "good", "")
