"""From a scale's readings to what they mean for the lane."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from gate_controller import words
from gate_controller.lane_state import Lane, State
from gate_controller.settling import SettlingRules
from gate_controller.shop_cache import ShopCache
from gate_controller.weigher import REFUSED_S, Weigher
from gate_controller.weighing import Expectation, WeighingRules
from gate_controller.words import Event, Fault, OrderInLane
from gate_controller.zero_watch import LASTING_S, ZERO_MAX_G
from hardware.scale.events import WeightRead
from hardware.scale.reading import Unavailable

ORDER = OrderInLane(
    entry_id=UUID(int=1),
    order_id=UUID(int=2),
    order_number="0482135",
    revision=1,
    total_minor=1280,
    decided_by="server",
    expected=Expectation(500.0, 25.0),
    eas_pieces=0,
)
IDLE = Lane(name="lane-1")
WEIGHING = replace(IDLE, state=State.WEIGHING, order=ORDER)


@pytest.fixture
def weigher(tmp_path: Path) -> Weigher:
    return Weigher(WeighingRules(), SettlingRules(), ShopCache(tmp_path))


def read(weigher: Weigher, lane: Lane, grams: float, *, seconds: float) -> list[Event]:
    """Feed equal stable readings, five a second."""
    said = []
    for number in range(int(seconds * 5) + 1):
        event = weigher.read(WeightRead("scale", grams, stable=True, raw=""), lane, number / 5)
        if event is not None:
            said.append(event)
    return said


@pytest.mark.parametrize(("grams", "kind"), [(500, words.WeightFits), (300, words.WeightShort), (700, words.WeightDiffers)])
def test_one_settled_weight_is_judged_once(weigher: Weigher, grams: float, kind: type[Event]) -> None:
    weigher.ask()
    assert [type(event) for event in read(weigher, WEIGHING, grams, seconds=5)] == [kind]


def test_nobody_asked(weigher: Weigher) -> None:
    assert read(weigher, WEIGHING, 500, seconds=5) == []
    weigher.ask()
    weigher.forget()
    assert read(weigher, WEIGHING, 500, seconds=5) == []


def test_a_scale_that_goes_on_refusing_calls_staff(weigher: Weigher) -> None:
    overload = Unavailable.OVERLOAD
    assert weigher.unavailable(overload, 0.0) is None
    weigher.ask()
    often = [weigher.unavailable(overload, 100.0 + number * REFUSED_S / 100) for number in range(100)]
    assert set(often) == {None}
    assert weigher.unavailable(overload, 100.0 + REFUSED_S) == words.NoStableWeight(overload.value)
    assert weigher.unavailable(overload, 101.0 + REFUSED_S) is None


def test_a_refusal_that_passes_is_forgotten(weigher: Weigher) -> None:
    weigher.ask()
    for second in range(5):
        assert weigher.unavailable(Unavailable.OVERLOAD, float(second)) is None
        assert weigher.read(WeightRead("scale", 500, stable=False, raw=""), WEIGHING, second + 0.5) is None


def test_a_moving_scale_is_no_refusal_but_a_new_beginning(weigher: Weigher) -> None:
    weigher.ask()
    assert {weigher.unavailable(Unavailable.MOVING, float(second)) for second in range(10)} == {None}
    assert read(weigher, WEIGHING, 500, seconds=0.2) == []
    assert weigher.unavailable(Unavailable.MOVING, 0.3) is None
    assert read(weigher, WEIGHING, 500, seconds=0.2) == []
    assert [type(event) for event in read(weigher, WEIGHING, 500, seconds=5)] == [words.WeightFits]


def test_drift_of_the_empty_scale_is_zeroed_or_told(weigher: Weigher) -> None:
    for crept_g in (0.0, 1.5, 3.0):
        read(weigher, IDLE, crept_g, seconds=0)
    assert read(weigher, IDLE, ZERO_MAX_G - 0.5, seconds=LASTING_S + 1) == []
    assert weigher.zero_is_due
    assert read(weigher, IDLE, 0, seconds=0) == []
    said = read(weigher, IDLE, 300, seconds=LASTING_S + 0.2)
    assert said[:1] == [words.FaultRaised(Fault.SCALE_ZERO)]
    faulty = replace(IDLE, faults=frozenset({Fault.SCALE_ZERO}))
    assert read(weigher, faulty, 0, seconds=0) == [words.FaultCleared(Fault.SCALE_ZERO)]
