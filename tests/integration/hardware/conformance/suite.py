"""The tests that every driver passes: over pty and TCP, on good and bad lines, and through every fault of the table."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from hardware.connection import State
from hardware.device import ConnectionChanged
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, Moment, Work
from tests.integration.hardware.conformance.together import RaceLostError, together
from tests.support.owner import lines_about
from tests.support.ran_again import RAN_AGAIN, RecordProperty
from tests.support.shaped import Shape
from tests.support.wire import TooLateError, wait_for

SEED = int(os.environ.get("SCANLANE_SEED", "1"))
UNPLUG_SEEN_S = 2.0
MARGIN_S = 3.0
"""What a silence may take longer to be seen than the driver's own times add up to."""
REFUSED_WITHIN_S = 15.0
"""A wrong device is told when it has answered the probe."""
DELAY_MS = 700
DELAY_FOR_S = 1.5
STAYS_FOR_S = 0.5
GARBAGE_BYTES = 64
TOLD_WITHIN_S = 1.0
LinesTest = Callable[[Path, RecordProperty], None]
FaultsTest = Callable[[Path, pytest.LogCaptureFixture, RecordProperty], None]
_SLOW = {Shape.LOSSY: 0, Shape.ONE_BYTE: 1}
_LONG = {Fault.SILENT: 0, Fault.WRONG_IDENTITY: 1, Fault.DELAYED: 2}
"""What takes longest begins first."""


def conformance_tests(cases: Sequence[Case]) -> LinesTest:
    """Return a test of all these cases: a row for each transport and line of each."""

    def test(tmp_path: Path, record_property: RecordProperty) -> None:
        print(f"SCANLANE_SEED={SEED}")
        rows = {}
        tried = [(case, *line) for case in cases for line in itertools.product(case.transports, case.shapes)]
        tried.sort(key=lambda one: _SLOW.get(one[2], len(_SLOW)))
        for place, (case, transport, shape) in enumerate(tried):
            stand = partial(Stand, tmp_path / str(place), case, transport, shape, SEED, name=f"line-{place}")
            rows[f"{case.name}, {transport}, {shape.value}"] = partial(_conform, stand, shape)
        _run(cases, rows, record_property)

    return test


def fault_tests(cases: Sequence[Case]) -> FaultsTest:
    """Return a test of all these cases: a row for each cell of the fault table."""

    def test(tmp_path: Path, caplog: pytest.LogCaptureFixture, record_property: RecordProperty) -> None:
        caplog.set_level("INFO")
        rows = {}
        tried = [(case, fault, moment) for case in cases for fault in case.faults for moment in Moment]
        tried.sort(key=lambda one: _LONG.get(one[1], len(_LONG)))
        for place, (case, fault, moment) in enumerate(tried):
            stand = partial(Stand, tmp_path / str(place), case, case.transports[0], Shape.GOOD, SEED, name=f"fault-{place}")
            rows[f"{case.name}, {fault.value}, {moment.value}"] = partial(_bear, stand, fault, moment, caplog)
        _run(cases, rows, record_property)

    return test


def _run(cases: Sequence[Case], rows: Mapping[str, Callable[[], None]], record_property: RecordProperty) -> None:
    for case in cases:
        case.prepare()
    for again in together(rows):
        record_property(RAN_AGAIN, again)


def _conform(new_stand: Callable[[], Stand], shape: Shape) -> None:
    with new_stand() as stand:
        stand.wait_ready()
        attempts = _until_done(stand)
        if shape.is_whole and (attempts > 1 or stand.owner.states() != [State.READY]):
            raise RaceLostError(f"{attempts} attempts on a whole line, {_reasons(stand)}")
        stand.device.stop()
        assert stand.owner.states()[-1] is State.CLOSED


def _bear(new_stand: Callable[[], Stand], fault: Fault, moment: Moment, caplog: pytest.LogCaptureFixture) -> None:
    with new_stand() as stand:
        case = stand.case
        must = case.musts(fault, moment)
        stand.wait_ready()
        if fault is Fault.WRONG_IDENTITY:
            stand.restart(pinned=stand.owner.heard(ConnectionChanged)[0].identity)
        told_before = Told(len(lines_about(stand.name, caplog)), len(stand.owner.states()))
        if moment is Moment.MIDDLE:
            case.begin(stand, 0)
            wait_for(lambda: case.middle(stand), "the middle of the operation")
        strike(stand, fault)
        endure(stand, fault, moment, must.connection)
        heal(stand, fault)
        _settle(stand, must.connection)
        if moment is Moment.MIDDLE:
            done = case.finish(stand, 0)
            if not done and must.work is not Work.TOLD:
                raise RaceLostError("the operation was not done")
        _until_done(stand, first=1)
        _told_once(stand, told_before, caplog, refused=must.connection is Connection.REFUSED)


