"""SMS as PDUs: a text cut into messages, and the network's reports about them (3GPP TS 23.040, section 9.2).

A message to the network (SMS-SUBMIT), as ``AT+CMGS`` takes it in hexadecimal; its length is told without the first byte::

    00   11   00   0B 91 6407281553F8   00   00   AA   0A  E8329BFD4697D9EC37
    |    |    |    |  |  |              |    |    |    |   text, 7 bit packed or UCS-2
    |    |    |    |  |  |              |    |    |    characters of 7 bits, or bytes
    |    |    |    |  |  |              |    |    kept for 4 days
    |    |    |    |  |  |              |    coding: 00 GSM 7 bit, 08 UCS-2
    |    |    |    |  |  digits, swapped in pairs, filled up with F
    |    |    |    digits, 91 international or 81 as it is
    |    |    the modem gives the message its number
    |    01 submit, 10 relative validity, 20 report wanted, 40 header before the text
    the service centre: the one of the SIM card

A text of more than 160 septets or 70 UCS-2 units goes as several; a header says which belong together::

    05 00 03 <number> <of how many> <which>

A report (SMS-STATUS-REPORT): service centre, 06, message's number, recipient, time sent, time of the outcome, status.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from hardware.errors import ProtocolError
from hardware.sms import protocol_gsm7 as gsm7

PARTS_MAX = 10
"""More messages than this for one text are a mistake."""
_HEADER_SEPTETS = 7
_HEADER_FILL_BITS = 1
"""From the header's end to where the eighth septet begins."""
_SEPTETS_ALONE, _SEPTETS_JOINED = 160, 153
_UNITS_ALONE, _UNITS_JOINED = 70, 67
_SUBMIT, _RELATIVE_VALIDITY, _REPORT_WANTED, _HAS_HEADER = 0x01, 0x10, 0x20, 0x40
_FOUR_DAYS = 0xAA
_UCS2 = 0x08
_INTERNATIONAL, _UNKNOWN = 0x91, 0x81
_TYPE_MASK, _STATUS_REPORT = 0x03, 0x02
_TIME_BYTES = 7
_NUMBER = re.compile(r"\+?[0-9]{3,20}")


