"""One question and its answer on a Modbus line, never mixed up with an older answer."""

from __future__ import annotations

import time

from hardware.errors import DeviceError, NoReplyError, ProtocolError
from hardware.io_module import protocol
from hardware.io_module.protocol import Request
from hardware.link import Link

REPLY_TIMEOUT_S = 0.2
RECEIVED_MAX_BYTES = 512
_SILENT_BITS = 3.5 * 11
"""Frames are parted by 3.5 characters of silence."""
_SILENCE_MIN_S = 0.00175


class Master:
    """Asks one module. After a failure the line is brought back in step before anything else is asked."""

    def __init__(self, unit: int, baud: int) -> None:
        self._unit = unit
        self._silence_s = max(_SILENT_BITS / baud, _SILENCE_MIN_S)
        self._in_step = False
        self._turn = 0

    def restart(self) -> None:
        """Trust nothing that is on the line: it was opened again."""
        self._in_step = False

    def ask(self, port: Link, request: Request, *, tries: int = 1) -> bytes:
        """Send the question and return the answer's data.

        Every question of this master may be asked twice: it sets a state or reads one.

        Raises:
            NoReplyError: silence, in every try.
            ProtocolError: bytes came, but no answer among them, in every try.
            DeviceBusyError: the module asks to come again.
            DeviceRefusedError: the module does not do that.
            LinkLostError: the port is gone.
        """
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
        self._turn += 1
        self._exchange(port, protocol.resync(self._unit, self._turn))
        self._in_step = True

    def _exchange(self, port: Link, request: Request) -> bytes:
        port.discard_input(self._silence_s)
        port.write(request.frame)
        deadline = time.monotonic() + REPLY_TIMEOUT_S
        received = b""
        while (left_s := deadline - time.monotonic()) > 0 and len(received) < RECEIVED_MAX_BYTES:
            received += port.read(left_s)
            data = protocol.find_reply(received, request)
            if data is not None:
                return data
        raise self._failure(request, received)

    @staticmethod
    def _failure(request: Request, received: bytes) -> DeviceError:
        if received:
            return ProtocolError(f"no answer to {request.says} among the bytes {received[:32].hex(' ').upper()}")
        return NoReplyError(f"the I/O module at address {request.unit} did not answer within {REPLY_TIMEOUT_S} s")
