"""Modbus questions and their answers (Application Protocol V1.1b3), and RTU frames (Modbus over Serial Line V1.02).

::

    +---------+----------+----------------------+-----------+
    | address | function | data                 | CRC-16    |
    | 1 byte  | 1 byte   | 0 to 252 bytes       | low, high |
    +---------+----------+----------------------+-----------+

    read coils 01, inputs 02, registers 03   ask     start (2)  count (2)
                                             answer  bytes (1)  bits, lowest first | registers, high byte first
    write one coil 05, one register 06       ask     where (2)  what (2)            answer the same
    read input registers 04                  the same as 03
    write coils 0F                           ask     start (2)  count (2)  bytes (1)  bits
                                             answer  start (2)  count (2)
    refusal                                          function | 80  code (1)

    Waveshare: coil 0200 + channel takes a time in steps of 0.1 s ("flash on"): on at once, off by itself.

A frame has no start mark and no number: an answer is found by its address, function, length and CRC, and a late answer to an
older question can look right. :meth:`resync` makes questions whose answers differ in length, so that a late one is told apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hardware.errors import DeviceBusyError, DeviceError, DeviceRefusedError

CHANNELS = 8
FLASH_ON = 0x0200
FLASH_STEP_S = 0.1
FLASH_STEPS_MAX = 0x7FFF
MODES = 0x1000
VERSION = 0x8000

_ON, _OFF = 0xFF00, 0x0000
_READ_COILS, _READ_INPUTS, _READ_REGISTERS, _READ_INPUT_REGISTERS = 0x01, 0x02, 0x03, 0x04
_WRITE_COIL, _WRITE_REGISTER, _WRITE_COILS = 0x05, 0x06, 0x0F
_REFUSAL_BIT = 0x80
_REFUSAL_LENGTH = 5
_REFUSAL_PDU = 2
_HEAD = 3
_CRC_BYTES = 2
_REFUSALS = {1: "unknown function", 2: "no such address", 3: "value not allowed", 4: "device failure", 6: "busy"}
_BUSY = 6


def crc(data: bytes) -> bytes:
    """Return the two CRC bytes: polynomial A001 reflected, start FFFF, low byte first."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value.to_bytes(_CRC_BYTES, "little")


