"""The driver of a note recycler: notes in by escrow, notes out as change, an empty store into the cash box.

At the start and after every reconnect: identified (serial number, currency), a note in escrow handed back, nothing taken,
routes set, what was under way judged. A device that restarts has forgotten key and settings; the connection is begun anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from hardware.cash.commands import (
    AcceptCash,
    AskPayoutOutcome,
    EmergencyStop,
    PayOut,
    ReturnNote,
    StackNote,
    StopAccepting,
)
from hardware.cash.events import (
    CashDevices,
    CounterMemory,
    HopperInfo,
    Level,
)
from hardware.cash.unit import Voice
from hardware.connection import Identity
from hardware.device import DeviceCommand, DeviceEvent, SerialDriver
from hardware.errors import LinkLostError, WrongDeviceError
from hardware.journal import MemoryJournal, MoneyJournal
from hardware.link import LineSettings, Link
from hardware.recycler import intake, intake_events, troubles
from hardware.recycler.commands import EmptyStore, PayAmount, Recycle
from hardware.recycler.emptying import Emptying
from hardware.recycler.events import BOX, store_of
from hardware.recycler.line import SspLine
from hardware.recycler.notes_in import NotesIn
from hardware.recycler.notes_out import NotesOut
from hardware.recycler.protocol_cipher import DEFAULT_FIXED_KEY
from hardware.recycler.protocol_events import Happened, Told
from hardware.recycler.unit import RecyclerUnit

_log = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often levels and counters are read while nothing happens."""
_NO_MEMORY: Mapping[str, CounterMemory] = {}
_NOTHING: frozenset[int] = frozenset()


