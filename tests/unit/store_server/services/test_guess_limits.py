from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import pytest
from sqlalchemy import func, select

from store_server.contract.refusals import Refusal
from store_server.persistence.access_tables import wrong_guesses
from store_server.persistence.database import Database
from store_server.services.guess_limits import (
    BUCKETS_MAX,
    DEBT_MAX,
    PACES,
    Guess,
    GuessLimits,
    OwnGuessLimits,
    SharedGuessLimits,
    TooManyGuessesError,
    asker,
    guess_limits,
)
from store_server.services.refused import RefusedError
from tests.support.postgresql import PostgresqlServer

WRONG = frozenset({Refusal.UNKNOWN_ORDER})
TRIES = PACES[Guess.ORDER_NUMBER].tries
AGAIN_S = PACES[Guess.ORDER_NUMBER].again_s


@pytest.fixture
def books(postgresql: PostgresqlServer) -> Iterator[Database]:
    with postgresql.database_url() as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture(params=("own", "shared"))
def limits(request: pytest.FixtureRequest) -> GuessLimits:
    """The limits of a process that serves alone, and those of several."""
    return OwnGuessLimits() if request.param == "own" else SharedGuessLimits(request.getfixturevalue("books"))


def guess(limits: GuessLimits, now_s: float, refusal: Refusal | None = Refusal.UNKNOWN_ORDER, who: str = "kiosk-1") -> None:
    with limits.guessing(Guess.ORDER_NUMBER, who, now_s, wrong=WRONG):
        if refusal is not None:
            raise RefusedError(refusal)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", "testclient"),
        ("", "unknown"),
    ],
)
def test_ipv6_addresses_are_counted_by_network(address: str, counted: str) -> None:
    assert asker(address) == counted


def test_wrong_ones_run_out_and_come_back_with_time(limits: GuessLimits) -> None:
    for _ in range(TRIES):
        with pytest.raises(RefusedError, match="do not know"):
            guess(limits, 0)
    with pytest.raises(TooManyGuessesError) as caught:
        guess(limits, 0, None)
    guess(limits, caught.value.retry_after_s, None)
    guess(limits, 0, None, who="kiosk-2")


def test_right_ones_and_other_refusals_never_run_out(limits: GuessLimits) -> None:
    for _ in range(TRIES * 3):
        guess(limits, 0, None)
        with pytest.raises(RefusedError):
            guess(limits, 0, Refusal.BUSY_ELSEWHERE)


def test_tries_side_by_side_are_all_counted(limits: GuessLimits) -> None:
    with limits.guessing(Guess.ORDER_NUMBER, "kiosk-1", 0, wrong=WRONG):
        for _ in range(TRIES - 1):
            with pytest.raises(RefusedError, match="do not know"):
                guess(limits, 0)
        with pytest.raises(TooManyGuessesError):
            guess(limits, 0)


def test_a_clock_set_back_gives_nothing_away(limits: GuessLimits) -> None:
    for number in range(TRIES):
        with pytest.raises(RefusedError):
            guess(limits, 1000 - number)
    with pytest.raises(TooManyGuessesError):
        guess(limits, 0)


def test_a_million_guesses_of_a_code_hit_nothing_of_worth() -> None:
    limits, allowed, now_s = OwnGuessLimits(), 0, 0.0
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
    limits = OwnGuessLimits()
    for number in range(BUCKETS_MAX + 10):
        guess(limits, 0, None, who=f"10.0.0.{number}")
    assert len(limits._buckets) == BUCKETS_MAX


def test_processes_share_every_bucket(books: Database) -> None:
    processes = [guess_limits(books) for _ in range(3)]
    turns = itertools.cycle(processes)
    for _ in range(TRIES):
        with pytest.raises(RefusedError, match="do not know"):
            guess(next(turns), 100)
    for limits in processes:
        with pytest.raises(TooManyGuessesError) as caught:
            guess(limits, 100, None)
        assert caught.value.retry_after_s == AGAIN_S
    guess(processes[0], 100, None, who="kiosk-2")
    with pytest.raises(RefusedError, match="do not know"):
        guess(processes[0], 100 + AGAIN_S)
    with pytest.raises(TooManyGuessesError):
        guess(processes[1], 100 + AGAIN_S)


def test_only_wrong_ones_write(books: Database) -> None:
    limits = guess_limits(books)
    guess(limits, 100, None)
    with pytest.raises(RefusedError):
        guess(limits, 100, Refusal.BUSY_ELSEWHERE)
    count = select(func.count()).select_from(wrong_guesses)
    assert books.read(lambda connection: connection.execute(count).scalar_one()) == 0
    with pytest.raises(RefusedError):
        guess(limits, 100)
    assert books.read(lambda connection: connection.execute(count).scalar_one()) == 1
    limits.forget_old(100 + AGAIN_S)
    assert books.read(lambda connection: connection.execute(count).scalar_one()) == 0


def refuse() -> NoReturn:
    raise RefusedError(Refusal.UNKNOWN_ORDER)


def test_what_processes_overdraw_side_by_side_is_owed(books: Database) -> None:
    """Four processes begin a bucket of tries each at the same moment; from then on all of them wait for all of these."""
    processes = [SharedGuessLimits(books) for _ in range(4)]
    barrier = threading.Barrier(len(processes) * TRIES)

    def wrong(number: int) -> bool:
        try:
            with processes[number % len(processes)].guessing(Guess.ORDER_NUMBER, "kiosk-1", 100, wrong=WRONG):
                barrier.wait(20)
                refuse()
        except TooManyGuessesError:
            barrier.abort()
            raise
        except RefusedError:
            return True

    with ThreadPoolExecutor(len(processes) * TRIES) as pool:
        assert sum(pool.map(wrong, range(len(processes) * TRIES))) == 4 * TRIES
    for limits in processes:
        with pytest.raises(TooManyGuessesError) as caught:
            guess(limits, 100 + TRIES * AGAIN_S)
        assert caught.value.retry_after_s == 2 * TRIES * AGAIN_S + AGAIN_S
    guess(processes[0], 100 + 4 * TRIES * AGAIN_S, None)


def test_random_tries_at_random_processes_are_no_more_than_one_bucket_allows(books: Database) -> None:
    seed = 20_261_122
    print(f"seed {seed}")
    source = random.Random(seed)
    processes = [guess_limits(books) for _ in range(3)]
    now_s, allowed = 0.0, 0
    for _ in range(600):
        now_s += source.choice((0.01, 0.5, 3.0))
        try:
            guess(source.choice(processes), now_s)
        except TooManyGuessesError:
            continue
        except RefusedError:
            allowed += 1
        assert allowed <= TRIES + now_s / AGAIN_S + 1
    assert allowed >= now_s / AGAIN_S - 1


def test_a_clock_that_was_set_far_back_does_not_lock_for_ever(books: Database) -> None:
    limits, ahead = guess_limits(books), 1e9
    for _ in range(TRIES):
        with pytest.raises(RefusedError):
            guess(limits, ahead)
    back = ahead - DEBT_MAX * TRIES * AGAIN_S - 1000
    limits.forget_old(back)
    with pytest.raises(TooManyGuessesError):
        guess(limits, back)
    guess(limits, back + AGAIN_S, None)
