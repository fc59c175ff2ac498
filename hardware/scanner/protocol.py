"""What a serial scanner sends: lines with an AIM identifier, and what a Datalogic one answers.

A code (ISO/IEC 15424 for the identifier, which the scanner can be set to leave out)::

    [prefix]  ] Q 1  H T T P S : / / ...  [suffix]  CR and/or LF
              | | |  |
              | | |  the code's text; GS (1D) stands for FNC1 and is kept
              | | modifier
              | symbology: E EAN/UPC, Q QR, C Code 128 ...
              flag

An answer of a Datalogic scanner to ``i`` (identification) or ``h`` (health), one text per item, led by the item's letter::

    SOH  STX M 9 4 0 0 i ETX  STX S A 1 2 3 ETX ... EOT
    01   02  |         03     02  |         03      04
             M model              S serial number, R revision

A line holds at most :data:`LINE_LIMIT_BYTES` bytes. A line that stops for :data:`IDLE_GAP_S` is broken and is thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hardware.errors import ProtocolError

LINE_LIMIT_BYTES = 512
IDLE_GAP_S = 0.15
REPEAT_S = 1.0
"""The same code within this time of its last reading is one scan: a fixed scanner reads what is before it again and again."""

_CR, _LF, _GS, _SOH, _STX, _ETX, _EOT = b"\r", b"\n", "\x1d", 0x01, 0x02, 0x03, 0x04
_FIRST_PRINTABLE, _DELETE = " ", "\x7f"


class HostByte(StrEnum):
    """What the host of a Datalogic RS-232 STD scanner can say: one byte, no end."""

    ENABLE = "E"
    DISABLE = "D"
    GOOD_READ = "B"
    NOT_ON_FILE = "F"
    RESET = "R"
    IDENTIFY = "i"
    HEALTH = "h"


class Symbology(StrEnum):
    """Kinds of codes."""

    UNKNOWN = ""
    """The scanner does not tell."""
    EAN13 = "EAN13"
    EAN8 = "EAN8"
    EAN_ADD_ON = "EAN_ADD_ON"
    CODE128 = "CODE128"
    GS1_128 = "GS1_128"
    CODE39 = "CODE39"
    CODE93 = "CODE93"
    CODABAR = "CODABAR"
    ITF = "ITF"
    PDF417 = "PDF417"
    GS1_DATABAR = "GS1_DATABAR"
    DATA_MATRIX = "DATA_MATRIX"
    GS1_DATA_MATRIX = "GS1_DATA_MATRIX"
    QR = "QR"
    GS1_QR = "GS1_QR"
    AZTEC = "AZTEC"
    OTHER = "OTHER"


AIM = {
    "E0": Symbology.EAN13,
    "E1": Symbology.EAN_ADD_ON,
    "E2": Symbology.EAN_ADD_ON,
    "E3": Symbology.EAN13,
    "E4": Symbology.EAN8,
    "C0": Symbology.CODE128,
    "C1": Symbology.GS1_128,
    "A": Symbology.CODE39,
    "F": Symbology.CODABAR,
    "G": Symbology.CODE93,
    "I": Symbology.ITF,
    "L": Symbology.PDF417,
    "e": Symbology.GS1_DATABAR,
    "d1": Symbology.DATA_MATRIX,
    "d2": Symbology.GS1_DATA_MATRIX,
    "Q0": Symbology.QR,
    "Q1": Symbology.QR,
    "Q2": Symbology.QR,
    "Q3": Symbology.GS1_QR,
    "Q4": Symbology.GS1_QR,
    "z": Symbology.AZTEC,
    "X": Symbology.OTHER,
}
"""Identifiers without the flag; a letter alone stands for all its modifiers."""

_UPC_A_LENGTH = 12
_PRIMARY_LENGTH = {Symbology.EAN13: 13, Symbology.EAN8: 8}


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read."""

    text: str
    symbology: Symbology


