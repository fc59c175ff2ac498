"""The real handheld from Start to the exit: camera frames in, HTTP to the real store server, fingers on the real screen."""

from __future__ import annotations

import time
from uuid import uuid4

import cv2
import pytest

from demo.catalogue import PRODUCTS
from demo.waiting import wait_for
from store_server.contract.lane_messages import EnterLane
from store_server.contract.order_messages import AddArticle
from tests.integration.scanner_app.handheld_shop import CAMERA, HandheldShop

RICE, COLA, APPLES, OIL = "Jasmine rice 5 kg", "Cola 500 ml", "Apples Fuji", "Sesame oil 250 ml"


def test_a_whole_trip(shop: HandheldShop) -> None:
    touch = shop.touch
    shop.start_trip()
    shop.show(RICE, difficulty="moderate")
    shop.show(COLA, difficulty="hard")
    shop.show(OIL)
    touch.press("line-2-plus")
    touch.press("line-2-plus")
    touch.press("line-2-minus")
    touch.wait_text("line-2-quantity", "2")
    touch.press("line-3-remove")
    wait_for(lambda: touch.text("line-3-name") is None, "the third line to go")
    touch.press("undo")
    touch.wait_text("line-3-name", OIL)
    touch.press("undo")
    touch.wait_text("line-2-quantity", "3")
    touch.press("line-2-minus")
    touch.press("line-3-remove")
    shop.show(APPLES, grams=852)
    total_minor = shop.range[RICE].unit_price_minor + 2 * shop.range[COLA].unit_price_minor + 1099
    shown = f"¥{total_minor / 100:.2f}"
    assert shop.range[APPLES].unit_price_minor * 852 / 1000 == pytest.approx(1099, abs=0.5)
    assert touch.text("total") == shown
    order = shop.hand_in()
    assert [(line.name["en"], line.quantity, line.weight_g) for line in order.lines] == [
        (RICE, 1, None),
        (COLA, 2, None),
        (APPLES, 1, 852),
    ]
    assert order.total_minor == total_minor
    assert touch.text("due") == shown
    claim = shop.qr_on_screen()
    assert claim.startswith("HTTPS://MARKET.EXAMPLE/P/")
    assert shop.kiosk.order(order.order_id).claim == claim
    paid = shop.pay(claim)
    touch.wait_screen("paid")
    shop.leave(paid)
    touch.wait_screen("left")
    assert "says (en): Thank you for shopping with us. Good-bye!" in shop.log()
    touch.wait_screen("welcome")
    wait_for(lambda: not (shop.folder / "handheld" / "trip.json").exists(), "the trip to be wiped")
    touch.press("start")
    touch.wait_screen("shopping")
    assert touch.text("line-1-name") is None
    assert touch.text("total") == "¥0.00"


