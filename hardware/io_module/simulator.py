"""A simulated I/O module: 8 outputs, 8 inputs, the register map of the Waveshare Modbus RTU IO 8CH. Speaks Modbus RTU."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.io_module.terminals import CHANNELS, TOGGLE_BY_EDGE, Terminals

SILENCE_S = 0.05
"""A frame that stops this long is thrown away. The wire's own 4 ms would be too strict for ptys and busy machines."""
INPUTS_AT_REST = [False, False, False, True, False, False, False, True]
"""Of the lane: emergency stop closed, live zero on."""

_ALL, _FLASH_ON, _FLASH_OFF = 0x00FF, 0x0200, 0x0400
_MODES, _ADDRESS, _VERSION = 0x1000, 0x4000, 0x8000
_ON, _OFF, _TOGGLE = 0xFF00, 0x0000, 0x5500
_FLASH_STEPS_MAX = 0x7FFF
_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS, _ILLEGAL_VALUE = 1, 2, 3
_SHORT_FRAME, _LONG_FRAME_HEAD = 8, 9
_SHORT, _LONG = frozenset({1, 2, 3, 4, 5, 6}), frozenset({0x0F, 0x10})
_FRAME_MIN, _FRAME_MAX = 4, 256
_BITS_MAX = 2000


class IoModuleOptions(BaseModel):
    """What kind of module it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: int = Field(default=1, ge=1, le=247)
    version: int = Field(default=200, ge=0, le=0xFFFF)
    pulses_restart: bool = True
    """Whether flash-on of an output that is already flashing starts its time anew; makers do not say."""
    inputs: list[bool] = Field(default=INPUTS_AT_REST, min_length=CHANNELS, max_length=CHANNELS)
    """How the inputs stand at first."""


def build(options: Mapping[str, JsonValue], seed: int) -> IoModuleSimulator:
    """Make a module from the bench's settings; raises ValueError when they make no sense. It has no use for the seed."""
    del seed
    return IoModuleSimulator(IoModuleOptions.model_validate(dict(options)))


