"""The side of a recycler that pays: carries out what a payout wants, settles it from the device's own words and counters."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from hardware.cash.commands import AskPayoutOutcome, PayOut
from hardware.cash.entries import DISPENSE, payout_finished
from hardware.cash.events import PayoutFinished, PayoutReason, PayoutStarting, Severity, TroubleCode
from hardware.cash.protocol_faults import Fault
from hardware.cash.unit import Voice
from hardware.errors import DeviceBusyError
from hardware.journal import JournalError, MoneyJournal
from hardware.journal_entry import Entry, Intent, Outcome
from hardware.recycler import payout as machine
from hardware.recycler.commands import PayAmount
from hardware.recycler.events import STORE, AmountPaid, store_of
from hardware.recycler.judgement import judge_payout
from hardware.recycler.payout import QUIET_S, WAIT_S, Event, Payout, State
from hardware.recycler.protocol_events import Happened, Told
from hardware.recycler.protocol_words import NOTES_MAX, PAYOUT_BUSY, RefusedError
from hardware.recycler.unit import RecyclerUnit

_log = logging.getLogger(__name__)

Order = PayOut | PayAmount | AskPayoutOutcome
_ENDS = {
    Happened.DISPENSED: PayoutReason.DONE,
    Happened.JAMMED: PayoutReason.JAM,
    Happened.HALTED: PayoutReason.STOPPED,
    Happened.TIME_OUT: PayoutReason.TIME_UP,
}


class NotesOut:
    """What goes out."""

    def __init__(self, voice: Voice, journal: MoneyJournal) -> None:
        self._voice = voice
        self._journal = journal
        self._before: Mapping[str, int] = {}
        self._halted = False
        self.payout: Payout | None = None

    def begin(self, order: Order, unit: RecyclerUnit, now_s: float) -> None:
        """Begin a payout, or answer at once: the same id never pays twice."""
        entry = self._journal.entry(order.payout_id)
        if entry is not None and entry.outcome is not None:
            self._tell(entry)
        elif self.payout is not None:
            if self.payout.payout_id != order.payout_id:
                self.refuse(order, PayoutReason.BUSY)
        elif entry is not None:
            is_here = entry.intent.serial == unit.serial
            self._adopt(entry, now_s) if is_here else self.refuse(order, PayoutReason.OTHER_HOPPER, is_begun=True)
        elif self._journal.was_settled(order.payout_id):
            self.refuse(order, PayoutReason.LONG_AGO, is_begun=True)
        elif isinstance(order, AskPayoutOutcome):
            self.refuse(order, PayoutReason.NOT_JOURNALLED)
        else:
            self._start(order, unit, now_s)

    def meet(self, unit: RecyclerUnit, now_s: float) -> None:
        """Learn that the connection is back; take over what an earlier start left open."""
        if self.payout is not None and self.payout.state is not State.FINISHED:
            self._feed(machine.LinkReturned(now_s))
        elif self.payout is None:
            ours = (entry for entry in self._journal.open_entries() if entry.intent.device.startswith(f"{self._voice.device}/"))
            found = next((e for e in ours if e.intent.action == DISPENSE and e.intent.serial == unit.serial), None)
            if found is not None:
                self._adopt(found, now_s)

    def stop(self, place: str) -> None:
        """Stop a payout of a place."""
        if (
            self.payout is not None
            and self.payout.place == place
            and (self.payout.state, machine.StopAsked) in machine.TRANSITIONS
        ):
            self._feed(machine.StopAsked())

    def hear(self, told: Told, now_s: float) -> None:
        """Understand one event of a poll."""
        payout = self.payout
        if payout is None or payout.state not in {State.PAYING, State.JUDGING}:
            return
        if told.what is Happened.DISPENSING:
            self._feed(machine.Progress(told.amount_minor, now_s))
        elif told.what is Happened.IN_BEZEL:
            self._feed(machine.Progress(payout.paid_minor, now_s))
        elif told.what in _ENDS:
            self._feed(machine.Ended(told.amount_minor, _ENDS[told.what]))
        elif told.what is Happened.INCOMPLETE_PAYOUT and told.requested_minor == payout.amount_minor:
            self._feed(machine.Ended(told.amount_minor, PayoutReason.RESET))

    def step(self, unit: RecyclerUnit, now_s: float, *, is_free: bool, is_moving: bool) -> None:
        """Carry the payout on as far as it goes without waiting."""
        if self.payout is None:
            return
        if self.payout.state is State.WAITING:
            self._wait(now_s, is_free=is_free)
        if self.payout.state is State.JOURNALLING:
            self._write_intent(unit)
        if self.payout.state is State.ORDERING:
            self._order(unit, now_s)
        if self.payout.state in {State.PAYING, State.JUDGING}:
            self._watch(unit, now_s, is_moving=is_moving)
        if self.payout.state is State.FINISHED:
            self._finish(unit)

    def refuse(self, order: Order, reason: PayoutReason, *, is_begun: bool = False) -> None:
        """Answer an order that is not carried out."""
        device = self._voice.device
        if isinstance(order, PayAmount):
            self._voice.publish(AmountPaid(device, order.payout_id, order.amount_minor, 0, is_begun, reason))
        else:
            self._voice.publish(PayoutFinished(device, order.payout_id, order.hopper, order.count, 0, is_begun, reason))

    def abandon(self, order: Order) -> None:
        """Answer an order that came while there is no connection: from the journal where it knows."""
        entry = self._journal.entry(order.payout_id)
        if entry is not None and entry.outcome is not None:
            self._tell(entry)
        elif entry is None or isinstance(order, AskPayoutOutcome):
            is_begun = entry is not None or self._journal.was_settled(order.payout_id)
            self.refuse(order, PayoutReason.UNREACHABLE, is_begun=is_begun)

    def _feed(self, event: Event) -> None:
        assert self.payout is not None
        before, self.payout = self.payout.state, machine.advance(self.payout, event)
        if self.payout.state is not before:
            _log.info("%s: %s -> %s", self.payout.place, event, self.payout.state.name)

    def _start(self, order: PayOut | PayAmount, unit: RecyclerUnit, now_s: float) -> None:
        self._halted = False
        if isinstance(order, PayAmount):
            self.payout = Payout(order.payout_id, STORE, order.amount_minor, 0, now_s)
            return
        value_minor = next((value for value in unit.levels if store_of(value) == order.hopper), 0)
        if not value_minor:
            self.refuse(order, PayoutReason.UNKNOWN_HOPPER)
        elif not 1 <= order.count <= NOTES_MAX:
            self.refuse(order, PayoutReason.BAD_COUNT)
        else:
            self.payout = Payout(order.payout_id, order.hopper, order.count * value_minor, value_minor, now_s)

    def _adopt(self, entry: Entry, now_s: float) -> None:
        intent = entry.intent
        place, value_minor = intent.device.partition("/")[2], intent.before["coin_minor"]
        self._before = intent.before
        self._halted = False
        state, reason = State.JUDGING, PayoutReason.LINK_LOST
        self.payout = Payout(intent.entry_id, place, intent.amount_minor, value_minor, now_s, state, reason=reason)

    def _wait(self, now_s: float, *, is_free: bool) -> None:
        assert self.payout is not None
        if is_free:
            self._feed(machine.Ready())
        elif now_s - self.payout.since_s > WAIT_S:
            self._feed(machine.GivenUp(PayoutReason.BUSY))

    def _write_intent(self, unit: RecyclerUnit) -> None:
        payout = self.payout
        assert payout is not None
        seen = unit.look()
        count = payout.amount_minor // payout.value_minor if payout.value_minor else 0
        dispensed = seen.get("ever-dispensed", 0)
        self._before = {**seen, "dispensed": dispensed, "count": count, "coin_minor": payout.value_minor}
        account = f"{self._voice.device}/{payout.place}"
        try:
            self._journal.intend(Intent(payout.payout_id, account, DISPENSE, payout.amount_minor, unit.serial, self._before))
        except JournalError:
            _log.exception("A payout from %s is not written down, so no note moves", payout.place)
            self._feed(machine.GivenUp(PayoutReason.NOT_JOURNALLED))
            return
        self._voice.publish(PayoutStarting(self._voice.device, payout.payout_id, payout.place, count, dispensed))
        self._feed(machine.IntentWritten())

    def _order(self, unit: RecyclerUnit, now_s: float) -> None:
        """Order the notes. If the line fails here, the counters will tell whether the device ever heard it."""
        payout = self.payout
        assert payout is not None
        try:
            if payout.value_minor:
                unit.pay({payout.value_minor: payout.amount_minor // payout.value_minor})
            else:
                unit.pay_amount(payout.amount_minor)
        except DeviceBusyError:
            self._feed(machine.Refused(PayoutReason.BUSY))
        except RefusedError as error:
            _log.warning("%s: %s", payout.place, error)
            is_empty = error.code is not None and error.code < PAYOUT_BUSY
            self._feed(machine.Refused(PayoutReason.EMPTY if is_empty else PayoutReason.REFUSED))
        else:
            self._feed(machine.Ordered(now_s))

    def _watch(self, unit: RecyclerUnit, now_s: float, *, is_moving: bool) -> None:
        payout = self.payout
        assert payout is not None
        if payout.stop_wanted and not self._halted:
            unit.halt()
            self._halted = True
        if is_moving:
            self._feed(machine.Progress(payout.paid_minor, now_s))
        elif now_s - payout.since_s > QUIET_S:
            self._feed(machine.Quiet(now_s) if payout.state is State.PAYING else self._judged(unit, payout))

    def _judged(self, unit: RecyclerUnit, payout: Payout) -> machine.Judged:
        paid_minor, is_certain = judge_payout(self._before, unit.look(), payout.value_minor, payout.amount_minor)
        return machine.Judged(paid_minor, is_certain)

    def _finish(self, unit: RecyclerUnit) -> None:
        payout = self.payout
        assert payout is not None
        assert payout.reason is not None
        paid_minor, is_certain = payout.paid_minor, payout.is_certain
        if self._journal.entry(payout.payout_id) is None:
            self.payout = None
            self.refuse(_order_of(payout), payout.reason)
            return
        seen = unit.look()
        counted_minor, is_counted = judge_payout(self._before, seen, payout.value_minor, payout.amount_minor)
        if is_counted and counted_minor != paid_minor:
            paid_minor, is_certain = max(paid_minor, counted_minor), False
            sentence = f"{payout.place} tells two sums of what it paid. Count the notes."
            self._voice.trouble(payout.place, Fault(TroubleCode.COUNTER_MISMATCH, Severity.ALARM, sentence))
        self.payout = None
        entry = self._settle(payout.payout_id, Outcome(payout.payout_id, paid_minor, is_certain, payout.reason, seen))
        if trouble := _TROUBLES.get(payout.reason):
            self._voice.trouble(payout.place, trouble)
        self._tell(entry)

    def _settle(self, payout_id: UUID, outcome: Outcome) -> Entry:
        known = self._journal.entry(payout_id)
        assert known is not None
        try:
            self._journal.settle(outcome)
        except JournalError:
            _log.exception("The outcome of a payout is not written down; at the next start the counters tell it again")
        return Entry(known.intent, outcome)

    def _tell(self, entry: Entry) -> None:
        intent, outcome = entry.intent, entry.outcome
        assert outcome is not None
        if intent.before["coin_minor"]:
            self._voice.publish(payout_finished(self._voice.device, entry))
            return
        reason = PayoutReason(outcome.reason)
        paid = AmountPaid(
            self._voice.device, intent.entry_id, intent.amount_minor, outcome.amount_minor, not outcome.is_certain, reason
        )
        self._voice.publish(paid)


def _order_of(payout: Payout) -> Order:
    if not payout.value_minor:
        return PayAmount(payout.payout_id, payout.amount_minor)
    return PayOut(payout.payout_id, payout.place, payout.amount_minor // payout.value_minor)


_TROUBLES = {
    PayoutReason.EMPTY: Fault(TroubleCode.EMPTY, Severity.OUT_OF_SERVICE, "The recycler has too few notes of this value."),
    PayoutReason.JAM: Fault(TroubleCode.JAM, Severity.OUT_OF_SERVICE, "A note is stuck on its way out. Clear the recycler."),
    PayoutReason.RESET: Fault(TroubleCode.DEVICE_RESET, Severity.ALARM, "The recycler restarted while it paid."),
    PayoutReason.TIME_UP: Fault(TroubleCode.DEVICE_FAULT, Severity.ALARM, "The recycler did not finish a payout."),
}
