"""A kiosk with a note recycler: real server, coins on a ccTalk bus, notes over SSP; also killed while notes come out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demo.waiting import wait_for
from store_server.contract.order_messages import Order
from store_server.contract.order_status import OrderStatus
from tests.integration.kiosk_app.kiosk_shop import RICE, WATER, KioskShop

NOTES = {500: 4, 1000: 3}


@pytest.fixture(scope="module")
def shop(open_shop: Callable[..., KioskShop]) -> KioskShop:
    """Return a shop whose kiosk has notes of 5 and 10 yuan for change."""
    opened = open_shop(NOTES)
    opened.start("kiosk")
    return opened


def pay_with_note(shop: KioskShop, order: Order, value_minor: int) -> None:
    shop.begin_cash(order)
    wait_for(lambda: value_minor in shop.recycler("takes_notes"), "the recycler to take the note")
    shop.note(value_minor)


def leave(shop: KioskShop) -> None:
    shop.touch.wait_screen("paid", 60)
    shop.touch.press("done")
    shop.touch.wait_screen("welcome")


def test_a_note_is_kept_and_the_change_is_a_note_and_coins(shop: KioskShop) -> None:
    order = shop.submit(RICE)
    pay_with_note(shop, order, 2000)
    leave(shop)
    assert OrderStatus(shop.handheld.order(order.order_id).status) is OrderStatus.PAID
    assert shop.recycler("tray") == {"500": 1}
    assert shop.recycler("store") == {"500": 3, "1000": 3, "2000": 1}
    assert shop.back_minor() == 2000 - 1280


def test_killed_while_notes_come_out(shop: KioskShop) -> None:
    before = shop.back_minor()
    order = shop.submit(WATER)
    pay_with_note(shop, order, 2000)
    wait_for(lambda: shop.recycler("is_paying"), "notes to come out")
    assert shop.journalled("SELECT count(*) FROM payout WHERE paid IS NULL") == 1
    shop.kill("kiosk")
    shop.start("kiosk")
    leave(shop)
    # Coins may pay what of it had not come out by then, when the kiosk is back sooner than the recycler is done.
    assert shop.back_minor() - before == 2000 - 330
    assert shop.recycler("tray")["1000"] == 1
    assert shop.journalled("SELECT sum(uncertain) FROM payout") == 0


def test_the_books_agree_with_every_note(shop: KioskShop) -> None:
    balances = shop.check_books()
    store = shop.recycler("store")
    for value in (500, 1000, 2000):
        came_in = value * (store.get(str(value), 0) - NOTES.get(value, 0))
        assert balances.get(f"cash/kiosk-1/recycler-{value}", 0) == came_in
    assert balances["sales"] == -(1284 + 330)


def test_staff_empties_the_store_into_the_cash_box_and_lets_the_printer_go_on(shop: KioskShop) -> None:
    inside, store_minor = (
        shop.recycler("machine_total_minor"),
        sum(int(value) * count for value, count in shop.recycler("store").items()),
    )
    shop.touch.press("staff")
    shop.touch.wait_screen("staff")
    for key in (*"2468", "ok"):
        shop.touch.press(f"key-{key}")
    shop.touch.press("empty-recycler")
    shop.touch.wait_text("told", f"{store_minor / 100:.2f} in notes moved", 60)
    assert shop.recycler("store") == {}
    assert shop.recycler("machine_total_minor") == inside
    wait_for(lambda: "0 x ¥5" in (shop.touch.text("device-4") or ""), "the screen to show an empty store")
    shop.touch.press("recover-printer")
    shop.touch.wait_text("told", "The printer was told to go on")
    shop.touch.press("leave-staff")
    shop.touch.wait_screen("welcome")
