"""Asks a Toledo 8217 scale for its weight, all the time.

The scale says its weight without a checksum, a unit or a number, and some say it only once for each load that came to rest. So:

1. The unit is set by the shop, and an answer in the grammar of the other one is refused.
2. A weight counts as stable when two answers in a row agree; a flipped digit or a late answer never agrees twice.
3. When W is not answered within a second, the scale is asked whether it is there: it sends back what it is told after ``E``.
   Answers to older questions come before that, and are thrown away. Then it is asked again.
4. A net weight is none: somebody set a tare at the scale. The tare is cleared.
"""

from __future__ import annotations

import time

from hardware.connection import Identity
from hardware.device import DeviceCommand, SerialDriver
from hardware.errors import DeviceError, NoReplyError, ProtocolError
from hardware.link import LineSettings, Link, waits
from hardware.scale import protocol_8217 as protocol
from hardware.scale.events import RunSelfTest, SelfTested, WeightRead, WeightUnavailable, Zero, ZeroFinished
from hardware.scale.protocol_8217 import Status, Unit, Weight
from hardware.scale.reading import Unavailable

LINE = LineSettings(baud=9600, data_bits=7, parity="E", stop_bits=1)
POLL_PERIOD_S = 0.2
POLL_PERIOD_MIN_S = 0.03
WEIGHT_TIMEOUT_S = 1.0
"""After so long without an answer it is asked again."""
ECHO_TIMEOUT_S = 0.25
PROBE_ECHO_TIMEOUT_S = 0.6
TARE_TIMEOUT_S = 0.15
"""A scale takes so long to obey T or C; not every one answers them."""
ZERO_TIMEOUT_S = 2.0
TEST_TIMEOUT_S = 5.0
SETTLE_S = 0.1
QUIET_S = 0.03
ECHO_LIMIT_BYTES = 256
"""More than this before the echo is no scale that answers."""
_WORDS_MAX = 1000