@dataclass(frozen=True, slots=True)
class Answer:
    """A Datalogic scanner's answer: texts by item letter."""

    items: dict[str, str]

    @property
    def serial_number(self) -> str:
        """Item S of an identification."""
        return self.items.get("S", "")


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that were thrown away."""

    reason: str


class Framer:
    """Cuts a byte stream into code lines and answers. Told the time, looks at no clock."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._too_long = False
        self._heard_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[bytes | Answer | Broken]:
        """Take bytes that came at ``now_s``; return what is complete. Code lines come without their end."""
        found: list[bytes | Answer | Broken] = []
        found += self.expire(now_s)
        if data:
            self._heard_s = now_s
        for byte in data:
            found += self._take(byte)
        return found

    def expire(self, now_s: float) -> list[bytes | Answer | Broken]:
        """Throw away a line that stopped in the middle."""
        if not (self._buffer or self._too_long) or now_s - self._heard_s < IDLE_GAP_S:
            return []
        count, too_long = len(self._buffer), self._too_long
        self._clear()
        return [] if too_long else [Broken(f"a line stopped after {count} bytes")]

    def _take(self, byte: int) -> list[bytes | Answer | Broken]:
        is_answer = self._buffer[:1] == bytes([_SOH])
        ends = byte == _EOT if is_answer else byte in b"\r\n"
        if ends:
            line, too_long = bytes(self._buffer), self._too_long
            self._clear()
            if too_long or not line:
                return []
            return [parse_answer(line)] if is_answer else [line]
        if self._too_long:
            return []
        if len(self._buffer) >= LINE_LIMIT_BYTES:
            self._clear()
            self._too_long = True
            return [Broken(f"a line is longer than {LINE_LIMIT_BYTES} bytes")]
        self._buffer.append(byte)
        return []

    def _clear(self) -> None:
        self._buffer.clear()
        self._too_long = False


def parse_answer(frame: bytes) -> Answer:
    """Read the items between SOH and EOT; what is no item is passed over."""
    items = {}
    for item in frame[1:].split(bytes([_STX])):
        text = item.split(bytes([_ETX]))[0].decode("ascii", errors="replace")
        if text:
            items[text[0]] = text[1:]
    return Answer(items)


def parse_line(line: bytes, *, prefix: bytes = b"", suffix: bytes = b"") -> Code:
    """Read a code line.

    Args:
        line: the bytes without CR and LF.
        prefix: what this scanner is set to send first; taken off.
        suffix: what this scanner is set to send last; taken off.

    Raises:
        ProtocolError: nothing is left to read, or an EAN's check digit is wrong.
    """
    text = read_text(line.removeprefix(prefix).removesuffix(suffix))
    symbology = Symbology.UNKNOWN
    if text.startswith("]"):
        known = AIM.get(text[1:3]) or AIM.get(text[1:2])
        if known is not None and len(text) > len("]Q1"):
            symbology, text = known, text[3:]
    return checked(text, symbology)


def read_text(payload: bytes) -> str:
    """Return the text of a code: UTF-8, or Latin-1 when it is none; control characters other than GS are dropped."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        text = payload.decode("latin-1")
    return "".join(letter for letter in text if letter == _GS or (letter >= _FIRST_PRINTABLE and letter != _DELETE))


def checked(text: str, symbology: Symbology) -> Code:
    """Return the code when it can be one; a UPC-A as the EAN-13 that it is.

    Raises:
        ProtocolError: it has no text, or an EAN's check digit is wrong.
    """
    if not text:
        raise ProtocolError("a code without text")
    if symbology is Symbology.EAN13 and len(text) == _UPC_A_LENGTH:
        text = f"0{text}"  # many scanners leave out the digit that makes a UPC-A an EAN-13
    length = _PRIMARY_LENGTH.get(symbology)
    if length is not None and not has_right_check_digit(text[:length], length):
        raise ProtocolError(f"the check digit is wrong: {text!r}")
    return Code(text, symbology)


def has_right_check_digit(digits: str, length: int) -> bool:
    """Whether an EAN of this length ends with the digit that GS1's General Specifications (7.9) ask for."""
    if len(digits) != length or not (digits.isascii() and digits.isdigit()):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0


class Repeats:
    """Tells a repeated reading from a new scan."""

    def __init__(self) -> None:
        self._last: Code | None = None
        self._read_s = 0.0

    def is_repeat(self, code: Code, now_s: float) -> bool:
        """Whether the code was read last, less than :data:`REPEAT_S` ago; remembers it."""
        repeat = code == self._last and now_s - self._read_s < REPEAT_S
        self._last, self._read_s = code, now_s
        return repeat
