"""One question and its answer on a Modbus line, never mixed up with an older answer."""

from __future__ import annotations

import time
from typing import Protocol

from hardware.errors import DeviceError, NoReplyError, ProtocolError
from hardware.io_module import protocol, protocol_tcp
from hardware.io_module.protocol import Request
from hardware.io_module.register_maps import Words
from hardware.link import Link

REPLY_TIMEOUT_S = 0.2
TRICKLE_S = 0.05
"""While bytes still come, an answer is waited for a little longer, up to :data:`ANSWER_MAX_S`."""
ANSWER_MAX_S = 0.6
TCP_TRICKLE_S = 0.3
"""A lost packet is sent again after 0.2 s at the soonest; what was not in it is there at once."""
TCP_ANSWER_MAX_S = 1.0
RECEIVED_MAX_BYTES = 512
_SILENT_BITS = 3.5 * 11
"""Frames are parted by 3.5 characters of silence."""
_SILENCE_FAST_S = 0.00175
_FAST_BAUD = 19_200
"""Above this the silence no longer shrinks."""
_MODE_REGISTERS = Words(0x03, protocol.MODES, protocol.CHANNELS)


class Master(Protocol):
    """Asks one module. Every question of ours may be asked twice: it sets a state or reads one."""

    def restart(self) -> None:
        """Trust nothing that is on the line: it was opened again."""

    def ask(self, port: Link, request: Request, *, tries: int = 1) -> bytes:
        """Send the question and return the answer's data.

        Raises:
            NoReplyError: silence, in every try.
            ProtocolError: bytes came, but no answer among them, in every try.
            DeviceBusyError: the module asks to come again.
            DeviceRefusedError: the module does not do that.
            LinkLostError: the port is gone.
        """


class RtuMaster:
    """On a serial line, or behind a device server that passes serial bytes on.

    A frame has no number: after a failure the line is brought back in step before anything else is asked.
    """

    def __init__(self, unit: int, baud: int, in_step: Words | None = _MODE_REGISTERS) -> None:
        """Set whom to ask.

        Args:
            unit: the module's address.
            baud: how fast the line is.
            in_step: registers of which any number can be read; without them a failure is followed by waiting.
        """
        self._unit = unit
        self._silence_s = _SILENCE_FAST_S if baud > _FAST_BAUD else _SILENT_BITS / baud
        self._in_step_registers = in_step
        self._in_step = False
        self._turn = 0
        self._last_byte_s = 0.0

    def restart(self) -> None:
        """Trust nothing that is on the line: it was opened again."""
        self._in_step = False

    def ask(self, port: Link, request: Request, *, tries: int = 1) -> bytes:
        """Send the question and return the answer's data; see :meth:`Master.ask`."""
        while True:
            tries -= 1
            try:
                if not self._in_step:
                    self._resync(port)
                return self._exchange(port, request)
            except (NoReplyError, ProtocolError):
                self._in_step = False
                if tries <= 0:
                    raise

    def _resync(self, port: Link) -> None:
        """Ask for something whose answer no older question can have."""
        words = self._in_step_registers
        if words is None:
            port.discard_input(REPLY_TIMEOUT_S)
        else:
            self._turn += 1
            self._exchange(port, protocol.resync(self._unit, self._turn, words.start, words.count, words.function))
        self._in_step = True

    def _exchange(self, port: Link, request: Request) -> bytes:
        self._await_silence(port)
        port.write(request.frame)
        answer = Answer()
        while answer.read(port):
            self._last_byte_s = answer.last_byte_s
            data = protocol.find_reply(answer.received, request)
            if data is not None:
                return data
        raise failure(request, answer.received)

    def _await_silence(self, port: Link) -> None:
        """Wait until nobody has spoken for 3.5 characters; what was said meanwhile is thrown away."""
        deadline = time.monotonic() + REPLY_TIMEOUT_S
        while True:
            now_s = time.monotonic()
            if not port.read(max(0.0, self._last_byte_s + self._silence_s - now_s)):
                return
            self._last_byte_s = time.monotonic()
            if now_s > deadline:
                raise ProtocolError(f"the line of the module at address {self._unit} is never silent")


class TcpMaster:
    """On a network: every question has its number, so that a late answer is told apart."""

    def __init__(self) -> None:
        self._transaction = 0

    def restart(self) -> None:
        """Nothing: numbers go on over a new connection."""

    def ask(self, port: Link, request: Request, *, tries: int = 1) -> bytes:
        """Send the question and return the answer's data; see :meth:`Master.ask`."""
        while True:
            tries -= 1
            try:
                return self._exchange(port, request)
            except (NoReplyError, ProtocolError):
                if tries <= 0:
                    raise

    def _exchange(self, port: Link, request: Request) -> bytes:
        self._transaction = (self._transaction + 1) % protocol_tcp.TRANSACTIONS
        port.discard_input()
        port.write(protocol_tcp.frame(request, self._transaction))
        answer = Answer(TCP_TRICKLE_S, TCP_ANSWER_MAX_S)
        while answer.read(port):
            data = protocol_tcp.find_reply(answer.received, request, self._transaction)
            if data is not None:
                return data
        raise failure(request, answer.received)


class Answer:
    """The bytes that come after a question, for a bounded time."""

    def __init__(self, trickle_s: float = TRICKLE_S, answer_max_s: float = ANSWER_MAX_S) -> None:
        """Begin to wait.

        Args:
            trickle_s: how long a pause within the answer may be.
            answer_max_s: how long the whole answer may take.
        """
        self.received = b""
        self.last_byte_s = time.monotonic()
        self._trickle_s = trickle_s
        self._end_s = self.last_byte_s + answer_max_s
        self._deadline_s = self.last_byte_s + REPLY_TIMEOUT_S

    def read(self, port: Link) -> bool:
        """Wait for more; return whether any came before time was up.

        When a busy machine wakes us late, what came in time is there and is taken.
        """
        if len(self.received) >= RECEIVED_MAX_BYTES:
            return False
        more = port.read(max(0.0, min(self._deadline_s, self._end_s) - time.monotonic()))
        self.received += more
        self.last_byte_s = time.monotonic()
        self._deadline_s = max(self._deadline_s, self.last_byte_s + self._trickle_s)
        return bool(more)


def failure(request: Request, received: bytes) -> DeviceError:
    """Return what to raise when time is up."""
    if received:
        return ProtocolError(f"no answer to {request.says} among the bytes {received[:32].hex(' ').upper()}")
    return NoReplyError(f"the I/O module at address {request.unit} did not answer within {REPLY_TIMEOUT_S} s")
