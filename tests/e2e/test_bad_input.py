"""The whole shop, fed with rubbish on every way in: a sentence for people, nothing lost, and the next shopper is served."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from demo import plan
from demo.bench import Bench
from demo.headless import opened
from demo.shop import GATE, SERVER, Shop
from demo.story import Story
from demo.trips import honest, steps
from demo.trips.cast import Cast
from demo.trips.steps import Goods
from demo.waiting import wait_for
from tests.support.server_commands import server_command
from tests.support.warm_programs import WarmProgram

SEED = 20261121
GARBAGE_BYTES = 3000
QUICK_LANE = "\n[timing]\nrefused_s = 4\n"
"""A refusal that need not be read by anybody."""

pytestmark = pytest.mark.timeout(240)


class WarmShop(Shop):
    """The demo's shop, its programs started without the second that each needs for its imports."""

    process_kind = WarmProgram

    def _write(self, name: str, text: str) -> None:
        super()._write(name, text + (QUICK_LANE if name == GATE else ""))

    def _server_command(self, *arguments: str) -> str:
        return server_command(self._settings(SERVER), *arguments)


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    with opened(tmp_path_factory.mktemp("shop"), Story(), with_page=False, shop_kind=WarmShop) as cast:
        yield cast


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/menu",
        "HTTPS://MARKET.EXAMPLE/P/" + "A" * 207,
        "9520000010001",
        "\x1b[2J\x00\x07" + "x" * 400,
        "订单" * 60,
    ],
)
def test_a_code_from_another_world_is_refused_by_kiosk_and_lane(cast: Cast, text: str) -> None:
    kiosk = cast.shop.kiosk
    kiosk.wait_screen("welcome", 30)
    steps.wait_for_lane(cast, "idle")
    cast.world.show_to_kiosk(text)
    cast.world.show_to_lane(text)
    notice = wait_for(lambda: kiosk.text("notice"), "the kiosk to say something")
    assert len(notice) > 15
    assert kiosk.screen() == "welcome"
    refused = steps.wait_for_lane(cast, "refused")
    assert "receipt" in refused["headline"]["en"].lower() or "genuine" in refused["headline"]["en"].lower()


@pytest.mark.parametrize(("digits", "said"), [("0000060", "not an order number"), ("9999990", "do not know")])
def test_a_mistyped_and_an_unknown_order_number_are_told_apart(cast: Cast, digits: str, said: str) -> None:
    kiosk = cast.shop.kiosk
    kiosk.wait_screen("welcome", 30)
    for _ in str(kiosk.text("number")):
        kiosk.press("key-back")
    for digit in digits:
        kiosk.press(f"key-{digit}")
    kiosk.press("key-ok")
    assert said in kiosk.wait_text("notice", said)
    assert kiosk.screen() == "welcome"


def test_garbage_on_every_serial_line_is_survived_and_the_next_shopper_is_served(cast: Cast) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    wired = [device["name"] for device in cast.world.bench.devices() if str(device.get("url", "")).startswith("/")]
    assert len(wired) >= 6
    for name in wired:
        cast.world.bench.do(name, "garbage", hex=chance.randbytes(GARBAGE_BYTES).hex())
    steps.wait_for_lane(cast, "idle", 60)
    cast.shop.kiosk.wait_screen("welcome", 60)
    assert cast.shop.ended() == []
    _serve(cast)


def test_every_device_is_unplugged_and_comes_back_by_itself(cast: Cast) -> None:
    wired = [str(device["name"]) for device in cast.world.bench.devices() if device.get("url")]
    for name in wired:
        cast.world.bench.do(name, "unplug")
    wait_for(lambda: cast.staff.lane()["faults"], "the lane to report its devices as lost")
    cast.shop.kiosk.wait_screen("out-of-service", 20)
    for name in wired:
        cast.world.bench.do(name, "replug")
    wait_for(lambda: not cast.staff.lane()["faults"], "the lane to serve again", 40)
    cast.shop.kiosk.wait_screen("welcome", 40)
    assert cast.shop.ended() == []
    _serve(cast)


def test_an_unknown_article_and_a_label_of_another_shop_are_told_on_the_handheld(cast: Cast) -> None:
    handheld = cast.shop.handheld
    steps.start_shopping(cast)
    for code in ("4006381333931", "2912345678906"):
        cast.world.bench.do(plan.CAMERA, "show", code=code)
        notice = wait_for(lambda: handheld.text("notice"), "the handheld to say something")
        assert len(notice) > 15
        cast.world.bench.do(plan.CAMERA, "clear")
    assert "0.00" in str(handheld.text("total"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/orders", b"\xff\xfe{not json"),
        ("POST", "/v1/orders", b'{"order_id": 7}'),
        ("POST", "/v1/staff/login", b"[]"),
        ("GET", "/v1/orders/not-a-uuid", None),
        ("PUT", "/v1/lanes/..%2f..%2fetc", b"{}"),
        ("GET", "/v1/nothing-here", None),
    ],
)
def test_the_server_answers_nonsense_with_a_sentence(cast: Cast, method: str, path: str, body: bytes | None) -> None:
    answer = requests.request(method, f"{cast.shop.store_url}{path}", data=body, timeout=10)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text


def test_the_bench_answers_nonsense_with_a_sentence(cast: Cast) -> None:
    bench = Bench(cast.world.bench.url)
    answer = requests.post(f"{bench.url}/devices/{plan.LANE_SCALE}/put", data=b"{", timeout=10)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10
    bench.close()


def _serve(cast: Cast) -> None:
    """Serve one shopper from the first scan to the street, and count the cash."""
    handheld = cast.shop.handheld
    wait_for(lambda: handheld.screen() == "welcome", "the handheld to greet the next shopper", 60)
    goods = (Goods("Salt 400 g"), Goods("Honey 500 g"))
    steps.start_shopping(cast)
    for item in goods:
        steps.scan(cast, item)
    number, claim = steps.hand_in(cast)
    exit_pass = steps.pay_exactly(cast, claim, number, f"receipt-{number}")
    steps.lay_and_show_pass(cast, goods, exit_pass)
    steps.walk_out(cast, number)
    honest.count_the_cash(cast)


def test_the_shop_closes_in_order(cast: Cast) -> None:
    codes = cast.shop.close()
    assert set(codes.values()) == {0}, codes
    for log in Path(cast.shop.folder / "logs").glob("*.log"):
        assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace"), log
