"""People pay by card at a real kiosk: real server, a simulated nexo terminal behind real encrypted HTTPS."""

from __future__ import annotations

import pytest

from demo.touch import Touch
from demo.waiting import wait_for
from store_server.contract.order_messages import Order
from store_server.contract.order_status import OrderStatus
from tests.integration.kiosk_app.kiosk_shop import RICE, KioskShop

TERMINAL = "kiosk-1-terminal"


def begin_card(shop: KioskShop, order: Order) -> None:
    """Scan an order's claim and choose the card."""
    touch: Touch = shop.touch
    touch.wait_screen("welcome")
    assert order.claim is not None
    shop.scan(order.claim)
    touch.wait_screen("order")
    wait_for(lambda: shop.bench.facts(TERMINAL)["heard"].get("Diagnosis"), "the terminal to be ready")
    touch.press("pay-card")


def play(shop: KioskShop, behaviour: str, delay_s: float = 0.0) -> None:
    shop.bench.do(TERMINAL, "next_payment", behaviour=behaviour, delay_s=delay_s)


def finish(shop: KioskShop, screen: str) -> None:
    shop.touch.wait_screen(screen, 60)
    shop.touch.press("done")
    shop.touch.wait_screen("welcome")


def status(shop: KioskShop, order: Order) -> OrderStatus:
    return OrderStatus(shop.handheld.order(order.order_id).status)


def charged(shop: KioskShop) -> int:
    return int(shop.bench.facts(TERMINAL)["booked_minor"])


@pytest.fixture(autouse=True)
def ready(shop: KioskShop) -> None:
    wait_for(lambda: shop.bench.facts(TERMINAL)["heard"].get("Diagnosis"), "the kiosk to know its terminal")


def test_a_card_pays_an_order(shop: KioskShop) -> None:
    before = charged(shop)
    order = shop.submit(RICE)
    play(shop, "approve", 0.5)
    begin_card(shop, order)
    shop.touch.wait_screen("card")
    shop.touch.wait_screen("paid", 60)
    wait_for(lambda: "CARDHOLDER COPY" in str(shop.printer()), "the terminal's lines on the receipt", 30)
    finish(shop, "paid")
    assert status(shop, order) is OrderStatus.PAID
    assert charged(shop) - before == order.total_minor


def test_a_refused_card_leaves_cash_and_another_try(shop: KioskShop) -> None:
    before = charged(shop)
    order = shop.submit(RICE)
    play(shop, "refuse")
    begin_card(shop, order)
    wait_for(lambda: "not accepted" in (shop.touch.text("notice") or ""), "the refusal to be shown")
    shop.touch.press("pay-card")
    finish(shop, "paid")
    assert charged(shop) - before == order.total_minor


def test_cancelling_at_the_kiosk(shop: KioskShop) -> None:
    before = charged(shop)
    play(shop, "hold")
    begin_card(shop, shop.submit(RICE))
    shop.touch.wait_screen("card")
    wait_for(lambda: shop.bench.facts(TERMINAL)["running"], "the payment to run")
    shop.touch.press("cancel")
    shop.touch.wait_screen("order")
    shop.touch.press("cancel")
    finish(shop, "cancelled")
    assert charged(shop) == before


def test_an_answer_that_is_lost_after_the_booking(shop: KioskShop) -> None:
    before = charged(shop)
    order = shop.submit(RICE)
    play(shop, "drop_after", 0.5)
    begin_card(shop, order)
    finish(shop, "paid")
    assert status(shop, order) is OrderStatus.PAID
    assert charged(shop) - before == order.total_minor


@pytest.mark.parametrize("behaviour", ["approve", "refuse"])
def test_a_kiosk_that_dies_while_the_card_is_charged(shop: KioskShop, behaviour: str) -> None:
    before = charged(shop)
    order = shop.submit(RICE)
    play(shop, behaviour, 2.0)
    begin_card(shop, order)
    wait_for(lambda: shop.bench.facts(TERMINAL)["running"], "the payment to run")
    shop.kill("kiosk")
    shop.start("kiosk")
    if behaviour == "approve":
        finish(shop, "paid")
        assert status(shop, order) is OrderStatus.PAID
        assert charged(shop) - before == order.total_minor
        return
    shop.touch.wait_screen("order", 40)
    shop.touch.press("cancel")
    finish(shop, "cancelled")
    assert charged(shop) == before


def test_a_kiosk_that_dies_before_the_server_knows(shop: KioskShop) -> None:
    before = charged(shop)
    order = shop.submit(RICE)
    begin_card_without_server(shop, order)
    shop.kill("kiosk")
    shop.start("kiosk")
    shop.touch.wait_screen("confirming", 20)
    shop.start("server")
    finish(shop, "paid")
    assert status(shop, order) is OrderStatus.PAID
    assert charged(shop) - before == order.total_minor
    assert shop.bench.facts(TERMINAL)["repeated_names"] == 0


def begin_card_without_server(shop: KioskShop, order: Order) -> None:
    play(shop, "approve", 0.5)
    begin_card(shop, order)
    shop.kill("server")
    shop.touch.wait_screen("confirming", 20)


def test_a_part_of_the_amount_is_given_back(shop: KioskShop) -> None:
    before = charged(shop)
    play(shop, "partial")
    begin_card(shop, shop.submit(RICE))
    finish(shop, "cancelled")
    assert charged(shop) == before
