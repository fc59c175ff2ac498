"""What can happen to a lane and what a lane can ask for: the words of the machine in :mod:`gate_controller.lane`.

One file for each subject (entry, belt, gate, alarm, staff, fault); ``events`` has the union of all, ``commands`` what the
machine asks for. Import them as ``from gate_controller import words``. Some events are derived: the machine makes them of an
event from outside and of what it remembers (:mod:`gate_controller.lane_meaning`).
"""

from gate_controller.words.alarm_events import AlarmSilenced, AlarmSilencedForOrder, EasAlarm, EasCleared, SirenDone
from gate_controller.words.belt_events import (
    BeltOverdue,
    CarryDone,
    CarryOverdue,
    CompletionOverdue,
    EntryBarrier,
    ExitBarrier,
    GoodsOverdue,
    NoStableWeight,
    WeightDiffers,
    WeightFits,
    WeightOverdue,
    WeightShort,
)
from gate_controller.words.commands import (
    AskWeight,
    CheckOrder,
    CheckPass,
    Command,
    KeepGoods,
    LeaveLane,
    StartTimer,
    StopTimers,
    WriteExit,
    WritePassUsed,
)
from gate_controller.words.entry_events import (
    CheckOverdue,
    CodeRead,
    EntryAllowed,
    EntryDisturbed,
    EntryRefused,
    EntryRefusedAgain,
    LateAnswer,
    PassUseFailed,
    PassUseWritten,
    ShowingDone,
)
from gate_controller.words.events import Event
from gate_controller.words.fault import Fault
from gate_controller.words.fault_events import FaultCleared, FaultRaised, MovingFailed, OutOfService, WeighingFailed
from gate_controller.words.gate_events import ExitWriteFailed, ExitWritten, Passage, PassageOverdue
from gate_controller.words.order import DecidedBy, OrderInLane
from gate_controller.words.staff_events import (
    AuditOverdue,
    OrderAmended,
    OrderGone,
    OrderPaid,
    ReleaseImpossible,
    StaffRefused,
    StaffReleased,
    StaffWeighAgain,
)

__all__ = [
    "AlarmSilenced",
    "AlarmSilencedForOrder",
    "AskWeight",
    "AuditOverdue",
    "BeltOverdue",
    "CarryDone",
    "CarryOverdue",
    "CheckOrder",
    "CheckOverdue",
    "CheckPass",
    "CodeRead",
    "Command",
    "CompletionOverdue",
    "DecidedBy",
    "EasAlarm",
    "EasCleared",
    "EntryAllowed",
    "EntryBarrier",
    "EntryDisturbed",
    "EntryRefused",
    "EntryRefusedAgain",
    "Event",
    "ExitBarrier",
    "ExitWriteFailed",
    "ExitWritten",
    "Fault",
    "FaultCleared",
    "FaultRaised",
    "GoodsOverdue",
    "KeepGoods",
    "LateAnswer",
    "LeaveLane",
    "MovingFailed",
    "NoStableWeight",
    "OrderAmended",
    "OrderGone",
    "OrderInLane",
    "OrderPaid",
    "OutOfService",
    "PassUseFailed",
    "PassUseWritten",
    "Passage",
    "PassageOverdue",
    "ReleaseImpossible",
    "ShowingDone",
    "SirenDone",
    "StaffRefused",
    "StaffReleased",
    "StaffWeighAgain",
    "StartTimer",
    "StopTimers",
    "WeighingFailed",
    "WeightDiffers",
    "WeightFits",
    "WeightOverdue",
    "WeightShort",
    "WriteExit",
    "WritePassUsed",
]
