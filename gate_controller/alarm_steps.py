"""What alarms and fire do to a lane; the table in :mod:`gate_controller.lane` says when they may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gate_controller import words
from gate_controller.lane_state import Lane, Reason, State
from gate_controller.lane_turns import Handler, Step, audit, idle
from gate_controller.words import Event, Fault, StartTimer, StopTimers

UNPAID_MAX = 20
"""More tags are not named one by one."""


def _eas_alarm(lane: Lane, target: State, event: words.EasAlarm) -> Step:
    """Tie the alarm to whoever is at the pedestal: the one who walked out a moment ago, or else the order in the lane."""
    lane = lane if event.unpaid else replace(lane, eas_on=True)
    if target is not State.ALARM:
        return lane, ()
    known = lane.unpaid if lane.state is State.ALARM else ()
    new = tuple(tag for tag in event.unpaid if tag.epc not in {old.epc for old in known})
    alarmed = replace(
        lane,
        state=target,
        siren=True,
        alarm_of=lane.alarm_of or lane.just_left or lane.order,
        unpaid=(*known, *new)[:UNPAID_MAX],
    )
    return alarmed, (StopTimers(), StartTimer(words.SirenDone(), lane.timing.siren_s))


def _silenced(lane: Lane, _target: State, _event: Event) -> Step:
    waiting, commands = idle(_seen_to(lane))
    return replace(waiting, just_left=None), commands


def _silenced_for_order(lane: Lane, target: State, _event: Event) -> Step:
    return audit(replace(_seen_to(lane), siren=False, alarm_of=None, unpaid=()), target, Reason.INTERRUPTED)


def _fire(lane: Lane, target: State, event: words.FireAlarm) -> Step:
    """Open and stay open; what was in the lane is kept for staff."""
    burning = replace(lane, state=target, fire_input=lane.fire_input or event.by_input)
    if lane.state is State.FIRE:
        return burning, ()
    return replace(burning, siren=False, alarm_of=None, unpaid=(), check=None), (StopTimers(),)


def _fire_over_for_order(lane: Lane, target: State, _event: Event) -> Step:
    return audit(_seen_to(lane), target, Reason.INTERRUPTED)


def _seen_to(lane: Lane) -> Lane:
    """Staff has seen to it; a contact that is still on would hide the next tag."""
    return replace(lane, faults=lane.faults | {Fault.PEDESTAL}) if lane.eas_on else lane


def _eas_cleared(lane: Lane, _target: State, _event: words.EasCleared) -> Step:
    return replace(lane, eas_on=False, faults=lane.faults - {Fault.PEDESTAL}), ()


HANDLERS: Mapping[type[Event], Handler] = {
    words.EasAlarm: _eas_alarm,
    words.EasCleared: _eas_cleared,
    words.SirenDone: lambda lane, _target, _event: (replace(lane, siren=False), ()),
    words.AlarmSilenced: _silenced,
    words.AlarmSilencedForOrder: _silenced_for_order,
    words.LeftLongAgo: lambda lane, _target, _event: (replace(lane, just_left=None), ()),
    words.FireAlarm: _fire,
    words.FireCleared: lambda lane, _target, _event: (replace(lane, fire_input=False), ()),
    words.FireReset: lambda lane, _target, _event: idle(_seen_to(lane)),
    words.FireResetForOrder: _fire_over_for_order,
    words.FireStillOn: lambda lane, _target, _event: (lane, ()),
}