def test_the_symbol_on_the_screen_has_quiet_zone_and_large_modules(shop: HandheldShop) -> None:
    shop.start_trip()
    shop.add_typed(COLA)
    shop.hand_in()
    picture = cv2.imread(str(shop.picture("symbol")), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    place = next(widget["place"] for widget in shop.touch.look()["widgets"] if widget["name"] == "order-qr")
    symbol = picture[place[1] : place[1] + place[3], place[0] : place[0] + place[2]]
    dark = (symbol < 128).nonzero()
    top, left, bottom, right = dark[0].min(), dark[1].min(), dark[0].max(), dark[1].max()
    finder = symbol[top, left:right]
    module_px = int((finder >= 128).argmax()) / 7  # the finder pattern's upper edge is seven dark modules
    assert module_px >= 4
    assert min(top, left, symbol.shape[0] - bottom, symbol.shape[1] - right) >= 4 * module_px


def test_what_adds_nothing_says_why_and_shopping_goes_on(shop: HandheldShop) -> None:
    touch = shop.touch
    shop.start_trip()
    shop.bench.do(CAMERA, "show", code="WIFI:S:home;P:secret;;", symbology="QR")
    touch.wait_text("notice", "is not a product code")
    shop.bench.do(CAMERA, "show", code="9529999999993")
    touch.wait_text("notice", "We do not know the article 9529999999993")
    shop.bench.do(CAMERA, "clear")
    shop.type_code("123")
    touch.wait_text("notice", "“123” is not a product code")
    shop.type_code(shop.range[APPLES].code)
    touch.wait_text("notice", "sold by weight")
    assert touch.text("line-1-name") is None
    shop.show(COLA)
    assert touch.text("notice") is None


def test_the_keypad_types_a_code(shop: HandheldShop) -> None:
    touch = shop.touch
    shop.start_trip()
    touch.press("manual-code")
    for digit in shop.range[COLA].code:
        touch.press(f"key-{digit}")
    touch.press("key-erase")
    touch.press(f"key-{shop.range[COLA].code[-1]}")
    touch.press("manual-code-add")
    touch.wait_text("last-article", COLA)
    assert touch.text("key-1") is None
    assert touch.text("manual-code") == ""


def test_in_chinese(shop: HandheldShop) -> None:
    touch = shop.touch
    touch.press("language-zh")
    touch.wait_text("start", "开始购物")
    shop.start_trip()
    shop.type_code(shop.range[COLA].code)
    touch.wait_text("last-article", shop.range[COLA].name_zh)
    touch.press("review")
    touch.wait_text("submit", "提交订单")
    touch.press("language-en")
    touch.wait_text("submit", "Hand in")


def test_an_unplugged_camera_is_told_and_comes_back(shop: HandheldShop) -> None:
    touch = shop.touch
    shop.start_trip()
    shop.show(COLA)
    shop.bench.do(CAMERA, "unplug")
    touch.wait_text("camera-text", "The camera is not connected. Please type the code, or ask the staff.", 30)
    shop.add_typed(RICE)
    shop.bench.do(CAMERA, "replug")
    wait_for(lambda: touch.text("camera-text") is None, "the camera to come back", 40)
    shop.show(OIL)
    assert touch.text("line-3-name") == OIL


def test_a_difference_that_staff_found_is_shown_as_an_order_to_pay(shop: HandheldShop) -> None:
    shop.start_trip()
    shop.add_typed(RICE)
    order = shop.hand_in()
    paid = shop.pay(shop.qr_on_screen())
    shop.touch.wait_screen("paid")
    shop.gate.enter_lane(EnterLane(entry_id=uuid4(), lane="lane-1", exit_pass=paid.exit_pass))
    more = shop.staff.add_article(order.order_id, AddArticle(amendment_id=uuid4(), code=shop.range[COLA].code))
    assert more.due_minor == shop.range[COLA].unit_price_minor
    shop.touch.wait_screen("submitted")
    shop.touch.wait_text("instruction", "difference")
    assert shop.touch.text("due") == f"¥{more.due_minor / 100:.2f}"
    shop.leave(shop.pay(shop.qr_on_screen()))
    shop.touch.wait_screen("left")


def test_new_prices_arrive_while_shopping(shop: HandheldShop) -> None:
    text = PRODUCTS.read_text(encoding="utf-8")
    cola = shop.range[COLA]
    row = next(line for line in text.splitlines() if line.startswith(cola.code))
    dearer = row.replace(f",{cola.unit_price_minor},", f",{cola.unit_price_minor + 100},")
    shop.start_trip()
    shop.add_typed(COLA)
    assert shop.touch.text("total") == f"¥{cola.unit_price_minor / 100:.2f}"
    try:
        shop.import_products(text.replace(row, dearer))
        shop.touch.wait_text("total", f"¥{(cola.unit_price_minor + 100) / 100:.2f}")
        assert shop.touch.text("notice") == "Prices have changed. Please look at the total again."
        assert shop.hand_in().total_minor == cola.unit_price_minor + 100
    finally:
        began = time.time()
        shop.import_products(text)
        assert time.time() - began < 60
