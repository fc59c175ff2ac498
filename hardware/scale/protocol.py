"""MT-SICS level 0 and 1: bytes to replies, replies to readings (METTLER TOLEDO, MT-SICS Reference Manual).

Every command and every reply is one line of ASCII words, parted by blanks, ended by CR LF; texts stand in double quotes::

    command   S I CR LF

    reply     S  SP  S  SP  _ _ _ _ 1 0 0 . 0 0  SP  g  CR LF
              |      |      |                        |
              |      |      value, 10 characters,    unit: g kg mg lb oz
              |      |      right-aligned
              |      S stable, D moving, + overload, - underload, I not executable now
              the command's name

    errors    ES unknown command    ET broken in transmission    EL wrong parameter

Some models pad otherwise: replies are cut at blanks, never at columns. There is no checksum: a flipped digit cannot be seen
here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from hardware.errors import ProtocolError
from hardware.scale.reading import GRAMS_PER_UNIT, Reading, Unavailable

END = b"\r\n"
LINE_LIMIT_BYTES = 64
"""No reply of level 0 or 1 is longer; what is longer is noise."""

RESET = "@"
WEIGHT_NOW = "SI"
ZERO = "Z"
CLEAR_TARE = "TAC"
SERIAL_NUMBER = "I4"
MODEL = "I2"
FIRMWARE = "I3"
ERRORS = frozenset({"ES", "ET", "EL"})

_WORDS = re.compile(r'"([^"]*)"|(\S+)')
_SIGN_APART = re.compile(r"(?<=[+-]) +(?=[\d.])")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")


@dataclass(frozen=True, slots=True)
class Reply:
    """One line from the scale, cut into words."""

    name: str
    words: tuple[str, ...]
    """What follows the name; quotes are taken off."""
    raw: str

    @property
    def status(self) -> str:
        """The word after the name: S, D, A, B, I, L, + or -; empty when there is none."""
        return self.words[0] if self.words else ""

    @property
    def is_error(self) -> bool:
        """Whether the scale did not understand."""
        return self.name in ERRORS


def command(name: str, *words: str) -> bytes:
    """Return the bytes of a command."""
    return " ".join((name, *words)).encode("ascii") + END


class Lines:
    """Cuts a byte stream into lines; discards what cannot be a line."""

    def __init__(self, limit: int = LINE_LIMIT_BYTES) -> None:
        self._limit = limit
        self._line = bytearray()
        self._too_long = False
        self.discarded = 0
        """Lines that were too long."""

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes, return the lines that are complete, without their ends; empty lines are dropped."""
        lines = []
        for byte in data:
            if byte == END[-1]:
                line = bytes(self._line).rstrip(b"\r")
                if line and not self._too_long:
                    lines.append(line)
                self._line.clear()
                self._too_long = False
            elif len(self._line) < self._limit:
                self._line.append(byte)
            elif not self._too_long:
                self._too_long = True
                self.discarded += 1
        return lines

    def clear(self) -> None:
        """Forget a half line."""
        self._line.clear()
        self._too_long = False


def parse_reply(line: bytes) -> Reply:
    """Cut one line into words.

    Raises:
        ProtocolError: it is not ASCII or has no words.
    """
    try:
        raw = line.decode("ascii")
    except UnicodeDecodeError as error:
        raise ProtocolError(f"the scale sent something that is no text: {line!r}") from error
    words = [quoted or plain for quoted, plain in _WORDS.findall(raw)]
    if not words:
        raise ProtocolError("the scale sent an empty line")
    return Reply(words[0], tuple(words[1:]), raw)


def parse_weight(reply: Reply) -> Reading | Unavailable:
    """Read the answer to S, SI or SIR.

    Raises:
        ProtocolError: it is no answer to a question for the weight, or its number or unit makes no sense.
    """
    if reply.name != "S":
        raise ProtocolError(f"asked for the weight, the scale said {reply.raw!r}")
    if len(reply.words) == 1 and reply.status in _UNAVAILABLE:
        return _UNAVAILABLE[reply.status]
    # A blank may stand between sign and digits.
    words = _SIGN_APART.sub("", reply.raw).split()
    if len(words) != _WEIGHT_WORDS or words[1] not in {"S", "D"}:
        raise ProtocolError(f"not a weight: {reply.raw!r}")
    _, status, value, unit = words
    if value == "Error":
        return Unavailable.FAULT
    return Reading(_grams(value, unit, reply.raw), stable=status == "S", raw=reply.raw)


_UNAVAILABLE = {"+": Unavailable.OVERLOAD, "-": Unavailable.UNDERLOAD, "I": Unavailable.BUSY}
_WEIGHT_WORDS = 4


def _grams(value: str, unit: str, raw: str) -> float:
    factor = GRAMS_PER_UNIT.get(unit.lower())
    if factor is None:
        raise ProtocolError(f"the scale shows {unit!r}; set it to grams or kilograms: {raw!r}")
    if _NUMBER.fullmatch(value) is None:
        raise ProtocolError(f"{value!r} is no number: {raw!r}")
    return float(Decimal(value) * factor)
