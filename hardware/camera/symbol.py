"""EAN-13, EAN-8 and UPC-A symbols as rows of modules, from the GS1 patterns (ISO/IEC 15420, GS1 General Specifications 5.2).

::

    EAN-13   101  six digits from sets A and B  01010  six digits from set C  101    95 modules, quiet zones 11 and 7
    UPC-A    an EAN-13 whose first digit is 0: all six left digits from set A        95 modules, quiet zones 9 and 9
    EAN-8    101  four digits from set A        01010  four digits from set C  101   67 modules, quiet zones 7 and 7

1 is a dark module. Set A is the table below, set C its complement, set B set C read backwards. The first digit of an EAN-13 has
no bars: it is told by which of the six left digits come from set B.
"""

from __future__ import annotations

from dataclasses import dataclass

_SET_A = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
_FIRST_DIGIT = ("AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA")
_SIDE_GUARD = "101"
_CENTRE_GUARD = "01010"
_LENGTHS = {"EAN13": 13, "EAN8": 8, "UPCA": 12}


class SymbolError(ValueError):
    """These digits make no such symbol; the sentence says what was expected."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One row of modules between its quiet zones."""

    modules: str
    """``1`` dark, ``0`` light, without the quiet zones."""
    guards: frozenset[int]
    """Indexes of the modules whose bars reach lower than the others."""
    quiet_left: int
    """Light modules needed in front."""
    quiet_right: int
    """Light modules needed behind."""

    @property
    def width(self) -> int:
        """Modules with both quiet zones."""
        return self.quiet_left + len(self.modules) + self.quiet_right


def check_digit(body: str) -> str:
    """Return the GS1 mod-10 check digit that follows ``body``: weights 3, 1, 3 ... from the right.

    >>> check_digit("400638133393")
    '1'
    """
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def has_right_check_digit(digits: str) -> bool:
    """Whether the last of at least two ASCII digits is the check digit of those before."""
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and check_digit(digits[:-1]) == digits[-1]


def expand_upc_e(digits: str) -> str:
    """Return the 13 digits that an 8-digit UPC-E stands for (GS1 General Specifications, zero suppression, section 5.2.2.4.2).

    Raises:
        SymbolError: not 8 digits, or a number system other than 0 and 1.

    >>> expand_upc_e("01234565")
    '0012345000065'
    """
    if len(digits) != len("01234565") or not (digits.isascii() and digits.isdigit()) or digits[0] not in "01":
        raise SymbolError(f"a UPC-E is 8 digits that begin with 0 or 1, not {digits!r}")
    system, body, last, check = digits[0], digits[1:6], digits[6], digits[7]
    if last in "012":
        full = body[:2] + last + "0000" + body[2:]
    elif last == "3":
        full = body[:3] + "00000" + body[3:]
    elif last == "4":
        full = body[:4] + "00000" + body[4:]
    else:
        full = body + "0000" + last
    return f"0{system}{full}{check}"


def encode(digits: str, symbology: str) -> Symbol:
    """Return the symbol of ``EAN13`` (13 digits), ``UPCA`` (12) or ``EAN8`` (8).

    Raises:
        SymbolError: an unknown symbology, not that many digits, or a wrong check digit.
    """
    length = _LENGTHS.get(symbology)
    if length is None:
        raise SymbolError(f"{symbology!r} is no symbology drawn here: choose one of {', '.join(_LENGTHS)}")
    if len(digits) != length or not (digits.isascii() and digits.isdigit()):
        raise SymbolError(f"{symbology} takes {length} digits, not {digits!r}")
    if not has_right_check_digit(digits):
        raise SymbolError(f"{digits} has a wrong check digit: it would end in {check_digit(digits[:-1])}")
    if symbology == "EAN8":
        return _symbol(digits[:4], "AAAA", digits[4:], quiet=(7, 7))
    full = digits.zfill(13)
    quiet = (9, 9) if symbology == "UPCA" else (11, 7)
    return _symbol(full[1:7], _FIRST_DIGIT[int(full[0])], full[7:], quiet=quiet)


def _symbol(left: str, sets: str, right: str, *, quiet: tuple[int, int]) -> Symbol:
    left_bars = "".join(_digit(digit, kind) for digit, kind in zip(left, sets, strict=True))
    right_bars = "".join(_digit(digit, "C") for digit in right)
    modules = _SIDE_GUARD + left_bars + _CENTRE_GUARD + right_bars + _SIDE_GUARD
    centre = len(_SIDE_GUARD) + len(left_bars)
    guards = {0, 2, centre + 1, centre + 3, len(modules) - 3, len(modules) - 1}
    return Symbol(modules, frozenset(guards), quiet[0], quiet[1])


def _digit(digit: str, kind: str) -> str:
    light_first = _SET_A[int(digit)]
    if kind == "A":
        return light_first
    complement = light_first.translate(str.maketrans("01", "10"))
    return complement if kind == "C" else complement[::-1]
