"""What can happen to a lane and what a lane can ask for: the words of the machine in :mod:`gate_controller.lane`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias
from uuid import UUID

from gate_controller.texts import Texts
from gate_controller.weighing import Expectation, Verdict
from store_server.contract.refusals import Refusal

DecidedBy: TypeAlias = Literal["server", "signature", "staff"]


@dataclass(frozen=True, slots=True)
class OrderInLane:
    """What the lane knows of the order whose goods it checks."""

    entry_id: UUID
    order_id: UUID
    order_number: str
    """Seven digits."""
    revision: int
    total_minor: int
    decided_by: DecidedBy
    """Who vouches for the payment."""
    expected: Expectation
    eas_pieces: int | None
    """Pieces that carry an anti-theft tag; None where nobody says."""
    exit_pass: str | None = None
    """The scanned text, where one was scanned."""


class Fault(Enum):
    """What is broken, by what the lane can still do."""

    SCANNER = "the scanner does not answer"
    SCALE = "the scale does not answer"
    SCALE_ZERO = "something lies on the empty belt, or the scale has drifted"
    IO_MODULE = "the I/O module does not answer"
    EMERGENCY_STOP = "the emergency stop is pressed"
    BELT = "the belt reports a fault"

    @property
    def stops_moving(self) -> bool:
        """Whether belt, deactivator and gate cannot be trusted."""
        return self in {Fault.IO_MODULE, Fault.EMERGENCY_STOP, Fault.BELT}

    @property
    def stops_weighing(self) -> bool:
        """Whether goods cannot be checked."""
        return self.stops_moving or self in {Fault.SCALE, Fault.SCALE_ZERO}


# Events: what happened.


@dataclass(frozen=True, slots=True)
class CodeRead:
    """The scanner read a code."""

    text: str
    entry_id: UUID
    """Made for this attempt."""


@dataclass(frozen=True, slots=True)
class EntryAllowed:
    """The pass is good and was not used."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """The holder may not leave with this pass."""

    entry_id: UUID
    refusal: Refusal
    texts: Texts


@dataclass(frozen=True, slots=True)
class EntryBarrier:
    """The light barrier where goods are put on the belt."""

    broken: bool


@dataclass(frozen=True, slots=True)
class ExitBarrier:
    """The light barrier at the end of the scale zone."""

    broken: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody walked through the gate."""


@dataclass(frozen=True, slots=True)
class EasAlarm:
    """The pedestal senses a live tag."""


@dataclass(frozen=True, slots=True)
class EasCleared:
    """The pedestal's contact is open again."""


@dataclass(frozen=True, slots=True)
class WeightFits:
    """The goods weigh what the order should."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class WeightShort:
    """Too light: perhaps not everything is on the belt yet."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class WeightDiffers:
    """Too heavy."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NoStableWeight:
    """The scale says that it cannot weigh this."""

    reason: str


@dataclass(frozen=True, slots=True)
class FaultRaised:
    """A part of the lane failed."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """The part works again."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class StaffReleased:
    """Staff takes the responsibility: open."""

    staff: str
    reason: str


@dataclass(frozen=True, slots=True)
class StaffRefused:
    """Staff sends the shopper back."""

    staff: str
    reason: str


@dataclass(frozen=True, slots=True)
class StaffWeighAgain:
    """Something was taken off or put on the belt."""


@dataclass(frozen=True, slots=True)
class AlarmSilenced:
    """Staff has seen to the alarm."""


@dataclass(frozen=True, slots=True)
class OrderAmended:
    """Staff added an article; this much is due now."""

    revision: int
    due_minor: int


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The amended order is paid: check it again."""

    entry_id: UUID
    """Made for this attempt."""


@dataclass(frozen=True, slots=True)
class OrderGone:
    """The order ended elsewhere: voided, refunded, or let out by hand."""


@dataclass(frozen=True, slots=True)
class PassUseWritten:
    """The disk holds that this pass is used."""


@dataclass(frozen=True, slots=True)
class PassUseFailed:
    """The pass was used before, or the disk could not record it: nothing may open."""

    refusal: Refusal
    texts: Texts


@dataclass(frozen=True, slots=True)
class ExitWritten:
    """The disk holds the exit that is about to happen."""


@dataclass(frozen=True, slots=True)
class ExitWriteFailed:
    """The disk could not record the exit."""


@dataclass(frozen=True, slots=True)
class CheckOverdue:
    """Nobody decided about the pass in time."""


@dataclass(frozen=True, slots=True)
class GoodsOverdue:
    """Nobody put goods on the belt."""


@dataclass(frozen=True, slots=True)
class BeltOverdue:
    """The goods did not reach the exit barrier: low goods, or none."""


@dataclass(frozen=True, slots=True)
class WeightOverdue:
    """No stable weight in time."""


@dataclass(frozen=True, slots=True)
class CompletionOverdue:
    """Still too light after the shopper was asked for the rest."""


@dataclass(frozen=True, slots=True)
class CarryDone:
    """The goods have had the time they need over the deactivator."""


@dataclass(frozen=True, slots=True)
class CarryOverdue:
    """The goods do not come off the belt."""


@dataclass(frozen=True, slots=True)
class PassageOverdue:
    """Nobody walked through the open gate."""


@dataclass(frozen=True, slots=True)
class ShowingDone:
    """The refusal was on the display long enough."""


@dataclass(frozen=True, slots=True)
class AuditOverdue:
    """Staff did not come, or the shopper left."""


@dataclass(frozen=True, slots=True)
class SirenDone:
    """The siren was loud long enough."""


# Events that the machine derives from one of the above and what it remembers.


@dataclass(frozen=True, slots=True)
class EntryDisturbed:
    """The pass is good, but the lane cannot check goods now."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class EntryRefusedAgain:
    """The amended order, whose goods are on the scale, may not leave yet."""

    texts: Texts