@dataclass(frozen=True, slots=True)
class Told:
    """How much log and owner had been told before the fault."""

    lines: int
    states: int


def _told_once(stand: Stand, before: Told, caplog: pytest.LogCaptureFixture, *, refused: bool) -> None:
    """See that the log has one line for each loss and one for each return, and one more for a wrong device."""

    def told() -> list[str]:
        lines = [line.split(":")[0].removeprefix(f"{stand.name} ") for line in lines_about(stand.name, caplog)[before.lines :]]
        return [line for line in lines if line in {"is lost", "is back"}]

    def is_as_it_was() -> bool:
        states = [state for state in stand.owner.states()[before.states :] if state in {State.LOST, State.READY}]
        return told() == ["is lost" if state is State.LOST else "is back" for state in states]

    # A connection that is lost just now is in the log a moment before its owner hears of it.
    with contextlib.suppress(TooLateError):
        wait_for(is_as_it_was, "the log to say what the owner heard", TOLD_WITHIN_S)
    assert is_as_it_was(), (told(), stand.owner.states())
    lines = told()
    in_a_row = [len(list(same)) for _line, same in itertools.groupby(lines)]
    assert all(lost in {1, 1 + refused} for lost in in_a_row[::2]), lines
    assert all(back == 1 for back in in_a_row[1::2]), lines
    if refused and lines.count("is back") > 1:
        raise RaceLostError(f"lost more than once: {_reasons(stand)}")


def strike(stand: Stand, fault: Fault) -> None:
    """Let the fault happen."""
    if fault is Fault.UNPLUG:
        stand.play("unplug")
    elif fault is Fault.SILENT:
        stand.play("silent", on=True)
    elif fault is Fault.DELAYED:
        stand.play("delay_ms", delay_ms=DELAY_MS)
    elif fault is Fault.GARBAGE:
        stand.play("garbage", hex=random.Random(SEED).randbytes(GARBAGE_BYTES).hex())
    elif fault is Fault.WRONG_IDENTITY:
        stand.play("unplug")
        stand.play("wrong_device", on=True)
        stand.play("replug")
    elif fault is Fault.POWER_CYCLE:
        stand.play("power_cycle")
    else:
        names = {
            Fault.DROPPED: "drop_next_reply",
            Fault.CORRUPTED: "corrupt_next_reply",
            Fault.TRUNCATED: "truncate_next_reply",
            Fault.DOUBLED: "dup_next_reply",
        }
        stand.play(names[fault])


def endure(stand: Stand, fault: Fault, moment: Moment, connection: Connection) -> None:
    """See what the fault does while it lasts."""
    if connection in {Connection.RETURNS, Connection.REFUSED}:
        case = stand.case
        silence_s = max(case.silence_s, case.silence_middle_s) if moment is Moment.MIDDLE else case.silence_s
        is_seen_at_once = fault is Fault.UNPLUG and "polling" not in case.transports
        within_s = UNPLUG_SEEN_S if is_seen_at_once else silence_s + MARGIN_S
        wait_for(lambda: State.LOST in stand.owner.states(), "the loss", within_s)
    if connection is Connection.REFUSED:
        wait_for(lambda: any("plug in the right" in reason for reason in _reasons(stand)), "the sentence", REFUSED_WITHIN_S)
    if fault is Fault.DELAYED or connection is Connection.STAYS:
        until_s = time.monotonic() + (DELAY_FOR_S if fault is Fault.DELAYED else STAYS_FOR_S)
        wait_for(lambda: time.monotonic() >= until_s, "the time to pass")


def heal(stand: Stand, fault: Fault) -> None:
    """End the fault."""
    if fault is Fault.UNPLUG:
        stand.play("replug")
    elif fault is Fault.SILENT:
        stand.play("silent", on=False)
    elif fault is Fault.DELAYED:
        stand.play("delay_ms", delay_ms=0)
    elif fault is Fault.WRONG_IDENTITY:
        stand.play("unplug")
        stand.play("wrong_device", on=False)
        stand.play("replug")


def _settle(stand: Stand, connection: Connection) -> None:
    wait_for(lambda: stand.is_ready, "READY again", 40.0)
    if connection is Connection.STAYS and State.LOST in stand.owner.states():
        raise RaceLostError(f"the connection was lost: {_reasons(stand)}")


def _reasons(stand: Stand) -> list[str]:
    return [event.reason for event in stand.owner.heard(ConnectionChanged) if event.state is State.LOST]


def _until_done(stand: Stand, first: int = 0) -> int:
    """Do the operation until it is done; return how many attempts it took."""
    case = stand.case
    for attempt in range(case.attempts_max):
        wait_for(lambda: stand.is_ready, "READY", 40.0)
        case.begin(stand, first + attempt)
        if case.finish(stand, first + attempt):
            return attempt + 1
    raise AssertionError(f"{case.operation}: not once in {case.attempts_max} attempts")
