"""What a lane's runner does beside the machine."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import pytest

from gate_controller import words
from gate_controller.lane_devices import LaneDevices
from gate_controller.lane_runner import ORDER_LOST_S, LaneRunner
from gate_controller.lane_state import Lane, Place, State
from gate_controller.settings import LaneSettings
from gate_controller.store_link import StoreLink
from gate_controller.timers import Timers
from gate_controller.weighing import Verdict
from gate_controller.weighing.scale_watch import ScaleState
from gate_controller.weight_desk import WeightDesk
from gate_controller.words import Fault, OrderInLane
from hardware.io_module.events import InputsChanged
from tests.unit.gate_controller.lane_words import ORDER, VERDICT


class Questions:
    """Counts what is asked, and answers nothing."""

    def __init__(self) -> None:
        self.asked = 0

    def ask_order(self, _lane: str, _order_id: UUID) -> None:
        self.asked += 1


def test_an_answer_that_never_comes_is_asked_for_again() -> None:
    questions, runner = Questions(), object.__new__(LaneRunner)
    runner.name, runner._link, runner._poll_at = "lane-1", cast("StoreLink", questions), 0.0
    runner._lane = Lane(name="lane-1", state=State.AUDITING, order=ORDER)
    for now_s in (100.0, 101.0, 100.0 + ORDER_LOST_S - 0.1):
        runner._look_after_order(now_s)
    assert questions.asked == 1
    runner._look_after_order(100.0 + ORDER_LOST_S)
    assert questions.asked == 2


class Obeying(LaneRunner):
    """Feeds the machine; displays and reports nothing."""

    def __init__(self, lane: Lane, devices: LaneDevices) -> None:
        self.name = lane.name
        self._lane = lane
        self._devices = devices
        self._timers = Timers()
        self._happened_s = None

    def _bring_in_line(self, now_s: float) -> None:
        del now_s


def test_the_goods_run_on_for_as_long_as_is_set_from_when_they_left_the_barrier_not_from_when_that_was_heard() -> None:
    settings = LaneSettings(name="lane-1", scanner_url="none-1", scale_url="none-2", io_url="none-3")
    lane = Lane(name="lane-1", state=State.DEACTIVATING, order=ORDER, pass_used=True, place=Place.ON_SCALE)
    runner = Obeying(lane, LaneDevices(settings, lambda _event: None))
    at_rest = {"live_zero", "emergency_stop"}
    runner.device_event(InputsChanged("lane-1-io", frozenset(at_rest | {"exit_barrier"}), 40.0), 40.1)
    runner.device_event(InputsChanged("lane-1-io", frozenset(at_rest), 50.0), 50.3)
    assert runner._timers.next_due_s == 50.0 + lane.timing.carry_s
    assert list(runner._timers.ring(50.0 + lane.timing.carry_s)) == [words.CarryDone()]
    assert runner._happened_s is None


class Faulty:
    """Thinks that every scale is wrong."""

    def weighed(self, _lane: str, _order: OrderInLane, _verdict: Verdict) -> ScaleState:
        return ScaleState.FAULTY


@pytest.mark.parametrize("kind", [words.WeightFits, words.WeightShort, words.WeightDiffers])
def test_whatever_a_scale_shows_that_is_not_believed_is_the_scales_fault(
    kind: type[words.WeightFits | words.WeightShort | words.WeightDiffers],
) -> None:
    runner = object.__new__(LaneRunner)
    runner.name, runner._weights = "lane-1", cast("WeightDesk", Faulty())
    runner._lane = Lane(name="lane-1", state=State.WEIGHING, order=ORDER)
    assert runner._believed(kind(VERDICT)) == words.FaultRaised(Fault.SCALE_DRIFT)
