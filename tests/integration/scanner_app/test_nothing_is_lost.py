"""The store goes away, the handheld is killed, answers get lost: the basket is kept and exactly one order arrives."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.shop import free_port
from demo.waiting import wait_for
from store_server.contract.order_status import OrderStatus
from tests.integration.scanner_app.handheld_shop import HandheldShop, wait_for_log
from tests.support.warm_programs import run_warm

RICE, COLA = "Jasmine rice 5 kg", "Cola 500 ml"
AWAY = "The store is not answering. Your basket is safe; it will be handed in by itself."


def order_ids(shop: HandheldShop) -> list[str]:
    return [str(order.order_id) for order in shop.staff.recent_orders()]


def stored_trip(shop: HandheldShop) -> dict[str, object]:
    return dict(json.loads((shop.folder / "handheld" / "trip.json").read_text(encoding="utf-8")))


def test_the_store_dies_while_people_shop_and_the_order_arrives_once(shop: HandheldShop) -> None:
    touch = shop.touch
    before = order_ids(shop)
    shop.start_trip()
    shop.show(RICE)
    shop.kill("server")
    touch.wait_text("offline", "Offline")
    shop.show(COLA)
    touch.press("review")
    touch.wait_screen("reviewing")
    touch.press("submit")
    touch.wait_text("notice", AWAY)
    assert touch.text("submit") == "Handing in …"
    touch.press("back")
    touch.wait_screen("shopping")
    shop.add_typed(COLA)
    touch.press("line-2-minus")
    touch.press("review")
    touch.press("submit")
    touch.wait_text("notice", AWAY)
    shop.start("server")
    touch.wait_screen("submitted", 30)
    new = set(order_ids(shop)) - set(before)
    assert new == {str(shop.order_on_screen().order_id)}
    wait_for(lambda: touch.text("offline") is None, "the badge to go")


def test_killed_in_the_middle_of_a_trip_it_goes_on(shop: HandheldShop) -> None:
    shop.start_trip()
    shop.show(RICE)
    shop.add_typed(COLA)
    shop.touch.press("line-2-plus")
    shop.touch.wait_text("line-2-quantity", "2")
    total = shop.touch.text("total")
    shop.kill("handheld")
    shop.start("handheld")
    assert shop.touch.screen() == "shopping"
    assert (shop.touch.text("line-1-name"), shop.touch.text("line-2-quantity")) == (RICE, "2")
    assert shop.touch.text("total") == total
    shop.show("Sesame oil 250 ml")
    assert len(shop.hand_in().lines) == 3


def test_killed_with_an_order_on_its_way_it_hands_in_the_same_order(shop: HandheldShop) -> None:
    before = order_ids(shop)
    shop.start_trip()
    shop.add_typed(RICE)
    shop.kill("server")
    shop.touch.press("review")
    shop.touch.press("submit")
    shop.touch.wait_text("notice", AWAY)
    submission = stored_trip(shop)["submission"]
    assert isinstance(submission, dict)
    shop.kill("handheld")
    shop.start("server")
    shop.start("handheld")
    shop.touch.wait_screen("submitted", 30)
    assert set(order_ids(shop)) - set(before) == {submission["order_id"]}


def test_killed_with_an_order_to_pay_it_shows_it_again(shop: HandheldShop) -> None:
    shop.start_trip()
    shop.add_typed(RICE)
    order = shop.hand_in()
    claim = shop.qr_on_screen()
    shop.kill("server")
    shop.kill("handheld")
    shop.start("handheld")
    assert shop.touch.screen() == "submitted"
    assert shop.qr_on_screen() == claim
    shop.start("server")
    shop.leave(shop.pay(claim))
    shop.touch.wait_screen("left", 30)
    assert order.claim == claim


def test_without_the_store_a_started_handheld_still_prices(shop: HandheldShop) -> None:
    shop.kill("server")
    shop.kill("handheld")
    shop.start("handheld")
    shop.start_trip()
    shop.show(RICE)
    assert shop.touch.text("last-price") == f"¥{shop.range[RICE].unit_price_minor / 100:.2f}"
    assert shop.touch.text("shop-name") == "Scanlane Demo Market"
    shop.start("server")


class LossyLine:
    """Passes requests on to the store and, while ``losing``, swallows the answers to new orders."""

    def __init__(self, store_port: int) -> None:
        self.losing = True
        self.lost = 0
        self._store_port = store_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        hands_in = threading.Event()
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self._store_port)) as store:
            threading.Thread(target=self._answer, args=(store, client, hands_in), daemon=True).start()
            while request := client.recv(1 << 20):
                if request.startswith(b"POST /v1/orders"):
                    hands_in.set()
                store.sendall(request)

    def _answer(self, store: socket.socket, client: socket.socket, hands_in: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while answer := store.recv(1 << 20):
                if self.losing and hands_in.is_set():
                    self.lost += 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(answer)


@pytest.fixture
def lossy(shop: HandheldShop, monkeypatch: pytest.MonkeyPatch) -> Iterator[LossyLine]:
    line = LossyLine(shop.port)
    monkeypatch.setenv("SCANLANE_STORE__URL", f"http://127.0.0.1:{line.port}")
    shop.stop("handheld")
    shop.start("handheld")
    yield line
    monkeypatch.delenv("SCANLANE_STORE__URL")
    shop.stop("handheld")
    line.close()


def test_an_order_whose_answer_was_lost_is_not_made_twice(shop: HandheldShop, lossy: LossyLine) -> None:
    before = order_ids(shop)
    shop.start_trip()
    shop.add_typed(RICE)
    shop.touch.press("review")
    shop.touch.press("submit")
    wait_for(lambda: lossy.lost >= 2, "two answers to be lost", 30)
    lossy.losing = False
    shop.touch.wait_screen("submitted", 30)
    assert set(order_ids(shop)) - set(before) == {str(shop.order_on_screen().order_id)}


def test_a_basket_that_is_changed_after_a_lost_answer_leaves_one_order_to_pay(shop: HandheldShop, lossy: LossyLine) -> None:
    before, touch = order_ids(shop), shop.touch
    shop.start_trip()
    shop.add_typed(RICE)
    touch.press("review")
    touch.press("submit")
    wait_for(lambda: lossy.lost >= 1, "an answer to be lost", 30)
    (first,) = set(order_ids(shop)) - set(before)
    shop.kill("server")
    touch.press("back")
    touch.wait_screen("shopping")
    shop.add_typed(COLA)
    touch.press("review")
    touch.press("submit")
    touch.wait_text("notice", AWAY)
    lossy.losing = False
    shop.start("server")
    touch.wait_screen("submitted", 30)
    order = shop.order_on_screen()
    statuses = {str(one.order_id): one.status for one in shop.staff.recent_orders() if str(one.order_id) not in before}
    assert statuses == {first: OrderStatus.VOIDED, str(order.order_id): OrderStatus.SUBMITTED}
    assert [line.name["en"] for line in order.lines] == [RICE, COLA]


def start_badly(*arguments: str) -> tuple[int, str]:
    done = run_warm(["scanner-app", "--platform", "offscreen", *arguments])
    return done.returncode, done.stderr


def test_a_second_handheld_in_the_same_folder_is_refused_with_a_sentence(shop: HandheldShop) -> None:
    code, said = start_badly("--settings", str(shop.folder / "handheld.toml"))
    assert code == 2
    assert "already running" in said
    assert "Traceback" not in said


def test_a_wrong_key_names_the_right_one(tmp_path: Path) -> None:
    settings = tmp_path / "s.toml"
    settings.write_text("data_dir = 'd'\n[store]\nurl = 'http://127.0.0.1:9'\ntokn = 'x'\n", encoding="utf-8")
    code, said = start_badly("--settings", str(settings))
    assert (code, "store.tokn: there is no such key. Did you mean 'token'?" in said) == (2, True), said


def test_without_a_store_and_prices_it_says_so_and_waits(shop: HandheldShop) -> None:
    shop.stop("handheld")
    (shop.folder / "handheld" / "price-book.sqlite").unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCANLANE_STORE__URL", f"http://127.0.0.1:{free_port()}")
        shop.start("handheld")
    shop.touch.wait_text("notice", "there are no prices yet")
    assert not next(widget for widget in shop.touch.look()["widgets"] if widget["name"] == "start")["enabled"]
    shop.stop("handheld")


def test_a_wrong_token_is_told(shop: HandheldShop) -> None:
    shop.stop("handheld")
    (shop.folder / "handheld" / "price-book.sqlite").unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCANLANE_STORE__TOKEN", "wrong")
        shop.start("handheld")
    shop.touch.wait_text("notice", "not enrolled")
    shop.stop("handheld")
    shop.start("handheld")
    wait_for_log(shop, "new price book")
