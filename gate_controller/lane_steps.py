"""What each event does to a lane and what it asks for; the table in :mod:`gate_controller.lane` says when it may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gate_controller import words
from gate_controller.lane_state import Lane, Place, Reason, State
from gate_controller.lane_turns import (
    Handler,
    Step,
    ask_weight,
    audit,
    carry,
    carry_timers,
    deactivate,
    emptied,
    idle,
    leave,
    open_gate,
    refuse,
    run_belt,
    weigh,
)
from gate_controller.words import Event, StartTimer, StopTimers

# One handler per event.


def _code_read(lane: Lane, target: State, event: words.CodeRead) -> Step:
    check = words.CheckPass(event.text, event.entry_id)
    checking = replace(emptied(lane), state=target, entry_id=event.entry_id)
    return checking, (StopTimers(), check, StartTimer(words.CheckOverdue(), lane.timing.check_s))


def _pass_genuine(lane: Lane, _target: State, _event: words.PassGenuine) -> Step:
    """Let the goods come while the server is asked: they are weighed, disarmed and let out only after its word."""
    goods_wait = lane.order is None and lane.entry_broken and not lane.exit_broken
    return carry(lane) if goods_wait else (lane, ())


def _entry_allowed(lane: Lane, target: State, event: words.EntryAllowed) -> Step:
    held = replace(lane, order=event.order)
    return weigh(held) if target is State.WEIGHING else (held, ())


def _entry_refused(lane: Lane, target: State, event: words.EntryRefused) -> Step:
    settled = replace(lane, entry_id=lane.order.entry_id if lane.order is not None else None)
    return refuse(settled, Reason.PASS_REFUSED, event.texts) if target is State.REFUSED else (settled, ())


def _entry_refused_again(lane: Lane, target: State, event: words.EntryRefusedAgain) -> Step:
    assert lane.order is not None
    reason = lane.reason if lane.reason is Reason.BEYOND_CAPS else Reason.WEIGHT_DIFFERS
    audited, commands = audit(replace(lane, entry_id=lane.order.entry_id), target, reason)
    return replace(audited, note=event.texts or None), commands


def _barrier(lane: Lane, target: State, event: words.EntryBarrier | words.ExitBarrier) -> Step:
    entering = isinstance(event, words.EntryBarrier)
    seen = replace(lane, entry_broken=event.broken) if entering else replace(lane, exit_broken=event.broken)
    if not seen.exit_broken:
        seen = replace(seen, goods_left_of=None)
    if target is State.CHECKING and lane.is_carrying and seen.exit_broken:
        return replace(seen, place=Place.ON_SCALE), ()
    if target is State.WEIGHING:
        if event.broken and not entering and lane.place is not Place.ON_SCALE:
            return ask_weight(seen)
        # Goods that wait at the entry go on as soon as the exit is free, whichever of the two was told first.
        comes_free = event.broken if entering else not event.broken
        if comes_free and seen.entry_broken and not seen.exit_broken and lane.place is not Place.CARRIED:
            return run_belt(seen)
    if target is State.DEACTIVATING and not event.broken:
        goes_on = lane.pass_used and (lane.is_held_up or not entering)
        cleared = replace(seen, entry_was_clear=seen.entry_was_clear or entering)
        return cleared, (StartTimer(words.CarryDone(), lane.timing.carry_s),) if goes_on else ()
    return seen, ()


def _belt_overdue(lane: Lane, target: State, _event: words.BeltOverdue) -> Step:
    return ask_weight(lane) if target is State.WEIGHING else (replace(lane, place=Place.ON_SCALE), ())


def _passage(lane: Lane, target: State, _event: words.Passage | words.PassageOverdue) -> Step:
    return leave(lane) if target is not lane.state else (lane, ())


def _weight_fits(lane: Lane, _target: State, event: words.WeightFits) -> Step:
    assert lane.order is not None
    return deactivate(replace(lane, verdict=event.verdict), lane.order.decided_by)


def _weight_short(lane: Lane, _target: State, event: words.WeightShort) -> Step:
    told = replace(lane, verdict=event.verdict)
    if lane.verdict is not None:
        return told, (words.AskWeight(),)
    return told, (StopTimers(), words.AskWeight(), StartTimer(words.CompletionOverdue(), lane.timing.complete_s))


def _weight_differs(lane: Lane, target: State, event: words.WeightDiffers) -> Step:
    return audit(replace(lane, verdict=event.verdict), target, Reason.WEIGHT_DIFFERS)


def _fault(lane: Lane, _target: State, event: words.FaultRaised | words.FaultCleared) -> Step:
    change = {event.fault}
    faults = lane.faults | change if isinstance(event, words.FaultRaised) else lane.faults - change
    return replace(lane, faults=faults), ()


def _part_failed(lane: Lane, target: State, event: words.MovingFailed | words.WeighingFailed) -> Step:
    return audit(replace(lane, faults=lane.faults | {event.fault}), target, Reason.PART_FAILED)


def _order_paid(lane: Lane, target: State, event: words.OrderPaid) -> Step:
    assert lane.order is not None
    number, exit_pass = lane.order.order_number, lane.order.exit_pass
    check: words.CheckPass | words.CheckOrder = words.CheckOrder(number, event.entry_id)
    if lane.reason is Reason.BEYOND_CAPS and exit_pass is not None:
        check = words.CheckPass(exit_pass, event.entry_id)  # the server has not judged it yet
    again = replace(lane, state=target, entry_id=event.entry_id)
    return again, (StopTimers(), check, StartTimer(words.CheckOverdue(), lane.timing.check_s))


def _pass_use_written(lane: Lane, _target: State, _event: words.PassUseWritten) -> Step:
    return replace(lane, pass_used=True), carry_timers(lane)


def _pass_use_failed(lane: Lane, _target: State, event: words.PassUseFailed) -> Step:
    return refuse(lane, Reason.PASS_REFUSED, event.texts)


def _carry_done(lane: Lane, _target: State, _event: words.CarryDone) -> Step:
    """Open only once the goods are off the belt; the clearing of a barrier that is broken starts the time anew."""
    assert lane.order is not None
    if lane.exit_broken or lane.is_held_up:
        return lane, ()
    return lane, (words.WriteExit(lane.order, lane.verdict.measured_g if lane.verdict else None),)


def _exit_written(lane: Lane, _target: State, _event: words.ExitWritten) -> Step:
    assert lane.pass_used, "an exit is written after the use of its pass"
    return open_gate(replace(lane, released=True))


def _stay(lane: Lane, _target: State, _event: Event) -> Step:
    return lane, ()


def _refusing(reason: Reason) -> Handler:
    return lambda lane, _target, _event: refuse(lane, reason)


def _auditing(reason: Reason) -> Handler:
    return lambda lane, target, _event: audit(lane, target, reason)


HANDLERS: Mapping[type[Event], Handler] = {
    words.CodeRead: _code_read,
    words.OutOfService: _refusing(Reason.OUT_OF_SERVICE),
    words.PassGenuine: _pass_genuine,
    words.EntryAllowed: _entry_allowed,
    words.EntryDisturbed: lambda lane, target, event: audit(replace(lane, order=event.order), target, Reason.PART_FAILED),
    words.EntryBeyondCaps: lambda lane, target, event: audit(replace(lane, order=event.order), target, Reason.BEYOND_CAPS),
    words.BeltTaken: lambda lane, target, event: audit(replace(lane, order=event.order), target, Reason.OTHERS_GOODS),
    words.EntryRefused: _entry_refused,
    words.EntryRefusedAgain: _entry_refused_again,
    words.CheckOverdue: _refusing(Reason.NO_ANSWER),
    words.LateAnswer: lambda lane, _target, event: (lane, (words.LeaveLane(event.entry_id),)),
    words.EntryBarrier: _barrier,
    words.ExitBarrier: _barrier,
    words.Passage: _passage,
    words.PassageOverdue: _passage,
    words.WeightFits: _weight_fits,
    words.WeightShort: _weight_short,
    words.WeightDiffers: _weight_differs,
    words.NoStableWeight: _auditing(Reason.NO_STABLE_WEIGHT),
    words.WeightOverdue: _auditing(Reason.NO_STABLE_WEIGHT),
    words.CompletionOverdue: _auditing(Reason.WEIGHT_DIFFERS),
    words.GoodsOverdue: _refusing(Reason.NO_GOODS),
    words.BeltOverdue: _belt_overdue,
    words.FaultRaised: _fault,
    words.FaultCleared: _fault,
    words.MovingFailed: _part_failed,
    words.WeighingFailed: _part_failed,
    words.OrderAmended: lambda lane, _target, event: (replace(lane, due_minor=event.due_minor), ()),
    words.OrderPaid: _order_paid,
    words.OrderGone: lambda lane, _target, _event: idle(lane),
    words.AuditOverdue: _refusing(Reason.NOBODY_CAME),
    words.PassUseWritten: _pass_use_written,
    words.PassUseFailed: _pass_use_failed,
    words.CarryDone: _carry_done,
    words.CarryOverdue: _auditing(Reason.GOODS_STUCK),
    words.ExitWritten: _exit_written,
    words.ExitWriteFailed: _auditing(Reason.RECORD_FAILED),
    words.ShowingDone: lambda lane, _target, _event: idle(lane),
}
