"""A simulated I/O module: the register maps of Waveshare, ADAM, ioLogik and plain modules, in Modbus RTU or TCP frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.io_module.simulator_line import SILENCE_S, Question, RtuFramer, TcpFramer
from hardware.io_module.simulator_memory import (
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    OFF,
    ON,
    AdamMemory,
    IoLogikMemory,
    Memory,
    PlainMemory,
    RefusedError,
    WaveshareMemory,
)
from hardware.io_module.terminals import Terminals, Watchdog

__all__ = ["CHANNELS", "INPUTS_AT_REST", "SILENCE_S", "IoModuleOptions", "IoModuleSimulator", "build"]

CHANNELS = 8
INPUTS_AT_REST = [False, False, False, True, False, False, False, True]
"""Of the lane: emergency stop closed, live zero on."""
_BITS_MAX, _WORDS_MAX = 2000, 125
_BODY_MIN = 4
Kind = Literal["waveshare-io-8ch", "adam-4055", "adam-4150", "iologik-e1212", "iologik-e1214", "plain-8ch"]
_SIZES: Mapping[str, tuple[int, int]] = {"adam-4150": (7, 8), "iologik-e1214": (6, 6)}
"""Inputs and outputs of those that have not eight of each."""


class IoModuleOptions(BaseModel):
    """What kind of module it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    map: Kind = "waveshare-io-8ch"
    """Which maker's register map it has."""
    framing: Literal["rtu", "tcp"] = "rtu"
    """How frames look."""
    unit: int = Field(default=1, ge=1, le=247)
    version: int = Field(default=200, ge=0, le=0xFFFF)
    mac: str = Field(default="0090E8000001", pattern="^[0-9A-F]{12}$")
    """An ioLogik's network address, which serves as its serial number."""
    pulses_restart: bool = True
    """Whether flash-on of an output that is already flashing starts its time anew; makers do not say."""
    watchdog_s: float | None = Field(default=1.0, gt=0)
    """After so much silence an ADAM or ioLogik switches its outputs off; null switches its watchdog off."""
    inputs: list[bool] = Field(default=INPUTS_AT_REST, min_length=CHANNELS, max_length=CHANNELS)
    """How the inputs stand at first; a module that has fewer uses the first of them."""


def build(options: Mapping[str, JsonValue], seed: int) -> IoModuleSimulator:
    """Make a module from the bench's settings; raises ValueError when they make no sense. It has no use for the seed."""
    del seed
    return IoModuleSimulator(IoModuleOptions.model_validate(dict(options)))


