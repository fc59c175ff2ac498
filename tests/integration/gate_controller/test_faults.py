"""What breaks around the lane, and what must not happen then."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from demo.waiting import wait_for
from store_server.contract.lane_messages import StaffCommandKind
from tests.integration.gate_controller.lane_shop import (
    AMBER,
    BELT,
    DEACTIVATOR,
    GATE,
    GRAMS,
    GREEN,
    IO,
    RED,
    RICE,
    SCALE,
    SCANNER,
    WATER,
    WINE,
    LaneShop,
)
from tests.support.warm_programs import run_warm

pytestmark = pytest.mark.timeout(300)
"""All tests share one shop: one worker runs them."""


@pytest.fixture
def steady(shop: LaneShop) -> Iterator[LaneShop]:
    """The shop, put right again whatever a test broke."""
    yield shop
    for name in ("server", "gate"):
        if name not in shop.running:
            shop.start(name)


def test_server_gone_a_paid_pass_leaves_on_its_signature_and_is_reported_later(steady: LaneShop) -> None:
    shop = steady
    cheap, dear = shop.paid(WATER), shop.paid(WINE)
    shop.kill("server")
    shop.show_pass(cheap)
    shop.world("put_goods", grams=GRAMS[WATER])
    shop.walk_out()
    shop.wait_display("Welcome")
    shop.show_pass(cheap)
    shop.wait_display("already used")
    shop.wait_display("Welcome")
    shop.show_pass(dear)
    shop.wait_display("cannot check this receipt")
    shop.start("server")
    shop.wait_exited(cheap)
    shop.wait_display("put all your goods")
    shop.world("put_goods", grams=GRAMS[WINE], live_tags=1)
    shop.walk_out()
    shop.wait_exited(dear)


def test_started_without_a_server_the_lane_works_from_its_own_disk(steady: LaneShop) -> None:
    shop = steady
    order = shop.paid(WATER)
    shop.kill("server")
    assert shop.stop("gate") == 0
    shop.start("gate")
    shop.wait_display("Welcome")
    shop.show_pass(order)
    shop.world("put_goods", grams=GRAMS[WATER])
    shop.walk_out()
    shop.kill("gate")
    shop.start("gate")
    shop.start("server")
    shop.wait_exited(order)
    assert shop.log().count("is reported") >= 1


def test_killed_while_disarming_everything_stops_and_the_pass_does_not_open_again(steady: LaneShop) -> None:
    shop = steady
    order = shop.paid(WINE)
    shop.show_pass(order)
    shop.world("put_goods", grams=GRAMS[WINE], live_tags=1)
    shop.wait_outputs(BELT, DEACTIVATOR, AMBER)
    shop.kill("gate")
    wait_for(lambda: not shop.outputs()[BELT] and not shop.outputs()[DEACTIVATOR], "belt and deactivator to stop", 2)
    shop.start("gate")
    report = shop.wait_state("auditing")
    assert (report.order_id, report.headline["en"].split(":")[1][:29]) == (order.order_id, " your exit was interrupted. O")
    assert not shop.outputs()[GATE]
    shop.show_pass(order)
    shop.command(StaffCommandKind.RELEASE, "the program was restarted")
    shop.walk_out()
    shop.wait_exited(order)
    shop.wait_in_service()
    shop.show_pass(order)
    assert "already used" in shop.wait_state("refused").headline["en"]


def test_killed_while_weighing_the_shopper_may_begin_again(steady: LaneShop) -> None:
    shop = steady
    order = shop.paid(WATER)
    shop.show_pass(order)
    shop.wait_state("weighing")
    shop.kill("gate")
    shop.start("gate")
    wait_for(lambda: shop.status(order) == "paid", "the server to let go of the order")
    shop.wait_in_service()
    shop.show_pass(order)
    shop.world("put_goods", grams=GRAMS[WATER])
    shop.walk_out()
    shop.wait_exited(order)


@pytest.mark.parametrize("device", [SCANNER, SCALE, IO])
def test_an_unplugged_device_closes_the_lane_until_it_is_back(steady: LaneShop, device: str) -> None:
    shop = steady
    shop.bench.do(device, "unplug")
    shop.wait_display("out of service")
    shop.bench.do(device, "replug")
    shop.wait_in_service()


def test_a_silent_scale_calls_staff(steady: LaneShop) -> None:
    shop = steady
    order = shop.paid(RICE)
    shop.show_pass(order)
    shop.wait_state("weighing")
    shop.bench.do(SCALE, "silent", on=True)
    shop.world("put_goods", grams=GRAMS[RICE])
    report = shop.wait_state("auditing")
    assert "Our staff is coming" in report.headline["en"]
    shop.bench.do(SCALE, "silent", on=False)
    wait_for(lambda: (r := shop.report()) is not None and not r.faults, "the scale to be back", 30)
    shop.command(StaffCommandKind.WEIGH_AGAIN)
    shop.walk_out()
    shop.wait_exited(order)


def test_an_unplugged_module_while_disarming_never_opens(steady: LaneShop) -> None:
    shop = steady
    order = shop.paid(WINE)
    shop.show_pass(order)
    shop.world("put_goods", grams=GRAMS[WINE], live_tags=1)
    shop.wait_outputs(BELT, DEACTIVATOR, AMBER)
    shop.bench.do(IO, "unplug")
    report = shop.wait_state("auditing")
    assert "fault" in report.headline["en"]
    shop.bench.do(IO, "replug")
    wait_for(lambda: (r := shop.report()) is not None and not r.faults, "the module to be back", 30)
    shop.wait_outputs(RED, AMBER)
    shop.command(StaffCommandKind.RELEASE, "seen")
    shop.wait_outputs(GREEN, GATE)
    assert shop.world("take_goods")["live_tags"] == 0
    shop.world("walk_through")
    shop.wait_exited(order)


def test_the_emergency_stop_stops_the_belt_and_calls_staff(steady: LaneShop) -> None:
    shop = steady
    order = shop.paid(WATER)
    shop.show_pass(order)
    shop.world("put_goods", grams=GRAMS[WATER])
    shop.wait_outputs(BELT, AMBER)
    shop.world("emergency_stop", pressed=True)
    report = shop.wait_state("auditing")
    assert report.faults == ["the emergency stop is pressed"]
    shop.wait_outputs(RED, AMBER)
    shop.world("emergency_stop", pressed=False)
    wait_for(lambda: (r := shop.report()) is not None and not r.faults, "the stop to be pulled out")
    shop.command(StaffCommandKind.WEIGH_AGAIN)
    shop.walk_out()
    shop.wait_exited(order)


def test_the_staff_key_opens(steady: LaneShop) -> None:
    shop = steady
    shop.world("staff_key", turned=True)
    shop.wait_outputs(GREEN, GATE)
    shop.world("staff_key", turned=False)
    shop.world("walk_through")
    shop.wait_outputs()


def test_garbage_on_every_line_harms_nothing(steady: LaneShop) -> None:
    shop = steady
    for device in (SCANNER, SCALE, IO):
        shop.bench.do(device, "garbage", hex=("00ff1b0d0a" + "41" * 600 + "0d0a"))
    order = shop.paid(WATER)
    wait_for(lambda: (r := shop.report()) is not None and r.state == "idle" and not r.faults, "the lane to be idle", 30)
    shop.show_pass(order)
    shop.world("put_goods", grams=GRAMS[WATER])
    shop.walk_out()
    shop.wait_exited(order)
    assert "Traceback" not in shop.log()


def test_a_second_controller_with_the_same_folder_refuses(steady: LaneShop) -> None:
    done = run_warm(["gate-controller", "--settings", str(steady.folder / "gate.toml")])
    assert done.returncode == 2
    assert "already running" in done.stderr
    assert "Traceback" not in done.stderr
    assert steady.report() is not None


def test_staff_is_heard_once(steady: LaneShop) -> None:
    """Every line of the log is JSON, and no command was done twice."""
    shop = steady
    shop.command(StaffCommandKind.RELEASE, "only once")
    shop.wait_outputs(GREEN, GATE)
    shop.world("walk_through")
    shop.wait_outputs()
    shop.wait_in_service()
    said = [json.loads(line) for line in shop.log().splitlines()]
    assert sum(line.get("reason") == "only once" for line in said) == 1
