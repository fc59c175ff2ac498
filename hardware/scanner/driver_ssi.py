"""Talks SSI with a Zebra scanner and publishes each code once.

1. Every packet with a code is published, then acknowledged, so that a code of a program that dies in between is sent again; one
   that was sent again and had already arrived is acknowledged and nothing else.
2. A broken packet is refused once the line is silent, and the scanner sends it again: noise loses no code.
3. A scanner that lost its power forgets that it should speak in packets, and its bytes show it: it is told again.
"""

from __future__ import annotations

import logging
import time

from hardware.connection import Identity
from hardware.device import DeviceCommand, SerialDriver
from hardware.errors import DeviceRefusedError, NoReplyError
from hardware.link import LineSettings, Link, waits
from hardware.scanner import protocol_ssi as protocol
from hardware.scanner.events import AllowScanning, CodeScanned, Light, ScanDiscarded, SoundGoodRead, SoundNotOnFile
from hardware.scanner.protocol import Broken, Code, Repeats
from hardware.scanner.protocol_ssi import NakReason, Op, Packet, StatusBit

LISTEN_S = 0.05
"""How long one poll listens; a command of the owner waits no longer."""
HEALTH_PERIOD_S = 0.8
HEALTH_TIMEOUT_S = 0.25
PROBE_TIMEOUT_S = 0.5
ORDER_TIMEOUT_S = 0.3
TRIES_MAX = 3
SETTLE_S = 0.05

_log = logging.getLogger(__name__)


class SsiDriver(SerialDriver):
    """Driver of one scanner."""

    poll_period_s = 0.0

    def __init__(self, *, line: LineSettings | None = None) -> None:
        """Set how the wire is clocked; 9600 8N1 when left out."""
        self.line = line or LineSettings()
        self._packets = protocol.Packets()
        self._decoded = protocol.Decoded()
        self._repeats = Repeats()
        self._heard_s = 0.0
        self._forgetful = False
        """Whether it seems to have forgotten how it should speak."""

    def probe(self, port: Link) -> Identity:
        """Learn what it is, let it speak in packets, switch reading on."""
        self._packets = protocol.Packets()
        port.discard_input(SETTLE_S)
        revision = self._exchange(port, Op.REQUEST_REVISION, b"", PROBE_TIMEOUT_S, TRIES_MAX)
        firmware, model = protocol.parse_revision(revision)
        self._set_up(port)
        self._exchange(port, Op.SCAN_ENABLE, b"", ORDER_TIMEOUT_S, TRIES_MAX)
        return Identity(model=model or "SSI scanner", firmware=firmware)

    def poll(self, port: Link) -> None:
        """Listen; ask for a sign of life when it was quiet for long."""
        self._listen(port, LISTEN_S)
        if self._forgetful:
            self._set_up(port)
        if time.monotonic() - self._heard_s >= HEALTH_PERIOD_S:
            self._exchange(port, Op.REQUEST_REVISION, b"", HEALTH_TIMEOUT_S, 1)

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Give the command's order; one that this model refuses is not worth losing it."""
        if isinstance(command, AllowScanning):
            order = (Op.SCAN_ENABLE if command.on else Op.SCAN_DISABLE, b"")
        elif isinstance(command, SoundGoodRead):
            order = (Op.BEEP, protocol.BEEP_ACCEPTED)
        elif isinstance(command, SoundNotOnFile):
            order = (Op.BEEP, protocol.BEEP_REFUSED)
        elif isinstance(command, Light):
            order = (Op.LED_ON if command.on else Op.LED_OFF, protocol.ALL_LEDS)
        else:
            super().perform(port, command)
            return
        try:
            self._exchange(port, *order, ORDER_TIMEOUT_S, TRIES_MAX)
        except DeviceRefusedError as error:
            _log.debug("%s: %s", self.name, error)

    def _set_up(self, port: Link) -> None:
        """Let it speak in packets; a model that knows no other way refuses that."""
        self._forgetful = False
        try:
            self._exchange(port, Op.PARAM_SEND, protocol.SEND_DECODED_IN_PACKETS, ORDER_TIMEOUT_S, TRIES_MAX)
        except DeviceRefusedError as error:
            _log.debug("%s: %s", self.name, error)

    def _exchange(self, port: Link, opcode: Op, data: bytes, timeout_s: float, tries: int) -> Packet:
        """Send a packet and wait for its answer, several times; codes that come meanwhile are published."""
        awaited = Op.REPLY_REVISION if opcode is Op.REQUEST_REVISION else Op.ACK
        self._listen(port, 0.0)  # an answer that is here already is a late one
        for number in range(tries):
            port.write(protocol.encode(opcode, data, StatusBit.SENT_AGAIN if number else protocol.FIRST_TIME))
            for left_s in waits(timeout_s):
                for packet in self._listen(port, min(left_s, LISTEN_S)):
                    if packet.opcode == awaited:
                        return packet
                    if packet.opcode == Op.NAK and packet.data[:1] != bytes([NakReason.RESEND]):
                        raise DeviceRefusedError(f"the scanner refused {opcode.name}: reason {packet.data.hex()}")
        raise NoReplyError(f"the scanner did not answer {opcode.name} within {tries * timeout_s:g} s")

    def _listen(self, port: Link, timeout_s: float) -> list[Packet]:
        """Read what comes first within the time; publish codes, return everything else."""
        data = port.read(timeout_s)
        now_s = time.monotonic()
        answers = []
        for found in self._packets.feed(data, now_s):
            if isinstance(found, Broken):
                self._refuse(port, found)
                continue
            self._heard_s = now_s
            if found.opcode == Op.DECODE_DATA:
                self._publish_code(found, now_s)
                port.write(protocol.encode(Op.ACK))
            else:
                answers.append(found)
        return answers

    def _refuse(self, port: Link, broken: Broken) -> None:
        self.publish(ScanDiscarded(self.name, broken.reason))
        self._forgetful = True
        port.write(protocol.encode(Op.NAK, bytes([NakReason.RESEND])))

    def _publish_code(self, packet: Packet, now_s: float) -> None:
        found = self._decoded.take(packet, now_s)
        if isinstance(found, Broken):
            self.publish(ScanDiscarded(self.name, found.reason))
        elif isinstance(found, Code) and not self._repeats.is_repeat(found, now_s):
            self.publish(CodeScanned(self.name, found.text, found.symbology))
