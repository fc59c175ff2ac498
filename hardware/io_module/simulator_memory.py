"""Where simulated modules keep what the host reads and writes. Written from the makers' tables, not from the driver's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hardware.io_module.terminals import TOGGLE_BY_EDGE, Terminals

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
ON, OFF = 0xFF00, 0x0000
_TOGGLE = 0x5500
_READ_COILS, _READ_DISCRETE, _READ_HOLDING, _READ_INPUT = 1, 2, 3, 4


class RefusedError(Exception):
    """The module answers with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Memory(Protocol):
    """Coils, inputs and registers of one kind of module; what is not there raises RefusedError."""

    functions: frozenset[int]
    """What the module understands."""

    def bit(self, function: int, address: int, now_s: float) -> bool:
        """Read a coil (1) or an input (2)."""

    def write_coil(self, address: int, value: int, now_s: float) -> None:
        """Write a coil; FF00 is on and 0 is off."""

    def word(self, function: int, address: int, now_s: float) -> int:
        """Read a holding register (3) or an input register (4)."""

    def write_word(self, address: int, value: int) -> None:
        """Write a holding register."""


def _on(value: int) -> bool:
    if value not in {ON, OFF}:
        raise RefusedError(ILLEGAL_VALUE)
    return value == ON


def _at(values: list[bool] | tuple[bool, ...], place: int) -> bool:
    if not 0 <= place < len(values):
        raise RefusedError(ILLEGAL_ADDRESS)
    return values[place]


@dataclass
class PlainMemory:
    """Coils and inputs from address 0, nothing else."""

    terminals: Terminals
    functions = frozenset({1, 2, 5, 0x0F})

    def bit(self, function: int, address: int, now_s: float) -> bool:
        """Read an output or an input."""
        found = self.terminals.outputs(now_s) if function == _READ_COILS else self.terminals.inputs
        return _at(found, address)

    def write_coil(self, address: int, value: int, now_s: float) -> None:
        """Switch an output."""
        self.bit(_READ_COILS, address, now_s)
        self.terminals.switch(address, on=_on(value))

    def word(self, function: int, address: int, now_s: float) -> int:
        """There are no registers."""
        del function, address, now_s
        raise RefusedError(ILLEGAL_ADDRESS)

    def write_word(self, address: int, value: int) -> None:
        """There are no registers."""
        del address, value
        raise RefusedError(ILLEGAL_ADDRESS)


@dataclass
class WaveshareMemory(PlainMemory):
    """Waveshare Modbus RTU IO 8CH: flash-on from 200, flash-off from 400, all outputs at FF, modes from 1000."""

    unit: int
    version: int
    functions = frozenset({1, 2, 3, 5, 6, 0x0F, 0x10})

    def write_coil(self, address: int, value: int, now_s: float) -> None:
        """Switch, toggle or flash an output."""
        count = len(self.terminals.modes)
        if address == 0x00FF:  # noqa: PLR2004 - the maker's table
            for channel in range(count):
                self._switch(channel, value, now_s)
        elif address < count:
            self._switch(address, value, now_s)
        elif address - 0x0200 in range(count):
            self._flash(address - 0x0200, value, now_s, on=True)
        elif address - 0x0400 in range(count):
            self._flash(address - 0x0400, value, now_s, on=False)
        else:
            raise RefusedError(ILLEGAL_ADDRESS)

    def _switch(self, channel: int, value: int, now_s: float) -> None:
        on = not self.terminals.outputs(now_s)[channel] if value == _TOGGLE else _on(value)
        self.terminals.switch(channel, on=on)

    def _flash(self, channel: int, steps: int, now_s: float, *, on: bool) -> None:
        if not 1 <= steps <= 0x7FFF:  # noqa: PLR2004 - the maker's table
            raise RefusedError(ILLEGAL_VALUE)
        self.terminals.flash(channel, now_s, steps / 10, on=on)

    def word(self, function: int, address: int, now_s: float) -> int:
        """Read an output's mode, the address or the version."""
        del function, now_s
        modes = dict(enumerate(self.terminals.modes, 0x1000))
        found = {**modes, 0x4000: self.unit, 0x8000: self.version}
        if address not in found:
            raise RefusedError(ILLEGAL_ADDRESS)
        return found[address]

    def write_word(self, address: int, value: int) -> None:
        """Set an output's mode."""
        if address - 0x1000 not in range(len(self.terminals.modes)):
            raise RefusedError(ILLEGAL_ADDRESS)
        if value > TOGGLE_BY_EDGE:
            raise RefusedError(ILLEGAL_VALUE)
        self.terminals.set_mode(address - 0x1000, value)


