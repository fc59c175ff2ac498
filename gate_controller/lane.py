"""The lane machine: read a pass, weigh the goods, disarm their tags, open the gate, or say why not.

1. Nothing moves that does not follow from the state: :func:`outputs` is a function of the lane, so no path can forget to switch
   the deactivator off. It is on only in DEACTIVATING, after the decision, and only once the disk holds that the pass is used.
   The belt carries goods to the scale as soon as their pass is known to be genuine; what the server says comes meanwhile.
2. The gate opens for an order only in PASSING, which is entered only when the disk holds the exit.
3. Every wait has a timer that leads somewhere: to the shopper being told, or to staff.
4. Whether the lane is in service is derived from its faults; it is no state.
5. In a fire every state becomes FIRE: the gate is open and nothing else moves, until staff resets it with the input at rest.
"""

from __future__ import annotations

from dataclasses import replace

from gate_controller import alarm_steps, lane_steps, staff_steps, words
from gate_controller.lane_meaning import meant
from gate_controller.lane_state import Lane, Place, Reason, State
from gate_controller.lane_turns import Step, audit
from gate_controller.words import Event, OrderInLane


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


_HANDLERS = {**lane_steps.HANDLERS, **staff_steps.HANDLERS, **alarm_steps.HANDLERS}
_ANYWHERE: tuple[type[Event], ...] = (
    words.EntryBarrier,
    words.ExitBarrier,
    words.Passage,
    words.EasCleared,
    words.FaultRaised,
    words.FaultCleared,
    words.LateAnswer,
    words.LeftLongAgo,
    words.FireCleared,
    words.CheckOutdated,
)

_WITH_GOODS = (State.WEIGHING, State.DEACTIVATING, State.AUDITING)
_WITH_A_SHOPPER = (State.CHECKING, *_WITH_GOODS, State.PASSING)

TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    **{(state, event): state for state in State for event in _ANYWHERE},
    **{(state, words.EasAlarm): State.ALARM for state in State if state is not State.FIRE},
    **{(state, words.FireAlarm): State.FIRE for state in State},
    **{(state, words.StaffOpensLonger): state for state in _WITH_A_SHOPPER},
    **{(state, words.StaffAsksCheck): State.AUDITING for state in _WITH_GOODS},
    (State.IDLE, words.CodeRead): State.CHECKING,
    (State.IDLE, words.OutOfService): State.REFUSED,
    (State.IDLE, words.StaffReleased): State.PASSING,
    (State.IDLE, words.StaffLetsOut): State.PASSING,
    (State.IDLE, words.StaffAdmits): State.CHECKING,
    (State.IDLE, words.ReleaseImpossible): State.IDLE,
    (State.CHECKING, words.PassGenuine): State.CHECKING,
    (State.CHECKING, words.BeltOverdue): State.CHECKING,
    (State.CHECKING, words.EntryAllowed): State.WEIGHING,
    (State.CHECKING, words.EntryDisturbed): State.AUDITING,
    (State.CHECKING, words.EntryBeyondCaps): State.AUDITING,
    (State.CHECKING, words.BeltTaken): State.AUDITING,
    (State.CHECKING, words.EntryRefused): State.REFUSED,
    (State.CHECKING, words.EntryRefusedAgain): State.AUDITING,
    (State.CHECKING, words.CheckOverdue): State.REFUSED,
    (State.WEIGHING, words.WeightFits): State.DEACTIVATING,
    (State.WEIGHING, words.CheckDrawn): State.AUDITING,
    (State.WEIGHING, words.WeightShort): State.WEIGHING,
    (State.WEIGHING, words.WeightDiffers): State.AUDITING,
    (State.WEIGHING, words.NoStableWeight): State.AUDITING,
    (State.WEIGHING, words.GoodsOverdue): State.REFUSED,
    (State.WEIGHING, words.BeltOverdue): State.WEIGHING,
    (State.WEIGHING, words.WeightOverdue): State.AUDITING,
    (State.WEIGHING, words.CompletionOverdue): State.AUDITING,
    (State.WEIGHING, words.MovingFailed): State.AUDITING,
    (State.WEIGHING, words.WeighingFailed): State.AUDITING,
    (State.DEACTIVATING, words.PassUseWritten): State.DEACTIVATING,
    (State.DEACTIVATING, words.PassUseFailed): State.REFUSED,
    (State.DEACTIVATING, words.CarryDone): State.DEACTIVATING,
    (State.DEACTIVATING, words.CarryOverdue): State.AUDITING,
    (State.DEACTIVATING, words.ExitWritten): State.PASSING,
    (State.DEACTIVATING, words.ExitWriteFailed): State.AUDITING,
    (State.DEACTIVATING, words.MovingFailed): State.AUDITING,
    (State.PASSING, words.Passage): State.IDLE,
    (State.PASSING, words.PassageMeanwhile): State.PASSING,
    (State.PASSING, words.PassageOverdue): State.IDLE,
    (State.PASSING, words.StaffShuts): State.IDLE,
    (State.AUDITING, words.StaffReleased): State.DEACTIVATING,
    (State.AUDITING, words.ReleaseImpossible): State.AUDITING,
    (State.AUDITING, words.StaffRefused): State.REFUSED,
    (State.AUDITING, words.StaffWeighAgain): State.WEIGHING,
    (State.AUDITING, words.CheckPassed): State.DEACTIVATING,
    (State.AUDITING, words.CheckPassedUnweighed): State.WEIGHING,
    (State.AUDITING, words.SamplePassed): State.AUDITING,
    (State.AUDITING, words.PaymentAwaited): State.AUDITING,
    (State.AUDITING, words.CheckFailed): State.AUDITING,
    (State.AUDITING, words.OrderAmended): State.AUDITING,
    (State.AUDITING, words.OrderPaid): State.CHECKING,
    (State.AUDITING, words.OrderGone): State.IDLE,
    (State.AUDITING, words.AuditOverdue): State.REFUSED,
    (State.REFUSED, words.CodeRead): State.CHECKING,
    (State.REFUSED, words.OutOfService): State.REFUSED,
    (State.REFUSED, words.StaffReleased): State.PASSING,
    (State.REFUSED, words.StaffLetsOut): State.PASSING,
    (State.REFUSED, words.StaffAdmits): State.CHECKING,
    (State.REFUSED, words.ReleaseImpossible): State.REFUSED,
    (State.REFUSED, words.ShowingDone): State.IDLE,
    (State.ALARM, words.EntryAllowed): State.ALARM,
    (State.ALARM, words.EntryRefused): State.ALARM,
    (State.ALARM, words.AlarmSilenced): State.IDLE,
    (State.ALARM, words.AlarmSilencedForOrder): State.AUDITING,
    (State.ALARM, words.SirenDone): State.ALARM,
    (State.FIRE, words.EasAlarm): State.FIRE,
    (State.FIRE, words.FireStillOn): State.FIRE,
    (State.FIRE, words.FireReset): State.IDLE,
    (State.FIRE, words.FireResetForOrder): State.AUDITING,
}


def advance(lane: Lane, event: Event) -> Step:
    """Return the lane after ``event`` and what the controller must do, in this order.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    understood = meant(lane, event)
    target = TRANSITIONS.get((lane.state, type(understood)))
    if target is None:
        raise IllegalTransitionError(f"{type(understood).__name__} cannot happen in {lane.state.name}")
    return _HANDLERS[type(understood)](lane, target, understood)


def can_happen(lane: Lane, event: Event) -> bool:
    """Whether this event means anything now; people and scanners do things at any time."""
    return (lane.state, type(meant(lane, event))) in TRANSITIONS


def resumed(lane: Lane, order: OrderInLane) -> Step:
    """Begin with an order whose pass was used when the program stopped: the gate stays shut until staff decides."""
    held = replace(lane, entry_id=order.entry_id, order=order, pass_used=True, place=Place.ON_SCALE)
    return audit(held, State.AUDITING, Reason.INTERRUPTED)
