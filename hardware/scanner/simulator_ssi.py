"""A simulated Zebra scanner that speaks SSI: sends what is held before it in packets and waits for their acknowledgement.

Where the guide leaves a choice, it does what makes a driver's life harder: without power it forgets to speak in packets and
sends plain text, and what it was told twice it does once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, ActionError, JsonValue

TEXT_LIMIT = 7089
"""No symbology holds more: a QR code of version 40 with digits only."""
QUEUE_MAX = 100
"""More packets than this wait for nobody."""
HOST_SILENCE_S = 0.2
_CHUNK = 250
_TYPES = {
    "CODE39": 0x01,
    "CODE128": 0x03,
    "ITF": 0x06,
    "UPCA": 0x08,
    "UPCE": 0x09,
    "EAN8": 0x0A,
    "EAN13": 0x0B,
    "GS1_128": 0x0F,
    "PDF417": 0x11,
    "DATA_MATRIX": 0x1B,
    "QR": 0x1C,
    "AZTEC": 0x2D,
    "GS1_DATABAR": 0x30,
    "GS1_DATA_MATRIX": 0xC1,
    "GS1_QR": 0xC2,
}
_NAK_RESEND, _NAK_BAD_CONTEXT, _NAK_DENIED = b"\x01", b"\x02", b"\x06"
_BEEP_MAX = 0x1A
_NOT_ON_FILE = 0x0F
"""Beeps from here on are long and low: bad news."""
_FORMAT_PARAMETER = 0xEE


class SsiOptions(BaseModel):
    """What kind of scanner it is and how it is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    firmware: str = "PAABLS00-005-R01"
    model: str = "DS457 SE4500 0001"
    packeted: bool = False
    """Whether it speaks in packets by itself when it starts; else it must be told."""
    type_in_every_packet: bool = True
    """Whether each packet of a long code begins with the code's type, or only the first."""
    response_timeout_s: float = Field(default=2.0, gt=0)
    """How long it waits for an acknowledgement."""
    resends: int = Field(default=2, ge=0, le=10)


def build(options: Mapping[str, JsonValue], seed: int) -> SsiSimulator:
    """Make a scanner from the bench's settings; raises ValueError when they make no sense. It has no use for the seed."""
    del seed
    return SsiSimulator(SsiOptions.model_validate(dict(options)))


