"""A ccTalk hopper: pays coins out under the payout machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from hardware.cash import payout as machine
from hardware.cash import payout_events as happened
from hardware.cash.bus import SLOW_REPLY_S, CashBus
from hardware.cash.commands import AskPayoutOutcome, PayOut
from hardware.cash.events import HopperInfo, Level, PayoutReason, PayoutStarting, Severity, TroubleCode
from hardware.cash.hopper_dialect import DUMMY_KEY, HopperSetup, dialect_of, needs_dummy_key
from hardware.cash.payout_book import PayoutBook
from hardware.cash.payout_events import Event, Reading
from hardware.cash.payout_reading import observe, unanswered
from hardware.cash.payout_state import COMMANDS, Command, Payout
from hardware.cash.protocol import Header
from hardware.cash.protocol_counters import (
    ENABLE_KEY,
    FlowLevel,
    next_counter,
    parse_dispense_count,
    parse_flow_level,
    parse_hopper_sensors,
    parse_hopper_status,
    parse_hopper_test,
)
from hardware.cash.protocol_faults import Fault
from hardware.cash.protocol_values import parse_coin_id, serial_bytes
from hardware.cash.unit import Unit, Voice
from hardware.errors import DeviceError, DeviceRefusedError, LinkLostError, NoReplyError, WrongDeviceError
from hardware.journal import MoneyJournal

_log = logging.getLogger(__name__)

IDLE_POLL_S = 2.0
"""How often an idle hopper is asked for its level."""
STEPS_MAX = 10
"""A payout takes at most this many steps between two readings."""
DISABLE = b"\x00"


class Hopper(Unit):
    """One hopper, as its master knows it."""

    kind = "hopper"
    payout: Payout | None = None
    """The payout that runs, also while the connection is lost."""

    def __init__(self, address: int, voice: Voice, setup: HopperSetup, journal: MoneyJournal) -> None:
        super().__init__(address, voice)
        self.kind = f"hopper at address {address}"
        self.info = HopperInfo(setup.coin_minor or 0, Level.UNKNOWN, "")
        self.name = ""
        """Given by the driver when the coin is known."""
        self._setup = setup
        self._book = PayoutBook(voice, journal)
        self._payout_serial = ""
        self._poll_at_s = 0.0

    @property
    def place(self) -> str:
        """The hopper's name, by its coin."""
        return self.name or f"hopper at address {self.address}"

    def start(self, bus: CashBus, now_s: float) -> None:
        """Identify it; disable it if it stands still, for one that still pays is watched instead."""
        self._meet(bus)
        coin_minor = self._ask_coin(bus)
        status = parse_hopper_status(bus.ask(self.address, Header.HOPPER_STATUS))
        if status.remaining == 0:
            bus.ask(self.address, Header.ENABLE_HOPPER, DISABLE)
        dispensed = parse_dispense_count(bus.ask(self.address, Header.DISPENSE_COUNT))
        self.info = HopperInfo(coin_minor, self._ask_level(bus), self.identity.serial_number, dispensed)
        self._poll_at_s = now_s + IDLE_POLL_S

    def poll(self, bus: CashBus, now_s: float) -> None:
        """Ask for the level now and then; a payout is watched by :meth:`step`."""
        if now_s < self._poll_at_s:
            return
        dispensed = parse_dispense_count(bus.ask(self.address, Header.DISPENSE_COUNT))
        self.info = HopperInfo(self.info.coin_minor, self._ask_level(bus), self.info.serial, dispensed)
        self._poll_at_s = now_s + IDLE_POLL_S

    def pay_out(self, order: PayOut, now_s: float) -> None:
        """Begin a payout; :meth:`step` carries it on."""
        self.payout = Payout(order.payout_id, self.name, order.count, now_s)
        self._payout_serial = self.info.serial

    def ask_outcome(self, question: AskPayoutOutcome, now_s: float) -> None:
        """Begin to watch a payout of an earlier start."""
        self.payout = machine.asked(question.payout_id, self.name, question.dispensed_before, question.count, now_s)
        self._payout_serial = self.info.serial

    def stop(self, bus: CashBus) -> None:
        """Send an emergency stop at the next step, or now if nothing is known to run."""
        if self.payout is None:
            bus.ask(self.address, Header.EMERGENCY_STOP)
        elif not self.payout.is_finished:
            self._feed(happened.StopAsked(PayoutReason.STOPPED))

    def link_returned(self, now_s: float) -> None:
        """Learn that the connection is back: a running payout is judged by the counters."""
        if self.payout is None or self.payout.is_finished:
            return
        payout = self._feed(happened.LinkReturned(now_s))
        if not payout.is_finished and self.info.serial != self._payout_serial:
            self._feed(happened.GivenUp(PayoutReason.OTHER_HOPPER))

    def step(self, bus: CashBus, clock: Callable[[], float]) -> bool:
        """Carry the payout on to its next reading or its end; return whether the hopper answered.

        Raises:
            LinkLostError: the port is gone; the payout keeps its state until :meth:`link_returned`.
        """
        answered = True
        has_read = False
        for _ in range(STEPS_MAX):
            command = self._command()
            if command is Command.REPORT:
                self._report(bus)
                break
            if command is not Command.READ:
                self._feed(self._carry_out(bus, clock))
            elif has_read:
                break
            else:
                has_read = True
                answered = self._feed_reading(bus, clock)
        return answered

    def _command(self) -> Command:
        assert self.payout is not None
        return COMMANDS[self.payout.state]

    def _feed(self, event: Event) -> Payout:
        assert self.payout is not None
        payout, _ = machine.advance(self.payout, event)
        if payout.state is not self.payout.state:
            _log.info("%s: %s -> %s", self.name, event, payout.state.name)
        self.payout = payout
        return payout

    def _feed_reading(self, bus: CashBus, clock: Callable[[], float]) -> bool:
        assert self.payout is not None
        try:
            reading = self._reading(bus, clock)
        except LinkLostError:
            raise
        except DeviceError:
            self._feed(unanswered(self.payout, clock()))
            return False
        self._feed(observe(self.payout, reading))
        return True

    def _reading(self, bus: CashBus, clock: Callable[[], float]) -> Reading:
        status = parse_hopper_status(bus.ask(self.address, Header.HOPPER_STATUS))
        dispensed = parse_dispense_count(bus.ask(self.address, Header.DISPENSE_COUNT))
        flags = parse_hopper_test(bus.ask(self.address, Header.TEST_HOPPER))
        return Reading(status, dispensed, flags, clock())

    def _carry_out(self, bus: CashBus, clock: Callable[[], float]) -> Event:
        command = self._command()
        if command is Command.WRITE_INTENT:
            return self._write_intent(clock)
        if command is Command.DISPENSE:
            return self._dispense(bus, clock)
        if command is Command.ENABLE:
            return self._enable(bus, clock)
        header = Header.RESET if command is Command.RESET else Header.EMERGENCY_STOP
        try:
            bus.order(self.address, header)
        except LinkLostError:
            raise
        except DeviceError as error:
            _log.warning("%s did not answer %s: %s", self.name, header.name, error)
        return happened.ResetDone(clock()) if command is Command.RESET else happened.StopSent(clock())

    def _write_intent(self, clock: Callable[[], float]) -> Event:
        payout = self.payout
        assert payout is not None
        if not self._book.intend(payout, self.info, self.address):
            return happened.GivenUp(PayoutReason.NOT_JOURNALLED)
        before = payout.dispensed_before
        self.voice.publish(PayoutStarting(self.voice.device, payout.payout_id, self.name, payout.count, before))
        return happened.IntentWritten(clock())

    def _enable(self, bus: CashBus, clock: Callable[[], float]) -> Event:
        assert self.payout is not None
        try:
            if self._setup.pin:
                bus.ask(self.address, Header.ENTER_PIN, self._setup.pin.encode("ascii"), SLOW_REPLY_S)
            bus.ask(self.address, Header.ENABLE_HOPPER, bytes([ENABLE_KEY]))
        except LinkLostError:
            raise
        except DeviceRefusedError:
            return happened.GivenUp(PayoutReason.REFUSED)
        except DeviceError:
            return unanswered(self.payout, clock())
        return happened.Enabled()

    def _dispense(self, bus: CashBus, clock: Callable[[], float]) -> Event:
        """Send 167 exactly once. Whatever is not the one right answer is a doubt that only the counters resolve."""
        assert self.payout is not None
        try:
            key = self._key(bus)
        except LinkLostError:
            raise
        except DeviceError:
            # Nothing was told to move; the counters will say that it never heard.
            return happened.DispenseDoubtful(clock(), was_refused=False)
        try:
            answer = bus.order(self.address, Header.DISPENSE, key + bytes([self.payout.portion]))
        except LinkLostError:
            raise
        except DeviceRefusedError:
            return happened.DispenseDoubtful(clock(), was_refused=True)
        except DeviceError as error:
            _log.warning("%s: the order to pay %d is in doubt: %s", self.name, self.payout.portion, error)
            return happened.DispenseDoubtful(clock(), was_refused=False)
        is_plain = dialect_of(self._setup, self.identity.model) == "mk1"
        if answer != (b"" if is_plain else bytes([next_counter(self.payout.event_counter_before)])):
            return happened.DispenseDoubtful(clock(), was_refused=False)
        return happened.DispenseHeard(clock())

    def _key(self, bus: CashBus) -> bytes:
        """Return what goes before the number of coins."""
        if self._setup.cipher is not None:
            bus.ask(self.address, Header.PUMP_RNG, os.urandom(len(DUMMY_KEY)))
            return self._setup.cipher(bus.ask(self.address, Header.CIPHER_KEY))
        if needs_dummy_key(self._setup, self.identity.model):
            return DUMMY_KEY
        return serial_bytes(self.identity.serial_number)

    def _report(self, bus: CashBus) -> None:
        payout = self.payout
        assert payout is not None
        self.payout = None
        self._poll_at_s = 0.0
        self._book.settle(payout)
        if payout.has_mismatch:
            sentence = f"{self.name} counts its coins differently in two places. Count the change that was paid."
            self.voice.trouble(self.place, Fault(TroubleCode.COUNTER_MISMATCH, Severity.ALARM, sentence))
        if trouble := _TROUBLES.get(payout.reason or PayoutReason.DONE):
            self.voice.trouble(self.place, Fault(*trouble, _SENTENCES[trouble[0]].format(self.name)))
        self.voice.publish(payout.outcome(self.voice.device))
        try:
            bus.order(self.address, Header.ENABLE_HOPPER, DISABLE)
        except LinkLostError:
            raise
        except DeviceError as error:
            _log.warning("%s was not disabled: %s", self.name, error)

    def _ask_coin(self, bus: CashBus) -> int:
        coin_minor = None
        try:
            told = bus.ask(self.address, Header.HOPPER_COIN)
            coin_minor = parse_coin_id(told, self._learn_country([told]))
        except (DeviceRefusedError, NoReplyError) as error:
            _log.debug("the hopper at address %d does not tell its coin: %s", self.address, error)
        coin_minor = coin_minor or self._setup.coin_minor
        if coin_minor is None:
            raise WrongDeviceError(f"the hopper at address {self.address} does not tell which coin it holds: set its coin")
        return coin_minor

    def _ask_level(self, bus: CashBus) -> Level:
        try:
            if dialect_of(self._setup, self.identity.model) == "flow":
                return _FLOW_LEVELS[parse_flow_level(bus.ask(self.address, Header.OPTOS))]
            sensors = parse_hopper_sensors(bus.ask(self.address, Header.LEVEL))
        except (DeviceRefusedError, NoReplyError):
            return Level.UNKNOWN
        if sensors.has_low and sensors.below_low:
            return Level.LOW
        if sensors.has_high and sensors.above_high:
            return Level.HIGH
        return Level.MIDDLE if sensors.has_low or sensors.has_high else Level.UNKNOWN


_FLOW_LEVELS = {FlowLevel.EMPTY: Level.LOW, FlowLevel.HALF: Level.MIDDLE, FlowLevel.FULL: Level.HIGH}
_TROUBLES = {
    PayoutReason.EMPTY: (TroubleCode.EMPTY, Severity.OUT_OF_SERVICE),
    PayoutReason.JAM: (TroubleCode.JAM, Severity.OUT_OF_SERVICE),
    PayoutReason.TIME_UP: (TroubleCode.DEVICE_FAULT, Severity.ALARM),
    PayoutReason.RESET: (TroubleCode.DEVICE_RESET, Severity.ALARM),
}
_SENTENCES = {
    TroubleCode.EMPTY: "{} is empty. Fill it.",
    TroubleCode.JAM: "{} is jammed. Clear it.",
    TroubleCode.DEVICE_FAULT: "{} did not stop in time. Look into it.",
    TroubleCode.DEVICE_RESET: "{} restarted while it paid out.",
}
