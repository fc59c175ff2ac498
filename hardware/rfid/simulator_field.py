"""What lies before the antennas of a simulated reader: tags that come, are read now and then, and leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hardware.bench.simulator import ActionError, JsonValue

TAGS_MAX = 500
EPC_96_BYTES = 12


@dataclass
class TagInField:
    """A tag before an antenna."""

    epc: bytes
    antenna: int
    rssi_dbm: int
    until_s: float
    next_read_s: float
    reads: int = 0


class TagField:
    """The tags, and the hands that bring and take them."""

    def __init__(self, antennas: int, read_period_s: float) -> None:
        self._antennas = antennas
        self._read_period_s = read_period_s
        self._tags: dict[bytes, TagInField] = {}
        self.pulled: set[int] = set()
        """Antennas whose cable is pulled."""

    def read_now(self, now_s: float) -> Iterator[TagInField]:
        """Yield the tags that are read at this moment."""
        for tag in self._tags.values():
            if now_s >= tag.next_read_s and tag.antenna not in self.pulled:
                tag.next_read_s = now_s + self._read_period_s
                tag.reads += 1
                yield tag

    def forget_gone(self, now_s: float) -> None:
        """Let those leave whose time is over."""
        self._tags = {epc: tag for epc, tag in self._tags.items() if now_s < tag.until_s}

    def facts(self) -> list[JsonValue]:
        """Return which tags are there."""
        return [
            {"epc": tag.epc.hex().upper(), "antenna": tag.antenna, "rssi_dbm": tag.rssi_dbm, "reads": tag.reads}
            for tag in self._tags.values()
        ]

    def check_antenna(self, number: int) -> None:
        """Raise ActionError when there is no such antenna."""
        if not 1 <= number <= self._antennas:
            raise ActionError(f"The antennas are 1 to {self._antennas}.")

    def put_tag(self, epc: str, now_s: float, *, rssi_dbm: int = -50, antenna: int = 1, seconds: float = 0.0) -> JsonValue:
        """Bring a tag before an antenna; its number in hexadecimal. It leaves by itself after so many seconds, 0 for never."""
        try:
            number = bytes.fromhex(epc)
        except ValueError as error:
            raise ActionError(f"Write a tag's number in hexadecimal: {error}.") from error
        if not 0 < len(number) <= 62 or len(number) % 2:  # noqa: PLR2004 - what a tag's memory can hold
            raise ActionError("A tag's number has 2 to 62 bytes, an even count of them.")
        self.check_antenna(antenna)
        if not -128 <= rssi_dbm <= 127:  # noqa: PLR2004 - one signed byte
            raise ActionError("A signal is -128 to 127 dBm.")
        if number not in self._tags and len(self._tags) >= TAGS_MAX:
            raise ActionError(f"More than {TAGS_MAX} tags do not fit before the antennas.")
        until_s = now_s + seconds if seconds > 0 else float("inf")
        self._tags[number] = TagInField(number, antenna, rssi_dbm, until_s, now_s)
        return None

    def put_article(
        self, gtin: str, serial: int, now_s: float, *, rssi_dbm: int = -50, antenna: int = 1, seconds: float = 0.0
    ) -> JsonValue:
        """Bring one piece of an article before an antenna; returns its tag's number (SGTIN-96, prefix of 7 digits)."""
        digits = gtin.zfill(14)
        if not digits.isascii() or not digits.isdigit() or len(digits) != 14:  # noqa: PLR2004 - GTIN-14
            raise ActionError("A GTIN has 8, 12, 13 or 14 digits.")
        if not 0 <= serial < 1 << 38:
            raise ActionError("A serial number is 0 to 274877906943.")
        fields = ((0x30, 8), (1, 3), (5, 3), (int(digits[1:8]), 24), (int(digits[0] + digits[8:13]), 20), (serial, 38))
        number = 0
        for value, bits in fields:
            number = number << bits | value
        epc = f"{number:0{2 * EPC_96_BYTES}X}"
        self.put_tag(epc, now_s, rssi_dbm=rssi_dbm, antenna=antenna, seconds=seconds)
        return epc

    def take_tag(self, epc: str) -> JsonValue:
        """Take a tag away."""
        found = next((number for number in self._tags if number.hex() == epc.lower()), None)
        if found is None:
            raise ActionError("No such tag is before the antennas.")
        del self._tags[found]
        return None

    def clear(self) -> JsonValue:
        """Take all tags away."""
        self._tags.clear()
        return None
