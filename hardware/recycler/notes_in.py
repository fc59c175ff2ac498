"""The side of a recycler that takes notes: carries out what the intake wants, books each note once.

Each note that is taken has a number of its own (epoch and seq), and its journal entry an id made of the recycler's serial
number and that one. So a note whose booking the owner never heard of is found again at the next start, and told again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid5

from hardware.cash.events import (
    CounterMemory,
    CounterMoved,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
    Severity,
    TroubleCode,
)
from hardware.cash.protocol_faults import Fault
from hardware.cash.unit import Voice
from hardware.journal import JournalError, MoneyJournal
from hardware.journal_entry import Entry, Intent, Outcome
from hardware.recycler import intake as machine
from hardware.recycler import intake_events as happened
from hardware.recycler.events import BOX, STORE, store_of
from hardware.recycler.intake import LANDING_S, Intake, Say, State
from hardware.recycler.intake_events import Event
from hardware.recycler.judgement import judge_note
from hardware.recycler.protocol_events import Happened, Told
from hardware.recycler.unit import RecyclerUnit

_log = logging.getLogger(__name__)

TAKE = "take"
SETTLE_S = 3.0
"""So long nothing may move before the counters are believed."""
CATCH_UP_MAX = 1000
_NOTHING: frozenset[int] = frozenset()
_NAMES = UUID("6f8f3c0e-6d0b-5a5e-9a52-6f4f1f3c7a11")
_STORED, _BOXED, _WENT_BACK, _UNKNOWN = "stored", "boxed", "went back", "unknown"


class NotesIn:
    """What comes in."""

    def __init__(self, voice: Voice, journal: MoneyJournal, memories: Mapping[str, CounterMemory]) -> None:
        ours = [memory for place, memory in memories.items() if place.startswith(STORE)]
        self._memory = max(ours, key=lambda memory: (memory.epoch, memory.seq), default=CounterMemory("", 0, 0, 0))
        self._voice = voice
        self._journal = journal
        self._entry: Intent | None = None
        self._quiet_since_s = 0.0
        self.intake = Intake()
        self.wanted = _NOTHING

    @property
    def is_busy(self) -> bool:
        """Whether a note is inside that is not booked yet."""
        return self.intake.state is not State.EMPTY

    @property
    def holds(self) -> bool:
        """Whether the device must hear "hold" instead of a poll."""
        return self.intake.state is State.HELD

    def accept(self, values_minor: frozenset[int]) -> None:
        """Take notes of these values; hand back a held one of another."""
        self.wanted = values_minor
        if self.intake.value_minor not in values_minor:
            self.feed(happened.ReturnAsked())

    def meet(self, unit: RecyclerUnit, now_s: float) -> None:
        """Learn who answers; find what was booked without the owner, and what was left open."""
        if self._memory.serial not in {"", unit.serial}:
            self._memory = CounterMemory(unit.serial, self._memory.epoch + 1, 0, 0)
        self._memory = replace(self._memory, serial=unit.serial)
        self._quiet_since_s = now_s
        self.feed(happened.LinkReturned())
        self._tell_again()
        if not self.is_busy:
            self._adopt(now_s)

    def before_poll(self, unit: RecyclerUnit, now_s: float) -> None:
        """Write and send what must be on its way before the next poll."""
        if self.intake.state is State.ASKED:
            self.feed(happened.IntentWritten(now_s) if self._intend(unit) else happened.NotWritten())
        if self.intake.has_to_reject:
            unit.reject()
            self.feed(happened.RejectSent())

    def hear(self, told: Told, values_minor: Mapping[int, int], now_s: float) -> None:
        """Understand one event of a poll."""
        value_minor = values_minor.get(told.channel, 0)
        if told.what is Happened.READ and told.channel:
            is_wanted = value_minor in self.wanted
            self.feed(happened.NoteRead(value_minor, now_s) if is_wanted else happened.UnwantedRead(value_minor))
        elif told.what is Happened.CREDIT:
            self.feed(happened.Credited(value_minor, now_s))
        elif told.what is Happened.CLEARED_TO_BOX:
            self.feed(happened.ClearedToBox(value_minor), value_minor)
        elif (event := _PLAIN.get(told.what)) is not None:
            self.feed(event)

    def after_poll(self, unit: RecyclerUnit, now_s: float, *, is_moving: bool) -> None:
        """Judge by counters what nobody told, when the device has stood still for a while."""
        if is_moving:
            self._quiet_since_s = now_s
        state = self.intake.state
        if state in {State.TAKING, State.LANDING, State.LEAVING} and now_s - self.intake.since_s > LANDING_S:
            self.feed(happened.Overdue())
        elif state is State.JUDGING and now_s - self._quiet_since_s > SETTLE_S:
            taken, stored = judge_note(self._entry.before if self._entry else {}, unit.look())
            self.feed(happened.Judged(taken, stored))

    def feed(self, event: Event, value_minor: int = 0) -> None:
        """Let one event happen to the note; book and tell what follows."""
        before = self.intake
        self.intake, says = machine.advance(before, event)
        for say in says:
            value = self.intake.value_minor if say is Say.OFFERED else before.value_minor or value_minor
            self._carry_out(say, value)

    def _carry_out(self, say: Say, value_minor: int) -> None:
        voice = self._voice
        if say is Say.OFFERED:
            voice.publish(NoteInEscrow(voice.device, value_minor))
        elif say is Say.REFUSED:
            voice.trouble(BOX, Fault(TroubleCode.REJECTED, Severity.INFORMATION, "A note was not taken and went back."))
        elif say is Say.WENT_BACK:
            self._settle(0, _WENT_BACK)
            voice.publish(NoteReturned(voice.device, value_minor))
        elif say is Say.UNCERTAIN:
            self._settle(0, _UNKNOWN, is_certain=False)
            sentence = f"A note of {value_minor / 100:.2f} may be in the recycler without a credit. Count it."
            voice.trouble(BOX, Fault(TroubleCode.UNCERTAIN_NOTE, Severity.ALARM, sentence), value_minor)
        else:
            self._credit(value_minor, stored=say is Say.STORED)

    def _credit(self, value_minor: int, *, stored: bool) -> None:
        if not value_minor:
            sentence = "The recycler took a note of an unknown channel. Count it."
            self._voice.trouble(BOX, Fault(TroubleCode.LOST_EVENTS, Severity.ALARM, sentence))
            return
        if self._entry is None:  # taken without being asked: by a poll whose answer went astray
            self._write_intent(value_minor, {})
        self._settle(value_minor, _STORED if stored else _BOXED)

    def _settle(self, amount_minor: int, reason: str, *, is_certain: bool = True) -> None:
        entry, self._entry = self._entry, None
        if entry is None:
            return
        outcome = Outcome(entry.entry_id, amount_minor, is_certain, reason)
        try:
            self._journal.settle(outcome)
        except JournalError:
            # The intent stays open: at the next start the counters tell the same, under the same number.
            _log.exception("A note that was taken is not written down")
        self._tell(Entry(entry, outcome))

    def _tell(self, entry: Entry) -> None:
        """Tell the owner of a booking; its number is used up, whatever became of the note."""
        outcome, before = entry.outcome, entry.intent.before
        assert outcome is not None
        self._memory = CounterMemory(entry.intent.serial, before["epoch"], before["seq"], 0)
        memory, device = self._memory, self._voice.device
        place = store_of(outcome.amount_minor) if outcome.reason == _STORED else BOX
        if outcome.amount_minor:
            self._voice.publish(NoteStacked(device, place, memory.epoch, memory.seq, outcome.amount_minor, memory))
        else:
            self._voice.publish(CounterMoved(device, BOX, memory.epoch, 0, memory))

    def _tell_again(self) -> None:
        """Tell what was booked in the journal, but that the owner has not written down."""
        for _ in range(CATCH_UP_MAX):
            entry = self._journal.entry(self._next_id())
            if entry is None or entry.outcome is None:
                return
            self._tell(entry)

    def _adopt(self, now_s: float) -> None:
        """Take over a note that an earlier start left open."""
        for entry in self._journal.open_entries():
            intent = entry.intent
            is_ours = intent.device == self._account and intent.action == TAKE and intent.serial == self._memory.serial
            if is_ours:
                self._entry = intent
                self.intake = Intake(State.JUDGING, intent.amount_minor, since_s=now_s)
                return

    @property
    def _account(self) -> str:
        return f"{self._voice.device}/{STORE}"

    def _next_id(self) -> UUID:
        memory = self._memory
        return uuid5(_NAMES, f"{memory.serial}/{memory.epoch}/{memory.seq + 1}")

    def _intend(self, unit: RecyclerUnit) -> bool:
        return self._write_intent(self.intake.value_minor, unit.look())

    def _write_intent(self, value_minor: int, before: Mapping[str, int]) -> bool:
        """Write down that a note is about to be taken; return whether that was possible."""
        memory = self._memory
        number = {"epoch": memory.epoch, "seq": memory.seq + 1}
        intent = Intent(self._next_id(), self._account, TAKE, value_minor, memory.serial, {**before, **number})
        try:
            self._journal.intend(intent)
        except JournalError:
            _log.exception("A note cannot be written down, so it is not kept")
            self._entry = intent if not before else None
            return False
        self._entry = intent
        return True


_PLAIN: Mapping[Happened, Event] = {
    Happened.STACKED: happened.Landed(stored=False),
    Happened.BOXED_AT_START: happened.Landed(stored=False),
    Happened.STORED: happened.Landed(stored=True),
    Happened.STORED_AT_START: happened.Landed(stored=True),
    Happened.REJECTED: happened.Rejected(),
    Happened.CLEARED_TO_FRONT: happened.ClearedToFront(),
}