class Delivery(Enum):
    """What became of a message that the network took."""

    DELIVERED = "delivered"
    WAITING = "waiting"
    """Not yet; the network goes on trying."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number that can be called: digits, with + in front when it is international."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Number:
        """Read what a person typed; blanks, dashes, dots and brackets do not matter.

        Raises:
            ValueError: it is no phone number.
        """
        plain = re.sub(r"[ ().\-/]", "", text)
        if not plain.isascii() or not _NUMBER.fullmatch(plain):
            raise ValueError(f"{text!r} is no phone number; write it as +4915112345678")
        return cls(plain)

    def address(self) -> bytes:
        """Return count of digits, type and digits."""
        digits = self.text.lstrip("+")
        filled = digits + "F" * (len(digits) % 2)
        swapped = "".join(filled[place + 1] + filled[place] for place in range(0, len(filled), 2))
        return bytes([len(digits), _INTERNATIONAL if self.text[0] == "+" else _UNKNOWN]) + bytes.fromhex(swapped)


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a text: its text as the recipient's phone will hold it, and its user data."""

    length: int
    """Septets or bytes, as the coding counts."""
    data: bytes
    is_ucs2: bool
    has_header: bool = False


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What the network says about a message."""

    reference: int
    recipient: str
    status: int

    @property
    def delivery(self) -> Delivery:
        """The status in one word."""
        return delivery(self.status)

    @property
    def reason(self) -> str:
        """The status in a sentence."""
        return _STATUS_TEXTS.get(self.status, f"the network reports status {self.status}")


_STATUS_TEXTS = {
    0x00: "it reached the phone",
    0x01: "it was passed on; whether it reached the phone cannot be said",
    0x02: "it was replaced by a newer one",
    0x20: "the network is congested and tries on",
    0x21: "the phone is busy and the network tries on",
    0x22: "the phone does not answer and the network tries on",
    0x40: "the way there is broken",
    0x41: "the phone cannot take it",
    0x42: "the network could not deliver it as asked",
    0x43: "the number is not reachable",
    0x45: "no such number takes messages",
    0x46: "the phone was not reachable for so long that the message expired",
    0x60: "the network was congested and gave up",
    0x61: "the phone was busy and the network gave up",
    0x62: "the phone did not answer and the network gave up",
}


def delivery(status: int) -> Delivery:
    """Return what a TP-Status means."""
    if status < 0x20:  # noqa: PLR2004 - the standard's ranges
        return Delivery.DELIVERED
    return Delivery.WAITING if status < 0x40 else Delivery.FAILED  # noqa: PLR2004 - the same


def split(text: str, concatenation: int = 0) -> list[Part]:
    """Cut a text into messages: GSM 7 bit where its characters allow, else UCS-2; no character is torn apart.

    Args:
        text: what to send.
        concatenation: 0 to 255; tells the recipient's phone which messages belong together.

    Raises:
        ValueError: it needs more than :data:`PARTS_MAX` messages, or holds half a character.
    """
    codes = gsm7.encode(text)
    if codes is not None:
        units: Sequence[bytes] = [bytes(code) for code in codes]
        alone, joined = _SEPTETS_ALONE, _SEPTETS_JOINED
    else:
        units = [letter.encode("utf-16-be") for letter in text]
        alone, joined = 2 * _UNITS_ALONE, 2 * _UNITS_JOINED
    if sum(map(len, units)) <= alone:
        return [_part(b"".join(units), b"", is_ucs2=codes is None)]
    pieces = _pieces(units, joined)
    if len(pieces) > PARTS_MAX:
        raise ValueError(f"the text needs {len(pieces)} messages, more than {PARTS_MAX}; write a shorter one")
    head = bytes((0x05, 0x00, 0x03, concatenation & 0xFF, len(pieces)))
    return [_part(piece, head + bytes([place]), is_ucs2=codes is None) for place, piece in enumerate(pieces, 1)]


def _pieces(units: Sequence[bytes], limit: int) -> list[bytes]:
    pieces = [b""]
    for unit in units:
        if len(pieces[-1]) + len(unit) > limit:
            pieces.append(b"")
        pieces[-1] += unit
    return pieces


def _part(piece: bytes, header: bytes, *, is_ucs2: bool) -> Part:
    if is_ucs2:
        return Part(len(header) + len(piece), header + piece, is_ucs2=True, has_header=bool(header))
    packed = header + gsm7.pack(piece, _HEADER_FILL_BITS if header else 0)
    return Part(len(piece) + (_HEADER_SEPTETS if header else 0), packed, is_ucs2=False, has_header=bool(header))


def submit(number: Number, part: Part, *, wants_report: bool = True) -> bytes:
    """Return a whole SMS-SUBMIT with the byte of the service centre in front."""
    first = _SUBMIT | _RELATIVE_VALIDITY | (_REPORT_WANTED if wants_report else 0) | (_HAS_HEADER if part.has_header else 0)
    coding = _UCS2 if part.is_ucs2 else 0
    return bytes((0, first, 0)) + number.address() + bytes((0, coding, _FOUR_DAYS, part.length)) + part.data


def parse_report(pdu: bytes) -> StatusReport:
    """Read an SMS-STATUS-REPORT with its service centre in front.

    Raises:
        ProtocolError: it is something else, or cut off.
    """
    body = pdu[1 + pdu[0] :] if pdu else b""
    if len(body) < 4 or body[0] & _TYPE_MASK != _STATUS_REPORT:  # noqa: PLR2004 - up to the recipient's type
        raise ProtocolError(f"the modem reported something that is no status: {pdu.hex()}")
    digits = body[2]
    end = 4 + (digits + 1) // 2
    place = end + 2 * _TIME_BYTES
    if place >= len(body):
        raise ProtocolError(f"the modem's status report is cut off: {pdu.hex()}")
    swapped = "".join(f"{byte & 0x0F:X}{byte >> 4:X}" for byte in body[4:end])[:digits]
    prefix = "+" if body[3] == _INTERNATIONAL else ""
    return StatusReport(body[1], prefix + swapped, body[place])