class ToledoDriver(SerialDriver):
    """Driver of one scale."""

    def __init__(self, *, unit: Unit = "kg", poll_period_s: float = POLL_PERIOD_S, line: LineSettings = LINE) -> None:
        """Set what to ask and how often.

        Args:
            unit: what the scale is set to; it never says.
            poll_period_s: seconds between two questions, at least :data:`POLL_PERIOD_MIN_S`.
            line: how the wire is clocked.
        """
        if poll_period_s < POLL_PERIOD_MIN_S:
            raise ValueError(f"a scale cannot be asked every {poll_period_s} s; {POLL_PERIOD_MIN_S} s is the least")
        self.poll_period_s = poll_period_s
        self.line = line
        self._unit = unit
        self._bodies = protocol.Bodies()
        self._echoes = True
        """Whether this scale knows E; some that speak 8217 do not."""
        self._in_step = False
        self._last_raw = ""
        """What the last answer said when it was a weight."""
        self._asked = 0

    def probe(self, port: Link) -> Identity:
        """See that a scale answers; it does not say which one it is."""
        port.write(protocol.ECHO_OFF)  # a program before us may have left it echoing
        port.discard_input(SETTLE_S)
        self._last_raw = ""
        try:
            self._hear_echo(port, PROBE_ECHO_TIMEOUT_S)
        except NoReplyError:
            self._echoes = False
            protocol.parse_weight(self._ask(port, protocol.WEIGHT, WEIGHT_TIMEOUT_S), self._unit)
        else:
            self._echoes = True
        self._clear_tare(port)
        self._in_step = True
        return Identity(model="Toledo 8217")

    def poll(self, port: Link) -> None:
        """Ask for the weight."""
        try:
            answer = self._weight(port)
        except DeviceError:
            self._in_step = False
            self._last_raw = ""
            raise
        if isinstance(answer, Weight) and not answer.net:
            self.publish(WeightRead(self.name, answer.grams, answer.raw == self._last_raw, answer.raw))
            self._last_raw = answer.raw
            return
        self._last_raw = ""
        if isinstance(answer, Unavailable):
            self.publish(WeightUnavailable(self.name, answer))
        elif isinstance(answer, Status):
            self.publish(WeightUnavailable(self.name, answer.unavailable))
        else:
            self._clear_tare(port)
            self.publish(WeightUnavailable(self.name, Unavailable.TARED))

    def perform(self, port: Link, command: DeviceCommand) -> None:
        """Zero the scale, or let it test itself."""
        try:
            if isinstance(command, Zero):
                self._zero(port)
            elif isinstance(command, RunSelfTest):
                self._test_self(port)
            else:
                super().perform(port, command)
        except DeviceError as error:
            self._in_step = False
            self._refuse(command, str(error))
            raise

    def abandon(self, command: DeviceCommand) -> None:
        """Say that nothing was done."""
        self._refuse(command, "the scale is not connected")

    def _refuse(self, command: DeviceCommand, reason: str) -> None:
        if isinstance(command, Zero):
            self.publish(ZeroFinished(self.name, done=False, reason=reason))
        elif isinstance(command, RunSelfTest):
            self.publish(SelfTested(self.name, passed=False, reason=reason))

    def _weight(self, port: Link) -> Weight | Status | Unavailable:
        if not self._in_step:
            self._bring_in_step(port)
        try:
            return protocol.parse_weight(self._ask(port, protocol.WEIGHT, WEIGHT_TIMEOUT_S), self._unit)
        except NoReplyError:
            if not self._echoes:
                raise
            self._bring_in_step(port)
            return Unavailable.BUSY

    def _zero(self, port: Link) -> None:
        status = protocol.parse_status(self._ask(port, protocol.ZERO, ZERO_TIMEOUT_S))
        self._last_raw = ""
        reason = ""
        if status.moving:
            reason = "the scale did not come to rest, or is busy"
        elif status.over_capacity or status.outside_zero_range:
            reason = "too much lies on the scale to call it zero, or too little"
        elif status.under_zero:
            reason = "the scale is too far below zero"
        self.publish(ZeroFinished(self.name, done=not reason, reason=reason))

    def _test_self(self, port: Link) -> None:
        self._last_raw = ""
        started = self._ask(port, protocol.START_TEST, WEIGHT_TIMEOUT_S)
        if started:
            raise ProtocolError(f"asked to test itself, the scale said {started!r}")
        failed = protocol.parse_test_result(self._ask_until(port, protocol.TEST_RESULT, TEST_TIMEOUT_S))
        reason = f"the scale found faults in its {', '.join(failed)}; have it serviced" if failed else ""
        self.publish(SelfTested(self.name, passed=not failed, reason=reason))

    def _ask_until(self, port: Link, command: bytes, timeout_s: float) -> bytes:
        """Ask again every second: a scale at its test is deaf."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return self._ask(port, command, WEIGHT_TIMEOUT_S)
            except NoReplyError:
                if time.monotonic() >= deadline:
                    raise

    def _clear_tare(self, port: Link) -> None:
        port.write(protocol.CLEAR_TARE)
        port.discard_input(TARE_TIMEOUT_S)

    def _bring_in_step(self, port: Link) -> None:
        """See that the scale is there and that no answer to an older question is on its way."""
        if self._echoes:
            self._hear_echo(port, ECHO_TIMEOUT_S)
        else:
            port.discard_input(QUIET_S)
        self._in_step = True

    def _hear_echo(self, port: Link, timeout_s: float) -> None:
        """Say something that was not said lately and wait until it comes back."""
        self._asked = (self._asked + 1) % _WORDS_MAX
        words = b"%03d" % self._asked
        port.discard_input()
        port.write(protocol.ECHO_ON + words)
        received = bytearray()
        deadline = time.monotonic() + timeout_s
        while not protocol.has_echoed(bytes(received), words):
            left_s = deadline - time.monotonic()
            if left_s <= 0 or len(received) > ECHO_LIMIT_BYTES:
                port.write(protocol.ECHO_OFF)
                raise NoReplyError(f"the scale did not echo within {timeout_s:g} s")
            received += port.read(left_s)
        port.write(protocol.ECHO_OFF)
        port.discard_input(QUIET_S)

    def _ask(self, port: Link, command: bytes, timeout_s: float) -> bytes:
        """Send a command and return the body of the answer."""
        port.discard_input()
        self._bodies = protocol.Bodies()
        port.write(command)
        for left_s in waits(timeout_s):
            bodies = self._bodies.feed(port.read(left_s))
            if bodies:
                return bodies[0]
        raise NoReplyError(f"the scale did not answer {command.decode('ascii')} within {timeout_s:g} s")
