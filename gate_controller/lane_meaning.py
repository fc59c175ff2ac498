"""What an event means to a lane, given what the lane remembers: the same word from outside is one of several events inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gate_controller import words
from gate_controller.lane_state import Lane, State
from gate_controller.texts import PAYMENT_NOT_CHECKED
from gate_controller.weighing import Fit
from gate_controller.words import Event


def meant(lane: Lane, event: Event) -> Event:
    """Return the event that stands in the table of transitions."""
    meaning = _MEANINGS.get(type(event))
    return event if meaning is None else meaning(lane, event)


def _coming_in(lane: Lane, event: words.CodeRead | words.StaffAdmits) -> Event:
    return words.OutOfService() if any(fault.stops_entering for fault in lane.faults) else event


def _allowed(lane: Lane, event: words.EntryAllowed) -> Event:
    if lane.state not in {State.CHECKING, State.ALARM} or event.order.entry_id != lane.entry_id:
        return words.LateAnswer(event.order.entry_id)
    disturbed = lane.state is State.CHECKING and any(fault.stops_weighing for fault in lane.faults)
    if disturbed:
        return words.EntryDisturbed(event.order)
    is_taken = lane.state is State.CHECKING and lane.goods_left_of not in {None, event.order.order_id}
    return words.BeltTaken(event.order) if is_taken else event


def _beyond_caps(lane: Lane, event: words.EntryBeyondCaps) -> Event:
    is_awaited = lane.state is State.CHECKING and event.order.entry_id == lane.entry_id
    return event if is_awaited else words.LateAnswer(event.order.entry_id)


def _refused(lane: Lane, event: words.EntryRefused) -> Event:
    if lane.state not in {State.CHECKING, State.ALARM} or event.entry_id != lane.entry_id:
        return words.LateAnswer(event.entry_id)
    again = lane.state is State.CHECKING and lane.order is not None
    return words.EntryRefusedAgain(event.texts) if again else event


def _check_overdue(lane: Lane, event: words.CheckOverdue) -> Event:
    return event if lane.order is None else words.EntryRefusedAgain(PAYMENT_NOT_CHECKED)


def _fits(lane: Lane, event: words.WeightFits) -> Event:
    if not lane.can_move:
        return words.MovingFailed(next(fault for fault in lane.faults if fault.stops_moving))
    drawn = lane.order.drawn if lane.order is not None else None
    return event if drawn is None else words.CheckDrawn(event.verdict, drawn)


def _fault(lane: Lane, event: words.FaultRaised) -> Event:
    if event.fault.stops_moving and lane.state in {State.WEIGHING, State.DEACTIVATING}:
        return words.MovingFailed(event.fault)
    if event.fault.stops_weighing and lane.state is State.WEIGHING:
        return words.WeighingFailed(event.fault)
    return event


def _opening(lane: Lane, event: words.StaffReleased | words.StaffLetsOut) -> Event:
    return event if lane.can_move else words.ReleaseImpossible()


def _silenced(lane: Lane, event: words.AlarmSilenced) -> Event:
    return words.AlarmSilencedForOrder() if lane.order is not None and not lane.released else event


def _check_ended(lane: Lane, event: words.CheckPassed | words.CheckFailed) -> Event:
    """Understand the end of a check: of the one that this lane asks for, and by what else the lane knows of the goods."""
    if lane.state is not State.AUDITING or lane.check is None or lane.check.check_id != event.check_id:
        return words.CheckOutdated()
    if isinstance(event, words.CheckFailed):
        return event
    if lane.due_minor:
        return words.PaymentAwaited()
    if lane.verdict is None:
        return words.CheckPassedUnweighed()
    if lane.verdict.fit is not Fit.FITS and not lane.check.full:
        return words.SamplePassed()
    return event if lane.can_move else words.ReleaseImpossible()


def _weigh_again(lane: Lane, event: words.StaffWeighAgain) -> Event:
    return words.PaymentAwaited() if lane.state is State.AUDITING and not lane.may_weigh_again else event


def _fire_reset(lane: Lane, event: words.FireReset) -> Event:
    if lane.fire_input:
        return words.FireStillOn()
    return words.FireResetForOrder() if lane.order is not None and not lane.released else event


def _passage(lane: Lane, event: words.Passage) -> Event:
    return words.PassageMeanwhile() if lane.state is State.PASSING and lane.open_s else event


_MEANINGS: Mapping[type[Event], Callable[[Lane, Any], Event]] = {
    words.CodeRead: _coming_in,
    words.StaffAdmits: _coming_in,
    words.EntryAllowed: _allowed,
    words.EntryBeyondCaps: _beyond_caps,
    words.EntryRefused: _refused,
    words.CheckOverdue: _check_overdue,
    words.WeightFits: _fits,
    words.FaultRaised: _fault,
    words.StaffReleased: _opening,
    words.StaffLetsOut: _opening,
    words.AlarmSilenced: _silenced,
    words.CheckPassed: _check_ended,
    words.CheckFailed: _check_ended,
    words.StaffWeighAgain: _weigh_again,
    words.FireReset: _fire_reset,
    words.Passage: _passage,
}
