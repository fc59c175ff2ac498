"""The bytes that print a receipt.

Letters go out in the code pages that the printer has, or from its own Chinese font; a line that they cannot carry goes out as a
picture drawn with the system's font, and where there is none as the line's ``fallback``, or with ``?`` in place of each letter.
Every line sets what it needs and sets it back, so that a printer that lost its settings in between spoils no other line.

::

    ESC @  1B 40      ESC t n  1B 74 n    ESC E n  1B 45 n    GS ! n    1D 21 n      ESC a n  1B 61 n
    ESC d  1B 64 n    FS &     1C 26      FS .     1C 2E      GS V 66   1D 56 42 n   GS ( k   1D 28 6B ...
"""

from __future__ import annotations

from dataclasses import replace

from hardware.printer.fonts import chinese_font
from hardware.printer.profile import PrinterProfile
from hardware.printer.raster import CENTRE, LEFT, LINE_DOTS, drawn_qr, drawn_rows, raster
from hardware.printer.receipt import (
    FEED_MAX,
    LINES_MAX,
    QR_TEXT_MAX,
    Cut,
    Feed,
    Logo,
    QrCode,
    Receipt,
    ReceiptLine,
    Rule,
    TextLine,
    laid_out,
    printable,
)

INITIALISE = b"\x1b@"
CHINESE_ON, CHINESE_OFF = b"\x1c&", b"\x1c."
CUT = b"\x1dVB\x00"
_BOLD_ON, _BOLD_OFF = b"\x1bE\x01", b"\x1bE\x00"
_DOUBLE_ON, _DOUBLE_OFF = b"\x1d!\x11", b"\x1d!\x00"
_QR_MODEL_2 = b"\x1d(k\x04\x001A2\x00"
_QR_CORRECTION_M = b"\x1d(k\x03\x001E1"
_QR_PRINT = b"\x1d(k\x03\x001Q0"


def rendered(receipt: Receipt, profile: PrinterProfile | None = None) -> bytes:
    """Return the bytes that print a receipt.

    Raises:
        ValueError: it is too long, or a QR text is empty, too long or not ASCII.
    """
    if len(receipt) > LINES_MAX:
        raise ValueError(f"a receipt has at most {LINES_MAX} lines, this one {len(receipt)}")
    profile = profile or PrinterProfile()
    # A printer with a Chinese font begins with it switched on, and would take code pages for halves of Chinese letters.
    begin = INITIALISE if profile.chinese == "raster" else INITIALISE + CHINESE_OFF
    return begin + b"".join(_line(line, profile) for line in receipt)


def _line(line: ReceiptLine, profile: PrinterProfile) -> bytes:
    if isinstance(line, TextLine):
        return _text(line, profile)
    if isinstance(line, Rule):
        return b"-" * profile.columns + b"\n"
    if isinstance(line, QrCode):
        return _qr(line, profile)
    if isinstance(line, Logo):
        return profile.logo
    if isinstance(line, Feed):
        if not 1 <= line.lines <= FEED_MAX:
            raise ValueError(f"feed between 1 and {FEED_MAX} lines, not {line.lines}")
        return bytes((0x1B, 0x64, line.lines))
    assert isinstance(line, Cut)
    return CUT


def _text(line: TextLine, profile: PrinterProfile) -> bytes:
    columns = profile.columns // 2 if line.double else profile.columns
    if not profile.can_print(printable(line.left + line.right)):
        if chinese_font(LINE_DOTS) is not None:
            return raster(drawn_rows(laid_out(line, columns), profile.columns, bold=line.bold, double=line.double))
        left = line.fallback or line.left
        line = replace(line, left=_with_question_marks(left, profile), right=_with_question_marks(line.right, profile))
    rows = b"".join(encoded(row, profile) + b"\n" for row in laid_out(line, columns))
    if line.bold:
        rows = _BOLD_ON + rows + _BOLD_OFF
    return _DOUBLE_ON + rows + _DOUBLE_OFF if line.double else rows


def encoded(text: str, profile: PrinterProfile) -> bytes:
    """Return letters that the printer has, with the commands that select their code pages or its Chinese font."""
    out = bytearray()
    page: str | None = None
    in_chinese = False
    for letter in text:
        if profile.page_of(letter) is None:
            out += b"" if in_chinese else CHINESE_ON
            in_chinese = True
            out += letter.encode(profile.chinese)
            continue
        out += CHINESE_OFF if in_chinese else b""
        in_chinese = False
        if not letter.isascii() and not (page is not None and _has(page, letter)):
            page = profile.page_of(letter)
            assert page is not None
            out += bytes((0x1B, 0x74, profile.code_pages[page]))
        out += letter.encode("ascii" if letter.isascii() else page or "ascii")
    return bytes(out + (CHINESE_OFF if in_chinese else b""))


def _has(page: str, letter: str) -> bool:
    try:
        return bool(letter.encode(page))
    except UnicodeEncodeError:
        return False


def _qr(line: QrCode, profile: PrinterProfile) -> bytes:
    if not 1 <= len(line.text) <= QR_TEXT_MAX or not line.text.isascii():
        raise ValueError(f"a QR code on a receipt holds between 1 and {QR_TEXT_MAX} ASCII characters")
    # A printer adds no quiet zone of its own.
    code = native_qr(line.text, line.module_dots) if profile.qr == "native" else raster(drawn_qr(line.text, line.module_dots))
    return b"\n" + CENTRE + code + b"\n" + LEFT


def native_qr(text: str, module_dots: int) -> bytes:
    """Return GS ( k: model 2, size, error correction M, store, print."""
    data = text.encode("ascii")
    size = bytes((0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x43, module_dots))
    store = b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data
    return _QR_MODEL_2 + size + _QR_CORRECTION_M + store + _QR_PRINT


def _with_question_marks(text: str, profile: PrinterProfile) -> str:
    return "".join(letter if profile.can_print(letter) else "?" for letter in printable(text))
