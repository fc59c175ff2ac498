"""What a lane's runner does beside the machine."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from gate_controller.lane_runner import ORDER_LOST_S, LaneRunner
from gate_controller.lane_state import Lane, State
from gate_controller.store_link import StoreLink
from tests.unit.gate_controller.lane_words import ORDER


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