def other_options(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what makes another module than these options: another version, model or network address."""
    another = {"adam-4055": "adam-4150", "adam-4150": "adam-4055"}
    found = str(options.get("map", "waveshare-io-8ch"))
    return {**options, "map": another.get(found, found), "version": 201, "mac": "0090E8000002"}


def _terminals(options: IoModuleOptions) -> Terminals:
    inputs, outputs = _SIZES.get(options.map, (CHANNELS, CHANNELS))
    has_watchdog = options.map.startswith(("adam", "iologik"))
    watchdog = Watchdog(options.watchdog_s if has_watchdog else None, stays=options.map.startswith("iologik"))
    return Terminals(options.inputs[:inputs], outputs, pulses_restart=options.pulses_restart, watchdog=watchdog)


def _memory(options: IoModuleOptions, terminals: Terminals) -> Memory:
    if options.map == "waveshare-io-8ch":
        return WaveshareMemory(terminals, options.unit, options.version)
    if options.map.startswith("adam"):
        return AdamMemory(terminals, int(options.map.removeprefix("adam-"), 16))
    if options.map.startswith("iologik"):
        return IoLogikMemory(terminals, options.map.removeprefix("iologik-").upper(), options.mac)
    return PlainMemory(terminals)


class IoModuleSimulator:
    """A module on an RS-485 line or on a network."""

    def __init__(self, options: IoModuleOptions) -> None:
        self._options = options
        self._terminals = _terminals(options)
        self._memory = _memory(options, self._terminals)
        self._framer = TcpFramer() if options.framing == "tcp" else RtuFramer()
        self._now_s = 0.0
        self._answers = bytearray()
        self._functions: dict[int, Callable[[int, bytes], bytes]] = {
            0x01: self._read_bits,
            0x02: self._read_bits,
            0x03: self._read_words,
            0x04: self._read_words,
            0x05: self._write_coil,
            0x06: self._write_word,
            0x0F: self._write_coils,
            0x10: self._write_words,
        }

    # The bench's side.

    def outputs(self, now_s: float) -> tuple[bool, ...]:
        """Return which outputs are on at this time."""
        return self._terminals.outputs(now_s)

    def set_input(self, index: int, on: bool) -> JsonValue:  # noqa: FBT001 - an action's arguments come by name
        """Close an input's contact (voltage on it), counted from 0, or open it."""
        self._check_input(index)
        self._terminals.set_input(index, on=on)
        return None

    def pulse_input(self, index: int) -> JsonValue:
        """Close an input's contact and open it at once, quicker than anybody can ask."""
        self._check_input(index)
        self._terminals.set_input(index, on=True)
        self._terminals.set_input(index, on=False)
        return None

    def break_wire(self, index: int, *, broken: bool) -> JsonValue:
        """Break the wire to an input, or mend it; a broken wire reads as off, whatever the contact does."""
        self._check_input(index)
        self._terminals.break_wire(index, broken=broken)
        return None

    def write_outputs(self, outputs: list[bool]) -> JsonValue:
        """Another master switches the outputs, beginning with output 0."""
        if len(outputs) > len(self._terminals.modes):
            raise ActionError(f"There are {len(self._terminals.modes)} outputs.")
        for channel, on in enumerate(outputs):
            self._terminals.switch(channel, on=on)
        return None

    def actions(self) -> Mapping[str, Action]:
        """What a person can do to a module."""
        return {
            "set_input": self.set_input,
            "pulse_input": self.pulse_input,
            "break_wire": self.break_wire,
            "write_outputs": self.write_outputs,
        }

    def facts(self) -> dict[str, JsonValue]:
        """Terminals as a voltmeter sees them."""
        terminals = self._terminals
        return {
            "inputs": list(terminals.inputs),
            "outputs": list(terminals.outputs(self._now_s)),
            "modes": list(terminals.modes),
            "counts": list(terminals.counts),
            "safe_state": terminals.watchdog.is_safe,
        }

    def _check_input(self, index: int) -> None:
        count = len(self._terminals.inputs)
        if not 0 <= index < count:
            raise ActionError(f"There is no input {index}; the module has 0 to {count - 1}.")

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take request bytes."""
        self._now_s = now_s
        for question in self._framer.feed(data, now_s):
            self._obey(question)

    def send(self, now_s: float) -> bytes:
        """Return the answers."""
        self._now_s = now_s
        self._terminals.outputs(now_s)
        for question in self._framer.wait(now_s):
            self._obey(question)
        answers = bytes(self._answers)
        self._answers.clear()
        return answers

    def power_cycle(self, now_s: float) -> None:
        """Lose outputs and counts; modes and address are kept."""
        self._terminals.lose_power()
        if isinstance(self._memory, IoLogikMemory):
            self._memory.started_s = now_s
        self._framer.forget()
        self._answers.clear()

    def _obey(self, question: Question) -> None:
        if not self._framer.is_for(question, self._options.unit):
            return
        self._terminals.outputs(self._now_s)
        self._terminals.watchdog.hear(self._now_s)
        function, body = question.pdu[0], question.pdu[1:]
        try:
            answer = bytes([function]) + self._function(function, body)(function, body)
        except RefusedError as refused:
            answer = bytes([function | 0x80, refused.code])
        self._answers += self._framer.framed(question, answer)

    def _function(self, function: int, body: bytes) -> Callable[[int, bytes], bytes]:
        if function not in self._functions or function not in self._memory.functions:
            raise RefusedError(ILLEGAL_FUNCTION)
        if len(body) < _BODY_MIN:
            raise RefusedError(ILLEGAL_VALUE)
        return self._functions[function]

    def _read_bits(self, function: int, body: bytes) -> bytes:
        start, count = _two(body)
        if not 1 <= count <= _BITS_MAX:
            raise RefusedError(ILLEGAL_VALUE)
        bits = [self._memory.bit(function, address, self._now_s) for address in range(start, start + count)]
        number = sum(1 << place for place, on in enumerate(bits) if on)
        size = (count + 7) // 8
        return bytes([size]) + number.to_bytes(size, "little")

    def _read_words(self, function: int, body: bytes) -> bytes:
        start, count = _two(body)
        if not 1 <= count <= _WORDS_MAX:
            raise RefusedError(ILLEGAL_VALUE)
        values = [self._memory.word(function, address, self._now_s) for address in range(start, start + count)]
        return bytes([2 * count]) + b"".join(value.to_bytes(2) for value in values)

    def _write_coil(self, _function: int, body: bytes) -> bytes:
        self._memory.write_coil(*_two(body), self._now_s)
        return body[:4]

    def _write_coils(self, _function: int, body: bytes) -> bytes:
        start, count = _two(body)
        bits = int.from_bytes(body[5:], "little")
        if len(body) != 5 + (count + 7) // 8 or body[4] != (count + 7) // 8 or not count:
            raise RefusedError(ILLEGAL_VALUE)
        for address in range(start, start + count):
            self._memory.bit(0x01, address, self._now_s)
        for place in range(count):
            self._memory.write_coil(start + place, ON if bits >> place & 1 else OFF, self._now_s)
        return body[:4]

    def _write_word(self, _function: int, body: bytes) -> bytes:
        self._memory.write_word(*_two(body))
        return body[:4]

    def _write_words(self, _function: int, body: bytes) -> bytes:
        start, count = _two(body)
        if len(body) != 5 + 2 * count or body[4] != 2 * count or not count:
            raise RefusedError(ILLEGAL_VALUE)
        for place in range(count):
            self._memory.write_word(start + place, int.from_bytes(body[5 + 2 * place : 7 + 2 * place]))
        return body[:4]


def _two(body: bytes) -> tuple[int, int]:
    return int.from_bytes(body[:2]), int.from_bytes(body[2:4])
