"""How payouts and routed notes stand in the devices' journal, and what a device's own counters say about an open one; pure.

::

    device         action     amount_minor           before                                   resolved from
    hopper-100     dispense   count x coin           dispensed, count, coin_minor, address    header 168, coins ever paid
    note-box       stack      the note               epoch, counter                           header 159, the events since
    note-slot      return     the note               epoch, counter                           header 159, the events since

Devices are written ``BUS/PLACE``. ``amount_minor`` of an outcome is what moved: out of the hopper, into the note box, back to
the shopper.
"""

from __future__ import annotations

from enum import Enum
from uuid import UUID

from hardware.cash.commands import AskPayoutOutcome
from hardware.cash.events import NOTE_BOX, CounterMemory, PayoutFinished, PayoutReason
from hardware.cash.payout_state import Payout
from hardware.cash.protocol_counters import BUFFER_EVENTS, COUNTER_MAX, EventBuffer
from hardware.cash.protocol_faults import BILL_IN_ESCROW, BILL_RETURNED, BILL_STACKED
from hardware.journal_entry import Entry, Intent, Outcome

DISPENSE, STACK, RETURN = "dispense", "stack", "return"
NOTE_SLOT = "note-slot"
_AHEAD_MAX = COUNTER_MAX // 2
"""A counter that is further on than this is rather behind: the counter wraps."""


class Fate(Enum):
    """What became of a note that was routed."""

    STACKED = "stacked"
    RETURNED = "returned"
    WAITING = "still in escrow, or on its way"
    UNKNOWN = "unknown"


def dispense_intent(bus: str, payout: Payout, *, coin_minor: int, serial: str, address: int) -> Intent:
    """Return what is written before a hopper moves."""
    return Intent(
        payout.payout_id,
        f"{bus}/{payout.hopper}",
        DISPENSE,
        payout.count * coin_minor,
        serial,
        {"dispensed": payout.dispensed_before, "count": payout.count, "coin_minor": coin_minor, "address": address},
    )


def dispense_outcome(payout: Payout, coin_minor: int, dispensed: int) -> Outcome:
    """Return what is written when a payout is over."""
    assert payout.reason is not None
    amount_minor = payout.paid * coin_minor
    return Outcome(payout.payout_id, amount_minor, not payout.uncertain, payout.reason, {"dispensed": dispensed})


def counted_outcome(entry: Entry, paid: int, dispensed: int) -> Outcome:
    """Return the outcome of an unsettled payout whose hopper stands still now and has paid nothing since."""
    amount_minor = paid * entry.intent.before["coin_minor"]
    return Outcome(entry.intent.entry_id, amount_minor, True, PayoutReason.LINK_LOST, {"dispensed": dispensed})


def question_of(entry: Entry) -> AskPayoutOutcome:
    """Return the question that an unsettled payout leaves."""
    intent = entry.intent
    before = intent.before
    return AskPayoutOutcome(intent.entry_id, hopper_of(entry), before["dispensed"], before["count"], intent.serial)


def hopper_of(entry: Entry) -> str:
    """Return the hopper's name."""
    return entry.intent.device.partition("/")[2]


def payout_finished(bus: str, entry: Entry) -> PayoutFinished:
    """Tell again how a settled payout ended."""
    outcome, before = entry.outcome, entry.intent.before
    assert outcome is not None
    paid = outcome.amount_minor // before["coin_minor"]
    reason = PayoutReason(outcome.reason)
    return PayoutFinished(bus, entry.intent.entry_id, hopper_of(entry), before["count"], paid, not outcome.is_certain, reason)


def route_intent(bus: str, entry_id: UUID, action: str, value_minor: int, memory: CounterMemory) -> Intent:
    """Return what is written before a note is routed; ``memory`` is the newest, the note's own event included."""
    place = NOTE_BOX if action == STACK else NOTE_SLOT
    before = {"epoch": memory.epoch, "counter": memory.counter}
    return Intent(entry_id, f"{bus}/{place}", action, value_minor, memory.serial, before)


def route_outcome(intent: Intent, fate: Fate) -> Outcome:
    """Return what is written when it is known what became of a note, or that nobody will know."""
    moved = {Fate.STACKED: STACK, Fate.RETURNED: RETURN}.get(fate) == intent.action
    return Outcome(intent.entry_id, intent.amount_minor if moved else 0, fate is not Fate.UNKNOWN, fate.value)


def happened_after(intent: Intent, epoch: int, counter: int) -> bool:
    """Whether an event of a note validator came after a route was written down."""
    if epoch != intent.before["epoch"]:
        return epoch > intent.before["epoch"]
    return 1 <= (counter - intent.before["counter"]) % COUNTER_MAX <= _AHEAD_MAX


def fate_of(intent: Intent, serial: str, epoch: int, buffer: EventBuffer) -> Fate:
    """Read in a note validator's buffer what became of a note that was routed before this program started."""
    if serial != intent.serial or epoch != intent.before["epoch"] or buffer.counter == 0:
        return Fate.UNKNOWN
    fresh = (buffer.counter - intent.before["counter"]) % COUNTER_MAX
    if fresh > BUFFER_EVENTS:
        return Fate.UNKNOWN
    for channel, detail in reversed(buffer.pairs[:fresh]):
        if channel and detail == BILL_STACKED:
            return Fate.STACKED
        if (channel, detail) == BILL_RETURNED:
            return Fate.RETURNED
    older = (pair for pair in buffer.pairs[fresh:] if pair[0])
    return Fate.WAITING if next(older, (0, 0))[1] == BILL_IN_ESCROW else Fate.UNKNOWN
