"""Kill -9 of the real kiosk at named points and at random ones: every coin is accounted for, nothing is paid twice."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from demo.waiting import wait_for
from kiosk_app import session_events as on
from kiosk_app.journal import Journal
from kiosk_app.payment_session import advance
from kiosk_app.session import OpenPayout, Session, State
from store_server.contract.order_messages import Order
from store_server.contract.order_status import OrderStatus
from tests.integration.kiosk_app.kiosk_shop import GUM, RICE, WATER, KioskShop

CASH = "kiosk-1-cash"
ENDINGS = ("paid", "cancelled", "owing")
RANDOM_CUTS = 6
SEED = 77


def cut(shop: KioskShop) -> None:
    shop.kill("kiosk")
    shop.start("kiosk")


def ending(shop: KioskShop) -> str:
    """Wait for the session's last screen, leave it and tell which it was."""
    screen = wait_for(lambda: now if (now := shop.touch.screen()) in ENDINGS else None, "the end of the session", 60)
    shop.touch.press("done")
    shop.touch.wait_screen("welcome")
    return screen


def status(shop: KioskShop, order: Order) -> OrderStatus:
    return OrderStatus(shop.handheld.order(order.order_id).status)


def wait_journal(shop: KioskShop, what: str, look: Callable[[dict[str, Any]], bool]) -> None:
    wait_for(lambda: look(shop.session()), what)


@pytest.fixture(scope="module")
def shop(open_shop: Callable[..., KioskShop]) -> KioskShop:
    """Return a shop whose kiosk has coins for many cuts."""
    opened = open_shop(hopper_100=150, hopper_50=40, hopper_10=90)
    opened.start("kiosk")
    return opened


@pytest.fixture(autouse=True)
def emptied(shop: KioskShop) -> None:
    """Let every shopper begin with an empty tray."""
    shop.bench.do(CASH, "take_money")


def test_with_coins_in_the_machine(shop: KioskShop) -> None:
    before = shop.back_minor()
    shop.begin_cash(shop.submit(RICE))
    shop.insert(100, "1.00")
    shop.insert(50, "1.50")
    cut(shop)
    shop.touch.wait_screen("cancelled", 30)
    assert "restarted" in (shop.touch.text("notice") or "")
    assert ending(shop) == "cancelled"
    assert shop.back_minor() - before == 150


def test_with_a_coin_that_was_not_written_yet(shop: KioskShop) -> None:
    before = shop.back_minor()
    shop.begin_cash(shop.submit(RICE))
    shop.coin(100)
    shop.kill("kiosk")
    wait_for(lambda: not shop.cash("moving_minor"), "the coin to fall")
    shop.start("kiosk")
    wait_for(lambda: shop.back_minor() - before == 100, "the coin to come back", 40)
    assert ending(shop) == "cancelled"


def test_with_a_note_on_its_way_to_the_stacker(shop: KioskShop) -> None:
    before = shop.back_minor()
    shop.begin_cash(shop.submit(RICE))
    shop.note(1000)
    wait_journal(shop, "the note to be decided about", lambda session: bool(session["stacking"]))
    cut(shop)
    wait_for(lambda: shop.back_minor() - before == 1000, "the money to come back", 40)
    ending(shop)


def test_with_the_payment_sent_and_no_server(shop: KioskShop) -> None:
    before = shop.back_minor()
    order = shop.submit(RICE)
    shop.begin_cash(order)
    shop.kill("server")
    shop.note(2000)
    shop.touch.wait_screen("confirming")
    cut(shop)
    shop.touch.wait_screen("confirming")
    shop.start("server")
    assert ending(shop) == "paid"
    assert status(shop, order) is OrderStatus.PAID
    assert shop.back_minor() - before == 720


