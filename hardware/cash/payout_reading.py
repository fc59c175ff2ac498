"""What a hopper's counters mean for a running payout; the answers are events of :mod:`hardware.cash.payout`."""

from __future__ import annotations

from hardware.cash.events import PayoutReason
from hardware.cash.payout_events import (
    Blocked,
    Event,
    GivenUp,
    NeverReceived,
    NoAnswer,
    PortionPaid,
    Reading,
    ReadyToPay,
    Running,
    StoodStill,
    StopAsked,
    TooEarly,
)
from hardware.cash.payout_state import Payout, State
from hardware.cash.protocol_counters import BLOCKING, DISPENSED_MODULO, HopperFlag

RESENDS_MAX = 2
STOPS_MAX = 3
ANSWER_LIMIT_S = 3.0
"""How long to ask a hopper that does not answer, where nothing was sent to it or it should stand still."""
CHECK_DELAY_S = 0.5
"""A late frame has arrived by then: only then is "never received" believed."""
SETTLE_S = 1.0
"""A coin on its way falls within this time after a stop."""
OVERRUN_MAX = 5
"""More coins than asked for and these cannot have fallen: the counter was cleared, or it is another hopper's."""


def observe(payout: Payout, reading: Reading) -> Event:
    """Say what a reading means in the payout's state."""
    if payout.state is State.READING:
        return _before(payout, reading)
    if payout.state is State.CHECKING and _was_not_heard(payout, reading):
        return _unheard(payout, reading)
    if payout.state is State.SETTLING:
        return _settling(payout, reading)
    if reading.status.remaining > 0:
        return StopAsked(PayoutReason.TIME_UP) if reading.now_s > payout.deadline_s else Running(_counted(payout, reading))
    return _standstill(payout, reading)


def unanswered(payout: Payout, now_s: float) -> Event:
    """Say what silence means: ask again, or give up."""
    is_running = payout.state in {State.CHECKING, State.PAYING}
    limit_s = payout.deadline_s if is_running else payout.started_s + ANSWER_LIMIT_S
    return GivenUp(PayoutReason.UNREACHABLE) if now_s > limit_s else NoAnswer()


def _before(payout: Payout, reading: Reading) -> Event:
    if reading.status.remaining > 0:
        return GivenUp(PayoutReason.BUSY)
    if reading.flags & BLOCKING:
        return GivenUp(PayoutReason.JAM) if payout.was_unblocked else Blocked()
    return ReadyToPay(reading)


def _was_not_heard(payout: Payout, reading: Reading) -> bool:
    status = reading.status
    return (
        not payout.was_refused
        and status.remaining == 0
        and status.event_counter == payout.event_counter_before
        and reading.dispensed == payout.portion_dispensed_before
    )


def _unheard(payout: Payout, reading: Reading) -> Event:
    if reading.now_s < payout.started_s + CHECK_DELAY_S:
        return TooEarly()
    if payout.resends < RESENDS_MAX:
        return NeverReceived()
    return StoodStill(_counted(payout, reading), PayoutReason.UNREACHABLE)


def _settling(payout: Payout, reading: Reading) -> Event:
    if reading.now_s < payout.started_s + SETTLE_S:
        return TooEarly()
    if reading.status.remaining == 0:
        return _standstill(payout, reading)
    return StopAsked(PayoutReason.TIME_UP) if payout.stops < STOPS_MAX else GivenUp(PayoutReason.TIME_UP)


def _standstill(payout: Payout, reading: Reading) -> Event:
    counted = _counted(payout, reading)
    if counted > payout.count + OVERRUN_MAX:
        return StoodStill(payout.paid, _reason(payout, reading, payout.paid), uncertain=True)
    told = payout.paid_before_portion + reading.status.paid
    can_compare = payout.was_heard and not payout.is_question
    paid = max(counted, told) if can_compare else counted
    has_mismatch = can_compare and told != counted
    if _goes_on(payout, reading, paid) and not has_mismatch:
        return PortionPaid(reading, paid)
    return StoodStill(paid, _reason(payout, reading, paid), has_mismatch=has_mismatch)


def _counted(payout: Payout, reading: Reading) -> int:
    return (reading.dispensed - payout.dispensed_before) % DISPENSED_MODULO


def _goes_on(payout: Payout, reading: Reading, paid: int) -> bool:
    return (
        payout.reason is None
        and not payout.is_question
        and paid < payout.count
        and paid == payout.paid_before_portion + payout.portion
        and not reading.flags & (BLOCKING | HopperFlag.PAYOUT_TIME_OUT)
        and not _was_reset(payout, reading)
    )


def _was_reset(payout: Payout, reading: Reading) -> bool:
    return reading.status.event_counter == 0 and (payout.event_counter_before != 0 or payout.was_heard)


def _reason(payout: Payout, reading: Reading, paid: int) -> PayoutReason:
    if paid >= payout.count:
        return PayoutReason.DONE
    if reading.flags & BLOCKING:
        return PayoutReason.JAM
    if (payout.was_heard or payout.is_question) and reading.flags & HopperFlag.PAYOUT_TIME_OUT:
        return PayoutReason.EMPTY
    if payout.reason is not None:
        return payout.reason
    if _was_reset(payout, reading):
        return PayoutReason.RESET
    return PayoutReason.LINK_LOST if payout.is_question else PayoutReason.REFUSED
