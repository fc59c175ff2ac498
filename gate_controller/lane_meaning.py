"""What an event means to a lane, given what the lane remembers: the same word from outside is one of several events inside."""

from __future__ import annotations

from gate_controller import words
from gate_controller.lane_state import Lane, State
from gate_controller.words import Event


def meant(lane: Lane, event: Event) -> Event:  # noqa: PLR0911 - one line per event that means more than it says
    """Return the event that stands in the table of transitions."""
    if isinstance(event, words.CodeRead) and any(fault.stops_weighing for fault in lane.faults):
        return words.OutOfService()
    if isinstance(event, words.EntryAllowed):
        return _meant_allowed(lane, event)
    if isinstance(event, words.EntryRefused):
        if lane.state not in {State.CHECKING, State.ALARM} or event.entry_id != lane.entry_id:
            return words.LateAnswer(event.entry_id)
        again = lane.state is State.CHECKING and lane.order is not None
        return words.EntryRefusedAgain(event.texts) if again else event
    if isinstance(event, words.CheckOverdue) and lane.order is not None:
        return words.EntryRefusedAgain({})
    if isinstance(event, words.WeightFits) and not lane.can_move:
        return words.MovingFailed(next(fault for fault in lane.faults if fault.stops_moving))
    if isinstance(event, words.FaultRaised):
        return _meant_fault(lane, event)
    if isinstance(event, words.StaffReleased) and not lane.can_move:
        return words.ReleaseImpossible()
    if isinstance(event, words.AlarmSilenced) and lane.order is not None and not lane.released:
        return words.AlarmSilencedForOrder()
    return event


def _meant_allowed(lane: Lane, event: words.EntryAllowed) -> Event:
    if lane.state not in {State.CHECKING, State.ALARM} or event.order.entry_id != lane.entry_id:
        return words.LateAnswer(event.order.entry_id)
    disturbed = lane.state is State.CHECKING and any(fault.stops_weighing for fault in lane.faults)
    return words.EntryDisturbed(event.order) if disturbed else event


def _meant_fault(lane: Lane, event: words.FaultRaised) -> Event:
    if event.fault.stops_moving and lane.state in {State.WEIGHING, State.DEACTIVATING}:
        return words.MovingFailed(event.fault)
    if event.fault.stops_weighing and lane.state is State.WEIGHING:
        return words.WeighingFailed(event.fault)
    return event
