"""What a lane remembers, and what its actuators do because of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from gate_controller.texts import Texts
from gate_controller.weighing import Verdict
from gate_controller.words import Fault, GoodsCheck, OrderInLane, UnpaidTag


class State(Enum):
    """What the lane is doing."""

    IDLE = "idle"
    CHECKING = "checking"
    WEIGHING = "weighing"
    DEACTIVATING = "deactivating"
    PASSING = "passing"
    AUDITING = "auditing"
    REFUSED = "refused"
    ALARM = "alarm"
    FIRE = "fire"


class After(Enum):
    """Where the shoppers of a lane have paid, and so what it asks them for."""

    KIOSK = "kiosk"
    HANDHELDS = "handhelds"
    BOTH = "both"


class Place(Enum):
    """Where the goods of this order are."""

    NOWHERE = "not on the belt"
    CARRIED = "on their way to the exit barrier"
    ON_SCALE = "at the exit barrier, on the scale"


class Reason(Enum):
    """Why the lane is in AUDITING or REFUSED; the presenter has the words."""

    NONE = "none"
    WEIGHT_DIFFERS = "the weight does not fit"
    NO_STABLE_WEIGHT = "the scale does not settle"
    PART_FAILED = "a part of the lane failed"
    GOODS_STUCK = "the goods do not come off the belt"
    RECORD_FAILED = "the disk could not record it"
    INTERRUPTED = "the program or an alarm interrupted this order"
    PASS_REFUSED = "the pass is refused"  # noqa: S105 - a reason, no password
    NO_ANSWER = "nobody decided in time"
    NO_GOODS = "nobody put goods on the belt"
    OUT_OF_SERVICE = "the lane is out of service"
    SENT_BACK = "staff sent the shopper back"
    NOBODY_CAME = "staff did not come"
    CHECK = "staff looks through the goods"
    BEYOND_CAPS = "the server is away, and no more may leave on a signature alone"
    OTHERS_GOODS = "goods of another order lie on the belt"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each wait may last."""

    check_s: float = 12.0
    goods_s: float = 60.0
    belt_s: float = 15.0
    weight_s: float = 5.0
    complete_s: float = 10.0
    """After too light a weight: time to put the rest on the belt."""
    carry_s: float = 2.0
    """The belt runs on so long after the goods left the exit barrier."""
    carry_limit_s: float = 20.0
    pass_s: float = 30.0
    """Shorter shuts in who collects the goods slowly; the gate closes behind the first who passes anyway."""
    refused_s: float = 8.0
    audit_s: float = 900.0
    siren_s: float = 30.0
    tie_s: float = 5.0
    """So long after somebody walked out, an alarm at the pedestal is theirs."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane's memory."""

    name: str
    timing: Timing = Timing()
    after: After = After.KIOSK
    state: State = State.IDLE
    entry_id: UUID | None = None
    """The attempt that the server may be holding for this lane."""
    order: OrderInLane | None = None
    place: Place = Place.NOWHERE
    verdict: Verdict | None = None
    pass_used: bool = False
    """The disk holds that this order's pass is used."""
    released: bool = False
    """The disk holds this order's exit; the gate was opened."""
    reason: Reason = Reason.NONE
    note: Texts | None = None
    """Words that came with a refusal."""
    due_minor: int = 0
    """What the amended order still owes."""
    faults: frozenset[Fault] = frozenset()
    entry_broken: bool = False
    exit_broken: bool = False
    goods_left_of: UUID | None = None
    """The order whose goods lie at the exit barrier although it did not leave; None once the barrier was clear."""
    entry_was_clear: bool = False
    """Since the goods were let on, the belt's entry was seen clear: what breaks it after that was not weighed."""
    siren: bool = False
    eas_on: bool = False
    """The pedestal's contact is on: while it stays so, it tells of no other tag."""
    check: GoodsCheck | None = None
    """What staff is asked to look through."""
    just_left: OrderInLane | None = None
    """The order that walked out a moment ago; an alarm at the pedestal may be of it."""
    alarm_of: OrderInLane | None = None
    """The order that an alarm is tied to."""
    unpaid: tuple[UnpaidTag, ...] = ()
    """Tags at the gate that are not paid."""
    open_s: float = 0.0
    """How long the gate stays open for whoever leaves next; 0 for the usual time, one person."""
    fire_input: bool = False
    """The fire input says fire."""

    @property
    def in_service(self) -> bool:
        """Whether a shopper can be let out here."""
        return not any(fault.stops_entering or fault is Fault.SCANNER for fault in self.faults)

    @property
    def is_carrying(self) -> bool:
        """Whether goods are on their way to the scale: to be weighed, or while the server is asked about their pass."""
        if self.place is not Place.CARRIED:
            return False
        return self.state is State.WEIGHING or (self.state is State.CHECKING and self.order is None)

    @property
    def is_held_up(self) -> bool:
        """Whether something lies at the belt's entry that was not weighed; with the belt running it would go out, disarmed."""
        return self.state is State.DEACTIVATING and self.entry_was_clear and self.entry_broken

    @property
    def may_weigh_again(self) -> bool:
        """Whether another weighing may let the order out: not while something is due, nor what only staff's word lets out."""
        return self.state is State.AUDITING and not self.due_minor and self.reason is not Reason.BEYOND_CAPS

    @property
    def can_move(self) -> bool:
        """Whether belt, deactivator and gate obey."""
        return not any(fault.stops_moving for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the lane's actuators do right now."""

    belt: bool = False
    to_scale: bool = False
    """The belt runs to the exit barrier and stops there by itself."""
    deactivator: bool = False
    gate: bool = False
    escape: bool = False
    """The gate is a way out of a fire: it stays open although this program hangs."""
    siren: bool = False
    red: bool = False
    amber: bool = False
    green: bool = False


def outputs(lane: Lane) -> Outputs:
    """Return what everything in the lane does; when a part that moves failed, nothing moves but an already open gate."""
    state, moves = lane.state, lane.can_move
    carrying = state is State.DEACTIVATING and lane.pass_used and moves and not lane.is_held_up
    tags = lane.order is not None and lane.order.eas_pieces != 0
    return Outputs(
        belt=carrying or (lane.is_carrying and moves),
        to_scale=lane.is_carrying and moves,
        deactivator=carrying and tags,
        gate=state in {State.PASSING, State.FIRE},
        escape=state is State.FIRE,
        siren=state is State.ALARM and lane.siren,
        red=state in {State.REFUSED, State.AUDITING, State.ALARM} or (state is State.IDLE and not lane.in_service),
        amber=state in {State.CHECKING, State.WEIGHING, State.DEACTIVATING, State.AUDITING},
        green=state in {State.PASSING, State.FIRE},
    )
