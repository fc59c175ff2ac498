"""What staff's decisions do to a lane; the table in :mod:`gate_controller.lane` says when they may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gate_controller import words
from gate_controller.lane_state import Lane, Reason, State
from gate_controller.lane_turns import Handler, Step, audit, deactivate, emptied, idle, leave, open_gate, refuse, weigh
from gate_controller.words import Event, StartTimer, StopTimers


def _stay(lane: Lane, _target: State, _event: Event) -> Step:
    return lane, ()


def _released(lane: Lane, target: State, _event: words.StaffReleased) -> Step:
    if target is State.DEACTIVATING:
        return deactivate(replace(lane, check=None), "staff")
    return open_gate(emptied(lane))


def _lets_out(lane: Lane, _target: State, event: words.StaffLetsOut) -> Step:
    return open_gate(replace(emptied(lane), open_s=event.open_s))


def _opens_longer(lane: Lane, target: State, event: words.StaffOpensLonger) -> Step:
    longer = replace(lane, open_s=event.open_s)
    if target is not State.PASSING:
        return longer, ()
    return longer, (StartTimer(words.PassageOverdue(), event.open_s or lane.timing.pass_s),)


def _admits(lane: Lane, target: State, event: words.StaffAdmits) -> Step:
    check = words.CheckOrder(event.order_number, event.entry_id, event.vouched_by)
    checking = replace(emptied(lane), state=target, entry_id=event.entry_id)
    return checking, (StopTimers(), check, StartTimer(words.CheckOverdue(), lane.timing.check_s))


def _asks_check(lane: Lane, target: State, event: words.StaffAsksCheck) -> Step:
    """Stand still for a check; a weight that does not fit stays the reason why the lane stands."""
    reason = lane.reason if lane.state is State.AUDITING else Reason.CHECK
    return audit(replace(lane, check=event.check), target, reason)


def _drawn(lane: Lane, target: State, event: words.CheckDrawn) -> Step:
    return audit(replace(lane, verdict=event.verdict, check=event.check), target, Reason.CHECK)


def _check_passed(lane: Lane, _target: State, _event: words.CheckPassed) -> Step:
    assert lane.order is not None
    assert lane.check is not None
    seen = replace(lane, order=replace(lane.order, drawn=None, scanned_anew=lane.check.full))
    return deactivate(replace(seen, check=None), "staff" if lane.reason is not Reason.CHECK else lane.order.decided_by)


def _check_passed_unweighed(lane: Lane, _target: State, _event: words.CheckPassedUnweighed) -> Step:
    assert lane.order is not None
    return weigh(replace(lane, check=None, order=replace(lane.order, drawn=None)))


def _check_failed(lane: Lane, target: State, event: words.CheckFailed) -> Step:
    return audit(replace(lane, check=event.full), target, lane.reason)


HANDLERS: Mapping[type[Event], Handler] = {
    words.StaffReleased: _released,
    words.ReleaseImpossible: _stay,
    words.StaffRefused: lambda lane, _target, _event: refuse(lane, Reason.SENT_BACK),
    words.StaffWeighAgain: lambda lane, _target, _event: weigh(lane),
    words.StaffAdmits: _admits,
    words.StaffLetsOut: _lets_out,
    words.StaffOpensLonger: _opens_longer,
    words.StaffShuts: lambda lane, _target, _event: leave(lane) if lane.released else idle(lane),
    words.PassageMeanwhile: _stay,
    words.StaffAsksCheck: _asks_check,
    words.CheckDrawn: _drawn,
    words.CheckPassed: _check_passed,
    words.CheckPassedUnweighed: _check_passed_unweighed,
    words.SamplePassed: lambda lane, _target, _event: (replace(lane, check=None), ()),
    words.CheckFailed: _check_failed,
    words.PaymentAwaited: _stay,
    words.CheckOutdated: _stay,
}
