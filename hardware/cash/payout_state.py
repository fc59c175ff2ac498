"""A payout's states and memory; :mod:`hardware.cash.payout` is the machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from hardware.cash.events import PayoutFinished, PayoutReason

COUNT_MAX = 1000
PORTION_MAX = 20
SECONDS_PER_COIN = 2.0
EXTRA_S = 10.0
"""A hopper's own time-out for an empty bowl."""


class State(Enum):
    """Where a payout is."""

    READING = "reading the counters before"
    RESETTING = "resetting a blocked hopper"
    JOURNALLING = "writing the intent"
    ENABLING = "enabling the hopper"
    DISPENSING = "telling it to pay"
    CHECKING = "finding out whether it heard"
    PAYING = "watching it pay"
    STOPPING = "stopping it"
    SETTLING = "waiting for the last coin"
    FINISHED = "finished"


class Command(Enum):
    """What the driver has to do next."""

    READ = "ask 166, then 168 and 163, at the next poll"
    RESET = "send 1, once"
    WRITE_INTENT = "call the journal"
    ENABLE = "send 164"
    DISPENSE = "send 167, once"
    STOP = "send 172"
    REPORT = "disable the hopper and publish the outcome"


COMMANDS = {
    State.READING: Command.READ,
    State.RESETTING: Command.RESET,
    State.JOURNALLING: Command.WRITE_INTENT,
    State.ENABLING: Command.ENABLE,
    State.DISPENSING: Command.DISPENSE,
    State.CHECKING: Command.READ,
    State.PAYING: Command.READ,
    State.STOPPING: Command.STOP,
    State.SETTLING: Command.READ,
    State.FINISHED: Command.REPORT,
}
SENT = frozenset({State.DISPENSING, State.CHECKING, State.PAYING, State.STOPPING, State.SETTLING})
"""In these states the order to pay may have reached the hopper."""


@dataclass(frozen=True, slots=True)
class Payout:
    """One payout's memory."""

    payout_id: UUID
    hopper: str
    count: int
    started_s: float
    """When the present waiting began."""
    state: State = State.READING
    dispensed_before: int = 0
    is_question: bool = False
    """Only the outcome is asked; nothing may move."""
    portion: int = 0
    portion_dispensed_before: int = 0
    event_counter_before: int = 0
    paid_before_portion: int = 0
    was_unblocked: bool = False
    """The hopper was reset once because something blocked it."""
    was_heard: bool = False
    """The hopper showed that it took the present portion."""
    was_refused: bool = False
    resends: int = 0
    stops: int = 0
    reason: PayoutReason | None = None
    """Why it will end, where that is known before the end."""
    paid: int = 0
    uncertain: bool = False
    has_mismatch: bool = False

    @property
    def deadline_s(self) -> float:
        """When a running portion is overdue."""
        return self.started_s + SECONDS_PER_COIN * min(self.portion or self.count, PORTION_MAX) + EXTRA_S

    @property
    def is_finished(self) -> bool:
        """Whether only the report is left to do."""
        return self.state is State.FINISHED

    def outcome(self, device: str) -> PayoutFinished:
        """Return the event that tells how a finished payout ended."""
        assert self.state is State.FINISHED
        assert self.reason is not None
        return PayoutFinished(device, self.payout_id, self.hopper, self.count, self.paid, self.uncertain, self.reason)
