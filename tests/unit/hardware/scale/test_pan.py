from __future__ import annotations

import statistics

import pytest

from hardware.scale.pan import TICK_S, WINDOW_TICKS, Pan, noise


def make(**changes: float) -> Pan:
    values: dict[str, float] = {"capacity_g": 30000, "division_g": 1, "settling_s": 0.15, "noise_g": 0.1} | changes
    pan = Pan(
        capacity_g=values["capacity_g"],
        division_g=values["division_g"],
        settling_s=values["settling_s"],
        noise_g=values["noise_g"],
        seed=7,
    )
    pan.advance(100.0)
    return pan


def test_a_load_swings_in_and_comes_to_rest() -> None:
    pan = make()
    pan.put(2500)
    pan.advance(100.1)
    assert (pan.is_stable, 500 < pan.net_g < 2000) == (False, True)
    pan.advance(103)
    assert (pan.is_stable, pan.net_g) == (True, 2500)


def test_it_reads_the_same_however_often_it_is_asked() -> None:
    rarely, often = make(), make()
    for pan in (rarely, often):
        pan.put(1234)
    for step in range(1, 2001):
        often.advance(100 + step * 0.001)
    rarely.advance(102)
    assert often.gross_g == pytest.approx(rarely.gross_g, abs=1e-6)
    assert often.is_stable == rarely.is_stable


def test_time_that_stands_still_or_goes_back_changes_nothing() -> None:
    pan = make()
    pan.put(100)
    pan.advance(105)
    before = pan.gross_g
    pan.advance(105)
    pan.advance(90)
    assert pan.gross_g == before


def test_noise_is_reproducible_and_of_the_promised_size() -> None:
    samples = [noise(3, index) for index in range(4000)]
    assert samples == [noise(3, index) for index in range(4000)]
    assert samples != [noise(4, index) for index in range(4000)]
    assert abs(statistics.mean(samples)) < 0.05
    assert 0.95 < statistics.stdev(samples) < 1.05


def test_someone_leaning_on_it_keeps_it_from_rest() -> None:
    pan = make()
    pan.disturbed = True
    for step in range(100):
        pan.advance(101 + step * TICK_S * WINDOW_TICKS)
        assert not pan.is_stable
    pan.disturbed = False
    pan.advance(200)
    assert pan.is_stable


def test_limits() -> None:
    pan = make(noise_g=0)
    cases = ((30008.9, False, False), (30009.1, True, False), (-19.9, False, False), (-20.1, False, True))
    for turn, (grams, over, under) in enumerate(cases):
        pan.put(grams)
        pan.advance(200 + 100 * turn)
        assert (pan.is_overloaded, pan.is_underloaded) == (over, under), grams


def test_it_rounds_to_its_division() -> None:
    pan = make(division_g=5, noise_g=0)
    pan.put(1238)
    pan.advance(110)
    assert pan.net_g == 1240


def test_zero_and_tare_are_taken_off() -> None:
    pan = make(noise_g=0)
    pan.put(300)
    pan.advance(110)
    pan.zero()
    pan.put(1300)
    pan.advance(120)
    assert pan.net_g == pytest.approx(1000)
    pan.tare_g = 400
    assert pan.net_g == pytest.approx(600)
    pan.zero()
    assert pan.net_g == 0
