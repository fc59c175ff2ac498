"""When a weight is believed, and what becomes of an empty scale that does not show zero."""

from __future__ import annotations

import pytest

from gate_controller.settling import Settling, SettlingRules
from gate_controller.zero_watch import DRIFT_MAX_G, LASTING_S, ZERO_MAX_G, ZERO_MIN_G, ZERO_TOTAL_MAX_G, Finding, ZeroWatch

RULES = SettlingRules(readings=3, span_s=0.5, within_g=1.0)


def settle(readings: list[tuple[float, bool]], period_s: float = 0.2) -> list[float | None]:
    memory, said = Settling(RULES), []
    for number, (grams, stable) in enumerate(readings):
        memory, settled = memory.feed(grams, stable=stable, now_s=number * period_s)
        said.append(settled)
    return said


def test_equal_stable_readings_over_the_span_settle() -> None:
    assert settle([(500, True)] * 4) == [None, None, None, 500.0]


def test_the_lull_between_two_swings_is_not_believed() -> None:
    assert settle([(480, True), (480, True), (470, False), (500, True), (500, True), (500, True), (501, True)]) == [
        *[None] * 6,
        (500 + 500 + 501) / 3,
    ]


def test_a_creeping_weight_begins_anew() -> None:
    assert settle([(500, True), (502, True), (504, True), (506, True), (508, True)]) == [None] * 5


def test_many_quick_readings_wait_for_the_span() -> None:
    said = settle([(500, True)] * 60, period_s=0.009)
    assert [number for number, grams in enumerate(said) if grams is not None] == [56]


def test_it_says_when_a_reading_would_settle_it() -> None:
    memory = Settling(RULES)
    assert memory.due_s == 0.0
    memory, _ = memory.feed(500, stable=True, now_s=10.0)
    memory, _ = memory.feed(500, stable=True, now_s=10.3)
    assert memory.due_s == 10.5
    assert Settling(RULES).feed(500, stable=False, now_s=10.4)[0].due_s == 0.0
    assert memory.feed(500, stable=True, now_s=memory.due_s)[1] == 500.0


def watch(grams: float, *, seconds: float, empty: bool = True) -> set[Finding]:
    memory, found = ZeroWatch(), set()
    for tenth in range(int(seconds * 10)):
        memory, finding = memory.feed(grams, stable=True, empty=empty, now_s=tenth / 10)
        found.add(finding)
    return found


def test_an_empty_scale_at_zero_is_fine() -> None:
    assert watch(0.5, seconds=60) == {Finding.FINE}


def creep(memory: ZeroWatch, until_g: float, *, begun_s: float, step_g: float = 0.5) -> tuple[ZeroWatch, set[Finding], float]:
    """Let the reading move slowly, then stay for longer than a passer-by leans on the belt."""
    start_g, found, now_s = memory.empty_g or 0.0, set(), begun_s
    steps = max(1, round(abs(until_g - start_g) / step_g))
    path = [start_g + (until_g - start_g) * step / steps for step in range(steps + 1)]
    for grams in [*path, *[until_g] * int(LASTING_S + 2)]:
        memory, finding = memory.feed(grams, stable=True, empty=True, now_s=now_s)
        found.add(finding)
        now_s += 1.0
        if finding is Finding.ZERO:
            break
    return memory, found, now_s


@pytest.mark.parametrize("drift_g", [ZERO_MAX_G - 1, 1 - ZERO_MAX_G])
def test_small_lasting_drift_is_zeroed(drift_g: float) -> None:
    memory, found, _ = creep(ZeroWatch(), drift_g, begun_s=0.0)
    assert Finding.ZERO in found
    assert memory.zeroed_g == drift_g


def test_what_somebody_left_on_the_scale_is_never_zeroed() -> None:
    for grams in (ZERO_MIN_G, ZERO_MAX_G - 1, ZERO_MAX_G + 1, DRIFT_MAX_G + 1, 500, -500):
        assert Finding.ZERO not in watch(grams, seconds=10 * LASTING_S)
    assert Finding.DRIFTED in watch(500, seconds=LASTING_S + 2)


def test_a_small_thing_laid_on_the_empty_belt_is_not_drift() -> None:
    memory, _ = ZeroWatch().feed(0.2, stable=True, empty=True, now_s=0.0)
    for second in range(1, 200):
        memory, finding = memory.feed(4.2, stable=True, empty=True, now_s=float(second))
        assert finding is Finding.NOTHING
    memory, finding = memory.feed(0.3, stable=True, empty=True, now_s=200.0)
    assert finding is Finding.FINE, "taken off again"
    assert Finding.ZERO in creep(memory, 3.0, begun_s=201.0)[1], "and drift is drift again"


def test_what_a_shopper_left_behind_is_not_drift_either() -> None:
    memory, _ = ZeroWatch().feed(0.0, stable=True, empty=True, now_s=0.0)
    memory, _ = memory.feed(1500.0, stable=True, empty=False, now_s=1.0)
    for second in range(2, 100):
        memory, finding = memory.feed(3.0, stable=True, empty=True, now_s=float(second))
        assert finding is Finding.NOTHING


def test_zero_does_not_wander_off_by_small_steps() -> None:
    memory, now_s, zeroed = ZeroWatch(), 0.0, 0
    while True:
        memory, found, now_s = creep(memory, 4.0, begun_s=now_s)
        if Finding.ZERO not in found:
            break
        zeroed += 1
    assert zeroed == ZERO_TOTAL_MAX_G // 4
    assert Finding.DRIFTED in found, "the lane says that its scale is lost"


def test_a_belt_in_use_is_left_alone() -> None:
    assert watch(500, seconds=60, empty=False) == {Finding.NOTHING}
