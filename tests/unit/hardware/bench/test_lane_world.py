from __future__ import annotations

import pytest

from hardware.bench.belt import BELT_END_M, EXIT_BARRIER_M, GOODS_LENGTH_M, PLACED_FRONT_M
from hardware.bench.lane_world import BELT_M_S, EAS_ALARM_S, Input, LaneWorld, Output, build
from hardware.bench.simulator import ActionError, JsonValue

TICK_S = 0.01


class Module:
    def __init__(self) -> None:
        self.on: set[int] = set()
        self.inputs = [False] * 8
        self.told = 0

    def outputs(self, now_s: float) -> tuple[bool, ...]:
        del now_s
        return tuple(coil in self.on for coil in range(8))

    def set_input(self, index: int, on: bool) -> None:  # noqa: FBT001 - the simulator's signature
        self.inputs[index] = on
        self.told += 1


class Pan:
    def __init__(self) -> None:
        self.grams = 0.0
        self.history: list[float] = []

    def set_load(self, grams: float, now_s: float) -> None:
        del now_s
        self.grams = grams
        self.history.append(grams)


class Lane:
    """A lane whose time the test moves."""

    def __init__(self) -> None:
        self.io, self.pan = Module(), Pan()
        self.world: LaneWorld = build({}, self.io, self.pan)
        self.now_s = 100.0
        self.world.step(self.now_s)

    def run(self, seconds: float) -> None:
        for _tick in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            self.world.step(self.now_s)

    def run_until(self, sensor: Input, *, on: bool) -> None:
        for _tick in range(3000):
            if self.io.inputs[sensor] is on:
                return
            self.run(TICK_S)
        raise AssertionError(f"{sensor.name} never became {on}")

    def goods(self) -> dict[str, JsonValue]:
        goods = self.world.facts()["goods"]
        assert isinstance(goods, list)
        assert isinstance(goods[0], dict)
        return goods[0]


def test_wires_at_the_start() -> None:
    lane = Lane()
    assert [index for index, on in enumerate(lane.io.inputs) if on] == [Input.EMERGENCY_STOP, Input.LIVE_ZERO]


def test_goods_go_the_whole_way() -> None:
    lane = Lane()
    lane.world.put_goods(1000.0, live_tags=3)
    lane.run(TICK_S)
    assert lane.io.inputs[Input.ENTRY_BARRIER]
    assert 0 < lane.pan.grams < 500
    lane.run(1.0)
    assert lane.goods()["front_m"] == PLACED_FRONT_M

    lane.io.on = {Output.BELT}
    begun_s = lane.now_s
    lane.run_until(Input.EXIT_BARRIER, on=True)
    assert lane.now_s - begun_s == pytest.approx((EXIT_BARRIER_M - PLACED_FRONT_M) / BELT_M_S, abs=0.05)
    assert not lane.io.inputs[Input.ENTRY_BARRIER]
    assert lane.pan.grams == 1000.0
    assert lane.pan.history == sorted(lane.pan.history)

    lane.run(1.0)
    assert lane.pan.grams == 1000.0, "the last pulse of the belt must not carry goods from the scale"
    lane.io.on = set()
    lane.run(5.0)
    assert lane.goods()["place"] == "exit barrier"
    assert lane.goods()["live_tags"] == 3

    lane.io.on = {Output.BELT, Output.DEACTIVATOR}
    lane.run_until(Input.EXIT_BARRIER, on=False)
    lane.run(2.0)
    assert lane.goods()["place"] == "end"
    assert (lane.goods()["live_tags"], lane.goods()["dead_tags"]) == (0, 3)
    assert lane.pan.grams == 0.0
    lane.run(10.0)
    assert lane.goods()["front_m"] == BELT_END_M


def test_tags_live_on_without_the_deactivator() -> None:
    lane = Lane()
    lane.world.put_goods(10.0, live_tags=2)
    lane.io.on = {Output.BELT}
    lane.run(10.0)
    assert lane.goods()["live_tags"] == 2
    lane.io.on = {Output.BELT, Output.DEACTIVATOR}
    lane.run(5.0)
    assert lane.goods()["live_tags"] == 2, "they have passed it already"


def test_the_deactivator_reaches_no_tag_on_the_scale() -> None:
    lane = Lane()
    lane.world.put_goods(10.0, live_tags=2)
    lane.io.on = {Output.BELT, Output.DEACTIVATOR}
    lane.run_until(Input.EXIT_BARRIER, on=True)
    lane.run(1.0)
    assert lane.goods()["live_tags"] == 2


