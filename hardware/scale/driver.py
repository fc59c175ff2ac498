"""Asks an MT-SICS scale for its weight, all the time.

A tare that was left in it is cleared at every connection: a lane weighs what lies there.

A scale that stopped answering is brought back in step with ``@``, which cancels whatever it was waiting for and is answered
with its serial number: every reply before that one is a late reply to an older question and is thrown away.
"""

from __future__ import annotations

from hardware.connection import Identity
from hardware.device import DeviceCommand, SerialDriver
from hardware.errors import DeviceError, NoReplyError, ProtocolError, WrongDeviceError
from hardware.link import LineSettings, Link, waits
from hardware.scale import protocol
from hardware.scale.events import WeightRead, WeightUnavailable, Zero, ZeroFinished
from hardware.scale.protocol import Reply
from hardware.scale.reading import Reading

POLL_PERIOD_S = 0.2
POLL_PERIOD_MIN_S = 0.03
"""A question and its answer take 25 ms on a wire of 9600 baud."""
REPLY_TIMEOUT_S = 0.4
PROBE_TIMEOUT_S = 2.0
ZERO_TIMEOUT_S = 6.0
"""A scale may wait some seconds for a stable weight before it zeroes or gives up."""
SETTLE_S = 0.1
"""Silence on the line before the first command."""


_ZERO_REFUSALS = {
    "I": "the scale did not come to rest, or is busy",
    "+": "too much lies on the scale to call it zero",
    "-": "the scale is too far below zero",
}


class ScaleDriver(SerialDriver):
    """Driver of one scale."""

    def __init__(
        self, *, serial_number: str = "", poll_period_s: float = POLL_PERIOD_S, line: LineSettings | None = None
    ) -> None:
        """Set what to ask and how often.

        Args:
            serial_number: the only scale to accept; empty accepts any.
            poll_period_s: seconds between two questions, at least :data:`POLL_PERIOD_MIN_S`.
            line: how the wire is clocked; 9600 8N1 when left out.
        """
        if poll_period_s < POLL_PERIOD_MIN_S:
            raise ValueError(f"a scale cannot be asked every {poll_period_s} s; {POLL_PERIOD_MIN_S} s is the least")
        self.poll_period_s = poll_period_s
        self.line = line or LineSettings()
        self._serial_number = serial_number
        self._lines = protocol.Lines()
        self._in_step = False

    def probe(self, port: Link) -> Identity:
        """Stop what the scale was doing, learn who it is."""
        port.write(protocol.END)  # ends a half command that a program before us may have left
        port.discard_input(SETTLE_S)
        serial_number = self._reset(port, PROBE_TIMEOUT_S)
        if self._serial_number and serial_number != self._serial_number:
            serial_number = self._reset(port, PROBE_TIMEOUT_S)  # nothing guards a digit on the wire: believe it only twice
        if self._serial_number and serial_number != self._serial_number:
            raise WrongDeviceError(
                f"the scale has serial number {serial_number!r}, the settings say {self._serial_number!r}: "
                "plug in the right scale or correct the settings"
            )
        self._clear_tare(port)
        model = self._ask_text(port, protocol.MODEL)
        return Identity(model=model, serial_number=serial_number, firmware=self._ask_text(port, protocol.FIRMWARE))

    def poll(self, port: Link) -> None:
        """Ask for the weight now."""
        try:
            if not self._in_step:
                self._reset(port, REPLY_TIMEOUT_S)
            weight = protocol.parse_weight(self._ask(port, protocol.WEIGHT_NOW, answer="S", timeout_s=REPLY_TIMEOUT_S))
        except DeviceError:
            self._in_step = False
            raise
        if isinstance(weight, Reading):
            self.publish(WeightRead(self.name, weight.grams, weight.stable, weight.raw))
        else:
            self.publish(WeightUnavailable(self.name, weight))

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Zero the scale."""
        if not isinstance(command, Zero):
            super().perform(port, command)
            return
        try:
            reply = self._ask(port, protocol.ZERO, answer=protocol.ZERO, timeout_s=ZERO_TIMEOUT_S)
        except DeviceError as error:
            self._in_step = False
            self.publish(ZeroFinished(self.name, done=False, reason=str(error)))
            raise
        done = reply.status == "A"
        reason = "" if done else _ZERO_REFUSALS.get(reply.status, f"the scale said {reply.raw!r}")
        self.publish(ZeroFinished(self.name, done=done, reason=reason))

    def abandon(self, command: DeviceCommand) -> None:
        """Say that nothing was zeroed."""
        if isinstance(command, Zero):
            self.publish(ZeroFinished(self.name, done=False, reason="the scale is not connected"))

    def _reset(self, port: Link, timeout_s: float) -> str:
        """Cancel what is pending; return the serial number."""
        reply = self._ask(port, protocol.RESET, answer=protocol.SERIAL_NUMBER, timeout_s=timeout_s)
        self._in_step = True
        return " ".join(reply.words[1:])

    def _clear_tare(self, port: Link) -> None:
        """Let it show what lies on it, not what was left of it by a tare; a scale of level 0 has none."""
        try:
            self._ask(port, protocol.CLEAR_TARE, answer=protocol.CLEAR_TARE, timeout_s=REPLY_TIMEOUT_S)
        except ProtocolError:
            port.discard_input()

    def _ask_text(self, port: Link, name: str) -> str:
        """Ask for a text that not every model tells."""
        try:
            reply = self._ask(port, name, answer=name, timeout_s=REPLY_TIMEOUT_S)
        except ProtocolError:
            return ""
        return " ".join(reply.words[1:]) if reply.status == "A" else ""

    def _ask(self, port: Link, name: str, *, answer: str, timeout_s: float) -> Reply:
        """Send a command and wait for the reply of that name; other replies are late ones and are skipped."""
        port.discard_input()
        self._lines.clear()
        port.write(protocol.command(name))
        for left_s in waits(timeout_s):
            for line in self._lines.feed(port.read(left_s)):
                reply = self._parsed(line, name)
                if reply is not None and reply.name == answer:
                    return reply
        raise NoReplyError(f"the scale did not answer {name} within {timeout_s:g} s")

    def _parsed(self, line: bytes, asked: str) -> Reply | None:
        """Read a line; what comes before the answer to ``@`` does not matter, whatever it is."""
        try:
            reply = protocol.parse_reply(line)
        except ProtocolError:
            if asked == protocol.RESET:
                return None
            raise
        if reply.is_error and asked != protocol.RESET:
            raise ProtocolError(f"the scale answered {asked} with {reply.name}")
        return reply
