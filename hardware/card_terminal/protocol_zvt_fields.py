"""What stands in the data of ZVT commands: bit maps (BMPs), BCD numbers, TLV containers, texts and codes.

::

    27 00                        result code: 00 done
    04 00 00 00 00 20 40         amount in minor units, six BCD bytes
    8B F1 F1 "MASTERCARD" 00     LLVAR: two length digits, each behind an F
    3C F0 F1 F4 "GEN.NR.:..."    LLLVAR: three
    06 2E ...                    TLV container, its length as in BER
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hardware.card_terminal.events import Reason
from hardware.card_terminal.protocol_amounts import NUMERIC
from hardware.errors import ProtocolError

AMOUNT, TRACE, RESULT, TERMINAL_ID, ORIGINAL_TRACE = 0x04, 0x0B, 0x27, 0x29, 0x37
TLV, CURRENCY, RECEIPT, CARD_NAME, ADDITIONAL_TEXT = 0x06, 0x49, 0x87, 0x8B, 0x3C
_FIXED = {
    0x01: 1,
    0x02: 1,
    0x03: 1,
    AMOUNT: 6,
    0x05: 1,
    TRACE: 3,
    0x0C: 3,
    0x0D: 2,
    0x0E: 2,
    0x17: 2,
    0x19: 1,
    RESULT: 1,
    TERMINAL_ID: 4,
    0x2A: 15,
    ORIGINAL_TRACE: 3,
    0x3A: 2,
    0x3B: 8,
    0x3D: 3,
    CURRENCY: 2,
    RECEIPT: 2,
    0x88: 3,
    0x8A: 1,
    0x8C: 1,
    0xA0: 1,
    0xAA: 3,
    0xBA: 5,
    0xD0: 1,
    0xD2: 1,
    0xD3: 1,
    0xE0: 1,
    0xF0: 1,
}  # fmt: skip - a table
_LLVAR = frozenset({0x22, 0x23, 0x2D, CARD_NAME, 0xA7, 0xD1, *range(0xE1, 0xE9), *range(0xF1, 0xF9)})
_LLLVAR = frozenset({0x24, 0x2E, ADDITIONAL_TEXT, 0x60, 0x9A, 0xAF})
_CODE_PAGE = "cp437"
TEXT_MAX = 200
LINES_MAX = 200
_TLV_DEPTH_MAX = 4
_BER_SHORT_MAX = 0x7F
_REASONS = {
    0x05: Reason.DECLINED,
    0x37: Reason.WRONG_PIN,
    0x64: Reason.BAD_CARD,
    0x65: Reason.BAD_CARD,
    0x66: Reason.BAD_CARD,
    0x6C: Reason.CANCELLED,
    0x6F: Reason.NOT_POSSIBLE,
    0x78: Reason.BAD_CARD,
    0x79: Reason.BAD_CARD,
    0x7A: Reason.BAD_CARD,
    0x9C: Reason.BUSY,
    0xA0: Reason.BUSY,
    0xB4: Reason.NOT_POSSIBLE,
    0xB5: Reason.NOT_POSSIBLE,
    0xC9: Reason.UNAVAILABLE,
    0xCC: Reason.UNAVAILABLE,
    0xDC: Reason.BAD_CARD,
}
TEXTS = {
    0x00: "Please confirm the amount at the terminal",
    0x01: "Please follow the terminal",
    0x02: "Please follow the terminal",
    0x03: "Not accepted",
    0x04: "One moment, please",
    0x05: "One moment, please",
    0x07: "This card is not accepted",
    0x08: "This card is not known",
    0x09: "This card has expired",
    0x0A: "Please insert or hold your card",
    0x0B: "Please take your card",
    0x0C: "The card could not be read",
    0x0E: "One moment, please",
    0x10: "This card is not valid",
    0x13: "This payment is not possible",
    0x15: "The PIN was wrong",
    0x17: "One moment, please",
    0x1C: "Approved",
    0x1D: "Declined",
    0xC8: "Please wait for the staff",
    0xD2: "One moment, please",
}  # fmt: skip - a table
"""Intermediate status codes, in our words; a code with 0x40 added asks to take the card besides."""
_TAKE_CARD = 0x40


@dataclass(frozen=True, slots=True)
class Fields:
    """The BMPs of one command; what stands behind an unknown one is not read."""

    values: Mapping[int, bytes] = field(default_factory=dict)

    def number(self, bmp: int) -> int | None:
        """Return a BCD number; None when it is not there."""
        value = self.values.get(bmp)
        return None if value is None else from_bcd(value)

    @property
    def result(self) -> int | None:
        """The result code; 0 is done."""
        value = self.values.get(RESULT)
        return None if value is None else value[0]

    def text(self, bmp: int) -> str:
        """Return a text; empty when it is not there."""
        return text_of(self.values.get(bmp, b""))


def bcd(number: int, size: int) -> bytes:
    """Write a number as BCD digits, two in a byte.

    >>> bcd(1000, 6).hex(" ")
    '00 00 00 00 10 00'
    """
    digits = f"{number:0{2 * size}d}"
    if number < 0 or len(digits) > 2 * size:
        raise ValueError(f"{number} does not fit into {size} bytes of BCD")
    return bytes.fromhex(digits)


def from_bcd(data: bytes) -> int:
    """Read BCD digits.

    Raises:
        ProtocolError: a digit is none.
    """
    digits = data.hex()
    if not digits.isdecimal():
        raise ProtocolError(f"{digits} is no number in BCD")
    return int(digits)


def registration(password: str, config: int, currency: str) -> bytes:
    """Return the data of 06 00; ``config`` says who prints and whether texts are sent."""
    return _password(password) + bytes([config]) + bcd(NUMERIC[currency], 2)


def authorization(amount_minor: int, currency: str = "") -> bytes:
    """Return the data of 06 01.

    >>> authorization(1000).hex(" ")
    '04 00 00 00 00 10 00'
    """
    told = bytes([CURRENCY]) + bcd(NUMERIC[currency], 2) if currency else b""
    return bytes([AMOUNT]) + bcd(amount_minor, 6) + told


def reversal(password: str, receipt: int) -> bytes:
    """Return the data of 06 30."""
    return _password(password) + bytes([RECEIPT]) + bcd(receipt, 2)


def password_only(password: str) -> bytes:
    """Return the data of commands that need nothing else: 06 20, 06 50, 05 01."""
    return _password(password)


def _password(password: str) -> bytes:
    return bcd(int(password), 3)


def fields_of(data: bytes) -> Fields:
    """Read BMPs up to the end, or up to one that nobody knows.

    Raises:
        ProtocolError: one is cut off.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        bmp = data[at]
        head, size = _extent(data, at)
        if size < 0:
            break
        at += head
        if at + size > len(data):
            raise ProtocolError(f"BMP {bmp:02X} is cut off")
        found.setdefault(bmp, data[at : at + size])
        at += size
    return Fields(found)


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """Return how long a BMP's head and its content are; the content -1 when nobody knows the BMP."""
    bmp = data[at]
    if bmp in _FIXED:
        return 1, _FIXED[bmp]
    if bmp == TLV:
        head, size = _ber_length(data, at + 1)
        return 1 + head, size
    digits = 2 if bmp in _LLVAR else 3 if bmp in _LLLVAR else 0
    if not digits:
        return 1, -1
    told = data[at + 1 : at + 1 + digits]
    if len(told) < digits or any(byte >> 4 != 0xF or byte & 0xF > 9 for byte in told):  # noqa: PLR2004 - F and a digit
        raise ProtocolError(f"BMP {bmp:02X} has no length")
    return 1 + digits, int("".join(str(byte & 0xF) for byte in told))


