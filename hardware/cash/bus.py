"""Speaks on the ccTalk wire: one question, one answer, the echo taken off.

On a single wire every byte that we send comes back first. A missing echo is a wiring fault, a wrong one a collision. A late
answer could be taken for the answer to the next question, so the line must be silent before one is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping

from hardware.cash.protocol import (
    HOST,
    INTER_BYTE_S,
    START_BYTES,
    Checksum,
    Frame,
    Header,
    decode,
    encode,
    frame_length,
)
from hardware.cash.protocol_values import parse_serial, parse_text
from hardware.connection import Identity
from hardware.errors import DeviceBusyError, DeviceError, DeviceRefusedError, LinkLostError, NoReplyError, ProtocolError
from hardware.link import Link

REPLY_S = 0.2
SLOW_REPLY_S = 2.0
"""For commands that write memory or check the device."""
TRIES = 3
LATE_ANSWER_S = 0.3
"""In CRC-16 mode nobody can tell who answers; an answer may be this late before it is taken for another device's."""

_ALL_THE_SAME: Mapping[int, Checksum] = {}


class CashBus:
    """The wire, as its master."""

    def __init__(
        self, link: Link, checksum: Checksum, *, echo: bool, checksums: Mapping[int, Checksum] = _ALL_THE_SAME
    ) -> None:
        """Speak on a line.

        Args:
            link: the line, open.
            checksum: how the devices are set up.
            echo: whether the adapter returns what is sent.
            checksums: addresses of devices that are set up otherwise.
        """
        self._link = link
        self._checksum: Checksum = checksum
        self._checksums = checksums
        self._echo = echo
        self.is_silent = False
        """Nobody answered when some were last asked: once is enough to see whether somebody does again."""
        self.questions = self.answers = 0
        """Frames sent, and answered with a frame that is right."""

    def ask(self, address: int, header: Header, data: bytes = b"", reply_s: float = REPLY_S) -> bytes:
        """Ask something that may be repeated; return the answer's data.

        Raises:
            DeviceError: the last try's error; LinkLostError and DeviceRefusedError at once.
        """
        for _ in range(0 if self.is_silent else TRIES - 1):
            try:
                return self.order(address, header, data, reply_s)
            except (LinkLostError, DeviceRefusedError):
                raise
            except DeviceError:
                continue
        return self.order(address, header, data, reply_s)

    def order(self, address: int, header: Header, data: bytes = b"", reply_s: float = REPLY_S) -> bytes:
        """Send one frame once; return the answer's data.

        Raises:
            DeviceRefusedError: NAK.
            DeviceBusyError: BUSY.
            NoReplyError: silence.
            ProtocolError: an answer that cannot be.
        """
        self._link.discard_input()
        checksum = self._checksums.get(address, self._checksum)
        sent = encode(Frame(address, header, data), checksum)
        self.questions += 1
        self._link.write(sent)
        try:
            if self._echo:
                self._take_echo(sent)
            answer = self._read_frame(reply_s, sent, checksum)
            self.answers += 1
            return _answer_data(answer, address)
        except (NoReplyError, ProtocolError):
            self._link.discard_input(INTER_BYTE_S if checksum == "sum8" else LATE_ANSWER_S)
            raise

    def identify(self, address: int) -> Identity:
        """Ask a device who it is."""
        product = parse_text(self.ask(address, Header.PRODUCT_CODE))
        category = parse_text(self.ask(address, Header.CATEGORY))
        firmware = parse_text(self.ask(address, Header.SOFTWARE))
        serial = parse_serial(self.ask(address, Header.SERIAL_NUMBER), self._manufacturer(address))
        return Identity(f"{category} {product}".strip(), serial, firmware)

    def _manufacturer(self, address: int) -> str:
        try:
            return parse_text(self.order(address, Header.MANUFACTURER))
        except LinkLostError:
            raise
        except DeviceError:
            return ""

    def _take_echo(self, sent: bytes) -> None:
        echo = self._link.read_exactly(len(sent), REPLY_S)
        if not echo:
            raise NoReplyError("the cash bus does not echo what is sent: check the wiring, or set echo = false")
        if echo != sent:
            raise ProtocolError(
                f"the echo {echo.hex(' ')} is not what was sent, {sent.hex(' ')}: a collision or a wrong setting"
            )

    def _read_frame(self, reply_s: float, sent: bytes, checksum: Checksum) -> Frame:
        received = self._read_up_to(START_BYTES, reply_s)
        if len(received) == START_BYTES:
            received += self._read_up_to(frame_length(received) - START_BYTES, INTER_BYTE_S)
        if not received:
            raise NoReplyError(f"address {sent[0]} does not answer")
        if received == sent:
            raise ProtocolError("the cash bus echoes what is sent: set echo = true")
        return decode(received, checksum)

    def _read_up_to(self, count: int, first_s: float) -> bytes:
        """Read ``count`` bytes; give up ``first_s`` before the first, or the inter-byte time after any other."""
        received = b""
        wait_s = first_s
        while len(received) < count:
            more = self._link.read(wait_s, count - len(received))
            if not more:
                break
            received += more
            wait_s = INTER_BYTE_S
        return received


def _answer_data(answer: Frame, address: int) -> bytes:
    if answer.destination != HOST or answer.source not in {None, address}:
        raise ProtocolError(f"asked {address}, but {answer.source} answered to {answer.destination}")
    if answer.header == Header.NAK:
        raise DeviceRefusedError(f"address {address} refused")
    if answer.header == Header.BUSY:
        raise DeviceBusyError(f"address {address} is busy")
    if answer.header != Header.REPLY:
        raise ProtocolError(f"address {address} answered with header {answer.header}")
    return answer.data
