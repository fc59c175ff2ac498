"""The GSM 7 bit alphabet with its extension, and its packing into bytes (3GPP TS 23.038, sections 6.1.2.1 and 6.2.1).

Eight characters of seven bits stand in seven bytes, the first character in the low bits of the first byte::

    byte    0          1          2
    bit     76543210   76543210   76543210
            BAAAAAAA   CCBBBBBB   DDDCCCCC      characters A, B, C, D ...

A character of the extension (the euro sign, brackets) is two: escape (1B) and its code.
"""

from __future__ import annotations

ESCAPE = 0x1B
BITS = 7
_BASE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_CODES: dict[str, tuple[int, ...]] = {letter: (code,) for code, letter in enumerate(_BASE) if code != ESCAPE}
_CODES |= {letter: (ESCAPE, code) for code, letter in _EXTENSION.items()}


def encode(text: str) -> list[tuple[int, ...]] | None:
    """Return the codes of each character, one or two; None when a character is not in the alphabet."""
    codes = [_CODES.get(letter) for letter in text]
    return [code for code in codes if code is not None] if None not in codes else None


def decode(codes: bytes) -> str:
    """Return the text of septets; an unknown code of the extension is read as one of the base, as phones do."""
    letters = []
    is_extended = False
    for code in codes:
        if code == ESCAPE and not is_extended:
            is_extended = True
            continue
        letters.append(_EXTENSION.get(code, _BASE[code]) if is_extended else _BASE[code])
        is_extended = False
    return "".join(letters)


def pack(codes: bytes, skip_bits: int = 0) -> bytes:
    """Pack septets into bytes after so many bits that are left 0 (behind a header, up to the next septet's beginning)."""
    number = sum(code << skip_bits + BITS * place for place, code in enumerate(codes))
    return number.to_bytes((skip_bits + BITS * len(codes) + 7) // 8, "little")


def unpack(data: bytes, count: int, skip_bits: int = 0) -> bytes:
    """Return ``count`` septets; fewer when the bytes do not hold so many."""
    number = int.from_bytes(data, "little") >> skip_bits
    there = max(0, len(data) * 8 - skip_bits) // BITS
    return bytes(number >> BITS * place & 0x7F for place in range(min(count, there)))
