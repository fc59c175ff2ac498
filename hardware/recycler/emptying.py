"""The store goes into the cash box: journalled before, told by value when the device says that it is done."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from hardware.cash.unit import Voice
from hardware.errors import DeviceBusyError, DeviceRefusedError
from hardware.journal import JournalError, MoneyJournal
from hardware.journal_entry import Intent, Outcome
from hardware.recycler.commands import EmptyStore
from hardware.recycler.events import STORE, StoreEmptied
from hardware.recycler.judgement import left_the_store
from hardware.recycler.protocol_events import Happened, Told
from hardware.recycler.unit import RecyclerUnit

_log = logging.getLogger(__name__)

EMPTY = "empty"
QUIET_S = 10.0
"""A device that says nothing of it for so long stands still."""
_MOVED = "moved-"
_RUNNING = frozenset({Happened.EMPTYING, Happened.SMART_EMPTYING})
_DONE = frozenset({Happened.EMPTIED, Happened.SMART_EMPTIED})


class Emptying:
    """One emptying at a time."""

    def __init__(self, voice: Voice, journal: MoneyJournal) -> None:
        self._voice = voice
        self._journal = journal
        self._order: EmptyStore | None = None
        self._intent: Intent | None = None
        self._heard_s = 0.0
        self._is_done = False

    @property
    def is_running(self) -> bool:
        """Whether notes may be moving."""
        return self._intent is not None

    def begin(self, order: EmptyStore, now_s: float) -> None:
        """Begin as soon as nothing else moves; the same id again moves nothing and is answered by what it moved."""
        running = {self._order.entry_id if self._order else None, self._intent.entry_id if self._intent else None}
        if order.entry_id in running:
            return
        if running != {None} or self._journal.entry(order.entry_id) is not None:
            self.refuse(order)
            return
        self._order, self._heard_s = order, now_s

    def refuse(self, order: EmptyStore) -> None:
        """Answer from the journal, or that nothing was moved. What it knows no end of is told again when the levels tell."""
        entry = self._journal.entry(order.entry_id)
        after = entry.outcome.after if entry is not None and entry.outcome is not None else {}
        moved = {int(name.removeprefix(_MOVED)): count for name, count in after.items()}
        is_open = entry is not None and entry.is_open
        self._voice.publish(StoreEmptied(self._voice.device, order.entry_id, moved, uncertain=is_open))

    def meet(self, unit: RecyclerUnit, now_s: float) -> None:
        """Take over what an earlier connection or start left open; the levels will tell."""
        self._heard_s = now_s
        account = f"{self._voice.device}/{STORE}"
        for entry in self._journal.open_entries(account):
            if entry.intent.action == EMPTY and entry.intent.serial == unit.serial:
                self._intent = entry.intent
        if self._order is not None and self._intent is None:
            self.refuse(self._order)
        self._order = None

    def hear(self, told: Told, now_s: float) -> None:
        """Understand one event of a poll."""
        if told.what in _RUNNING | _DONE:
            self._heard_s = now_s
        self._is_done |= told.what in _DONE

    def step(self, unit: RecyclerUnit, now_s: float, *, is_free: bool) -> None:
        """Carry it on."""
        if self._order is not None and is_free and self._intent is None:
            self._start(unit, self._order, now_s)
        elif self._intent is not None and (self._is_done or now_s - self._heard_s > QUIET_S):
            self._finish(unit, self._intent)

    def _start(self, unit: RecyclerUnit, order: EmptyStore, now_s: float) -> None:
        before = unit.look()
        amount_minor = sum(value * count for value, count in unit.levels.items())
        intent = Intent(order.entry_id, f"{self._voice.device}/{STORE}", EMPTY, amount_minor, unit.serial, before)
        self._is_done, self._heard_s, self._order = False, now_s, None
        try:
            self._journal.intend(intent)
        except JournalError:
            _log.exception("Emptying is not written down, so nothing moves")
            self.refuse(order)
            return
        self._intent = intent
        try:
            unit.empty(counted=order.counted)
        except (DeviceRefusedError, DeviceBusyError) as error:
            _log.warning("the store is not emptied: %s", error)
            self._settle(intent, {}, "refused")

    def _finish(self, unit: RecyclerUnit, intent: Intent) -> None:
        self._settle(intent, left_the_store(intent.before, unit.look()), "done" if self._is_done else "judged")

    def _settle(self, intent: Intent, moved: Mapping[int, int], reason: str) -> None:
        amount_minor = sum(value * count for value, count in moved.items())
        self._intent = None
        try:
            after = {f"{_MOVED}{value_minor}": count for value_minor, count in moved.items()}
            self._journal.settle(Outcome(intent.entry_id, amount_minor, True, reason, after))
        except JournalError:
            _log.exception("The outcome of an emptying is not written down; at the next start the levels tell it again")
        self._voice.publish(StoreEmptied(self._voice.device, intent.entry_id, moved, uncertain=False))
