"""One address of the settings, and whether its device answers."""

from __future__ import annotations

from collections.abc import Callable

from hardware.cash.bus import CashBus
from hardware.cash.events import Severity, TroubleCode
from hardware.cash.hopper import Hopper
from hardware.cash.protocol import Header
from hardware.cash.protocol_faults import Fault
from hardware.cash.unit import Unit, Voice
from hardware.errors import DeviceError, LinkLostError, NoReplyError

FAILURES_MAX = 3
"""Polls in a row without an answer after which a device is missing."""
SEARCH_PERIOD_S = 5.0
"""How often a missing device is looked for."""


class Seat:
    """A place on the bus where a device should be."""

    def __init__(self, unit: Unit, voice: Voice, clock: Callable[[], float]) -> None:
        self.unit = unit
        self.is_present = False
        self._voice = voice
        self._clock = clock
        self._failures = 0
        self._search_at_s: float | None = None
        """None: not known to be missing."""

    def start(self, bus: CashBus) -> str:
        """Start the device; return what is wrong with it, or nothing."""
        try:
            self.unit.start(bus, self._clock())
        except LinkLostError:
            raise
        except DeviceError as error:
            self._lose(str(error))
            return str(error)
        if self._search_at_s is not None:
            self._tell(TroubleCode.DEVICE_BACK, Severity.INFORMATION, f"The {self.unit.kind} answers again.")
        self.is_present, self._failures, self._search_at_s = True, 0, None
        return ""

    def search(self, bus: CashBus) -> bool:
        """Look for a missing device when it is time; return whether it was found and started."""
        if self.is_present or self._search_at_s is None or self._clock() < self._search_at_s:
            return False
        try:
            bus.order(self.unit.address, Header.SIMPLE_POLL)
        except LinkLostError:
            raise
        except DeviceError as error:
            self._lose(str(error))
            return False
        return not self.start(bus)

    def poll(self, bus: CashBus) -> DeviceError | None:
        """Poll a device that is here, or carry its payout on; return its error, if any."""
        unit = self.unit
        try:
            if isinstance(unit, Hopper) and unit.payout is not None:
                return None if unit.step(bus, self._clock) else NoReplyError(f"the {unit.kind} does not answer")
            if self.is_present:
                unit.poll(bus, self._clock())
        except LinkLostError:
            raise
        except DeviceError as error:
            self._failures += 1
            if self._failures >= FAILURES_MAX:
                self._lose(str(error))
            return error
        self._failures = 0
        return None

    def knock(self, bus: CashBus) -> DeviceError | None:
        """Ask a device that had nothing to tell whether it is there; return its error, if any."""
        try:
            bus.order(self.unit.address, Header.SIMPLE_POLL)
        except LinkLostError:
            raise
        except DeviceError as error:
            return error
        return None

    def _lose(self, reason: str) -> None:
        if self._search_at_s is None:
            sentence = f"The {self.unit.kind} does not work: {reason}. Check its plug."
            self._tell(TroubleCode.DEVICE_MISSING, Severity.OUT_OF_SERVICE, sentence)
        self.is_present = False
        self._search_at_s = self._clock() + SEARCH_PERIOD_S

    def _tell(self, code: TroubleCode, severity: Severity, sentence: str) -> None:
        self._voice.trouble(self.unit.place, Fault(code, severity, sentence))
