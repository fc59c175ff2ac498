"""A ccTalk note validator with escrow: a note is money when it is stacked, and the shopper's until then."""

from __future__ import annotations

import logging
from uuid import uuid4

from hardware.cash import escrow as machine
from hardware.cash.bus import CashBus
from hardware.cash.counters import NewEvent, after_event
from hardware.cash.entries import RETURN, STACK, Fate, fate_of, happened_after, route_intent, route_outcome
from hardware.cash.escrow import Command, Escrow, NoteHeld, UnwantedNoteHeld
from hardware.cash.events import NOTE_BOX, CounterMemory, NoteInEscrow, NoteReturned, NoteStacked, Severity, TroubleCode
from hardware.cash.protocol import Header
from hardware.cash.protocol_counters import EventBuffer
from hardware.cash.protocol_faults import BILL_IN_ESCROW, BILL_RETURNED, BILL_STACKED, Fault, bill_fault
from hardware.cash.protocol_values import (
    ALL_INHIBITED,
    CHANNELS,
    inhibit_mask,
    parse_bill_id,
    parse_country_scaling,
)
from hardware.cash.unit import MoneyTaker, Voice
from hardware.errors import DeviceError, DeviceRefusedError, LinkLostError
from hardware.journal import JournalError, MoneyJournal
from hardware.journal_entry import Entry

_log = logging.getLogger(__name__)

STACKER_AND_ESCROW = b"\x03"
_ROUTE_RETURN = 0
_ROUTE_STACK = 1
_ESCROW_EMPTY = 254
_NOTHING: frozenset[int] = frozenset()


