"""eSSP: what a host and a payout device hide from whoever listens on the line (ITL SSP, GA138, encryption layer).

Key exchange after Diffie and Hellman, all numbers 64 bit, low byte first: the host sends a generator and a smaller modulus,
both prime, then ``generator ** secret % modulus``; the slave answers with its own such number. Both now know ``shared``. The
AES-128 key is the fixed key that both were given, followed by ``shared``.

Data of an encrypted frame, AES-128 in ECB mode behind the 0x7E::

    +------+--------+----------------+------ ... ------+-- ... --+---------+----------+
    | 0x7E | length |  count, 4 low  |      data       | packing | CRC low | CRC high |
    +------+--------+----------------+------ ... ------+-- ... --+---------+----------+

The packing is random and makes the length a multiple of 16. The host's first count is 0; an answer has the question's count
plus one, and the next question the same. Whatever has another count is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hardware.errors import ProtocolError
from hardware.recycler.protocol import CRC_BYTES, crc_bytes

STEX = 0x7E
BLOCK_BYTES = 16
NUMBER_BYTES = 8
NUMBER_MAX = 2**64 - 1
PRIME_BITS = 31
"""So many bits are safe in devices that multiply in 64 bits."""
DEFAULT_FIXED_KEY = 0x0123456701234567
_COUNT_BYTES = 4
_COUNT_MODULO = 2**32
_FRONT_BYTES = 1 + _COUNT_BYTES
PLAIN_MAX = 255 - 1 - _FRONT_BYTES - CRC_BYTES - BLOCK_BYTES
"""Bytes that fit into one encrypted frame."""
_WITNESSES = (2, 3, 5, 7)


def number_bytes(number: int) -> bytes:
    """Return a generator, modulus or intermediate number as it is sent.

    Raises:
        ValueError: it has more than 64 bits.
    """
    if not 0 <= number <= NUMBER_MAX:
        raise ValueError(f"{number} does not fit into 64 bits")
    return number.to_bytes(NUMBER_BYTES, "little")


def parse_number(data: bytes) -> int:
    """Read an intermediate number.

    Raises:
        ProtocolError: it is not 8 bytes.
    """
    if len(data) != NUMBER_BYTES:
        raise ProtocolError(f"an intermediate number is {NUMBER_BYTES} bytes, not {len(data)}")
    return int.from_bytes(data, "little")


def is_prime(number: int) -> bool:
    """Whether a number below 3,215,031,751 is prime (Miller and Rabin with four witnesses)."""
    if number <= 1 or any(number % witness == 0 for witness in _WITNESSES):
        return number in _WITNESSES
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(witness, number, odd, twos) for witness in _WITNESSES)


def _passes(witness: int, number: int, odd: int, twos: int) -> bool:
    power = pow(witness, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def primes(secret_bits: Callable[[int], int]) -> tuple[int, int]:
    """Return a generator and a smaller modulus, both prime; ``secret_bits(n)`` gives n random bits."""
    first = second = 0
    while first == second:
        first, second = _prime(secret_bits), _prime(secret_bits)
    return max(first, second), min(first, second)


def _prime(secret_bits: Callable[[int], int]) -> int:
    number = secret_bits(PRIME_BITS) | 1 << PRIME_BITS - 1 | 1
    while not is_prime(number):
        number = (number + 2) % (1 << PRIME_BITS) | 1 << PRIME_BITS - 1 | 1
    return number


def aes_key(fixed_key: int, shared: int) -> bytes:
    """Return the key of a session."""
    return number_bytes(fixed_key) + number_bytes(shared)


class Session:
    """An agreed key and the count of exchanges under it."""

    def __init__(self, key: bytes, packing: Callable[[int], bytes]) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - the device's protocol knows no other mode
        self._packing = packing
        self.count = 0

    def sealed(self, data: bytes) -> bytes:
        """Return ``data`` as it goes out under the present count.

        Raises:
            ValueError: it is too long.
        """
        if len(data) > PLAIN_MAX:
            raise ValueError(f"{len(data)} bytes are too many for one encrypted frame")
        front = bytes([len(data)]) + self.count.to_bytes(_COUNT_BYTES, "little") + data
        front += self._packing(-(len(front) + CRC_BYTES) % BLOCK_BYTES)
        encryptor = self._cipher.encryptor()
        return bytes([STEX]) + encryptor.update(front + crc_bytes(front)) + encryptor.finalize()

    def opened(self, sealed: bytes) -> bytes:
        """Read an answer and count the exchange.

        Raises:
            ProtocolError: it is damaged, or of another exchange; the count stays.
        """
        hidden = sealed[1:]
        if sealed[:1] != bytes([STEX]) or not hidden or len(hidden) % BLOCK_BYTES:
            raise ProtocolError(f"{len(sealed)} bytes are no encrypted answer")
        decryptor = self._cipher.decryptor()
        plain = decryptor.update(hidden) + decryptor.finalize()
        told, end = plain[:-CRC_BYTES], plain[-CRC_BYTES:]
        if crc_bytes(told) != end or _FRONT_BYTES + told[0] > len(told):
            raise ProtocolError("an encrypted answer is damaged")
        count = int.from_bytes(told[1:_FRONT_BYTES], "little")
        if count != (self.count + 1) % _COUNT_MODULO:
            raise ProtocolError(f"an encrypted answer has the count {count} after {self.count}")
        self.count = count
        return told[_FRONT_BYTES : _FRONT_BYTES + told[0]]
