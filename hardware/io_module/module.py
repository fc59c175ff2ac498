"""One module seen through its register map: what it is asked, in words of inputs and outputs. Runs on the device's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hardware.connection import Identity
from hardware.errors import ProtocolError, WrongDeviceError
from hardware.io_module import protocol
from hardware.io_module.master import Master
from hardware.io_module.register_maps import Bits, Flash, Told, Words, told
from hardware.io_module.wiring import IoModuleSetup
from hardware.link import Link

TRIES = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """What one scan found."""

    inputs: tuple[bool, ...]
    outputs: tuple[bool, ...] | None
    """None when they were not asked for."""


class Module:
    """The module at the end of a line."""

    def __init__(self, setup: IoModuleSetup, master: Master) -> None:
        self.map = setup.register_map
        self._setup = setup
        self._unit = setup.unit
        self._master = master

    # Reading.

    def scan(self, port: Link, *, outputs: bool, tries: int = 1) -> Sample:
        """Read the inputs, and the outputs where they are wanted or cost nothing."""
        together = self.map.together
        if together is None:
            inputs = self._believed(self._bits(port, self.map.inputs, tries))
            return Sample(inputs, self.outputs(port) if outputs else None)
        words = self._words(port, together, tries)
        inputs = self._believed(_from_word(words[0], self.map.inputs.count))
        return Sample(inputs, _from_word(words[-1], self.map.outputs.count))

    def outputs(self, port: Link) -> tuple[bool, ...]:
        """Read which outputs are on."""
        return self._bits(port, self.map.outputs, TRIES)

    def counts(self, port: Link) -> dict[int, int]:
        """Read the counters of the inputs that are to be counted, by channel."""
        counters = self._setup.counters
        if counters is None:
            return {}
        channels = [self._setup.inputs.channels()[name] for name in self._setup.counted]
        first, last = min(channels), max(channels)
        words = Words(counters.words.function, counters.words.start + 2 * first, 2 * (last - first + 1))
        found = self._words(port, words, 1)
        return {channel: _long(found[2 * (channel - first) :], high_first=counters.high_word_first) for channel in channels}

    def uptime_s(self, port: Link) -> int | None:
        """Return how long the module runs; None where it does not tell."""
        return _long(self._words(port, self.map.uptime, 1), high_first=True) if self.map.uptime is not None else None

    def _bits(self, port: Link, bits: Bits, tries: int) -> tuple[bool, ...]:
        request = protocol.read(self._unit, bits.function, bits.start, bits.count)
        return protocol.unpack_bits(self._master.ask(port, request, tries=tries), bits.count)

    def _words(self, port: Link, words: Words, tries: int) -> tuple[int, ...]:
        request = protocol.read(self._unit, words.function, words.start, words.count)
        return protocol.unpack_registers(self._master.ask(port, request, tries=tries))

    def _believed(self, inputs: tuple[bool, ...]) -> tuple[bool, ...]:
        live_zero = self._setup.inputs.live_zero
        if live_zero is not None and not inputs[live_zero]:
            raise ProtocolError(
                f"input {live_zero} of the I/O module is off, but it is wired to on: the inputs have no supply, or another "
                "module answers; check the 24 V supply and the wiring"
            )
        return inputs

    # Switching.

    def switch(self, port: Link, channel: int, *, on: bool) -> None:
        """Switch one output."""
        self._write_coil(port, self.map.outputs.start + channel, on=on)

    def switch_all(self, port: Link, wanted: Mapping[int, bool]) -> None:
        """Switch several outputs; neighbours in one question."""
        waiting = sorted(wanted)
        while waiting:
            first = waiting[0]
            run = [channel for place, channel in enumerate(waiting) if channel == first + place]
            waiting = waiting[len(run) :]
            if len(run) == 1:
                self.switch(port, first, on=wanted[first])
            else:
                values = [wanted[channel] for channel in run]
                start = self.map.outputs.start + first
                self._master.ask(port, protocol.write_coils(self._unit, values, start), tries=TRIES)

    def flash(self, port: Link, flash: Flash, channel: int, duration_s: float) -> None:
        """Switch one output on; the module switches it off by itself."""
        self._master.ask(port, protocol.flash_on(self._unit, channel, duration_s, flash.start), tries=TRIES)

    def all_off(self, port: Link) -> None:
        """Switch everything off."""
        outputs = self.map.outputs
        self._master.ask(port, protocol.write_coils(self._unit, [False] * outputs.count, outputs.start), tries=TRIES)

    def leave_safe_state(self, port: Link, coil: int) -> None:
        """End the state into which the module's watchdog put it."""
        self._write_coil(port, coil, on=True)

    def _write_coil(self, port: Link, coil: int, *, on: bool) -> None:
        self._master.ask(port, protocol.write_coil(self._unit, coil, on=on), tries=TRIES)

    # Coming.

    def restart(self) -> None:
        """The line was opened again."""
        self._master.restart()

    def take_outputs(self, port: Link) -> None:
        """Set every output's mode to 0, where there are modes: the host decides, no input does."""
        if self.map.modes is not None:
            for channel, mode in enumerate(self._words(port, self.map.modes, TRIES)):
                if mode:
                    self._write_register(port, self.map.modes.start + channel, 0)

    def start_counters(self, port: Link) -> None:
        """Let the inputs be counted that shall be."""
        counters = self._setup.counters
        if counters is None:
            return
        for name in sorted(self._setup.counted):
            channel = self._setup.inputs.channels()[name]
            if counters.mode is not None:
                self._write_register(port, counters.mode + channel, 1)
            if counters.run is not None:
                self._write_coil(port, counters.run + channel, on=True)

    def identify(self, port: Link) -> Identity:
        """Ask who it is.

        Raises:
            WrongDeviceError: it calls itself otherwise than the map's module does.
        """
        found = self.map
        model = self._told(port, found.model)
        if found.model is not None and not model.startswith(found.model_prefix):
            raise WrongDeviceError(
                f"the module at address {self._unit} calls itself {model or 'nothing'}, the settings say {found.title}; "
                "plug in the right one, or set map to what stands there"
            )
        firmware = self._told(port, found.firmware)
        name = found.title if model else f"I/O module at address {self._unit}"
        return Identity(name, self._told(port, found.serial_number), firmware)

    def watchdog_enabled(self, port: Link, words: Words) -> bool:
        """Whether the module says that its watchdog is on."""
        return any(self._words(port, words, TRIES))

    def _told(self, port: Link, wanted: Told | None) -> str:
        return told(self._words(port, wanted.words, TRIES), wanted.form) if wanted is not None else ""

    def _write_register(self, port: Link, address: int, value: int) -> None:
        self._master.ask(port, protocol.write_register(self._unit, address, value), tries=TRIES)


def _from_word(word: int, count: int) -> tuple[bool, ...]:
    return tuple(bool(word >> place & 1) for place in range(count))


def _long(words: tuple[int, ...], *, high_first: bool) -> int:
    high, low = words[:2] if high_first else (words[1], words[0])
    return high << 16 | low
