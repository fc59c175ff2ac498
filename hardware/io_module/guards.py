"""What stops belt and deactivator when this program dies: a proof at every connection, and the pulses themselves."""

from __future__ import annotations

import time
from typing import Protocol

from hardware.errors import ProtocolError
from hardware.io_module.module import Module
from hardware.io_module.outputs import HOLD_PULSE_S
from hardware.io_module.register_maps import Flash, Watchdog
from hardware.io_module.wiring import PULSED, IoModuleSetup
from hardware.link import Link

_TRIAL_FIRST_S, _TRIAL_AGAIN_S, _TRIAL_GAP_S = 0.3, 0.6, 0.15
_WATCHDOG_MARGIN_S = 0.5


class Guard(Protocol):
    """One way to stop by itself."""

    def prove(self, port: Link) -> None:
        """Try it on the spare output, or raise ProtocolError: a module that cannot be stopped safely is not used."""

    def pulse(self, port: Link, channel: int, duration_s: float) -> None:
        """Switch an output on."""

    def renew(self, port: Link, channel: int) -> None:
        """Keep an output on."""

    def recover(self, port: Link) -> None:
        """Make outputs that the module switched off by itself obey again."""


def guard_of(setup: IoModuleSetup, module: Module) -> Guard:
    """Return the guard of a module's map."""
    found = setup.register_map.guard
    if isinstance(found, Flash):
        return FlashGuard(setup, module, found)
    return WatchdogGuard(setup, module, found)


class FlashGuard:
    """The module ends each pulse by itself; a held output is renewed."""

    def __init__(self, setup: IoModuleSetup, module: Module, flash: Flash) -> None:
        self._spare = setup.outputs.spare
        self._module = module
        self._flash = flash
        self._restarts = False

    def prove(self, port: Link) -> None:
        """Learn on the spare output whether a repeated pulse restarts the module's timer; makers do not say.

        Where it does not (or where no output is spare) a held output is renewed by off and on: two frames apart, some 50 ms.
        """
        self._restarts = False
        spare = self._spare
        if spare is None:
            return
        self.pulse(port, spare, _TRIAL_FIRST_S)
        if not self._module.outputs(port)[spare]:
            raise ProtocolError(
                f"the I/O module does not pulse output {spare}: belt and deactivator could not be stopped safely; "
                "use a module with flash-on, or give the spare output in the settings"
            )
        port.discard_input(_TRIAL_GAP_S)
        again_s = time.monotonic()
        self.pulse(port, spare, _TRIAL_AGAIN_S)
        port.discard_input(2 * _TRIAL_GAP_S)
        is_on = self._module.outputs(port)[spare]
        in_time = time.monotonic() - again_s < _TRIAL_AGAIN_S
        self._module.switch(port, spare, on=False)
        self._restarts = is_on and in_time

    def pulse(self, port: Link, channel: int, duration_s: float) -> None:
        """Send a pulse."""
        self._module.flash(port, self._flash, channel, duration_s)

    def renew(self, port: Link, channel: int) -> None:
        """Send a held output's next pulse."""
        if not self._restarts:
            self._module.switch(port, channel, on=False)
        self.pulse(port, channel, HOLD_PULSE_S)

    def recover(self, port: Link) -> None:
        """A reboot may have given outputs back to inputs."""
        self._module.take_outputs(port)


class WatchdogGuard:
    """The module switches everything off when it hears nothing; this program ends its pulses. Or nothing does, by settings."""

    def __init__(self, setup: IoModuleSetup, module: Module, watchdog: Watchdog | None) -> None:
        self._setup = setup
        self._module = module
        self._watchdog = watchdog

    def prove(self, port: Link) -> None:
        """Be silent for longer than the watchdog's time: the spare output must go off."""
        self.recover(port)
        if self._watchdog is None or self._setup.unguarded or not PULSED & set(self._setup.outputs.channels()):
            return
        self._ask_whether_enabled(port, self._watchdog)
        spare = self._setup.outputs.spare
        if spare is None:
            return
        self._module.switch(port, spare, on=True)
        if not self._module.outputs(port)[spare]:
            raise ProtocolError(f"output {spare} of the I/O module does not go on; the watchdog cannot be tried there")
        _be_silent(port, self._setup.watchdog_s + _WATCHDOG_MARGIN_S)
        if self._module.outputs(port)[spare]:
            raise ProtocolError(
                f"the I/O module's watchdog did not switch output {spare} off after {self._setup.watchdog_s:g} s of silence: "
                "belt and deactivator could not be stopped safely; set it up with the maker's tool, safe state off"
            )
        self.recover(port)

    def _ask_whether_enabled(self, port: Link, watchdog: Watchdog) -> None:
        if watchdog.enabled is not None and not self._module.watchdog_enabled(port, watchdog.enabled):
            raise ProtocolError(
                "the I/O module says that its watchdog is off: belt and deactivator could not be stopped safely; switch it on "
                f"with the maker's tool, {self._setup.watchdog_s:g} s and safe state off"
            )

    def pulse(self, port: Link, channel: int, duration_s: float) -> None:
        """Switch on; the driver switches off when the time is over."""
        del duration_s
        self._module.switch(port, channel, on=True)

    def renew(self, port: Link, channel: int) -> None:
        """Switch on again an output that was found off."""
        self._module.switch(port, channel, on=True)

    def recover(self, port: Link) -> None:
        """End the safe state."""
        if self._watchdog is not None and self._watchdog.clear is not None:
            self._module.leave_safe_state(port, self._watchdog.clear)


def _be_silent(port: Link, seconds: float) -> None:
    """Say nothing for so long, whatever comes in."""
    until = time.monotonic() + seconds
    while (left_s := until - time.monotonic()) > 0:
        port.read(left_s)