class NoteValidator(MoneyTaker):
    """The note validator, as its master knows it."""

    kind = "note validator"
    place = NOTE_BOX
    events_header = Header.BILL_EVENTS

    def __init__(self, address: int, voice: Voice, memory: CounterMemory | None, journal: MoneyJournal) -> None:
        super().__init__(address, voice, memory)
        self._journal = journal
        self.values_minor: dict[int, int] = {}
        """Channel to value."""
        self.wanted = _NOTHING
        """Values that are to be taken."""
        self.escrow = Escrow()
        self._applied: frozenset[int] | None = None
        """What the device was told; None: nobody knows."""

    def start(self, bus: CashBus, now_s: float) -> None:
        """Identify it, switch it off, learn its notes, take what was not yet credited, hand back a note in escrow."""
        self._applied = None
        self._meet(bus)
        self.accept(_NOTHING)
        self._apply(bus)
        self.poll_limit_s = self._ask_poll_limit(bus)
        self.values_minor = self._read_values(bus)
        self._check(bus)
        self._learn_inhibits(bus)
        buffer = self._recall(bus)
        self._resolve_routes(buffer)
        self._hand_back_a_forgotten_note(buffer)
        self._route_if_due(bus, now_s)

    def poll(self, bus: CashBus, now_s: float) -> None:
        """Switch it as wanted, read its events, route the note."""
        if self._applied != self.wanted:
            self._apply(bus)
        self._read_events(bus)
        self._route_if_due(bus, now_s)
        if self._applied:
            self._watch_inhibits(bus, inhibit_mask(self.values_minor, self._applied), now_s)

    def accept(self, values_minor: frozenset[int]) -> None:
        """Take notes of these values from the next poll on; a note in escrow that is none of them goes back."""
        self.wanted = values_minor & frozenset(self.values_minor.values())
        if self.escrow.value_minor not in self.wanted:
            self._feed(machine.ReturnAsked())

    def stack(self) -> None:
        """Keep the note in escrow, at the next poll."""
        self._feed(machine.StackAsked())

    def hand_back(self) -> None:
        """Return the note in escrow, at the next poll."""
        self._feed(machine.ReturnAsked())

    def _apply(self, bus: CashBus) -> None:
        wanted = self.wanted
        mask = inhibit_mask(self.values_minor, wanted) if wanted else ALL_INHIBITED
        self._applied = None
        if wanted:
            bus.ask(self.address, Header.BILL_MODE, STACKER_AND_ESCROW)
        bus.ask(self.address, Header.MODIFY_INHIBITS, mask)
        bus.ask(self.address, Header.MASTER_INHIBIT, bytes([bool(wanted)]))
        self._applied = wanted

    def _read_values(self, bus: CashBus) -> dict[int, int]:
        told: dict[int, bytes] = {}
        for channel in range(1, CHANNELS + 1):
            try:
                told[channel] = bus.ask(self.address, Header.BILL_ID, bytes([channel]))
            except DeviceRefusedError:
                continue
        country = self._learn_country(told.values())
        if not country:
            return {}
        scaling = parse_country_scaling(bus.ask(self.address, Header.COUNTRY_SCALING, country.encode("ascii")))
        values = {channel: parse_bill_id(data, country, scaling) for channel, data in told.items()}
        return {channel: value_minor for channel, value_minor in values.items() if value_minor is not None}

    def _hand_back_a_forgotten_note(self, buffer: EventBuffer) -> None:
        """Return the note that an earlier start of this program left in escrow."""
        channel, detail = buffer.pairs[0]
        if buffer.counter and channel and detail == BILL_IN_ESCROW and self.escrow.state is machine.State.EMPTY:
            self._feed(UnwantedNoteHeld(self.values_minor.get(channel, 0)))

    def _open_routes(self) -> tuple[Entry, ...]:
        entries = self._journal.open_entries()
        ours = (entry for entry in entries if entry.intent.device.partition("/")[0] == self.voice.device)
        return tuple(entry for entry in ours if entry.intent.action in {STACK, RETURN})

    def _resolve_routes(self, buffer: EventBuffer) -> None:
        """Learn from the device's events what became of a note that an earlier start of this program had routed."""
        for entry in self._open_routes():
            fate = fate_of(entry.intent, self.memory.serial, self.memory.epoch, buffer)
            if fate is not Fate.WAITING:
                self._settle(entry, fate)

    def _settle(self, entry: Entry, fate: Fate, *, is_told: bool = False) -> None:
        try:
            self._journal.settle(route_outcome(entry.intent, fate))
        except JournalError:
            # The intent stays open: at the next start the events tell the same again.
            _log.exception("The outcome of a routed note is not written down")
        if fate is Fate.UNKNOWN and entry.intent.action == STACK and not is_told:
            self._doubt(entry.intent.amount_minor)

    def _settle_after(self, event: NewEvent, fate: Fate) -> None:
        for entry in self._open_routes():
            if happened_after(entry.intent, self.memory.epoch, event.counter):
                self._settle(entry, fate, is_told=self.escrow.state is machine.State.STACKING)

    def _take(self, event: NewEvent) -> None:
        channel, detail = event.pair
        if channel and detail == BILL_STACKED:
            self._settle_after(event, Fate.STACKED)
        elif event.pair == BILL_RETURNED:
            self._settle_after(event, Fate.RETURNED)
        elif channel and detail == BILL_IN_ESCROW:
            self._settle_after(event, Fate.UNKNOWN)
        value_minor = self.values_minor.get(channel) if channel else None
        is_credit = value_minor is not None and detail == BILL_STACKED
        self.memory = after_event(self.memory, event, credited=is_credit)
        if channel and value_minor is None:
            self._warn(
                TroubleCode.UNCERTAIN_NOTE, Severity.ALARM, f"A note of the unknown channel {channel} came in. Count it."
            )
        elif value_minor is not None and detail == BILL_STACKED:
            self._feed(machine.Stacked())
            memory = self.memory
            self.voice.publish(NoteStacked(self.voice.device, self.place, memory.epoch, memory.seq, value_minor, memory))
        elif value_minor is not None and detail == BILL_IN_ESCROW:
            self._feed(NoteHeld(value_minor) if value_minor in self.wanted else UnwantedNoteHeld(value_minor))
        elif event.pair == BILL_RETURNED:
            self._feed(machine.WentBack())
        elif not channel:
            self.voice.trouble(self.place, bill_fault(detail))

    def _forget_settings(self) -> None:
        self._applied = None

    def _was_reset(self) -> None:
        super()._was_reset()
        self._feed(machine.WasReset())

    def _intend_route(self) -> None:
        """Write down where the note is about to be sent; a note that cannot be written down is not kept."""
        if self.escrow.routes:
            return
        action = STACK if self.escrow.state is machine.State.STACKING else RETURN
        if any(entry.intent.action == action for entry in self._open_routes()):
            return  # an earlier start of this program wrote down the same for the same note
        try:
            self._journal.intend(route_intent(self.voice.device, uuid4(), action, self.escrow.value_minor, self.memory))
        except JournalError:
            _log.exception("The route of a note is not written down, so the note is not kept")
            if action == STACK:
                self._feed(machine.NotWritten())

    def _route_if_due(self, bus: CashBus, now_s: float) -> None:
        due = machine.clock_event(self.escrow, now_s)
        if due is None or Command.ROUTE not in self._feed(due):
            return
        self._intend_route()
        answer = self._route(bus, _ROUTE_STACK if self.escrow.state is machine.State.STACKING else _ROUTE_RETURN)
        self._feed(machine.Routed(now_s))
        if answer == bytes([_ESCROW_EMPTY]):
            self._feed(machine.FoundEmpty())

    def _route(self, bus: CashBus, route: int) -> bytes:
        """Send a route once. If the answer is lost, broken or a refusal, the next events tell what became of the note."""
        try:
            return bus.order(self.address, Header.ROUTE_BILL, bytes([route]))
        except LinkLostError:
            raise
        except DeviceError:
            return b""

    def _feed(self, event: machine.Event) -> tuple[Command, ...]:
        before = self.escrow
        self.escrow, commands = machine.advance(before, event)
        if Command.DOUBT in commands:
            self._doubt(before.value_minor)
        if Command.FORGET in commands:
            for entry in self._open_routes():
                self._settle(entry, Fate.UNKNOWN, is_told=Command.DOUBT in commands)
        if Command.ANNOUNCE in commands:
            self.voice.publish(NoteInEscrow(self.voice.device, self.escrow.value_minor))
        if Command.TELL_RETURNED in commands:
            self.voice.publish(NoteReturned(self.voice.device, before.value_minor))
        return commands

    def _doubt(self, value_minor: int) -> None:
        worth = f"{value_minor // 100}.{value_minor % 100:02d}"
        sentence = f"A note of {worth} may be in the note box without a credit. Count it."
        self.voice.trouble(self.place, Fault(TroubleCode.UNCERTAIN_NOTE, Severity.ALARM, sentence), value_minor)
