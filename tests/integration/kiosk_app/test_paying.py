"""People pay at a real kiosk: real server, real serial lines to a simulated cash bus, scanner and printer."""

from __future__ import annotations

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from demo.waiting import wait_for
from store_server.contract.order_messages import Order
from store_server.contract.order_pass import OrderPass, PassKind, issue
from store_server.contract.order_status import OrderStatus
from tests.integration.kiosk_app.kiosk_shop import GUM, RICE, WATER, KioskShop


def finish(shop: KioskShop, screen: str) -> None:
    """Wait for the last screen and leave it."""
    shop.touch.wait_screen(screen, 40)
    shop.touch.press("done")
    shop.touch.wait_screen("welcome")
    shop.bench.do("kiosk-1-cash", "take_money")


def status(shop: KioskShop, order: Order) -> OrderStatus:
    return OrderStatus(shop.handheld.order(order.order_id).status)


def test_exact_coins(shop: KioskShop) -> None:
    order = shop.submit(GUM)
    shop.begin_cash(order)
    shop.insert(100, "1.00")
    shop.coin(50)
    shop.touch.wait_screen("paid")
    assert status(shop, order) is OrderStatus.PAID
    assert shop.back_minor() == 0
    receipts = wait_for(lambda: shop.printer()["receipts"], "the receipt")
    assert receipts[-1]["qr_texts"] == [shop.handheld.order(order.order_id).exit_pass]
    assert any("Chewing gum" in line and "1.50" in line for line in receipts[-1]["lines"])
    shop.touch.wait_text("receipt", "take your receipt")
    finish(shop, "paid")


def test_a_note_with_change_by_typed_number(shop: KioskShop) -> None:
    order = shop.submit(RICE, WATER)
    before = shop.back_minor()
    for digit in order.order_number:
        shop.touch.press(f"key-{digit}")
    assert shop.touch.text("number") == f"{order.order_number[:3]}-{order.order_number[3:]}"
    shop.touch.press("key-ok")
    shop.touch.wait_screen("order")
    assert shop.touch.text("total") == "¥16.14"
    assert shop.touch.text("due") == "¥16.10"
    shop.touch.press("pay-cash")
    shop.touch.wait_screen("cash")
    wait_for(lambda: "✕" not in (shop.touch.text("note-4") or "✕"), "the kiosk to take notes of 20")
    shop.note(2000)
    finish(shop, "paid")
    assert shop.back_minor() - before == 390
    assert status(shop, order) is OrderStatus.PAID


def test_cancel_after_two_coins_gives_them_back(shop: KioskShop) -> None:
    order = shop.submit(WATER)
    before = shop.back_minor()
    shop.begin_cash(order)
    shop.insert(100, "1.00")
    shop.insert(50, "1.50")
    shop.touch.press("cancel")
    finish(shop, "cancelled")
    assert shop.back_minor() - before == 150
    wait_for(lambda: status(shop, order) is OrderStatus.SUBMITTED, "the order to be payable again")


def test_the_return_lever_cancels_too(shop: KioskShop) -> None:
    order = shop.submit(WATER)
    shop.begin_cash(order)
    shop.bench.do("kiosk-1-cash", "press_return_lever")
    finish(shop, "cancelled")


def test_a_note_that_cannot_be_changed_comes_back(shop: KioskShop) -> None:
    order = shop.submit(WATER)
    before, inside = shop.back_minor(), shop.cash("machine_total_minor")
    shop.begin_cash(order)
    shop.note(10000)
    wait_for(lambda: shop.back_minor() - before == 10000, "the note to come back")
    assert shop.cash("machine_total_minor") == inside
    assert shop.touch.text("paid") == "¥0.00"
    assert shop.touch.text("note-6") == "¥100 ✕"
    shop.bench.do("kiosk-1-cash", "take_money")
    shop.touch.press("cancel")
    finish(shop, "cancelled")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("HTTPS://SOMEWHERE.ELSE/PAY?ID=12345", "This code is not an order of our shop"),
        ("6901234567892", "This code is not an order of our shop"),
    ],
)
def test_codes_from_another_world_get_a_sentence(shop: KioskShop, text: str, sentence: str) -> None:
    shop.touch.wait_screen("welcome")
    shop.scan(text)
    shop.touch.wait_text("notice", sentence)
    assert shop.touch.screen() == "welcome"


def test_a_changed_claim_gets_a_sentence(shop: KioskShop) -> None:
    claim = shop.submit(GUM).claim
    assert claim is not None
    shop.touch.wait_screen("welcome")
    place = len(claim) - 20  # within the signature
    shop.scan(claim[:place] + ("A" if claim[place] != "A" else "B") + claim[place + 1 :])
    shop.touch.wait_text("notice", "This code is not genuine")
    assert shop.touch.screen() == "welcome"


