"""Listens to a serial scanner and publishes each code once.

A plain scanner says nothing unless it reads a code: whether it is alive cannot be asked, only a lost port shows. A Datalogic
one is asked for its health whenever the line was quiet for a while.
"""

from __future__ import annotations

import time
from enum import Enum

from hardware.connection import Identity
from hardware.device import DeviceCommand, SerialDriver
from hardware.errors import NoReplyError, ProtocolError, WrongDeviceError
from hardware.link import LineSettings, Link, waits
from hardware.scanner import protocol
from hardware.scanner.events import AllowScanning, CodeScanned, ScanDiscarded, SoundGoodRead, SoundNotOnFile
from hardware.scanner.protocol import Answer, Broken, HostByte

LISTEN_S = 0.05
"""How long one poll listens; a command of the owner waits no longer."""
HEALTH_PERIOD_S = 0.8
HEALTH_TIMEOUT_S = 0.25
PROBE_TIMEOUT_S = 1.0
SETTLE_S = 0.05


class Dialect(Enum):
    """What the scanner understands."""

    NONE = "none"
    DATALOGIC_STD = "datalogic_std"


class ScannerDriver(SerialDriver):
    """Driver of one scanner."""

    poll_period_s = 0.0

    def __init__(
        self,
        *,
        dialect: Dialect = Dialect.NONE,
        prefix: bytes = b"",
        suffix: bytes = b"",
        serial_number: str = "",
        line: LineSettings | None = None,
    ) -> None:
        """Set how the scanner is configured.

        Args:
            dialect: which host bytes it understands.
            prefix: what it sends before the AIM identifier.
            suffix: what it sends after the text, before CR or LF.
            serial_number: the only scanner to accept; empty accepts any. A plain scanner does not tell.
            line: how the wire is clocked; 9600 8N1 when left out.
        """
        self.line = line or LineSettings()
        self._dialect = dialect
        self._prefix = prefix
        self._suffix = suffix
        self._serial_number = serial_number
        self._framer = protocol.Framer()
        self._repeats = protocol.Repeats()
        self._heard_s = 0.0

    def probe(self, port: Link) -> Identity:
        """Learn who it is and switch reading on; a plain scanner is taken as it is."""
        self._framer = protocol.Framer()
        port.discard_input(SETTLE_S)
        if self._dialect is Dialect.NONE:
            return Identity(model="serial scanner")
        items = self._ask(port, HostByte.IDENTIFY, PROBE_TIMEOUT_S).items
        serial_number = items.get("S", "")
        if self._serial_number and serial_number != self._serial_number:
            raise WrongDeviceError(
                f"the scanner has serial number {serial_number!r}, the settings say {self._serial_number!r}: "
                "plug in the right scanner or correct the settings"
            )
        self._say(port, HostByte.ENABLE)
        return Identity(model=items.get("M", ""), serial_number=serial_number, firmware=items.get("R", ""))

    def poll(self, port: Link) -> None:
        """Listen; ask for a sign of life when it was quiet for long."""
        self._listen(port, LISTEN_S)
        if self._dialect is not Dialect.NONE and time.monotonic() - self._heard_s >= HEALTH_PERIOD_S:
            self._ask(port, HostByte.HEALTH, HEALTH_TIMEOUT_S)

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Say the command's byte."""
        if isinstance(command, AllowScanning):
            self._say(port, HostByte.ENABLE if command.on else HostByte.DISABLE)
        elif isinstance(command, SoundGoodRead):
            self._say(port, HostByte.GOOD_READ)
        elif isinstance(command, SoundNotOnFile):
            self._say(port, HostByte.NOT_ON_FILE)
        else:
            super().perform(port, command)

    def _say(self, port: Link, byte: HostByte) -> None:
        if self._dialect is not Dialect.NONE:
            port.write(byte.encode("ascii"))

    def _ask(self, port: Link, question: HostByte, timeout_s: float) -> Answer:
        """Ask and wait for the answer; codes that come meanwhile are published."""
        self._say(port, question)
        for left_s in waits(timeout_s):
            answer = self._listen(port, left_s)
            if answer is not None:
                return answer
        raise NoReplyError(f"the scanner did not answer {question.value!r} within {timeout_s:g} s")

    def _listen(self, port: Link, timeout_s: float) -> Answer | None:
        """Read what comes first within the time; publish codes, return an answer."""
        data = port.read(timeout_s)
        now_s = time.monotonic()
        answer = None
        for found in self._framer.feed(data, now_s):
            if isinstance(found, Answer):
                answer = found
                self._heard_s = now_s
            elif isinstance(found, Broken):
                self.publish(ScanDiscarded(self.name, found.reason))
            else:
                self._heard_s = now_s
                self._publish_code(found, now_s)
        return answer

    def _publish_code(self, line: bytes, now_s: float) -> None:
        try:
            code = protocol.parse_line(line, prefix=self._prefix, suffix=self._suffix)
        except ProtocolError as error:
            self.publish(ScanDiscarded(self.name, str(error)))
            return
        if not self._repeats.is_repeat(code, now_s):
            self.publish(CodeScanned(self.name, code.text, code.symbology))