class _RefusedError(Exception):
    """The module answers with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class IoModuleSimulator:
    """A module on an RS-485 line."""

    def __init__(self, options: IoModuleOptions) -> None:
        self._options = options
        self._terminals = Terminals(options.inputs, pulses_restart=options.pulses_restart)
        self._now_s = 0.0
        self._received = bytearray()
        self._heard_s = 0.0
        self._answers = bytearray()
        self._functions: dict[int, Callable[[bytes, float], bytes]] = {
            0x01: self._read_coils,
            0x02: self._read_inputs,
            0x03: self._read_registers,
            0x05: self._write_coil,
            0x06: self._write_register,
            0x0F: self._write_coils,
            0x10: self._write_registers,
        }

    # The bench's side.

    def outputs(self, now_s: float) -> tuple[bool, ...]:
        """Return which outputs are on at this time."""
        return self._terminals.outputs(now_s)

    def set_input(self, index: int, on: bool) -> JsonValue:  # noqa: FBT001 - an action's arguments come by name
        """Put voltage on an input, 0 to 7, or take it off."""
        if not 0 <= index < CHANNELS:
            raise ActionError(f"There is no input {index}; the module has 0 to {CHANNELS - 1}.")
        self._terminals.set_input(index, on=on)
        return None

    def actions(self) -> Mapping[str, Action]:
        """What a person can do to a module."""
        return {"set_input": self.set_input}

    def facts(self) -> dict[str, JsonValue]:
        """Terminals as a voltmeter sees them."""
        terminals = self._terminals
        return {
            "inputs": list(terminals.inputs),
            "outputs": list(terminals.outputs(self._now_s)),
            "modes": list(terminals.modes),
        }

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take request bytes."""
        self._drop_stale(now_s)
        self._now_s = self._heard_s = now_s
        self._received += data
        while frame := self._next_frame():
            self._obey(frame, now_s)

    def send(self, now_s: float) -> bytes:
        """Return the answers."""
        self._now_s = now_s
        self._drop_stale(now_s)
        answers = bytes(self._answers)
        self._answers.clear()
        return answers

    def power_cycle(self, now_s: float) -> None:
        """Lose the outputs; modes and address are kept."""
        del now_s
        self._terminals.lose_power()
        self._received.clear()
        self._answers.clear()

    def _drop_stale(self, now_s: float) -> None:
        """End a frame by silence: one of unknown length is looked at, anything else was noise."""
        if not self._received or now_s - self._heard_s < SILENCE_S:
            return
        frame = bytes(self._received)
        self._received.clear()
        if len(frame) >= _FRAME_MIN and _crc(frame) == b"\0\0":
            self._obey(frame, now_s)

    def _next_frame(self) -> bytes:
        """Cut off a complete request whose length its function tells."""
        received = bytes(self._received)
        if len(received) > _FRAME_MAX:
            self._received.clear()
            return b""
        length = _request_length(received)
        if length is None or len(received) < length or _crc(received[:length]) != b"\0\0":
            return b""
        del self._received[:length]
        return received[:length]

    def _obey(self, frame: bytes, now_s: float) -> None:
        unit, function, body = frame[0], frame[1], frame[2:-2]
        if unit not in {0, self._options.unit}:
            return
        try:
            answer = bytes([unit, function]) + self._function(function)(body, now_s)
        except _RefusedError as refused:
            answer = bytes([unit, function | 0x80, refused.code])
        if unit:  # a broadcast is obeyed in silence
            self._answers += answer + _crc(answer)

    def _function(self, function: int) -> Callable[[bytes, float], bytes]:
        if function not in self._functions:
            raise _RefusedError(_ILLEGAL_FUNCTION)
        return self._functions[function]

    # Bits.

    def _read_coils(self, body: bytes, now_s: float) -> bytes:
        return _bits(self.outputs(now_s), body)

    def _read_inputs(self, body: bytes, now_s: float) -> bytes:
        del now_s
        return _bits(tuple(self._terminals.inputs), body)

    def _write_coil(self, body: bytes, now_s: float) -> bytes:
        where, value = _two(body)
        if where == _ALL:
            for channel in range(CHANNELS):
                self._switch(channel, value)
        elif where < CHANNELS:
            self._switch(where, value)
        elif where - _FLASH_ON in range(CHANNELS):
            self._flash(where - _FLASH_ON, value, now_s, on=True)
        elif where - _FLASH_OFF in range(CHANNELS):
            self._flash(where - _FLASH_OFF, value, now_s, on=False)
        else:
            raise _RefusedError(_ILLEGAL_ADDRESS)
        return body[:4]

    def _write_coils(self, body: bytes, now_s: float) -> bytes:
        del now_s
        start, count = _two(body)
        bits = int.from_bytes(body[5:], "little")
        if len(body) != 5 + (count + 7) // 8 or body[4] != (count + 7) // 8 or not count:
            raise _RefusedError(_ILLEGAL_VALUE)
        if start + count > CHANNELS:
            raise _RefusedError(_ILLEGAL_ADDRESS)
        for place in range(count):
            self._switch(start + place, _ON if bits >> place & 1 else _OFF)
        return body[:4]

    def _switch(self, channel: int, value: int) -> None:
        if value not in {_ON, _OFF, _TOGGLE}:
            raise _RefusedError(_ILLEGAL_VALUE)
        was_on = self._terminals.outputs(self._now_s)[channel]
        self._terminals.switch(channel, on=not was_on if value == _TOGGLE else value == _ON)

    def _flash(self, channel: int, steps: int, now_s: float, *, on: bool) -> None:
        if not 1 <= steps <= _FLASH_STEPS_MAX:
            raise _RefusedError(_ILLEGAL_VALUE)
        self._terminals.flash(channel, now_s, steps / 10, on=on)

    # Registers.

    def _read_registers(self, body: bytes, now_s: float) -> bytes:
        del now_s
        start, count = _two(body)
        if not 1 <= count <= 125:  # noqa: PLR2004 - the standard's limit
            raise _RefusedError(_ILLEGAL_VALUE)
        values = [self._register(address) for address in range(start, start + count)]
        return bytes([2 * count]) + b"".join(value.to_bytes(2) for value in values)

    def _register(self, address: int) -> int:
        if address - _MODES in range(CHANNELS):
            return self._terminals.modes[address - _MODES]
        fixed = {_ADDRESS: self._options.unit, _VERSION: self._options.version}
        if address not in fixed:
            raise _RefusedError(_ILLEGAL_ADDRESS)
        return fixed[address]

    def _write_register(self, body: bytes, now_s: float) -> bytes:
        del now_s
        self._set_mode(*_two(body))
        return body[:4]

    def _write_registers(self, body: bytes, now_s: float) -> bytes:
        del now_s
        start, count = _two(body)
        if len(body) != 5 + 2 * count or body[4] != 2 * count or not count:
            raise _RefusedError(_ILLEGAL_VALUE)
        for place in range(count):
            self._set_mode(start + place, int.from_bytes(body[5 + 2 * place : 7 + 2 * place]))
        return body[:4]

    def _set_mode(self, address: int, value: int) -> None:
        if address - _MODES not in range(CHANNELS):
            raise _RefusedError(_ILLEGAL_ADDRESS)
        if value > TOGGLE_BY_EDGE:
            raise _RefusedError(_ILLEGAL_VALUE)
        self._terminals.set_mode(address - _MODES, value)


def _crc(data: bytes) -> bytes:
    """CRC-16 as the standard's appendix describes it, bit by bit; over a whole sound frame it is 0."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            carry = value & 1
            value >>= 1
            if carry:
                value ^= 0xA001
    return bytes([value & 0xFF, value >> 8])


def _request_length(received: bytes) -> int | None:
    """How long this request is; None while or where it cannot be told."""
    if len(received) > 1 and received[1] in _SHORT:
        return _SHORT_FRAME
    if len(received) > 6 and received[1] in _LONG:  # noqa: PLR2004 - the byte that counts
        return _LONG_FRAME_HEAD + received[6]
    return None


def _two(body: bytes) -> tuple[int, int]:
    return int.from_bytes(body[:2]), int.from_bytes(body[2:4])


def _bits(values: tuple[bool, ...], body: bytes) -> bytes:
    start, count = _two(body)
    if not 1 <= count <= _BITS_MAX:
        raise _RefusedError(_ILLEGAL_VALUE)
    if start + count > CHANNELS:
        raise _RefusedError(_ILLEGAL_ADDRESS)
    number = sum(1 << place for place, value in enumerate(values[start : start + count]) if value)
    size = (count + 7) // 8
    return bytes([size]) + number.to_bytes(size, "little")