def test_while_a_hopper_pays(shop: KioskShop) -> None:
    before = shop.back_minor()
    order = shop.submit(GUM)
    shop.begin_cash(order)
    shop.note(1000)
    wait_for(lambda: any(one["is_paying"] for one in shop.cash("hoppers").values()), "a hopper to pay")
    assert shop.journalled("SELECT count(*) FROM payout WHERE paid IS NULL") == 1
    cut(shop)
    assert ending(shop) == "paid"
    assert shop.back_minor() - before == 850


def test_with_the_receipt_out_and_the_books_not_told(shop: KioskShop) -> None:
    order = shop.submit(GUM)
    shop.begin_cash(order)
    shop.insert(100, "1.00")
    shop.coin(50)
    shop.touch.wait_screen("paid")
    reports = shop.journalled("SELECT count(*) FROM outbox WHERE kind = 'report'")
    cut(shop)
    shop.touch.wait_screen("paid")
    assert "exit-pass-qr" in shop.touch.texts()
    assert ending(shop) == "paid"
    assert shop.journalled("SELECT count(*) FROM outbox WHERE kind = 'report'") == reports + 1


def test_when_the_journal_cannot_be_written_nothing_more_is_taken(shop: KioskShop) -> None:
    before = shop.back_minor()
    shop.begin_cash(shop.submit(RICE))
    shop.insert(100, "1.00")
    with contextlib.closing(sqlite3.connect(shop.folder / "kiosk" / "journal.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        shop.coin(50)
        shop.touch.wait_screen("out-of-service")
        assert "journal" in (shop.touch.text("reasons") or "")
        shop.note(500)
        wait_for(lambda: shop.cash("bezel_minor") == 500, "the note to be handed back")
    cut(shop)
    wait_for(lambda: shop.back_minor() - before == 650, "all money to come back", 40)
    assert ending(shop) == "cancelled"


@pytest.mark.timeout(300)
def test_at_random_moments(shop: KioskShop) -> None:
    seed = SEED
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    for _ in range(RANDOM_CUTS):
        before = shop.back_minor()
        order = shop.submit(WATER)
        shop.begin_cash(order)
        shop.note(1000)
        deadline = time.monotonic() + chance.uniform(0.0, 4.0)
        wait_for(lambda deadline=deadline: time.monotonic() >= deadline, "the power cut")  # type: ignore[misc]
        cut(shop)
        screen = wait_for(lambda: now if (now := shop.touch.screen()) in (*ENDINGS, "welcome") else None, "an end", 60)
        if screen != "welcome":
            ending(shop)
        wait_for(lambda: not shop.cash("moving_minor") and not shop.cash("escrow_minor"), "all money to lie still")
        paid = status(shop, order) is OrderStatus.PAID
        expected = before + (670 if paid else 1000)
        wait_for(lambda expected=expected: shop.back_minor() == expected, f"{expected} to be back")  # type: ignore[misc]
        if shop.touch.screen() in ENDINGS:
            ending(shop)
        shop.bench.do(CASH, "take_money")


def test_the_books_agree_with_every_coin(shop: KioskShop) -> None:
    shop.touch.wait_screen("welcome")
    shop.check_books()


def test_between_the_decision_to_pay_and_the_hoppers_order(shop: KioskShop) -> None:
    """The journal knows of a payout whose intent was never written: no coin moved, and it is paid once."""
    before = shop.back_minor()
    assert shop.stop("kiosk") == 0
    journal = Journal(shop.folder / "kiosk")
    idle = journal.load()
    assert idle is not None
    assert idle.state is State.IDLE
    returning = _decided(idle)
    journal.record(idle, returning, ())
    journal.close()
    shop.start("kiosk")
    assert ending(shop) == "cancelled"
    assert shop.back_minor() - before == 100


def _decided(idle: Session) -> Session:
    hoppers = tuple(on.HopperFound(one.name, one.coin_minor) for one in idle.hoppers)
    ready, _ = advance(idle, on.CashReady((10, 50, 100), (), hoppers))
    returning, _ = advance(ready, on.CoinTaken("coin-box", 999, uuid4().int % 2**31, 100))
    assert isinstance(returning.open_payout, OpenPayout)
    return returning
