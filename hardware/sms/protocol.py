r"""AT commands of an SMS modem: bytes to lines and prompts, lines to meaning (ITU-T V.250, 3GPP TS 27.005 and 27.007).

::

    we      AT+CSQ <CR>                          AT+CMGS=23 <CR>               0011000B91...37 <1A>
    modem   <CR><LF> +CSQ: 17,99 <CR><LF>        <CR><LF> > _                  <CR><LF> +CMGS: 42 <CR><LF>
            <CR><LF> OK <CR><LF>                 a prompt, no end of line      <CR><LF> OK <CR><LF>

Lines that nobody asked for (RING, +CMTI, +CDS and its PDU on the next line) may come anywhere between others. An answer ends
with OK, ERROR, ``+CMS ERROR: n`` (messages) or ``+CME ERROR: n`` (the modem itself).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from hardware.errors import ProtocolError

LINE_LIMIT_BYTES = 1024
"""No line is longer: a PDU has at most 176 bytes, 352 digits."""
END = b"\r"
SEND = b"\x1a"
ABORT = b"\x1b"
_PROMPT = b"> "
_UNASKED = (
    "RING",
    "NO CARRIER",
    "+CRING:",
    "+CLIP:",
    "+CMTI:",
    "+CMT:",
    "+CDSI:",
    "+CDS:",
    "+CBM:",
    "+CUSD:",
    "+CIEV:",
    "^",
    "*",
)
_FOLLOWED = ("+CMT:", "+CDS:", "+CBM:")
"""In PDU mode the next line belongs to it."""
_FAILURE = re.compile(r"\+CM([SE]) ERROR: ?(\S.*)")
_TEXT_REPORT = re.compile(r"\+CDS: ?(\d{1,3}),(\d{1,3}),(?:\"([^\"]*)\")?,(?:\d*),\"[^\"]*\",\"[^\"]*\",(\d{1,3})")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


class Prompt(Enum):
    """The modem waits for a message's text."""

    PROMPT = "> "


@dataclass(frozen=True, slots=True)
class Unasked:
    """A line that answers nothing, with the line that belongs to it."""

    line: str
    data: str = ""


@dataclass(frozen=True, slots=True)
class Final:
    """The end of an answer."""

    is_ok: bool
    reason: str = ""
    """Why not, in a sentence."""
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """A line that answers something."""

    line: str


Said = Prompt | Unasked | Final | Info

_CMS_TEXTS = {
    1: "no such number is assigned",
    8: "the operator bars this number",
    10: "the SIM card may not send: it is barred",
    21: "the network rejected it",
    27: "the recipient's number is out of service",
    28: "the recipient is unknown",
    29: "the network refuses this service",
    30: "the SIM card is unknown to the network",
    38: "the network is out of order",
    41: "the network failed for the moment",
    42: "the network is congested",
    47: "the network has no resources left",
    50: "the SIM card has not subscribed to this",
    69: "the network does not offer this",
    96: "the network misses something in the message",
    111: "the network does not understand the message",
    300: "the modem itself failed",
    302: "the modem does not allow this now",
    304: "the modem does not understand the message",
    305: "the modem does not take this text",
    310: "no SIM card is in the modem",
    311: "the SIM card wants its PIN",
    313: "the SIM card is broken",
    316: "the SIM card wants its PUK: wrong PINs were given",
    322: "the modem's memory is full",
    330: "the service centre's number is not known: set it with AT+CSCA, or ask the operator",
    331: "there is no network",
    332: "the network did not answer in time",
    500: "the network does not say why",
}
_CME_TEXTS = {
    3: "the modem does not allow this now",
    4: "the modem cannot do this",
    5: "the modem wants its own PIN",
    10: "no SIM card is in the modem",
    11: "the SIM card wants its PIN",
    12: "the SIM card wants its PUK: wrong PINs were given",
    13: "the SIM card is broken",
    14: "the SIM card is busy",
    15: "this is the wrong SIM card",
    16: "the PIN is wrong",
    17: "the SIM card wants its PIN2",
    30: "there is no network",
    31: "the network did not answer in time",
    32: "the network allows emergency calls only",
    100: "the modem does not say why",
}
LATER = frozenset({"CMS 38", "CMS 41", "CMS 42", "CMS 47", "CMS 331", "CMS 332", "CME 14", "CME 30", "CME 31"})
"""Refusals that may be gone in a while."""