class RecyclerDriver(SerialDriver):
    """An NV200 with its store, or another validator that speaks SSP.

    Args:
        journal: remembers durably what was told to move and what moved; None: forgets it with the program.
        currency: the three letters that the device must count in.
        stored_minor: values of the notes that are kept for paying out; all others go into the cash box.
        serial_number: the only device to accept; empty: any.
        address: its address on the line.
        fixed_key: the half of the key that both were given.
        last_counters: the newest journalled memory of each place, from credits and CounterMoved.
        clock: monotonic seconds.
    """

    poll_period_s = 0.2
    line = LineSettings(stop_bits=2)

    def __init__(
        self,
        journal: MoneyJournal | None = None,
        *,
        currency: str = "CNY",
        stored_minor: frozenset[int] = _NOTHING,
        serial_number: str = "",
        address: int = 0,
        fixed_key: int = DEFAULT_FIXED_KEY,
        last_counters: Mapping[str, CounterMemory] = _NO_MEMORY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        kept: MoneyJournal = MemoryJournal() if journal is None else journal
        self._currency = currency
        self._stored_minor = stored_minor
        self._serial_number = serial_number
        self._address = address
        self._fixed_key = fixed_key
        self._clock = clock
        self._voice = Voice("", _nobody_listens)
        self._in = NotesIn(self._voice, kept, last_counters)
        self._out = NotesOut(self._voice, kept)
        self._emptying = Emptying(self._voice, kept)
        self._unit: RecyclerUnit | None = None
        self._can_pay = False
        self._allowed: frozenset[int] | None = None
        """What the device was told to take; None: nobody knows."""
        self._conditions: frozenset[Happened] = frozenset()
        self._has_polled = False
        self._look_at_s = 0.0
        self._told: CashDevices | None = None

    def open(self, url: str) -> Link:
        """Open the line."""
        self._find_voice()
        return super().open(url)

    def probe(self, port: Link) -> Identity:
        """Meet the device, everything off; judge what was under way when the connection was lost."""
        self._unit = None
        unit = RecyclerUnit(SspLine(port, self._address, clock=self._clock), self._currency, self._fixed_key)
        if self._serial_number not in {"", unit.serial}:
            raise WrongDeviceError(f"the recycler has the serial number {unit.serial}, expected {self._serial_number}")
        unit.switch_off()
        self._can_pay = unit.switch_on(self._stored_minor)
        self._unit = unit
        self._allowed = _NOTHING
        self._conditions = frozenset()
        self._has_polled = False
        self._told = None
        now_s = self._clock()
        self._look_at_s = now_s + LOOK_S
        self._in.wanted = _NOTHING
        self._in.meet(unit, now_s)
        self._out.meet(unit, now_s)
        self._emptying.meet(unit, now_s)
        if unit.setup.has_store and not self._can_pay:
            self._voice.trouble(BOX, troubles.CONDITIONS[Happened.STORE_OUT_OF_SERVICE])
        self._tell_devices(unit)
        return unit.identity

    def poll(self, port: Link) -> None:
        """Ask what has happened; carry on what is under way."""
        del port
        unit, now_s = self._unit, self._clock()
        assert unit is not None
        self._allow(unit)
        self._in.before_poll(unit, now_s)
        told = [] if self._in.holds and unit.hold() else unit.poll()
        is_moving = any(event.what in troubles.JAMS for event in told)
        for event in told:
            self._hear(event, unit, now_s)
        self._tell_conditions(frozenset(event.what for event in told))
        self._in.after_poll(unit, now_s, is_moving=is_moving)
        is_free = not self._in.is_busy and not self._emptying.is_running
        self._out.step(unit, now_s, is_free=is_free, is_moving=is_moving)
        self._emptying.step(unit, now_s, is_free=not self._in.is_busy and self._out.payout is None)
        if told or now_s >= self._look_at_s:
            self._look(unit, now_s)
        has_restarted = self._has_polled and Happened.RESET in {event.what for event in told}
        self._has_polled = True
        if has_restarted:
            raise LinkLostError("the recycler restarted; it is set up anew")

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Carry out one command."""
        assert self._unit is not None
        now_s = self._clock()
        if isinstance(command, AcceptCash):
            self._in.accept(command.notes)
        elif isinstance(command, StopAccepting):
            self._in.accept(_NOTHING)
        elif isinstance(command, StackNote | ReturnNote):
            self._in.feed(intake_events.KeepAsked() if isinstance(command, StackNote) else intake_events.ReturnAsked())
        elif isinstance(command, PayOut | PayAmount | AskPayoutOutcome):
            self._out.begin(command, self._unit, now_s)
        elif isinstance(command, EmergencyStop):
            self._out.stop(command.hopper)
        elif isinstance(command, EmptyStore):
            self._emptying.begin(command, now_s)
        elif isinstance(command, Recycle):
            self._stored_minor = command.values_minor
            self._unit.route(command.values_minor)
        else:
            super().perform(port, command)
        self.poll(port)

    def abandon(self, command: DeviceCommand) -> None:
        """Answer what cannot be begun; all else ends with the connection anyway."""
        self._find_voice()
        if isinstance(command, PayOut | PayAmount | AskPayoutOutcome):
            self._out.abandon(command)
        elif isinstance(command, EmptyStore):
            self._emptying.refuse(command)

    def leave_safe(self, port: Link) -> None:
        """Take nothing any more, and hand a note in escrow back."""
        del port
        assert self._unit is not None
        self._unit.switch_off()
        if self._out.payout is None and not self._in.is_busy:
            self._unit.disable()

    def _find_voice(self) -> None:
        self._voice.device = self.name
        self._voice.publish = self.publish

    def _allow(self, unit: RecyclerUnit) -> None:
        """Take notes only while nothing else moves."""
        is_free = self._out.payout is None and not self._emptying.is_running
        is_judging = self._in.intake.state is intake.State.JUDGING
        wanted = self._in.wanted if is_free and not is_judging else _NOTHING
        if wanted != self._allowed:
            self._allowed = None
            unit.take_only(wanted)
            self._allowed = wanted

    def _hear(self, told: Told, unit: RecyclerUnit, now_s: float) -> None:
        if told.what is Happened.OTHER:
            _log.warning("%s tells something unknown: %#04x", self.name, told.code)
        self._in.hear(told, unit.setup.values_minor, now_s)
        self._out.hear(told, now_s)
        self._emptying.hear(told, now_s)

    def _tell_conditions(self, told: frozenset[Happened]) -> None:
        now = told & troubles.CONDITIONS.keys()
        for what in sorted(now - self._conditions):
            self._voice.trouble(BOX, troubles.CONDITIONS[what])
        self._conditions = frozenset(now)

    def _look(self, unit: RecyclerUnit, now_s: float) -> None:
        self._look_at_s = now_s + LOOK_S
        unit.look()
        self._tell_devices(unit)

    def _tell_devices(self, unit: RecyclerUnit) -> None:
        stores = {
            store_of(value): HopperInfo(value, Level.UNKNOWN, unit.serial, count=count)
            for value, count in sorted(unit.levels.items())
            if self._can_pay and (count or value in self._stored_minor)
        }
        news = CashDevices(self.name, (), tuple(sorted(set(unit.setup.values_minor.values()))), stores)
        if news != self._told and self._out.payout is None:
            self._told = news
            self.publish(news)


def _nobody_listens(event: DeviceEvent) -> None:
    raise AssertionError(f"{event} before the driver has an owner")
