"""The mobile network behind a simulated modem: what really arrived at which phone, and the reports about it; pure.

Reads messages bit by bit from the standard (3GPP TS 23.040, 23.038); shares no code with the driver.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.bench.simulator import JsonValue

MESSAGES_MAX = 1000
_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}


@dataclass(frozen=True)
class Arrived:
    """One message that the network took."""

    reference: int
    number: str
    text: str
    wants_report: bool
    series: tuple[int, int, int] = (0, 1, 1)
    """Number of the long text, of how many messages, which."""
    coding: str = "GSM"


@dataclass
class Network:
    """What the network took so far."""

    messages: list[Arrived] = field(default_factory=list)
    refuse_code: int | None = None
    """The next message is refused with this CMS error."""
    failing: set[str] = field(default_factory=set)
    """Phones that cannot be reached."""
    _reference: int = 41

    def take(self, number: str, text: str, coding: str, series: tuple[int, int, int], *, wants_report: bool) -> Arrived:
        """Take one message."""
        self._reference = (self._reference + 1) % 256
        arrived = Arrived(self._reference, number, text, wants_report, series, coding)
        self.messages = [*self.messages, arrived][-MESSAGES_MAX:]
        return arrived

    def take_pdu(self, pdu: bytes) -> Arrived:
        """Take one SMS-SUBMIT, service centre in front.

        Raises:
            ValueError: it is none.
        """
        at = 1 + pdu[0]
        first = pdu[at]
        if first & 0b11 != 1:
            raise ValueError("no SMS-SUBMIT")
        digits = pdu[at + 2]
        size = (digits + 1) // 2
        nibbles = "".join(f"{byte:02X}"[::-1] for byte in pdu[at + 4 : at + 4 + size])[:digits]
        if not nibbles.isdigit():
            raise ValueError("no phone number")
        number = ("+" if pdu[at + 3] & 0x70 == 0x10 else "") + nibbles  # noqa: PLR2004 - international
        rest = at + 4 + size
        coding = pdu[rest + 1]
        rest += 2 + {0: 0, 2: 1}.get(first >> 3 & 0b11, 7)
        length, data = pdu[rest], pdu[rest + 1 :]
        header = data[: data[0] + 1] if first & 0x40 else b""
        series = (header[3], header[4], header[5]) if header[1:3] == b"\x00\x03" else (0, 1, 1)
        text = self._ucs2(length, data, header) if coding == 8 else self._gsm(length, data, header)  # noqa: PLR2004 - UCS-2
        name = "UCS2" if coding == 8 else "GSM"  # noqa: PLR2004 - UCS-2
        return self.take(number, text, name, series, wants_report=bool(first & 0x20))

    @staticmethod
    def _ucs2(length: int, data: bytes, header: bytes) -> str:
        if length != len(data) or length > 140:  # noqa: PLR2004 - what fits into a message
            raise ValueError("a wrong length")
        return data[len(header) :].decode("utf-16-be")

    @staticmethod
    def _gsm(length: int, data: bytes, header: bytes) -> str:
        if len(data) != (length * 7 + 7) // 8 or length > 160:  # noqa: PLR2004 - what fits into a message
            raise ValueError("a wrong length")
        bits = "".join(f"{byte:08b}"[::-1] for byte in data)
        septets = [int(bits[place * 7 : place * 7 + 7][::-1], 2) for place in range(length)]
        return gsm_text(bytes(septets[-(-len(header) * 8 // 7) :]))

    def texts(self) -> list[JsonValue]:
        """Return what each phone shows, long texts joined; a message that came twice is there twice."""
        shown: list[JsonValue] = []
        begun: dict[tuple[str, int, int], dict[int, str]] = {}
        for message in self.messages:
            series, count, which = message.series
            if count == 1:
                shown.append({"number": message.number, "text": message.text})
                continue
            parts = begun.setdefault((message.number, series, count), {})
            parts[which] = message.text
            if len(parts) == count:
                shown.append({"number": message.number, "text": "".join(parts[place] for place in sorted(parts))})
                del begun[message.number, series, count]
        return shown

    def report_status(self, message: Arrived) -> int:
        """Return the TP-Status for a message."""
        return 0x46 if message.number in self.failing else 0x00

    def report_text(self, message: Arrived) -> str:
        """Return the line that tells the same in text mode."""
        stamp = "26/11/22,01:51:51+00"
        return f'+CDS: 6,{message.reference},"{message.number}",145,"{stamp}","{stamp}",{self.report_status(message)}'

    def report_pdu(self, message: Arrived) -> bytes:
        """Return the SMS-STATUS-REPORT about a message, service centre in front."""
        digits = message.number.lstrip("+")
        even = digits + "F" * (len(digits) % 2)
        address = bytes(int(even[place + 1] + even[place], 16) for place in range(0, len(even), 2))
        stamp = bytes.fromhex("62112210151500")
        head = bytes((0, 0x06, message.reference, len(digits), 0x91 if message.number.startswith("+") else 0x81))
        return head + address + stamp + stamp + bytes([self.report_status(message)])


def gsm_text(septets: bytes) -> str:
    """Return the text of GSM 7 bit codes, one in each byte."""
    shown, extended = "", False
    for code in septets:
        if code == 27:  # noqa: PLR2004 - escape
            extended = True
            continue
        shown += _EXTENDED.get(code, " ") if extended else _ALPHABET[code]
        extended = False
    return shown
