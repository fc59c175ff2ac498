"""A simulated LLRP reader with tags before its antennas.

It takes orders as a reader does: a ROSpec must be added, enabled and started before it reads, a broken one is refused with the
code of the standard, and whoever does not acknowledge keepalives is still served. Written from the standard alone: it shares
no code with the driver.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, JsonValue
from hardware.rfid.simulator_field import EPC_96_BYTES, TagField, TagInField
from hardware.rfid.simulator_parameters import check_part, status, tlv, walk

INPUT_MAX = 65_536
_ANTENNA_EVENT = 8
_SUCCESS, _PARAMETER_ERROR, _FIELD_ERROR, _UNSUPPORTED = 0, 100, 101, 109


class ReaderOptions(BaseModel):
    """What kind of reader it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    serial_number: str = Field(default="001625FF10AB", pattern=r"^([0-9A-F]{2}){1,20}$")
    """Its MAC address in hexadecimal."""
    maker: int = 25882
    model: int = 2001002
    firmware: str = "6.4.1.240"
    antennas: int = Field(default=2, ge=1, le=32)
    read_period_s: float = Field(default=0.1, gt=0)
    """How often each tag is read."""


def build(options: Mapping[str, JsonValue], seed: int) -> ReaderSimulator:
    """Make a reader from the bench's settings; raises ValueError when they make no sense. It has no use for the seed."""
    del seed
    return ReaderSimulator(ReaderOptions.model_validate(dict(options)))