@pytest.mark.parametrize("stop", ["emergency_stop", "belt_fault"])
def test_a_stop_holds_the_belt(stop: str) -> None:
    lane = Lane()
    lane.world.put_goods(10.0)
    if stop == "emergency_stop":
        lane.world.emergency_stop(pressed=True)
        assert not lane.io.inputs[Input.EMERGENCY_STOP]
    else:
        lane.world.belt_fault(on=True)
        assert lane.io.inputs[Input.BELT_FAULT]
    lane.io.on = {Output.BELT}
    lane.run(3.0)
    assert lane.goods()["front_m"] == PLACED_FRONT_M
    lane.world.emergency_stop(pressed=False)
    lane.world.belt_fault(on=False)
    lane.run(1.0)
    assert lane.goods()["front_m"] != PLACED_FRONT_M


def test_a_long_pause_of_the_bench_does_not_throw_goods() -> None:
    lane = Lane()
    lane.world.put_goods(10.0)
    lane.io.on = {Output.BELT}
    lane.now_s += 60.0
    lane.world.step(lane.now_s)
    assert lane.goods()["front_m"] == pytest.approx(PLACED_FRONT_M + 0.1 * BELT_M_S)


def test_two_shoppers_goods_stand_behind_each_other() -> None:
    lane = Lane()
    lane.world.put_goods(100.0)
    lane.io.on = {Output.BELT}
    lane.run(10.0)
    lane.world.put_goods(200.0)
    lane.run(10.0)
    goods = lane.world.facts()["goods"]
    assert isinstance(goods, list)
    fronts = [one["front_m"] for one in goods if isinstance(one, dict)]
    assert fronts == [BELT_END_M, pytest.approx(BELT_END_M - GOODS_LENGTH_M)]


def test_more_goods_at_the_entry_are_one_pile() -> None:
    lane = Lane()
    lane.world.put_goods(100.0, live_tags=1)
    lane.world.put_goods(50.0, live_tags=1)
    assert (lane.goods()["grams"], lane.goods()["live_tags"]) == (150.0, 2)


def test_walking_through() -> None:
    lane = Lane()
    lane.world.put_goods(100.0, live_tags=1)
    with pytest.raises(ActionError, match="the gate is closed"):
        lane.world.walk_through(lane.now_s)
    lane.io.on = {Output.GATE}
    assert lane.world.walk_through(lane.now_s) == {"grams": 100.0, "live_tags": 1, "alarm": True}
    assert lane.io.inputs[Input.PASSAGE]
    assert lane.io.inputs[Input.EAS_ALARM]
    lane.run(1.0)
    assert not lane.io.inputs[Input.PASSAGE]
    assert lane.io.inputs[Input.EAS_ALARM]
    lane.run(EAS_ALARM_S)
    assert not lane.io.inputs[Input.EAS_ALARM]
    assert lane.world.facts()["goods"] == []
    assert lane.pan.grams == 0.0


def test_walking_through_with_dead_tags_or_none_is_quiet() -> None:
    lane = Lane()
    lane.io.on = {Output.GATE}
    assert lane.world.walk_through(lane.now_s) == {"grams": 0.0, "live_tags": 0, "alarm": False}
    lane.world.walk_through(lane.now_s, live_tags=0)
    assert not lane.io.inputs[Input.EAS_ALARM]
    lane.world.walk_through(lane.now_s, live_tags=2)
    assert lane.io.inputs[Input.EAS_ALARM]


def test_the_next_shoppers_goods_stay() -> None:
    lane = Lane()
    lane.world.put_goods(100.0)
    lane.io.on = {Output.BELT}
    lane.run(10.0)
    lane.io.on = {Output.GATE}
    lane.world.put_goods(200.0)
    lane.run(TICK_S)
    assert lane.world.walk_through(lane.now_s) == {"grams": 100.0, "live_tags": 0, "alarm": False}
    assert lane.goods()["grams"] == 200.0


def test_carrying_a_tag() -> None:
    lane = Lane()
    assert lane.world.carry_tag(lane.now_s, live=False) == {"alarm": False}
    assert not lane.io.inputs[Input.EAS_ALARM]
    assert lane.world.carry_tag(lane.now_s) == {"alarm": True}
    assert lane.io.inputs[Input.EAS_ALARM]
    assert lane.world.step(lane.now_s)


def test_taking_goods_back() -> None:
    lane = Lane()
    with pytest.raises(ActionError, match="No goods"):
        lane.world.take_goods()
    lane.world.put_goods(100.0)
    lane.run(0.1)
    assert lane.world.take_goods() == {"grams": 100.0, "live_tags": 0}
    lane.run(TICK_S)
    assert lane.pan.grams == 0.0
    assert not lane.io.inputs[Input.ENTRY_BARRIER]


@pytest.mark.parametrize(("grams", "tags"), [(0.0, 0), (-1.0, 0), (1e9, 0), (1.0, -1), (1.0, 1000)])
def test_impossible_goods_are_refused(grams: float, tags: int) -> None:
    with pytest.raises(ActionError):
        Lane().world.put_goods(grams, live_tags=tags)


def test_sensors_are_told_on_change_only() -> None:
    lane = Lane()
    told = lane.io.told
    lane.run(5.0)
    assert lane.io.told == told
    assert not lane.world.step(lane.now_s)
