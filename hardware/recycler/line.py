"""Speaks SSP: one question, one answer, repeated under the same sequence bit until it comes.

A slave that hears a question twice repeats its answer and does nothing, so every question may be repeated, even one that pays.
An encrypted question is repeated byte for byte: its count makes it worthless to a slave that has done and forgotten it. When
no try is answered, nobody knows any more which bit and count are next: the connection is begun anew, with a new key.

A question that was repeated too soon is answered more than once. A line keeps the order, so all these answers come before the
answer to the next question, whose bit is another: none can be taken for an answer to the one after it.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable

from hardware.errors import LinkLostError, ProtocolError
from hardware.link import Link
from hardware.recycler.protocol import Packet, Reader, encode
from hardware.recycler.protocol_cipher import STEX, Session, aes_key, number_bytes, parse_number, primes
from hardware.recycler.protocol_words import Status, Word, checked

REPLY_S = 1.0
"""As long as the protocol lets a slave take."""
TRICKLE_S = 0.25
"""While bytes still come, an answer is waited for this much longer, up to :data:`ANSWER_MAX_S`."""
ANSWER_MAX_S = 3.0
"""The longest answer takes 0.3 s at 9600 baud; a network or a busy machine in between may cut it into slow pieces."""
TRIES = 4
AGAIN_S = 0.25
"""A poll is answered within milliseconds, so it is repeated sooner, and a device without power is noticed within 2 s. Only the
last try waits for as long as the protocol allows."""
QUIET_S = 0.02
"""After a damaged answer the line must be silent this long before the question is repeated."""


class SspLine:
    """The line, as its host.

    Args:
        link: the open port.
        address: the slave's.
        secret_bits: gives random bits for the key exchange.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        link: Link,
        address: int,
        secret_bits: Callable[[int], int] = secrets.randbits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._address = address
        self._secret_bits = secret_bits
        self._clock = clock
        self._sequence = True
        self._session: Session | None = None

    def synchronise(self) -> None:
        """Agree on the next sequence bit; what follows is in the clear."""
        self._session = None
        self._sequence = True
        self._link.discard_input()
        self.ask(bytes([Word.SYNC]))
        self._sequence = False

    def agree(self, fixed_key: int) -> None:
        """Make a new key; all that follows is encrypted."""
        generator, modulus = primes(self._secret_bits)
        secret = self._secret_bits(31) | 1
        self.ask(bytes([Word.GENERATOR]) + number_bytes(generator))
        self.ask(bytes([Word.MODULUS]) + number_bytes(modulus))
        answer = self.ask(bytes([Word.KEY_EXCHANGE]) + number_bytes(pow(generator, secret, modulus)))
        shared = pow(parse_number(answer), secret, modulus)
        self._session = Session(aes_key(fixed_key, shared), os.urandom)

    def ask(self, data: bytes, again_s: float = REPLY_S) -> bytes:
        """Ask, and again after each ``again_s`` in vain; return what follows OK.

        Raises:
            RefusedError: the device said no.
            DeviceBusyError: it is busy with a payout.
            LinkLostError: the port is gone, no try was answered, or the device has lost its key.
        """
        payload = data if self._session is None else self._session.sealed(data)
        packet = Packet(self._address, self._sequence, payload)
        for number in range(1, TRIES + 1):
            answer = self._try(packet, again_s if number < TRIES else REPLY_S)
            if answer is not None:
                self._sequence = not self._sequence
                return checked(data[0], answer)
        raise LinkLostError(f"the recycler at address {self._address} does not answer; it is asked anew from the beginning")

    def _try(self, packet: Packet, reply_s: float) -> bytes | None:
        """Send the question once; return the answer, None if none came."""
        reader = Reader()
        self._link.write(encode(packet))
        begun_s = self._clock()
        deadline_s = begun_s + reply_s
        while data := self._link.read(max(0.0, deadline_s - self._clock())):
            for answer in reader.feed(data):
                told = self._told(packet, answer)
                if told is not None:
                    return told
            if reader.broken:
                self._link.discard_input(QUIET_S)
                return None
            now_s = self._clock()
            if now_s > begun_s + ANSWER_MAX_S:
                return None
            deadline_s = max(deadline_s, now_s + TRICKLE_S)
        return None

    def _told(self, question: Packet, answer: Packet) -> bytes | None:
        """Return what an answer says; None for one that belongs to another question."""
        if (answer.address, answer.sequence) != (question.address, question.sequence):
            return None
        if self._session is None:
            return answer.data if answer.data[0] != STEX else None
        if answer.data[0] == Status.NO_KEY:
            raise LinkLostError("the recycler has forgotten its key: it restarted")
        try:
            return self._session.opened(answer.data)
        except ProtocolError:
            return None