def test_a_claim_of_another_shop_gets_a_sentence(shop: KioskShop) -> None:
    shop.touch.wait_screen("welcome")
    key = Ed25519PrivateKey.generate()
    claim = OrderPass(
        kind=PassKind.CLAIM,
        shop_id=2,
        key_id=bytes(8),
        order_id=UUID(int=1),
        order_serial=1,
        revision=1,
        total_minor=100,
        currency="CNY",
        article_count=1,
        expected_g=100,
        spread_g=1.0,
        not_before=0,
        expiry=2**32 - 1,
    )
    shop.scan(issue(claim, key.sign, "other.example"))
    shop.touch.wait_text("notice", "from another shop")
    assert shop.touch.screen() == "welcome"


@pytest.mark.parametrize(("number", "sentence"), [("9999990", "We do not know this order"), ("1234567", "not an order number")])
def test_an_unknown_number_and_a_slip_get_sentences(shop: KioskShop, number: str, sentence: str) -> None:
    for digit in number:
        shop.touch.press(f"key-{digit}")
    shop.touch.press("key-ok")
    shop.touch.wait_text("notice", sentence)
    while shop.touch.text("number") != "000-0000":
        shop.touch.press("key-back")


def test_a_paid_order_is_not_paid_twice(shop: KioskShop) -> None:
    order = shop.submit(GUM)
    shop.begin_cash(order)
    shop.insert(100, "1.00")
    shop.coin(50)
    shop.touch.wait_screen("paid")
    shop.touch.wait_text("receipt", "take your receipt")  # meanwhile the scanner has forgotten the claim it read last
    finish(shop, "paid")
    assert order.claim is not None
    shop.scan(order.claim)
    shop.touch.wait_text("notice", "already paid")


def test_garbage_on_every_line_changes_nothing(shop: KioskShop) -> None:
    for device in ("kiosk-1-scanner", "kiosk-1-cash", "kiosk-1-printer"):
        shop.bench.do(device, "garbage", hex="00ff1b5b324a" * 40 + "0d0a")
    order = shop.submit(GUM)
    shop.begin_cash(order)
    shop.insert(100, "1.00")
    shop.coin(50)
    finish(shop, "paid")


def test_chinese(shop: KioskShop) -> None:
    shop.touch.press("language-zh")
    shop.touch.wait_text("title", "在此付款")
    order = shop.submit(RICE)
    assert order.claim is not None
    shop.scan(order.claim)
    shop.touch.wait_screen("order")
    assert shop.touch.text("line-1-name") == "茉莉香米"
    shop.touch.press("cancel")
    shop.touch.wait_text("title", "付款已取消")
    finish(shop, "cancelled")
    shop.touch.wait_text("title", "Pay here")


def test_a_printer_without_paper_leaves_the_pass_on_the_screen(shop: KioskShop) -> None:
    shop.bench.do("kiosk-1-printer", "paper", state="out")
    order = shop.submit(GUM)
    shop.begin_cash(order)
    shop.insert(100, "1.00")
    shop.coin(50)
    shop.touch.wait_screen("paid")
    shop.touch.wait_text("receipt", "take a photo")
    assert "exit-pass-qr" in shop.touch.texts()
    assert status(shop, order) is OrderStatus.PAID
    shop.bench.do("kiosk-1-printer", "paper", state="ok")
    finish(shop, "paid")


def test_the_cash_unit_unplugged_and_back(shop: KioskShop) -> None:
    order = shop.submit(WATER)
    before = shop.back_minor()
    shop.begin_cash(order)
    shop.insert(100, "1.00")
    shop.bench.do("kiosk-1-cash", "unplug")
    shop.touch.wait_text("notice", "cash unit")
    shop.bench.do("kiosk-1-cash", "replug")
    wait_for(
        lambda: "✕" not in (shop.touch.text("coins") or "✕") and not shop.touch.text("notice"), "the slots to open again", 30
    )
    shop.insert(100, "2.00")
    shop.touch.press("cancel")
    finish(shop, "cancelled")
    assert shop.back_minor() - before == 200


def test_a_jammed_hopper_is_helped_out_by_the_others(shop: KioskShop) -> None:
    shop.bench.do("kiosk-1-cash", "jam_hopper", hopper="hopper-100", on=True)
    order = shop.submit(WATER)
    before = shop.back_minor()
    shop.begin_cash(order)
    shop.note(500)
    finish(shop, "paid")
    assert shop.back_minor() - before == 170
    shop.bench.do("kiosk-1-cash", "jam_hopper", hopper="hopper-100", on=False)


def test_the_server_dies_between_note_and_payment(shop: KioskShop) -> None:
    order = shop.submit(RICE)
    before = shop.back_minor()
    shop.begin_cash(order)
    shop.kill("server")
    shop.note(2000)
    shop.touch.wait_screen("confirming")
    shop.touch.wait_text("text", "Your money is safe")
    assert "cancel" not in shop.touch.texts()
    shop.start("server")
    finish(shop, "paid")
    assert status(shop, order) is OrderStatus.PAID
    assert shop.back_minor() - before == 2000 - 1280


def test_the_books_agree_with_every_coin(shop: KioskShop) -> None:
    shop.touch.wait_screen("welcome")
    balances = shop.check_books()
    assert balances["sales"] < 0
