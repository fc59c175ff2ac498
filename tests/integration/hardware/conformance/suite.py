"""The tests that every driver passes: over pty and TCP, on good and bad lines, and through every fault of the table."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hardware.connection import State
from hardware.device import ConnectionChanged
from tests.integration.hardware.conformance.case import Case, Stand, Transport
from tests.integration.hardware.conformance.faults import Connection, Fault, Moment, Work
from tests.support.owner import lines_about
from tests.support.shaped import Shape
from tests.support.wire import wait_for

SEED = int(os.environ.get("SCANLANE_SEED", "1"))
UNPLUG_SEEN_S = 2.0
SILENCE_SEEN_S = 30.0
"""A bus asks every device on it three times before it believes that nobody is there."""
DELAY_MS = 700
DELAY_FOR_S = 1.5
STAYS_FOR_S = 0.5
GARBAGE_BYTES = 64
Conformance = Callable[[Case, Transport, Shape, Path], None]
Faults = Callable[[Case, Fault, Moment, Path, pytest.LogCaptureFixture], None]


def conformance_tests(cases: Sequence[Case]) -> Conformance:
    """Return one test, for each case over each transport and line."""
    rows = [
        pytest.param(case, transport, shape, id=f"{case.name}-{transport}-{shape.value}")
        for case in cases
        for transport in case.transports
        for shape in case.shapes
    ]

    @pytest.mark.parametrize(("case", "transport", "shape"), rows)
    def test(case: Case, transport: Transport, shape: Shape, tmp_path: Path) -> None:
        print(f"SCANLANE_SEED={SEED}")
        with Stand(tmp_path, case, transport, shape, SEED) as stand:
            stand.wait_ready()
            attempts = _until_done(stand)
            if shape.is_whole:
                assert attempts == 1
                assert stand.owner.states() == [State.READY]
            stand.device.stop()
            assert stand.owner.states()[-1] is State.CLOSED

    return test


def fault_tests(cases: Sequence[Case]) -> Faults:
    """Return one test, for each cell of the fault table."""
    rows = [
        pytest.param(case, fault, moment, id=f"{case.name}-{fault.value}-{moment.value}")
        for case in cases
        for fault in Fault
        for moment in Moment
    ]

    @pytest.mark.parametrize(("case", "fault", "moment"), rows)
    def test(case: Case, fault: Fault, moment: Moment, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO")
        must = case.musts(fault, moment)
        with Stand(tmp_path, case, case.transports[0], Shape.GOOD, SEED) as stand:
            stand.wait_ready()
            if fault is Fault.WRONG_IDENTITY:
                stand.restart(pinned=stand.owner.heard(ConnectionChanged)[0].identity)
            if moment is Moment.MIDDLE:
                case.begin(stand, 0)
                wait_for(lambda: case.middle(stand), "the middle of the operation")
            caplog.clear()
            strike(stand, fault)
            endure(stand, fault, must.connection)
            heal(stand, fault)
            _settle(stand, must.connection)
            if moment is Moment.MIDDLE:
                done = case.finish(stand, 0)
                assert done or must.work is Work.TOLD, "the operation was not done"
            _until_done(stand, first=1)
            _told_once(stand, lines_about("device", caplog), refused=must.connection is Connection.REFUSED)

    return test


def _told_once(stand: Stand, lines: list[str], *, refused: bool) -> None:
    """See that the log has one line for each loss and one for each return, and one more for a wrong device."""
    told = [line.split(":")[0] for line in lines if " is lost" in line or " is back" in line]
    if refused:
        assert told == ["device is lost"] * told.count("device is lost") + ["device is back"]
        assert told.count("device is lost") in {1, 2}
    else:
        assert told == ["device is lost", "device is back"] * stand.owner.states().count(State.LOST)


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


def endure(stand: Stand, fault: Fault, connection: Connection) -> None:
    """See what the fault does while it lasts."""
    if connection in {Connection.RETURNS, Connection.REFUSED}:
        within_s = UNPLUG_SEEN_S if fault is Fault.UNPLUG else SILENCE_SEEN_S
        wait_for(lambda: State.LOST in stand.owner.states(), "the loss", within_s)
    if connection is Connection.REFUSED:
        wait_for(lambda: any("plug in the right" in reason for reason in _reasons(stand)), "the sentence", SILENCE_SEEN_S)
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
    if connection is Connection.STAYS:
        assert State.LOST not in stand.owner.states(), _reasons(stand)


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