@dataclass
class AdamMemory:
    """Advantech ADAM-4055 and 4150: inputs at 00001, outputs at 00017, name at 40211, words at 40301; counters on the 4150."""

    terminals: Terminals
    model: int
    functions = frozenset({1, 2, 3, 4, 5, 6, 0x0F, 0x10})

    @property
    def _counts(self) -> bool:
        return self.model == 0x4150  # noqa: PLR2004 - the model's name

    def bit(self, function: int, address: int, now_s: float) -> bool:
        """Read an input or an output; both kinds of reading see the same row."""
        del function
        if address >= 16:  # noqa: PLR2004 - 00017
            return _at(self.terminals.outputs(now_s), address - 16)
        return _at(self.terminals.inputs, address)

    def write_coil(self, address: int, value: int, now_s: float) -> None:
        """Switch an output."""
        _at(self.terminals.outputs(now_s), address - 16)
        self.terminals.switch(address - 16, on=_on(value))

    def word(self, function: int, address: int, now_s: float) -> int:
        """Read a register of the table."""
        del function
        terminals = self.terminals
        outputs = terminals.outputs(now_s)
        found = {
            210: self.model,
            211: 0,
            212: 0xA200,
            213: 0xB001,
            214: int(terminals.watchdog.after_s is not None),
            215: int(terminals.watchdog.has_acted),
            300: _word_of(terminals.inputs),
            301: 0,
            302: _word_of(outputs),
        }
        if self._counts:
            for channel, count in enumerate(terminals.counts):
                found |= {2 * channel: count & 0xFFFF, 2 * channel + 1: count >> 16}
                found[78 + channel] = int(terminals.counting[channel])
        if address not in found:
            raise RefusedError(ILLEGAL_ADDRESS)
        return found[address]

    def write_word(self, address: int, value: int) -> None:
        """Set an input's mode: 0 reads, 1 counts as well."""
        if not self._counts or address - 78 not in range(len(self.terminals.counting)):
            raise RefusedError(ILLEGAL_ADDRESS)
        if value not in {0, 1}:
            raise RefusedError(ILLEGAL_VALUE)
        self.terminals.counting[address - 78] = bool(value)


@dataclass
class IoLogikMemory(PlainMemory):
    """Moxa ioLogik E1212 and E1214: counters at 30017 run by coils from 00257, about itself from 35001, watchdog at 04145."""

    model: str
    mac: str
    started_s: float = 0.0
    functions = frozenset({1, 2, 3, 4, 5, 6, 0x0F, 0x10})

    def bit(self, function: int, address: int, now_s: float) -> bool:
        """Read an output, an input, a counter's switch or the watchdog's alarm."""
        if function == _READ_COILS and address - 0x0100 in range(len(self.terminals.counting)):
            return self.terminals.counting[address - 0x0100]
        if function == _READ_COILS and address == 4144:  # noqa: PLR2004 - the maker's table
            self.terminals.outputs(now_s)
            return self.terminals.watchdog.is_safe
        return super().bit(function, address, now_s)

    def write_coil(self, address: int, value: int, now_s: float) -> None:
        """Switch an output or a counter, clear a counter, end the watchdog's alarm."""
        counting = self.terminals.counting
        if address - 0x0100 in range(len(counting)):
            counting[address - 0x0100] = _on(value)
        elif address - 0x0110 in range(len(counting)):
            if not _on(value):
                raise RefusedError(ILLEGAL_VALUE)
            self.terminals.counts[address - 0x0110] = 0
        elif address == 4144:  # noqa: PLR2004 - the maker's table
            self.terminals.outputs(now_s)
            if _on(value):
                self.terminals.watchdog.end_safe_state()
        else:
            super().write_coil(address, value, now_s)

    def word(self, function: int, address: int, now_s: float) -> int:
        """Read a register of the table."""
        terminals = self.terminals
        if function == _READ_HOLDING:
            found = {0x20: _word_of(terminals.outputs(now_s))}
        else:
            uptime_s = int(now_s - self.started_s)
            found = {0x30: _word_of(terminals.inputs), 5020: uptime_s >> 16, 5021: uptime_s & 0xFFFF}
            found |= {5029: 0x0302, 5030: 0x0000}
            found |= _text(5000, self.model, 10) | _text(5024, bytes.fromhex(self.mac).decode("latin-1"), 3)
            for channel, count in enumerate(terminals.counts):
                found |= {0x10 + 2 * channel: count >> 16, 0x11 + 2 * channel: count & 0xFFFF}
        if address not in found:
            raise RefusedError(ILLEGAL_ADDRESS)
        return found[address]


def _word_of(bits: list[bool] | tuple[bool, ...]) -> int:
    return sum(1 << place for place, on in enumerate(bits) if on)


def _text(start: int, text: str, words: int) -> dict[int, int]:
    raw = text.encode("latin-1").ljust(2 * words, b"\0")
    return {start + place: raw[2 * place] << 8 | raw[2 * place + 1] for place in range(words)}