@dataclass(frozen=True, slots=True)
class OutOfService:
    """A shopper came to a lane that cannot check goods."""


@dataclass(frozen=True, slots=True)
class MovingFailed:
    """Belt, deactivator and gate stopped in the middle of an order."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class WeighingFailed:
    """The scale failed in the middle of an order."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class ReleaseImpossible:
    """Staff wants to open, but the lane cannot move: the key opens the gate."""


@dataclass(frozen=True, slots=True)
class AlarmSilencedForOrder:
    """Staff has seen to the alarm; an order is still in the lane."""


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """A server's yes to an attempt that was given up: let go of it."""

    entry_id: UUID


Event: TypeAlias = (
    CodeRead
    | EntryAllowed
    | EntryRefused
    | EntryBarrier
    | ExitBarrier
    | Passage
    | EasAlarm
    | EasCleared
    | WeightFits
    | WeightShort
    | WeightDiffers
    | NoStableWeight
    | FaultRaised
    | FaultCleared
    | StaffReleased
    | StaffRefused
    | StaffWeighAgain
    | AlarmSilenced
    | OrderAmended
    | OrderPaid
    | OrderGone
    | PassUseWritten
    | PassUseFailed
    | ExitWritten
    | ExitWriteFailed
    | CheckOverdue
    | GoodsOverdue
    | BeltOverdue
    | WeightOverdue
    | CompletionOverdue
    | CarryDone
    | CarryOverdue
    | PassageOverdue
    | ShowingDone
    | AuditOverdue
    | SirenDone
    | EntryDisturbed
    | EntryRefusedAgain
    | OutOfService
    | MovingFailed
    | WeighingFailed
    | ReleaseImpossible
    | AlarmSilencedForOrder
    | LateAnswer
)


# Commands: what the controller has to do. What belt, deactivator, gate, lights and siren do follows from the lane itself.


@dataclass(frozen=True, slots=True)
class CheckPass:
    """Decide about a scanned text; answer EntryAllowed or EntryRefused."""

    text: str
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """Ask about the order in the lane again, by its number; answer EntryAllowed or EntryRefused."""

    order_number: str
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class AskWeight:
    """Wait for a settled weight from now on; answer with the verdict, or NoStableWeight."""


@dataclass(frozen=True, slots=True)
class WritePassUsed:
    """Write durably that the order uses its pass; answer PassUseWritten or PassUseFailed."""

    order: OrderInLane
    """As it came in; its ``decided_by`` tells who vouched for the payment."""
    decided_by: DecidedBy
    """Who decided about the goods."""


@dataclass(frozen=True, slots=True)
class WriteExit:
    """Write durably that the gate opens, and queue the report; answer ExitWritten or ExitWriteFailed."""

    order: OrderInLane
    measured_g: float | None


@dataclass(frozen=True, slots=True)
class KeepGoods:
    """Write durably that the order did not leave although its pass is used."""

    order: OrderInLane


@dataclass(frozen=True, slots=True)
class LeaveLane:
    """Tell the server that the shopper turned back."""

    entry_id: UUID


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Feed ``event`` after ``after_s``; replaces a running timer for the same kind of event."""

    event: Event
    after_s: float


@dataclass(frozen=True, slots=True)
class StopTimers:
    """Forget every running timer and every weight asked for."""


Command: TypeAlias = (
    CheckPass | CheckOrder | AskWeight | WritePassUsed | WriteExit | KeepGoods | LeaveLane | StartTimer | StopTimers
)
