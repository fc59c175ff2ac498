"""Keeps an LLRP reader reading and publishes every sighting.

After every connection the whole reader is set up again: keepalives and events on, all orders to read deleted, ours added,
enabled and started. The reader then speaks unasked. When it says nothing for three keepalive periods, or its bytes make no
sense any more, the connection is made anew.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from hardware.connection import Identity
from hardware.device import SerialDriver
from hardware.errors import DeviceRefusedError, LinkLostError, NoReplyError, ProtocolError
from hardware.link import Link, waits
from hardware.rfid import protocol, protocol_parameters, protocol_requests
from hardware.rfid.events import AntennaChanged, ReaderTroubled, TagSeen
from hardware.rfid.protocol import Message, MessageType
from hardware.rfid.protocol_parameters import Status, Tag

KEEPALIVE_PERIOD_S = 0.6
"""With three missed ones a reader without power is lost within 2 s; usual clients take 5 s, LLRP allows any."""
KEEPALIVE_PERIODS_MISSED_MAX = 3
GREETING_TIMEOUT_S = 5.0
REPLY_TIMEOUT_S = 2.0
TRIES_MAX = 3
"""So often a question is asked; all of ours may be repeated."""
LISTEN_S = 0.1
PARTIAL_MAX_S = 2.0
"""A message that has not ended after this time never will."""
CLOSE_TIMEOUT_S = 0.5
_NUMBER_MAX = 0x7FFFFFFF
_GREETINGS_REFUSED = {
    1: "it has another client already: close the other program",
    2: "it has a client that it called itself",
    3: "it does not say why",
    4: "another client tried to connect",
}


class RfidDriver(SerialDriver):
    """Driver of one reader with its antennas."""

    poll_period_s = 0.0

    def __init__(self, *, antennas: Sequence[int] = (), keepalive_period_s: float = KEEPALIVE_PERIOD_S) -> None:
        """Set what to read with.

        Args:
            antennas: the antennas' numbers, from 1; empty for all.
            keepalive_period_s: how often the reader says that it lives, 0.1 to 60.
        """
        if not 0.1 <= keepalive_period_s <= 60:  # noqa: PLR2004 - the docstring's own bounds
            raise ValueError("keepalive_period_s must be 0.1 to 60 seconds")
        if any(not 1 <= antenna <= 0xFFFF for antenna in antennas):  # noqa: PLR2004 - two bytes
            raise ValueError("antennas are numbered from 1")
        self._antennas = tuple(antennas)
        self._keepalive_period_s = keepalive_period_s
        self._framer = protocol.Framer()
        self._number = 0
        self._heard_s = 0.0
        self._partial_since_s: float | None = None

    def probe(self, port: Link) -> Identity:
        """Wait for the reader's greeting, learn who it is, set it up and let it read."""
        self._framer = protocol.Framer()
        self._partial_since_s = None
        self._heard_s = time.monotonic()
        self._await_greeting(port)
        self._ask(port, protocol_requests.set_keepalive(self._next(), round(self._keepalive_period_s * 1000)))
        identity = self._identify(port)
        self._ask_for_events(port)
        self._set_up(port)
        return identity

    def poll(self, port: Link) -> None:
        """Take what the reader says; lose it when it says nothing for too long."""
        for message in self._listen(port, LISTEN_S):
            self._take(port, message)
        silence_s = time.monotonic() - self._heard_s
        if silence_s > KEEPALIVE_PERIODS_MISSED_MAX * self._keepalive_period_s:
            raise LinkLostError(f"the reader has said nothing for {silence_s:.0f} s")

    def leave_safe(self, port: Link) -> None:
        """Stop reading and say goodbye."""
        self._write(port, protocol_requests.stop_rospec(self._next()))
        self._write(port, protocol_requests.close_connection(self._next()))
        for left_s in waits(CLOSE_TIMEOUT_S):
            if any(message.type == MessageType.CLOSE_CONNECTION_RESPONSE for message in self._listen(port, left_s)):
                return

    # Setting up.

    def _await_greeting(self, port: Link) -> None:
        for left_s in waits(GREETING_TIMEOUT_S):
            for message in self._listen(port, left_s):
                if message.type != MessageType.READER_EVENT_NOTIFICATION:
                    continue
                outcome = protocol_parameters.parse_event(message.body).connection_attempt
                if outcome == 0:
                    return
                if outcome is not None:
                    why = _GREETINGS_REFUSED.get(outcome, f"for reason {outcome}")
                    raise DeviceRefusedError(f"the reader refuses the connection: {why}")
        raise NoReplyError(f"nothing greeted within {GREETING_TIMEOUT_S:g} s; is this an RFID reader that speaks LLRP?")

    def _identify(self, port: Link) -> Identity:
        """Ask who it is; a reader that does not tell is taken as it is."""
        model = firmware = serial_number = ""
        try:
            capabilities = self._ask(port, protocol_requests.get_capabilities(self._next()))
            model, firmware = protocol_parameters.parse_capabilities(capabilities)
            serial_number = protocol_parameters.parse_identification(
                self._ask(port, protocol_requests.get_identification(self._next()))
            )
        except DeviceRefusedError as error:
            self.publish(ReaderTroubled(self.name, str(error)))
        return Identity(model=model, serial_number=serial_number, firmware=firmware)

    def _ask_for_events(self, port: Link) -> None:
        """Have its troubles told; a reader that cannot do that still reads."""
        try:
            self._ask(port, protocol_requests.tell_events(self._next()))
        except DeviceRefusedError as error:
            self.publish(ReaderTroubled(self.name, str(error)))

    def _set_up(self, port: Link) -> None:
        for attempt in range(TRIES_MAX):
            self._ask(port, protocol_requests.delete_all_rospecs(self._next()))
            try:
                # Adding is the one order that cannot be repeated: a second ROSpec of the same number is refused.
                self._ask(port, protocol_requests.add_rospec(self._next(), self._antennas), tries=1)
                break
            except NoReplyError:
                if attempt == TRIES_MAX - 1:
                    raise
        self._ask(port, protocol_requests.enable_rospec(self._next()))
        self._ask(port, protocol_requests.start_rospec(self._next()))

    def _ask(self, port: Link, question: Message, tries: int = TRIES_MAX) -> bytes:
        """Ask and wait for the answer with the same number; return its body.

        Raises:
            DeviceRefusedError: the reader understood and said no.
        """
        kind = MessageType(question.type)
        for _try in range(tries):
            self._write(port, question)
            for left_s in waits(REPLY_TIMEOUT_S):
                answer = self._answer(port, question, left_s)
                if answer is not None:
                    return answer
        raise NoReplyError(f"the reader did not answer {kind.name} within {REPLY_TIMEOUT_S:g} s")

    def _answer(self, port: Link, question: Message, timeout_s: float) -> bytes | None:
        """Listen; take what is no answer."""
        answer = None
        for message in self._listen(port, timeout_s):
            is_error = message.type == MessageType.ERROR_MESSAGE
            if message.number == question.number and (is_error or message.type == protocol.ANSWERS[MessageType(question.type)]):
                status = protocol_parameters.parse_status(message.body)
                if not status.is_success:
                    raise self._refusal(question, status)
                answer = message.body
            else:
                self._take(port, message)
        return answer

    @staticmethod
    def _refusal(question: Message, status: Status) -> DeviceRefusedError:
        return DeviceRefusedError(f"the reader refused {MessageType(question.type).name}, {status}")

    # Listening.

    def _listen(self, port: Link, timeout_s: float) -> list[Message]:
        """Read what comes within the time."""
        data = port.read(timeout_s)
        now_s = time.monotonic()
        try:
            messages = self._framer.feed(data)
        except ProtocolError as error:
            raise LinkLostError(f"{error}; connecting anew") from error
        if messages:
            self._heard_s = now_s
        if messages or not self._framer.is_partial:
            self._partial_since_s = None
        if self._framer.is_partial:
            self._partial_since_s = self._partial_since_s or now_s
            if now_s - self._partial_since_s > PARTIAL_MAX_S:
                raise LinkLostError("the reader began a message and did not end it; connecting anew")
        return messages

    def _take(self, port: Link, message: Message) -> None:
        """Publish what a message tells; an answer that nobody waits for is a late one and is skipped."""
        try:
            if message.type == MessageType.KEEPALIVE:
                self._write(port, protocol_requests.acknowledge(message))
            elif message.type == MessageType.RO_ACCESS_REPORT:
                for tag in protocol_parameters.parse_report(message.body):
                    self._publish_tag(tag)
            elif message.type == MessageType.READER_EVENT_NOTIFICATION:
                self._take_event(message)
            elif message.type == MessageType.ERROR_MESSAGE:
                self.publish(
                    ReaderTroubled(self.name, f"the reader complains, {protocol_parameters.parse_status(message.body)}")
                )
        except ProtocolError as error:
            self.publish(ReaderTroubled(self.name, str(error)))

    def _take_event(self, message: Message) -> None:
        event = protocol_parameters.parse_event(message.body)
        if event.is_closing:
            raise LinkLostError("the reader closed the connection")
        if event.antenna is not None:
            self.publish(AntennaChanged(self.name, event.antenna, event.antenna_connected))
        if event.exception is not None:
            self.publish(ReaderTroubled(self.name, event.exception))
        if event.is_overflowing:
            self.publish(ReaderTroubled(self.name, "the reader lost readings, because too many came at once"))

    def _publish_tag(self, tag: Tag) -> None:
        self.publish(TagSeen(self.name, tag.epc.hex().upper(), tag.antenna or 0, tag.rssi_dbm, tag.seen_count))

    def _next(self) -> int:
        self._number = self._number % _NUMBER_MAX + 1
        return self._number

    @staticmethod
    def _write(port: Link, message: Message) -> None:
        port.write(protocol.encoded(message))
