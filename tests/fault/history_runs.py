"""Runs all histories: how many, on which database, in which parts; a failure prints how to run it again.

Each part has a test file of its own, ``test_histories_<database>_<part>.py``, and all parts take about equally long, so that
the workers of a run share them.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.internal.conjecture.engine import ConjectureRunner
from hypothesis.stateful import run_state_machine_as_test

from tests.fault.actions import STEPS_AT_ONCE
from tests.fault.history_bench import Bench, a_bench
from tests.fault.history_money import MoneyHistories

HISTORIES = int(os.environ.get("SCANLANE_HISTORIES", "2000"))
STEPS = int(os.environ.get("SCANLANE_STEPS", "50"))
SHRINKS = os.environ.get("SCANLANE_SHRINKS", "1") == "1"
"""A failing history is made shorter, which takes a minute; "0" where only the failing counts."""
SEED = int(os.environ.get("SCANLANE_SEED", "0")) or None
PARTS = 4
"""On each database."""
FAILED = Path(__file__).parents[2] / "build" / "failed-histories.txt"
"""Seeds of failures, so that none is lost with the output."""
SHARE = {"sqlite": 0.8, "postgresql": 0.2}
"""Of all histories; a step costs twice as much where each commit is a round trip."""
ENOUGH = 1000
"""Histories in one part from which every request must have been made; a short run may miss a rare one by chance."""
ALIKE_MAX = 4
"""A rare answer, such as a refused exit report, may be missing in one part; if more are missing, the histories are blind."""
NAMES = (
    "SubmitOrder",
    "BeginTendering",
    "release",
    "SettleCash",
    "CashReport",
    "EnterLane",
    "LeaveLane",
    "ReportExit",
    "AddArticle",
    "void",
    "GiveCommand",
    "RegisterMember",
    "MemberLogin",
    "DeleteMember",
    "TopUp",
    "IdentifyMember",
    "EnterCoupon",
    "HoldBalance",
    "RecordCard",
    "SettleOrder",
    "AskRefund",
    "decide",
    "pay_out",
)


def run_part(database: str, part: int) -> None:
    """Run one part of all histories on one database; the first part is 1."""
    begun_with = SEED or random.SystemRandom().getrandbits(32)
    examples = round(HISTORIES * SHARE[database] / PARTS)
    with a_bench(database) as bench:
        try:
            _run(bench, begun_with + part, examples, shrinks=SHRINKS)
        except BaseException as error:
            again = f"SCANLANE_SEED={begun_with} SCANLANE_HISTORIES={HISTORIES} SCANLANE_STEPS={STEPS}"
            steps = "\n".join(getattr(error, "__notes__", []))
            told = f"seed {begun_with}; these histories again:\n  {again} python -m pytest -n0 {_file(database, part)}\n"
            print(f"\n{told}")
            FAILED.parent.mkdir(exist_ok=True)
            with FAILED.open("a", encoding="utf-8") as file:
                file.write(f"{told}{error!r}\n{steps}\n\n")
            raise
    assert bench.histories >= examples // 2, "Hypothesis ran fewer histories than it was asked to"
    if examples >= ENOUGH:
        silent = [(name, accepted) for name in NAMES for accepted in (True, False) if not bench.seen[name, accepted]]
        never = [name for name in NAMES if (name, True) in silent and (name, False) in silent]
        assert never == [], f"requests that no history makes: {never}"
        assert len(silent) <= ALIKE_MAX, f"too many requests are always answered alike: {silent}"


def first_failure(database: str, histories: int, begun_with: int) -> tuple[int, str]:
    """Run histories until one fails; return which one did and why, or 0 when none did."""
    bench: Bench | None = None
    try:
        with a_bench(database) as bench:
            _run(bench, begun_with, histories, shrinks=False)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - why it failed is the answer
        why = (bench and bench.failed_by) or error
        return max(1, bench.failed_at if bench else 1), f"{type(why).__name__}: {why}".replace("\n", " ")
    return 0, ""


def _run(bench: Bench, begun_with: int, examples: int, *, shrinks: bool) -> None:
    machine = type("History", (MoneyHistories,), {"bench": bench})
    with pytest.MonkeyPatch.context() as patch, _seldom_collecting():
        # Hypothesis would make five of six histories by repeating stretches of the one before; each shall be one of its own.
        patch.setattr(ConjectureRunner, "generate_mutations_from", lambda _runner, _data: None)
        run_state_machine_as_test(
            seed(begun_with)(machine),
            settings=settings(
                max_examples=examples,
                stateful_step_count=max(1, STEPS // STEPS_AT_ONCE),
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink][: 2 if shrinks else 1],
                suppress_health_check=list(HealthCheck),
                print_blob=False,
            ),
        )
    bench.hold_all_histories()


@contextlib.contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for garbage seldom: Hypothesis keeps what it did, and looking through all of it was a sixth of the work."""
    former = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*former)
        gc.unfreeze()


def _file(database: str, part: int) -> str:
    return f"tests/fault/test_histories_{database}_{part}.py"


if __name__ == "__main__":
    print(json.dumps(first_failure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
