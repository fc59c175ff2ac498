"""What happens to shoppers at the lane: real processes, real serial lines, the store server's own books."""

from __future__ import annotations

from uuid import uuid4

import pytest

from demo.waiting import wait_for
from store_server.contract.lane_messages import StaffCommandKind
from store_server.contract.order_messages import OrderLine, SubmitOrder
from tests.integration.gate_controller.lane_shop import (
    AMBER,
    BELT,
    DEACTIVATOR,
    GATE,
    GRAMS,
    GREEN,
    GUM,
    RED,
    RICE,
    SIREN,
    WATER,
    WINE,
    LaneShop,
)

pytestmark = pytest.mark.timeout(300)
"""All tests share one shop: one worker runs them."""


def lay(shop: LaneShop, *codes: str, live_tags: int = 0) -> None:
    shop.world("put_goods", grams=sum(GRAMS[code] for code in codes), live_tags=live_tags)


def test_an_honest_shopper_leaves_with_dead_tags(shop: LaneShop) -> None:
    order = shop.paid(WINE, RICE, WATER, WATER)
    shop.show_pass(order)
    shop.wait_state("weighing")
    lay(shop, WINE, RICE, WATER, WATER, live_tags=1)
    shop.wait_outputs(BELT, AMBER)
    shop.wait_outputs(BELT, DEACTIVATOR, AMBER)
    shop.wait_outputs(GREEN, GATE)
    assert shop.world("take_goods") == {"grams": 3300.0, "live_tags": 0}
    assert shop.world("walk_through")["alarm"] is False
    shop.wait_exited(order)
    assert shop.wait_state("idle").order_id is None
    shop.wait_outputs()


def test_the_same_pass_again_is_refused_with_time_and_lane(shop: LaneShop) -> None:
    order = shop.paid(WATER)
    shop.show_pass(order)
    lay(shop, WATER)
    shop.walk_out()
    shop.wait_in_service()
    shop.show_pass(order)
    report = shop.wait_state("refused")
    assert "already used to leave, at" in report.headline["en"]
    assert "lane-1" in report.headline["en"]
    shop.wait_outputs(RED)


def test_texts_that_are_no_good_pass_have_their_own_reasons(shop: LaneShop) -> None:
    order = shop.paid(WATER)
    text, claim = order.exit_pass, shop.handheld.order(order.order_id).claim
    assert text is not None
    letter = "A" if text[-40] != "A" else "B"
    altered = text[:-40] + letter + text[-39:]
    for wrong, words in ((altered, "not genuine"), ("https://example.com", "not from our shop"), (claim, "not paid")):
        if wrong is not None:
            shop.wait_in_service()
            shop.scan(wrong)
            assert words in shop.wait_state("refused").headline["en"]
    shop.wait_in_service()


def test_a_good_pass_in_another_symbology_is_none(shop: LaneShop) -> None:
    order = shop.paid(WATER)
    assert order.exit_pass is not None
    shop.wait_in_service()
    shop.scan(order.exit_pass, "CODE128")
    assert "not from our shop" in shop.wait_state("refused").headline["en"]
    shop.wait_in_service()


def test_an_unpaid_claim_does_not_open(shop: LaneShop) -> None:
    book = shop.handheld.price_book()
    assert book is not None
    request = SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=[OrderLine(code=WATER)])
    claim = shop.handheld.submit_order(request).claim
    assert claim is not None
    shop.scan(claim)
    assert "not paid" in shop.wait_state("refused").headline["en"]


def test_a_forgotten_article_is_named_rescanned_and_paid(shop: LaneShop) -> None:
    order = shop.paid(RICE, WATER)
    shop.show_pass(order)
    lay(shop, RICE, WATER, WINE, live_tags=1)
    report = shop.wait_state("auditing")
    assert "Red wine" in report.headline["en"]
    assert report.explanations[0].code == WINE
    assert report.explanations[0].probability > 0.5
    shop.wait_outputs(RED, AMBER)
    amended = shop.add_article(order, WINE)
    wait_for(lambda: (r := shop.report()) is not None and "¥98.00 more to pay" in r.headline["en"], "the sum on the display")
    shop.pay(amended)
    shop.walk_out()
    shop.wait_exited(order)
    assert shop.handheld.order(order.order_id).revision == 2


def test_too_light_a_load_waits_for_the_rest(shop: LaneShop) -> None:
    order = shop.paid(RICE, WATER)
    shop.show_pass(order)
    lay(shop, RICE)
    wait_for(
        lambda: (r := shop.report()) is not None and "everything on the belt" in r.headline["en"], "to be asked for the rest"
    )
    report = shop.wait_state("auditing")
    assert report.explanations[0].kind == "left_behind"
    shop.command(StaffCommandKind.RELEASE, "the bottle is in the pram")
    shop.walk_out()
    shop.wait_exited(order)


def test_staff_sends_a_shopper_back_who_may_come_again(shop: LaneShop) -> None:
    order = shop.paid(WATER)
    shop.show_pass(order)
    lay(shop, WATER, RICE)
    shop.wait_state("auditing")
    shop.command(StaffCommandKind.REFUSE)
    shop.wait_state("refused")
    shop.world("take_goods")
    wait_for(lambda: shop.status(order) == "paid", "the server to let go of the order")
    shop.wait_in_service()
    shop.show_pass(order)
    lay(shop, WATER)
    shop.walk_out()
    shop.wait_exited(order)


def test_nobody_lays_goods_on_the_belt(shop: LaneShop) -> None:
    order = shop.paid(WATER)
    shop.show_pass(order)
    assert "No goods" in shop.wait_state("refused").headline["en"]
    wait_for(lambda: shop.status(order) == "paid", "the server to let go of the order")


def test_a_live_tag_raises_the_alarm_until_staff_silences_it(shop: LaneShop) -> None:
    shop.world("carry_tag")
    shop.wait_outputs(RED, SIREN)
    assert shop.wait_state("alarm").alarm
    shop.command(StaffCommandKind.SILENCE_ALARM)
    shop.wait_state("idle")
    shop.wait_outputs()


def test_a_live_tag_in_an_open_gate_is_tied_to_the_order(shop: LaneShop) -> None:
    order = shop.paid(WATER)
    shop.show_pass(order)
    lay(shop, WATER)
    shop.wait_outputs(GREEN, GATE)
    shop.world("walk_through", live_tags=1)
    report = shop.wait_state("alarm")
    assert report.order_id == order.order_id
    shop.wait_outputs(RED, SIREN)
    shop.command(StaffCommandKind.SILENCE_ALARM)
    shop.wait_state("idle")
    shop.wait_exited(order)


def test_empty_hands_leave_by_staff(shop: LaneShop) -> None:
    shop.command(StaffCommandKind.RELEASE, "bought nothing")
    shop.wait_outputs(GREEN, GATE)
    shop.world("walk_through")
    shop.wait_outputs()


def test_tags_of_what_was_not_paid_stay_alive(shop: LaneShop) -> None:
    """The scale cannot see a razor blade; so an order without tagged articles gets no deactivator."""
    order = shop.paid(GUM, RICE)
    shop.show_pass(order)
    lay(shop, GUM, RICE, live_tags=1)
    shop.wait_outputs(GREEN, GATE)
    assert shop.world("take_goods")["live_tags"] == 1
    shop.world("walk_through")
    shop.wait_state("alarm")
    shop.command(StaffCommandKind.SILENCE_ALARM)
    shop.wait_state("idle")
