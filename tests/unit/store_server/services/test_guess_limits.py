from __future__ import annotations

import pytest

from store_server.contract.refusals import Refusal
from store_server.services.guess_limits import BUCKETS_MAX, PACES, Guess, GuessLimits, TooManyGuessesError
from store_server.services.refused import RefusedError

WRONG = frozenset({Refusal.UNKNOWN_ORDER})
TRIES = PACES[Guess.ORDER_NUMBER].tries


def guess(limits: GuessLimits, now_s: float, refusal: Refusal | None = Refusal.UNKNOWN_ORDER, who: str = "kiosk-1") -> None:
    with limits.guessing(Guess.ORDER_NUMBER, who, now_s, wrong=WRONG):
        if refusal is not None:
            raise RefusedError(refusal)


def test_wrong_ones_run_out_and_come_back_with_time() -> None:
    limits = GuessLimits()
    for _ in range(TRIES):
        with pytest.raises(RefusedError, match="do not know"):
            guess(limits, 0)
    with pytest.raises(TooManyGuessesError) as caught:
        guess(limits, 0, None)
    guess(limits, caught.value.retry_after_s, None)
    guess(limits, 0, None, who="kiosk-2")


def test_right_ones_and_other_refusals_never_run_out() -> None:
    limits = GuessLimits()
    for _ in range(TRIES * 3):
        guess(limits, 0, None)
        with pytest.raises(RefusedError):
            guess(limits, 0, Refusal.BUSY_ELSEWHERE)


def test_tries_side_by_side_are_all_counted() -> None:
    limits = GuessLimits()
    with limits.guessing(Guess.ORDER_NUMBER, "kiosk-1", 0, wrong=WRONG):
        for _ in range(TRIES - 1):
            with pytest.raises(RefusedError, match="do not know"):
                guess(limits, 0)
        with pytest.raises(TooManyGuessesError):
            guess(limits, 0)


def test_a_clock_set_back_gives_nothing_away() -> None:
    limits = GuessLimits()
    for now_s in range(1000, 1000 - TRIES, -1):
        with pytest.raises(RefusedError, match="do not know"):
            guess(limits, now_s)
    with pytest.raises(TooManyGuessesError):
        guess(limits, 0)


def test_a_million_guesses_of_a_code_hit_nothing_of_worth() -> None:
    limits, allowed, now_s = GuessLimits(), 0, 0.0
    for _ in range(20_000):
        now_s += 0.05
        try:
            guess(limits, now_s)
        except TooManyGuessesError:
            continue
        except RefusedError:
            allowed += 1
    assert allowed <= TRIES + now_s / PACES[Guess.ORDER_NUMBER].again_s + 1


def test_memory_stays_bounded() -> None:
    limits = GuessLimits()
    for number in range(BUCKETS_MAX + 10):
        guess(limits, 0, None, who=f"10.0.0.{number}")
    assert len(limits._buckets) == BUCKETS_MAX