def other_options(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the options of another reader of the same kind."""
    return {**options, "serial_number": "001625FF99FF"}


class ReaderSimulator:
    """A reader on a TCP port."""

    def __init__(self, options: ReaderOptions) -> None:
        self._options = options
        self._field = TagField(options.antennas, options.read_period_s)
        self._input = bytearray()
        self._output = bytearray()
        self._rospec: bytes | None = None
        self._rospec_number = 0
        self._enabled = self._reading = False
        self._told_events: set[int] = set()
        """Numbers of the events that it was told to tell; the connection's own it always tells."""
        self._keepalive_s = 0.0
        self._keepalive_due_s = 0.0
        self._acknowledged = 0
        self._reports = 0
        self._number = 0
        self._connected = False
        self._questions: dict[int, Callable[[bytes], bytes]] = {
            1: self._capabilities,
            2: self._config,
            3: self._set_config,
            14: self._close,
            20: self._add,
            21: self._delete,
            22: self._start,
            23: self._stop,
            24: self._enable,
            25: self._disable,
        }

    # The bench's side.

    def antenna(self, number: int, connected: bool) -> JsonValue:  # noqa: FBT001 - an action's arguments come by name
        """Pull an antenna's cable or plug it in again."""
        self._field.check_antenna(number)
        (self._field.pulled.discard if connected else self._field.pulled.add)(number)
        if _ANTENNA_EVENT in self._told_events:
            self._notify(tlv(255, struct.pack(">BH", connected, number)))
        return None

    def actions(self) -> Mapping[str, Action]:
        """What the world can do before a reader."""
        return {
            "put_tag": self._field.put_tag,
            "put_article": self._field.put_article,
            "take_tag": self._field.take_tag,
            "clear": self._field.clear,
            "antenna": self.antenna,
        }

    def facts(self) -> dict[str, JsonValue]:
        """Which tags are there, and what the reader does."""
        return {
            "tags": self._field.facts(),
            "reading": self._reading,
            "reports": self._reports,
            "keepalives_acknowledged": self._acknowledged,
            "keepalive_period_s": self._keepalive_s,
            "antennas_pulled": list[JsonValue](sorted(self._field.pulled)),
            "serial_number": self._options.serial_number,
        }

    # The wire's side.

    def connected(self, now_s: float) -> None:
        """Greet a client that has just connected."""
        self._input.clear()
        self._output.clear()
        self._connected = True
        self._keepalive_due_s = now_s + self._keepalive_s
        self._notify(tlv(256, struct.pack(">H", 0)))

    def receive(self, data: bytes, now_s: float) -> None:
        """Take requests."""
        self._input += data
        while len(self._input) >= 10:  # noqa: PLR2004 - a header
            first, length, number = struct.unpack_from(">HII", self._input)
            if first >> 10 != 1 or not 10 <= length <= INPUT_MAX:  # noqa: PLR2004 - version 1
                self._input.clear()
                self._say(100, 0, status(_UNSUPPORTED, "that is no LLRP"))
                return
            if len(self._input) < length:
                return
            body = bytes(self._input[10:length])
            del self._input[:length]
            self._obey(first & 0x3FF, number, body, now_s)

    def send(self, now_s: float) -> bytes:
        """Return what is due: keepalives and reports."""
        self._field.forget_gone(now_s)
        if self._connected and self._keepalive_s and now_s >= self._keepalive_due_s:
            self._keepalive_due_s = now_s + self._keepalive_s
            self._say(62, self._count(), b"")
        if self._reading:
            for tag in self._field.read_now(now_s):
                self._report(tag, now_s)
        output = bytes(self._output)
        self._output.clear()
        return output

    def power_cycle(self, now_s: float) -> None:
        """Forget all orders; the client is not told, and its connection is dead although the port is open."""
        del now_s
        self._input.clear()
        self._output.clear()
        self._rospec = None
        self._enabled = self._reading = self._connected = False
        self._told_events.clear()
        self._keepalive_s = 0.0

    def _obey(self, kind: int, number: int, body: bytes, now_s: float) -> None:
        if kind == 72:  # noqa: PLR2004 - KEEPALIVE_ACK
            self._acknowledged += 1
            return
        answer = self._questions.get(kind)
        if answer is None:
            self._say(100, number, status(_UNSUPPORTED, f"no message {kind}"))
        elif not self._connected:
            return  # its power was cut meanwhile: it knows nothing of this client
        else:
            try:
                reply = answer(body)
            except (struct.error, ValueError) as error:
                reply = status(_PARAMETER_ERROR, str(error))
            if kind == 3:  # noqa: PLR2004 - SET_READER_CONFIG
                self._keepalive_due_s = now_s + self._keepalive_s
            self._say(4 if kind == 14 else kind + 10, number, reply)  # noqa: PLR2004 - CLOSE_CONNECTION

    def _capabilities(self, body: bytes) -> bytes:
        struct.unpack(">B", body)
        options = self._options
        firmware = options.firmware.encode()
        head = struct.pack(">HHIIH", options.antennas, 0x4000, options.maker, options.model, len(firmware))
        return status(_SUCCESS) + tlv(137, head + firmware)

    def _config(self, body: bytes) -> bytes:
        struct.unpack(">HBHH", body)
        own = bytes.fromhex(self._options.serial_number)
        return status(_SUCCESS) + tlv(218, struct.pack(">BH", 0, len(own)) + own)

    def _set_config(self, body: bytes) -> bytes:
        for kind, value in walk(body[1:]):
            if kind == 220:  # noqa: PLR2004 - KeepaliveSpec
                periodic, period_ms = struct.unpack(">BI", value)
                self._keepalive_s = period_ms / 1000 if periodic else 0.0
            elif kind == 244:  # noqa: PLR2004 - ReaderEventNotificationSpec
                for _state, told in walk(value):
                    event, is_told = struct.unpack(">HB", told)
                    (self._told_events.add if is_told & 0x80 else self._told_events.discard)(event)
        return status(_SUCCESS)

    def _close(self, body: bytes) -> bytes:
        del body
        self._keepalive_s = 0.0
        self._reading = False
        return status(_SUCCESS)

    def _add(self, body: bytes) -> bytes:
        ((kind, value),) = walk(body)
        number, priority, state = struct.unpack_from(">IBB", value)
        parts = [part for part, _ in walk(value[6:])]
        if kind != 177 or number == 0 or priority > 7 or state != 0 or parts != [178, 183, 237]:  # noqa: PLR2004 - ROSpec
            return status(_FIELD_ERROR, "that is no ROSpec")
        if self._rospec is not None and self._rospec_number == number:
            return status(_FIELD_ERROR, "there is a ROSpec of this number")
        for part, inner in walk(value[6:]):
            check_part(part, inner)
        self._rospec, self._rospec_number = value, number
        return status(_SUCCESS)

    def _delete(self, body: bytes) -> bytes:
        (number,) = struct.unpack(">I", body)
        if number and (self._rospec is None or number != self._rospec_number):
            return status(_FIELD_ERROR, "there is no such ROSpec")
        self._rospec = None
        self._enabled = self._reading = False
        return status(_SUCCESS)

    def _known(self, body: bytes) -> str:
        (number,) = struct.unpack(">I", body)
        return "" if self._rospec is not None and number == self._rospec_number else "there is no such ROSpec"

    def _enable(self, body: bytes) -> bytes:
        if why := self._known(body):
            return status(_FIELD_ERROR, why)
        self._enabled = True
        return status(_SUCCESS)

    def _start(self, body: bytes) -> bytes:
        why = self._known(body) or ("" if self._enabled else "the ROSpec is disabled")
        if why:
            return status(_FIELD_ERROR, why)
        self._reading = True
        return status(_SUCCESS)

    def _stop(self, body: bytes) -> bytes:
        if why := self._known(body):
            return status(_FIELD_ERROR, why)
        self._reading = False
        return status(_SUCCESS)

    def _disable(self, body: bytes) -> bytes:
        if why := self._known(body):
            return status(_FIELD_ERROR, why)
        self._enabled = self._reading = False
        return status(_SUCCESS)

    def _report(self, tag: TagInField, now_s: float) -> None:
        is_short = len(tag.epc) == EPC_96_BYTES
        epc = b"\x8d" + tag.epc if is_short else tlv(241, struct.pack(">H", len(tag.epc) * 8) + tag.epc)
        seen_us = int(now_s * 1_000_000)
        rest = struct.pack(">BHBbBQBQBH", 0x81, tag.antenna, 0x86, tag.rssi_dbm, 0x82, seen_us, 0x84, seen_us, 0x88, 1)
        self._reports += 1
        self._say(61, self._count(), tlv(240, epc + rest))

    def _notify(self, event: bytes) -> None:
        if self._connected:
            self._say(63, self._count(), tlv(246, tlv(128, struct.pack(">Q", 0)) + event))

    def _count(self) -> int:
        self._number = (self._number + 1) & 0x7FFFFFFF
        return self._number

    def _say(self, kind: int, number: int, body: bytes) -> None:
        self._output += struct.pack(">HII", 0x0400 | kind, 10 + len(body), number) + body