def _ber_length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise ProtocolError("a TLV has no length")
    first = data[at]
    if first <= _BER_SHORT_MAX:
        return 1, first
    count = first & _BER_SHORT_MAX
    told = data[at + 1 : at + 1 + count]
    if count not in {1, 2} or len(told) < count:
        raise ProtocolError("a TLV's length makes no sense")
    return 1 + count, int.from_bytes(told, "big")


def tlvs(data: bytes, depth: int = 0) -> Iterator[tuple[int, bytes]]:
    """Return tag and content of each TLV, those inside constructed ones as well.

    Raises:
        ProtocolError: one is cut off, or they are too deep.
    """
    if depth > _TLV_DEPTH_MAX:
        raise ProtocolError("TLVs are too deep")
    at = 0
    while at < len(data):
        tag, constructed = data[at], bool(data[at] & 0x20)
        at += 1
        if tag & 0x1F == 0x1F:  # noqa: PLR2004 - BER's sign for a tag of two bytes
            if at >= len(data):
                raise ProtocolError("a TLV's tag is cut off")
            tag, at = tag << 8 | data[at], at + 1
        head, size = _ber_length(data, at)
        at += head
        if at + size > len(data):
            raise ProtocolError("a TLV is cut off")
        content = data[at : at + size]
        yield tag, content
        if constructed:
            yield from tlvs(content, depth + 1)
        at += size


def line_of(data: bytes) -> tuple[str, bool]:
    """Read a 06 D1: the line's text and whether it is the receipt's last."""
    if not data:
        return "", False
    attribute = data[0]
    feeds = 0xFF
    if attribute == feeds:
        return "", False
    last = bool(attribute & 0x80) and attribute != 0x80  # noqa: PLR2004 - 80 alone is reserved
    return text_of(data[1:]), last


_RECEIPT_KIND, _TEXT_LINE, _MERCHANT = 0x1F07, 0x07, 1


def block_of(data: bytes) -> tuple[bool, tuple[str, ...]]:
    """Read a 06 D3: whether it is the merchant's receipt, and its lines."""
    container = fields_of(data).values.get(TLV, b"")
    lines: list[str] = []
    merchant = False
    for tag, content in tlvs(container):
        if tag == _RECEIPT_KIND and content:
            merchant = content[0] == _MERCHANT
        elif tag == _TEXT_LINE and len(lines) < LINES_MAX:
            lines.append(text_of(content))
    return merchant, tuple(lines)


def text_of(data: bytes) -> str:
    """Read a text of code page 437; what cannot be printed is left out."""
    text = data.decode(_CODE_PAGE)
    return "".join(letter for letter in text if letter.isprintable())[:TEXT_MAX].rstrip()


def shown_text(data: bytes) -> str:
    """Say in words what a 04 FF tells the shopper; empty when there is nothing to say."""
    if not data:
        return ""
    code = data[0]
    return TEXTS.get(code) or TEXTS.get(code & ~_TAKE_CARD, "")


def reason_of(code: int) -> Reason:
    """Say why nothing was charged; codes up to 99 come from the card's bank."""
    return _REASONS.get(code, Reason.DECLINED if 0 < code <= 0x63 else Reason.UNAVAILABLE)  # noqa: PLR2004 - 99