class Reader:
    """Cuts what a modem says into lines and prompts and tells what each is."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._too_long = False
        self._followed = ""
        """An unasked line whose second line is still to come."""

    def clear(self) -> None:
        """Forget a half line."""
        self._line.clear()
        self._too_long = False

    def feed(self, data: bytes) -> list[Said]:
        """Take bytes, return what was said."""
        said: list[Said] = []
        for byte in data:
            if byte in b"\r\n":
                said += self._ended()
            elif len(self._line) < LINE_LIMIT_BYTES:
                self._line.append(byte)
                if self._line == _PROMPT:
                    self._line.clear()
                    said.append(Prompt.PROMPT)
            else:
                self._too_long = True
        return said

    def _ended(self) -> list[Said]:
        line = self._line.decode("ascii", errors="replace").strip()
        is_whole = not self._too_long
        self.clear()
        return self._meanings(line) if line and is_whole else []

    def _meanings(self, line: str) -> list[Said]:
        first, self._followed = self._followed, ""
        if first:
            if _HEX.fullmatch(line):
                return [Unasked(first, line)]
            return [Unasked(first), *self._meanings(line)]
        if line.startswith(_FOLLOWED) and not _TEXT_REPORT.fullmatch(line):
            self._followed = line
            return []
        return [_meaning(line)]


def _meaning(line: str) -> Said:
    if line == "OK":
        return Final(is_ok=True)
    if line == "ERROR":
        return Final(is_ok=False, reason="the modem refused and does not say why")
    if found := _FAILURE.fullmatch(line):
        return _failure(found[1], found[2].strip())
    if line.startswith(_UNASKED) or is_registration_news(line):
        return Unasked(line)
    return Info(line)


def _failure(kind: str, told: str) -> Final:
    if not (told.isascii() and told.isdigit()):
        return Final(is_ok=False, reason=f"the modem refused: {told}")
    code = int(told)
    texts = _CMS_TEXTS if kind == "S" else _CME_TEXTS
    return Final(is_ok=False, reason=f"{texts.get(code, 'the modem refused')} (CM{kind} {code})", code=code)


def is_registration_news(line: str) -> bool:
    """Whether this is an unasked +CREG: it tells one number, the answer to a question two."""
    return line.startswith("+CREG:") and "," not in line


def command(text: str) -> bytes:
    """Return the bytes of a command."""
    return text.encode("ascii") + END


def values(line: str, prefix: str) -> list[str]:
    """Return what follows ``prefix`` in a line, cut at commas, without quotes.

    Raises:
        ProtocolError: the line begins otherwise.
    """
    if not line.startswith(prefix):
        raise ProtocolError(f"the modem said {line!r} in place of {prefix}")
    return [value.strip().strip('"') for value in line.removeprefix(prefix).split(",")]


def number_in(line: str, prefix: str, place: int = 0) -> int:
    """Return one number of a line.

    Raises:
        ProtocolError: it is not there.
    """
    found = values(line, prefix)
    if place >= len(found) or not (found[place].isascii() and found[place].isdigit()) or len(found[place]) > 9:  # noqa: PLR2004
        raise ProtocolError(f"the modem said {line!r} and no number in it")
    return int(found[place])


def registration(line: str) -> int:
    """Return the state of a +CREG line, asked for or not: 1 at home, 5 roaming, others no network.

    Raises:
        ProtocolError: it is none.
    """
    if is_registration_news(line):
        return number_in(line, "+CREG:")
    return number_in(line, "+CREG:", 1)


def signal_dbm(line: str) -> int | None:
    """Return the signal of a +CSQ line in dBm; None when the modem does not know.

    Raises:
        ProtocolError: it is none.
    """
    level = number_in(line, "+CSQ:")
    return -113 + 2 * level if level <= 31 else None  # noqa: PLR2004 - 99 and what the standard does not know


def text_report(line: str) -> tuple[int, str, int] | None:
    """Return reference, recipient and status of a +CDS line of text mode; None when it is another."""
    found = _TEXT_REPORT.fullmatch(line)
    return (int(found[2]), found[3] or "", int(found[4])) if found else None