def other_options(options: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return what makes another scanner: SSI tells no serial number, only the model."""
    return {**options, "model": "LS3408 0002"}


class SsiSimulator:
    """A scanner on a serial line."""

    def __init__(self, options: SsiOptions) -> None:
        self._options = options
        self._input = bytearray()
        self._heard_s = 0.0
        self._last_order = b""
        self._output = bytearray()
        self._queue: deque[bytes] = deque()
        """Packets to send; the first is in flight when ``_tries`` is not 0."""
        self._tries = 0
        self._sent_s = 0.0
        self._packeted = options.packeted
        self._enabled = True
        self._led = False
        self._counts = {"scans": 0, "unread": 0, "acknowledged": 0, "resent": 0, "given_up": 0, "refused_orders": 0}
        self._sounds = {"good_read_sounds": 0, "not_on_file_sounds": 0}
        self._last_text = ""
        self._orders: dict[int, Callable[[bytes], bytes | None]] = {
            0xA3: self._tell_revision,
            0xD3: self._tell_capabilities,
            0xC6: self._take_parameters,
            0xC8: self._defaults,
            0xC4: lambda _data: b"",
            0xC5: lambda _data: b"",
            0xD2: self._flush,
            0xE4: lambda _data: b"",
            0xE5: lambda _data: b"",
            0xE6: self._beep,
            0xE7: lambda _data: self._set_led(on=True),
            0xE8: lambda _data: self._set_led(on=False),
            0xE9: lambda _data: self._enable(on=True),
            0xEA: lambda _data: self._enable(on=False),
        }

    # The bench's side.

    def scan(self, text: str, symbology: str = "QR") -> JsonValue:
        """Hold a code before the scanner."""
        packets = self._packets_of(text, symbology)
        self._last_text = text
        if not self._enabled:
            self._counts["unread"] += 1
            return None
        self._counts["scans"] += 1
        if self._packeted:
            self._queue.extend(packets[: QUEUE_MAX - len(self._queue)])
        else:
            self._output += f"{text}\r".encode()
        return None

    def scan_doubled(self, text: str, symbology: str = "QR") -> JsonValue:
        """Hold a code before the scanner so long that it reads it twice."""
        return self.scan(text, symbology) or self.scan(text, symbology)

    def scan_truncated(self, text: str, symbology: str = "QR") -> JsonValue:
        """Let the line break in the middle of a packet that the scanner then takes for sent."""
        packet = self._packets_of(text, symbology)[0]
        self._output += packet[: len(packet) // 2]
        return None

    def scan_damaged(self, text: str, symbology: str = "QR") -> JsonValue:
        """Flip a bit of a packet that the scanner then takes for sent."""
        packet = bytearray(self._packets_of(text, symbology)[0])
        packet[len(packet) // 2] ^= 0x01
        self._output += packet
        return None

    def scan_merged(self, first: str, second: str, symbology: str = "QR") -> JsonValue:
        """Send two codes in one go, without waiting for an acknowledgement."""
        self._output += b"".join(self._packets_of(first, symbology) + self._packets_of(second, symbology))
        return None

    def actions(self) -> Mapping[str, Action]:
        """What a person can do to a scanner."""
        return {
            "scan": self.scan,
            "scan_doubled": self.scan_doubled,
            "scan_truncated": self.scan_truncated,
            "scan_damaged": self.scan_damaged,
            "scan_merged": self.scan_merged,
        }

    def facts(self) -> dict[str, JsonValue]:
        """What it has done."""
        state: dict[str, JsonValue] = {"enabled": self._enabled, "packeted": self._packeted, "led": self._led}
        return {**state, **self._counts, **self._sounds, "waiting": len(self._queue), "last_text": self._last_text}

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take the host's bytes."""
        if now_s - self._heard_s >= HOST_SILENCE_S:
            self._input.clear()
        self._heard_s = now_s
        for byte in data:
            self._input.append(byte)
            if len(self._input) > 1 and len(self._input) >= self._input[0] + 2:
                packet = bytes(self._input)
                self._input.clear()
                self._hear(packet)

    def send(self, now_s: float) -> bytes:
        """Return what is due: answers, then the code that waits for its acknowledgement."""
        if self._queue and (not self._tries or now_s - self._sent_s >= self._options.response_timeout_s):
            self._transmit(now_s)
        output = bytes(self._output)
        self._output.clear()
        return output

    def power_cycle(self, now_s: float) -> None:
        """Start again, switched on, and speak as it does by itself."""
        del now_s
        for waiting in (self._input, self._output, self._queue):
            waiting.clear()
        self._tries = 0
        self._enabled, self._led, self._packeted = True, False, self._options.packeted

    def _transmit(self, now_s: float) -> None:
        if self._tries > self._options.resends:
            self._queue.popleft()
            self._tries = 0
            self._counts["given_up"] += 1
            return
        packet = self._queue[0]
        if self._tries:
            self._counts["resent"] += 1
            packet = _sealed(packet[:3] + bytes([packet[3] | 0x01]) + packet[4:-2])
        self._output += packet
        self._tries += 1
        self._sent_s = now_s

    def _hear(self, packet: bytes) -> None:
        opcode, again, data = packet[1], packet[3:4] == b"\x01", packet[4:-2]
        if sum(packet[:-2]) + int.from_bytes(packet[-2:], "big") != 0x10000 or packet[0] < 4:  # noqa: PLR2004 - the header
            self._answer(0xD1, _NAK_RESEND)
        elif opcode == 0xD0:  # noqa: PLR2004 - ACK
            self._acknowledged()
        elif opcode == 0xD1:  # noqa: PLR2004 - NAK
            self._sent_s = float("-inf") if self._tries else self._sent_s
        elif again and packet[1:3] + data == self._last_order and opcode != 0xA3:  # noqa: PLR2004 - its answer was lost
            self._answer(0xD0, b"")
        else:
            self._last_order = packet[1:3] + data
            self._obey(opcode, data)

    def _obey(self, opcode: int, data: bytes) -> None:
        order = self._orders.get(opcode)
        refusal = _NAK_BAD_CONTEXT if order is None else order(data)
        if refusal:
            self._counts["refused_orders"] += 1
            self._answer(0xD1, refusal)
        elif refusal is not None:
            self._answer(0xD0, b"")

    def _acknowledged(self) -> None:
        if self._tries:
            self._queue.popleft()
            self._tries = 0
            self._counts["acknowledged"] += 1

    def _answer(self, opcode: int, data: bytes) -> None:
        self._output += _sealed(bytes([4 + len(data), opcode, 0, 0]) + data)

    def _packets_of(self, text: str, symbology: str) -> list[bytes]:
        if symbology not in _TYPES:
            raise ActionError(f"No symbology {symbology!r}; there are {', '.join(_TYPES)}.")
        if not 0 < len(text) <= TEXT_LIMIT:
            raise ActionError(f"A code holds 1 to {TEXT_LIMIT} characters, not {len(text)}.")
        kind, payload = bytes([_TYPES[symbology]]), text.encode()
        chunks = [payload[begin : begin + _CHUNK] for begin in range(0, len(payload), _CHUNK)]
        packets = []
        for number, chunk in enumerate(chunks):
            data = kind + chunk if number == 0 or self._options.type_in_every_packet else chunk
            more = 0x02 if number + 1 < len(chunks) else 0x00
            packets.append(_sealed(bytes([4 + len(data), 0xF3, 0, more]) + data))
        return packets

    # Orders: an empty answer is an acknowledgement, other bytes a refusal, None says that it was answered.

    def _tell_revision(self, _data: bytes) -> None:
        self._answer(0xA4, f"{self._options.firmware} {self._options.model}".encode("ascii", errors="replace"))

    def _tell_capabilities(self, _data: bytes) -> None:
        self._answer(0xD4, b"\x00\x3f\x00\x01" + bytes(sorted(self._orders)))

    def _take_parameters(self, data: bytes) -> bytes:
        if len(data) < 3 or len(data) % 2 == 0:  # noqa: PLR2004 - a beep, then pairs of number and value
            return _NAK_DENIED
        for number, value in zip(data[1::2], data[2::2], strict=True):
            if number == _FORMAT_PARAMETER:
                self._packeted = bool(value)
        return b""

    def _defaults(self, _data: bytes) -> bytes:
        self._packeted = self._options.packeted
        return b""

    def _flush(self, _data: bytes) -> bytes:
        self._queue.clear()
        self._tries = 0
        return b""

    def _beep(self, data: bytes) -> bytes:
        if len(data) != 1 or data[0] > _BEEP_MAX:
            return _NAK_DENIED
        self._sounds["not_on_file_sounds" if data[0] >= _NOT_ON_FILE else "good_read_sounds"] += 1
        return b""

    def _set_led(self, *, on: bool) -> bytes:
        self._led = on
        return b""

    def _enable(self, *, on: bool) -> bytes:
        self._enabled = on
        return b""


def _sealed(body: bytes) -> bytes:
    """Add the checksum."""
    return body + ((0x10000 - sum(body)) & 0xFFFF).to_bytes(2, "big")