def _crc_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC_TABLE = tuple(_crc_of_byte(byte) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Request:
    """A question and the shape of its answer."""

    unit: int
    """The module's address, 1 to 247."""
    function: int
    body: bytes
    data_bytes: int | None
    """How many data bytes the answer counts; None when the answer repeats the question's first four bytes."""

    @property
    def frame(self) -> bytes:
        """The bytes to send on a serial line."""
        return _sealed(bytes([self.unit]) + self.pdu)

    @property
    def pdu(self) -> bytes:
        """Function and data, the same on every kind of line."""
        return bytes([self.function]) + self.body

    @property
    def says(self) -> str:
        """The question in words, for messages."""
        return f"function {self.function:02X} at {self.body[:2].hex().upper()}"


def _sealed(frame: bytes) -> bytes:
    return frame + crc(frame)


def read(unit: int, function: int, start: int, count: int) -> Request:
    """Ask for bits (functions 01 and 02) or registers (03 and 04)."""
    data_bytes = (count + 7) // 8 if function in {_READ_COILS, _READ_INPUTS} else 2 * count
    return Request(unit, function, start.to_bytes(2) + count.to_bytes(2), data_bytes)


def read_coils(unit: int, start: int = 0, count: int = CHANNELS) -> Request:
    """Ask which outputs are on."""
    return read(unit, _READ_COILS, start, count)


def read_inputs(unit: int, start: int = 0, count: int = CHANNELS) -> Request:
    """Ask which inputs are on."""
    return read(unit, _READ_INPUTS, start, count)


def read_registers(unit: int, start: int, count: int = 1) -> Request:
    """Ask for holding registers."""
    return read(unit, _READ_REGISTERS, start, count)


def read_input_registers(unit: int, start: int, count: int = 1) -> Request:
    """Ask for registers that only the module writes."""
    return read(unit, _READ_INPUT_REGISTERS, start, count)


def write_coil(unit: int, channel: int, *, on: bool) -> Request:
    """Switch one output."""
    return Request(unit, _WRITE_COIL, channel.to_bytes(2) + (_ON if on else _OFF).to_bytes(2), None)


def flash_on(unit: int, channel: int, duration_s: float, start: int = FLASH_ON) -> Request:
    """Switch one output on; the module switches it off by itself. ``start`` is channel 0's coil of such pulses.

    Raises:
        ValueError: the time is no number of steps of 0.1 s that the module can count.
    """
    steps = round(duration_s / FLASH_STEP_S) if math.isfinite(duration_s) else 0
    if not 1 <= steps <= FLASH_STEPS_MAX:
        raise ValueError(f"a pulse lasts {FLASH_STEP_S} to {FLASH_STEPS_MAX * FLASH_STEP_S:.1f} s, not {duration_s} s")
    return Request(unit, _WRITE_COIL, (start + channel).to_bytes(2) + steps.to_bytes(2), None)


def write_coils(unit: int, values: Sequence[bool], start: int = 0) -> Request:
    """Switch several outputs at once."""
    bits = pack_bits(values)
    return Request(unit, _WRITE_COILS, start.to_bytes(2) + len(values).to_bytes(2) + bytes([len(bits)]) + bits, None)


def write_register(unit: int, address: int, value: int) -> Request:
    """Set one holding register."""
    return Request(unit, _WRITE_REGISTER, address.to_bytes(2) + value.to_bytes(2), None)


def resync(unit: int, turn: int, start: int = MODES, count: int = CHANNELS, function: int = _READ_REGISTERS) -> Request:
    """Ask for 1 to ``count`` registers, another count each turn: no two turns in a row have answers of one length."""
    return read(unit, function, start, 1 + turn % count)


def find_reply(received: bytes, request: Request) -> bytes | None:
    """Find the answer among the bytes that came; return its data, or None when it is not (yet) there.

    Noise before, answers of other modules and answers of another shape are passed over.

    Raises:
        DeviceBusyError: the module asks to come again.
        DeviceRefusedError: the module refuses.
    """
    for start in range(len(received)):
        rest = received[start:]
        data = _reply_at_start(rest, request)
        if data is not None:
            return data
        error = _refusal_at_start(rest, request)
        if error is not None:
            raise error
    return None


def answer_of(pdu: bytes, request: Request) -> bytes | None:
    """Return the data of an answer without frame; None when it answers something else.

    Raises:
        DeviceBusyError: the module asks to come again.
        DeviceRefusedError: the module refuses.
    """
    if len(pdu) == _REFUSAL_PDU and pdu[0] == request.function | _REFUSAL_BIT:
        raise _refusal(request, pdu[1])
    if request.data_bytes is None:
        return request.body[:4] if pdu == bytes([request.function]) + request.body[:4] else None
    head = bytes([request.function, request.data_bytes])
    return pdu[2:] if pdu.startswith(head) and len(pdu) == len(head) + request.data_bytes else None


def _reply_at_start(received: bytes, request: Request) -> bytes | None:
    if request.data_bytes is None:
        expected = _sealed(bytes([request.unit, request.function]) + request.body[:4])
        return request.body[:4] if received.startswith(expected) else None
    if not received.startswith(bytes([request.unit, request.function, request.data_bytes])):
        return None
    end = _HEAD + request.data_bytes
    frame, seal = received[:end], received[end : end + _CRC_BYTES]
    return frame[_HEAD:] if seal == crc(frame) else None


def _refusal_at_start(received: bytes, request: Request) -> DeviceError | None:
    if not received.startswith(bytes([request.unit, request.function | _REFUSAL_BIT])) or len(received) < _REFUSAL_LENGTH:
        return None
    frame, seal = received[:_HEAD], received[_HEAD:_REFUSAL_LENGTH]
    if seal != crc(frame):
        return None
    return _refusal(request, frame[2])


def _refusal(request: Request, code: int) -> DeviceError:
    sentence = f"the I/O module refuses {request.says}: {_REFUSALS.get(code, f'code {code}')}"
    return DeviceBusyError(sentence) if code == _BUSY else DeviceRefusedError(sentence)


def pack_bits(values: Sequence[bool]) -> bytes:
    """Return bits in bytes, the first value lowest."""
    number = sum(1 << place for place, value in enumerate(values) if value)
    return number.to_bytes((len(values) + 7) // 8, "little")


def unpack_bits(data: bytes, count: int = CHANNELS) -> tuple[bool, ...]:
    """Return the first ``count`` bits, lowest first."""
    number = int.from_bytes(data, "little")
    return tuple(bool(number >> place & 1) for place in range(count))


def unpack_registers(data: bytes) -> tuple[int, ...]:
    """Return 16-bit registers."""
    return tuple(int.from_bytes(data[place : place + 2]) for place in range(0, len(data), 2))
