"""What one make of printer can do, as far as a receipt must know it; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Chinese = Literal["raster", "gb18030", "gbk", "gb2312"]
QrWay = Literal["native", "raster"]

CODE_PAGES: Mapping[str, int] = MappingProxyType({"cp437": 0, "cp850": 2, "cp1252": 16, "cp866": 17, "cp858": 19})
"""Python's name of a code page to its number in ESC t n: pages that every printer of this kind has."""
_DOUBLE_BYTE = 2
_ASCII = bytes(range(0x20, 0x7F))
_FEW = 64
"""Encodings of several bytes per letter have fewer letters of one byte in their upper half."""


def known_code_page(name: str) -> str:
    """Return the name of a code page that can be used: one byte per letter, ASCII in its lower half.

    Raises:
        ValueError: there is no such code page; the sentence names some.
    """
    try:
        usable = _ASCII.decode(name) == _ASCII.decode("ascii")
        usable = usable and sum(_stands_alone(name, byte) for byte in range(128, 256)) > _FEW
    except (LookupError, UnicodeError):
        usable = False
    if not usable:
        raise ValueError(f"there is no code page {name!r}; printers have such as {', '.join(CODE_PAGES)}, cp1251, cp1250")
    return name


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """The printer that a receipt is made for."""

    columns: int = 42
    code_pages: Mapping[str, int] = field(default_factory=lambda: CODE_PAGES)
    """Its code pages, the first that has a letter is taken."""
    chinese: Chinese = "raster"
    """The Chinese letters in its own font; ``raster`` where it has none: they are drawn."""
    qr: QrWay = "native"
    """``raster`` where it draws no QR codes itself."""
    logo: bytes = b""
    """The commands that print the shop's logo."""

    def page_of(self, letter: str) -> str | None:
        """Return the first code page that has a letter."""
        return next((page for page in self.code_pages if _has(page, letter)), None)

    def has_chinese(self, letter: str) -> bool:
        """Whether the printer's own Chinese font has a letter; only letters of double width are taken from it."""
        if self.chinese == "raster" or unicodedata.east_asian_width(letter) not in "WF" or not _has(self.chinese, letter):
            return False
        # GB18030 encodes all of Unicode; printers draw its two-byte part and the first extension of Chinese.
        return len(letter.encode(self.chinese)) == _DOUBLE_BYTE or "\u3400" <= letter <= "\u4dbf"

    def can_print(self, text: str) -> bool:
        """Whether the printer has all the letters itself."""
        return all(self.page_of(letter) is not None or self.has_chinese(letter) for letter in text)


def _stands_alone(codec: str, byte: int) -> bool:
    try:
        return len(bytes((byte,)).decode(codec)) == 1
    except UnicodeDecodeError:
        return False


def _has(codec: str, letter: str) -> bool:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
