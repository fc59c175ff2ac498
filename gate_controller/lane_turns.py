"""Turning to a state: what a lane forgets, keeps and asks for whenever it goes there, whatever led to it; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from gate_controller import words
from gate_controller.lane_state import Lane, Place, Reason, State
from gate_controller.texts import Texts
from gate_controller.words import Command, StartTimer, StopTimers

Step: TypeAlias = tuple[Lane, tuple[Command, ...]]
Handler: TypeAlias = Callable[[Lane, State, Any], Step]
"""What an event does: the lane, the state that the table says, the event."""


def idle(lane: Lane) -> Step:
    """Turn to IDLE: nobody is here."""
    return replace(emptied(lane), state=State.IDLE), (StopTimers(), *let_go(lane))


def leave(lane: Lane) -> Step:
    """Turn to IDLE after somebody walked out; for a moment an alarm at the pedestal is still theirs."""
    waiting, commands = idle(lane)
    if lane.order is None:
        return waiting, commands
    left = replace(waiting, just_left=lane.order)
    return left, (*commands, StartTimer(words.LeftLongAgo(), lane.timing.tie_s))


def open_gate(lane: Lane) -> Step:
    """Turn to PASSING: open for one person, or for as long as staff said."""
    opened_s = lane.open_s or lane.timing.pass_s
    return replace(lane, state=State.PASSING), (StopTimers(), StartTimer(words.PassageOverdue(), opened_s))


def refuse(lane: Lane, reason: Reason, note: Texts | None = None) -> Step:
    """Turn to REFUSED: say why for a while."""
    refused = replace(emptied(lane), state=State.REFUSED, reason=reason, note=note)
    return refused, (StopTimers(), *let_go(lane), StartTimer(words.ShowingDone(), lane.timing.refused_s))


def emptied(lane: Lane) -> Lane:
    """Forget the shopper, remember what is true of the lane itself."""
    stays = lane.order is not None and not lane.released and lane.exit_broken
    left_of = lane.order.order_id if lane.order is not None and stays else lane.goods_left_of
    return Lane(
        name=lane.name,
        timing=lane.timing,
        after=lane.after,
        faults=lane.faults,
        entry_broken=lane.entry_broken,
        exit_broken=lane.exit_broken,
        fire_input=lane.fire_input,
        eas_on=lane.eas_on,
        goods_left_of=left_of,
        just_left=lane.just_left,
    )


def let_go(lane: Lane) -> tuple[Command, ...]:
    """Give the order back to record and server, unless it left."""
    if lane.released:
        return ()
    kept: tuple[Command, ...] = (words.KeepGoods(lane.order),) if lane.order is not None and lane.pass_used else ()
    return kept if lane.entry_id is None else (*kept, words.LeaveLane(lane.entry_id))


def audit(lane: Lane, target: State, reason: Reason) -> Step:
    """Enter AUDITING: everything stands still until staff decides."""
    audited = replace(lane, state=target, reason=reason, note=None)
    return audited, (StopTimers(), StartTimer(words.AuditOverdue(), lane.timing.audit_s))


def weigh(lane: Lane) -> Step:
    """Enter WEIGHING: wherever the goods are, bring them to the exit barrier and ask for a weight."""
    fresh = replace(lane, state=State.WEIGHING, verdict=None, reason=Reason.NONE, note=None, due_minor=0, check=None)
    if lane.exit_broken:
        return ask_weight(fresh)
    if lane.entry_broken or lane.place is Place.CARRIED:
        return run_belt(fresh)
    if lane.place is Place.ON_SCALE:
        return ask_weight(fresh)
    return fresh, (StopTimers(), StartTimer(words.GoodsOverdue(), lane.timing.goods_s))


def run_belt(lane: Lane) -> Step:
    """Carry the goods to the exit barrier, instead of whatever was waited for."""
    carried, commands = carry(lane)
    return carried, (StopTimers(), *commands)


def carry(lane: Lane) -> Step:
    """Carry the goods to the exit barrier."""
    return replace(lane, place=Place.CARRIED), (StartTimer(words.BeltOverdue(), lane.timing.belt_s),)


def ask_weight(lane: Lane) -> Step:
    """Stand still and weigh."""
    asked = StartTimer(words.WeightOverdue(), lane.timing.weight_s)
    return replace(lane, place=Place.ON_SCALE), (StopTimers(), words.AskWeight(), asked)


def deactivate(lane: Lane, decided_by: words.DecidedBy) -> Step:
    """Enter DEACTIVATING: first the disk, then the deactivator."""
    assert lane.order is not None
    order = replace(lane.order, decided_by=decided_by)
    clear = not lane.entry_broken
    begun = replace(lane, state=State.DEACTIVATING, order=order, reason=Reason.NONE, note=None, entry_was_clear=clear)
    if lane.pass_used:
        return begun, (StopTimers(), *carry_timers(lane))
    return begun, (StopTimers(), words.WritePassUsed(lane.order, decided_by))


def carry_timers(lane: Lane) -> tuple[Command, ...]:
    """Give the goods their time over the deactivator, and no more than the limit."""
    limit = StartTimer(words.CarryOverdue(), lane.timing.carry_limit_s)
    return StartTimer(words.CarryDone(), lane.timing.carry_s), limit
