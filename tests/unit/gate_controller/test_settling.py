"""When a weight is believed, and what becomes of an empty scale that does not show zero."""

from __future__ import annotations

from gate_controller.settling import Settling, SettlingRules
from gate_controller.zero_watch import DRIFT_MAX_G, LASTING_S, ZERO_MAX_G, Finding, ZeroWatch

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


def watch(grams: float, *, seconds: float, empty: bool = True) -> set[Finding]:
    memory, found = ZeroWatch(), set()
    for tenth in range(int(seconds * 10)):
        memory, finding = memory.feed(grams, stable=True, empty=empty, now_s=tenth / 10)
        found.add(finding)
    return found


def test_an_empty_scale_at_zero_is_fine() -> None:
    assert watch(0.5, seconds=60) == {Finding.FINE}


def test_small_lasting_drift_is_zeroed() -> None:
    assert Finding.ZERO in watch(ZERO_MAX_G - 1, seconds=LASTING_S + 2)


def test_what_somebody_left_on_the_scale_is_never_zeroed() -> None:
    for grams in (ZERO_MAX_G + 1, DRIFT_MAX_G + 1, 500, -500):
        assert Finding.ZERO not in watch(grams, seconds=10 * LASTING_S)
    assert Finding.DRIFTED in watch(500, seconds=LASTING_S + 2)


def test_a_belt_in_use_is_left_alone() -> None:
    assert watch(500, seconds=60, empty=False) == {Finding.NOTHING}
