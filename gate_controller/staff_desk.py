"""Reads what staff tells a lane: what its machine has to know as an event, the rest (pauses, weights) is done here."""

from __future__ import annotations

from uuid import uuid4

from gate_controller import words
from gate_controller.check_desk import CheckDesk
from gate_controller.lane_state import Lane
from gate_controller.weight_desk import WeightDesk
from gate_controller.words import Event, Fault
from store_server.contract.check_messages import CheckOutcome, outcome_command_id
from store_server.contract.lane_messages import StaffCommand, StaffCommandKind

_ABOUT_WEIGHTS = frozenset({StaffCommandKind.TEACH_WEIGHT, StaffCommandKind.KEEP_WEIGHT, StaffCommandKind.DROP_WEIGHT})


class StaffDesk:
    """One lane's staff."""

    def __init__(self, checks: CheckDesk, weights: WeightDesk) -> None:
        self._checks = checks
        self._weights = weights

    def understood(self, command: StaffCommand, lane: Lane, now_s: float) -> Event | None:
        """Return what a command means to the lane's machine; None when there is nothing for it to do."""
        kind = command.kind
        if kind is StaffCommandKind.PAUSE_CHECKS:
            self._checks.pause(command.seconds or 0, now_s)
            return None
        if kind in _ABOUT_WEIGHTS:
            self._weights.answered(command)
            return None
        if kind is StaffCommandKind.SCALE_CHECKED:
            self._weights.checked(lane.name)
            return words.FaultCleared(Fault.SCALE_DRIFT)
        if kind in {StaffCommandKind.CHECK, StaffCommandKind.CHECK_ALL}:
            return self._check_asked(command, lane)
        if kind in {StaffCommandKind.CHECK_PASSED, StaffCommandKind.CHECK_FAILED}:
            return self._check_ended(command, lane)
        return _plainly(command)

    def _check_asked(self, command: StaffCommand, lane: Lane) -> Event | None:
        if lane.order is None:
            return None
        full = command.kind is StaffCommandKind.CHECK_ALL
        return words.StaffAsksCheck(command.staff, self._checks.asked(lane.order, command.staff, full=full))

    def _check_ended(self, command: StaffCommand, lane: Lane) -> Event | None:
        """A check that the lane does not ask for any more ended too late to matter."""
        check = lane.check
        passed = command.kind is StaffCommandKind.CHECK_PASSED
        outcome = CheckOutcome.PASSED if passed else CheckOutcome.FAILED
        if check is None or command.command_id != outcome_command_id(check.check_id, outcome):
            return words.CheckOutdated()
        if passed:
            return words.CheckPassed(check.check_id)
        return words.CheckFailed(check.check_id, self._checks.after_failure(check))


def _plainly(command: StaffCommand) -> Event | None:  # noqa: PLR0911 - one line per kind of command
    seconds = float(command.seconds or 0)
    match command.kind:
        case StaffCommandKind.RELEASE:
            return words.StaffReleased(command.staff, command.reason)
        case StaffCommandKind.REFUSE:
            return words.StaffRefused(command.staff, command.reason)
        case StaffCommandKind.WEIGH_AGAIN:
            return words.StaffWeighAgain()
        case StaffCommandKind.SILENCE_ALARM:
            return words.AlarmSilenced()
        case StaffCommandKind.ADMIT if command.order_number:
            return words.StaffAdmits(command.order_number, uuid4(), command.command_id)
        case StaffCommandKind.LET_OUT:
            return words.StaffLetsOut(command.staff, command.reason, seconds)
        case StaffCommandKind.OPEN_LONGER:
            return words.StaffOpensLonger(seconds)
        case StaffCommandKind.SHUT:
            return words.StaffShuts()
    return None
