"""The simulated slave's side of the line: frames in, frames out, the last answer kept, the encrypted envelope.

Written from the reference on its own; it shares no code with the driver's side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_STX, _STEX = 0x7F, 0x7E
_SYNC, _GENERATOR, _MODULUS, _EXCHANGE = 0x11, 0x4A, 0x4B, 0x4C
_OK, _OUT_OF_RANGE, _FAIL, _NO_KEY = b"\xf0", b"\xf4", b"\xf8", b"\xfa"
_ONLY_ENCRYPTED = frozenset({0x33, 0x38, 0x3B, 0x3C, 0x3D, 0x3F, 0x46, 0x52})
_NUMBER = 8
_BLOCK = 16
_HEAD = 5
"""Length and count of an encrypted envelope."""
_CRC_TABLE: list[int] = []


def _fill_table() -> None:
    for high in range(256):
        value = high << 8
        for _ in range(8):
            value = (value << 1 ^ (0x8005 if value >> 15 else 0)) & 0xFFFF
        _CRC_TABLE.append(value)


_fill_table()


def checksum(data: bytes) -> bytes:
    """Return the two bytes that end a frame."""
    value = 0xFFFF
    for byte in data:
        value = (value << 8 & 0xFF00) ^ _CRC_TABLE[value >> 8 ^ byte]
    return bytes((value & 0xFF, value >> 8))


def is_prime(number: int) -> bool:
    """Whether a number of up to 32 bits is prime, by trying."""
    if number <= 1 or number >> 32:
        return False
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1 if divisor == 2 else 2  # noqa: PLR2004 - the only even prime
    return True


class Noise:
    """Bytes without a pattern, all from a seed."""

    def __init__(self, seed: int) -> None:
        self._state = seed.to_bytes(16, "little", signed=True)

    def take(self, count: int) -> bytes:
        """Return the next bytes, at most 32."""
        self._state = hashlib.sha256(self._state).digest()
        return self._state[:count]


class SlaveLine:
    """Hears frames for one address and answers each once.

    Args:
        address: the slave's.
        fixed_key: the half of the key that both were given.
        answer: carries out a plain command and returns the plain answer; None: says nothing.
        seed: for the slave's secret number and its packing.
    """

    def __init__(self, address: int, fixed_key: int, answer: Callable[[bytes, float], bytes | None], seed: int) -> None:
        self._address = address
        self._fixed_key = fixed_key
        self._answer = answer
        self._noise = Noise(seed)
        self._frame = bytearray()
        self._in_frame = self._was_stx = False
        self.loses_next_payout_reply = False
        self.executed: list[int] = []
        """Commands carried out, the newest last; for whoever looks inside."""
        self._outgoing = bytearray()
        self.restart()

    def restart(self) -> None:
        """Forget bit, key and what was on its way, as without power."""
        self._frame.clear()
        self._outgoing.clear()
        self._in_frame = self._was_stx = False
        self._heard_bit: int | None = None
        self._last_answer = b""
        self._cipher: Cipher[modes.ECB] | None = None
        self._count = 0
        self._generator = self._modulus = 0

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes from the host."""
        for byte in data:
            self._byte(byte, now_s)

    def send(self) -> bytes:
        """Return what goes to the host."""
        sent = bytes(self._outgoing)
        self._outgoing.clear()
        return sent

    def _byte(self, byte: int, now_s: float) -> None:
        if byte == _STX and not self._was_stx:
            self._was_stx = True
            return
        if self._was_stx and byte != _STX:
            self._in_frame = True
            self._frame.clear()
        self._was_stx = False
        if not self._in_frame:
            return
        self._frame.append(byte)
        if len(self._frame) >= 2 and len(self._frame) == self._frame[1] + 4:  # noqa: PLR2004 - head and checksum
            self._in_frame = False
            self._whole(bytes(self._frame), now_s)

    def _whole(self, frame: bytes, now_s: float) -> None:
        if checksum(frame[:-2]) != frame[-2:] or frame[0] & 0x7F != self._address or not frame[1]:
            return
        bit, data = frame[0] & 0x80, frame[2:-2]
        if data[0] == _SYNC:
            self._heard_bit = 0x80
            self._reply(frame[0], _OK)
        elif bit == self._heard_bit and self._last_answer:
            self._outgoing += self._last_answer
        else:
            self._new(frame[0], bit, data, now_s)

    def _new(self, first: int, bit: int, data: bytes, now_s: float) -> None:
        is_sealed = data[0] == _STEX
        if is_sealed and self._cipher is None:
            self._reply(first, _NO_KEY)
            return
        opened = self._opened(data[1:]) if is_sealed else data
        if not opened:
            return
        self._heard_bit, self._last_answer = bit, b""
        answer = _NO_KEY if opened[0] in _ONLY_ENCRYPTED and not is_sealed else self._carried_out(opened, now_s)
        if answer is not None:
            self._reply(first, self._sealed(answer) if is_sealed else answer)
        if self.loses_next_payout_reply and opened[0] in {0x33, 0x46}:
            self.loses_next_payout_reply = False
            self._outgoing.clear()

    def _carried_out(self, data: bytes, now_s: float) -> bytes | None:
        self.executed.append(data[0])
        if data[0] in {_GENERATOR, _MODULUS, _EXCHANGE}:
            return self._exchange(data[0], data[1:])
        return self._answer(data, now_s)

    def _exchange(self, command: int, data: bytes) -> bytes:
        number = int.from_bytes(data, "little")
        if len(data) != _NUMBER:
            return b"\xf3"
        if command != _EXCHANGE:
            if not is_prime(number):
                return _OUT_OF_RANGE
            if command == _GENERATOR:
                self._generator = number
            else:
                self._modulus = number
            return _OK
        if not self._generator or not self._modulus or self._generator <= self._modulus:
            return _FAIL
        secret = int.from_bytes(self._noise.take(4), "little") >> 2 | 1
        shared = pow(number, secret, self._modulus)
        key = self._fixed_key.to_bytes(_NUMBER, "little") + shared.to_bytes(_NUMBER, "little")
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - as the device does
        self._count = 0
        return _OK + pow(self._generator, secret, self._modulus).to_bytes(_NUMBER, "little")

    def _opened(self, hidden: bytes) -> bytes:
        assert self._cipher is not None
        if not hidden or len(hidden) % _BLOCK:
            return b""
        opener = self._cipher.decryptor()
        plain = opener.update(hidden) + opener.finalize()
        count = int.from_bytes(plain[1:_HEAD], "little")
        if checksum(plain[:-2]) != plain[-2:] or count != self._count or plain[0] > len(plain) - _HEAD - 2:
            return b""
        return plain[_HEAD : _HEAD + plain[0]]

    def _sealed(self, data: bytes) -> bytes:
        if self._cipher is None:
            return data
        self._count = (self._count + 1) % (1 << 32)
        front = bytes((len(data),)) + self._count.to_bytes(4, "little") + data
        front += self._noise.take(-(len(front) + 2) % _BLOCK)
        sealer = self._cipher.encryptor()
        return bytes((_STEX,)) + sealer.update(front + checksum(front)) + sealer.finalize()

    def _reply(self, first: int, data: bytes) -> None:
        body = bytes((first, len(data))) + data
        body += checksum(body)
        wire = bytearray((_STX,))
        for byte in body:
            wire.append(byte)
            if byte == _STX:
                wire.append(_STX)
        self._last_answer = bytes(wire)
        self._outgoing += wire
