"""Pictures as ESC/POS: text drawn with the system's fonts, QR codes, logos.

::

    a band of a picture    1D 76 30 00 xL xH yL yH dots     x bytes per row, y rows, 1 is black
    store for good         1D 28 4C pL pH 30 43 30 kc1 kc2 01 xL xH yL yH 31 dots
    print what is stored   1D 28 4C 06 00 30 45 kc1 kc2 01 01
"""

from __future__ import annotations

from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, UnidentifiedImageError

from hardware.printer.fonts import chinese_font, latin_font
from hardware.printer.receipt import columns_of

COLUMN_DOTS = 12
LINE_DOTS = 30
BAND_BYTES_MAX = 1000
"""A picture goes out in bands, between which the printer can be asked how it is."""
LOGO_HEIGHT_MAX_DOTS = 300
LOGO_FILE_MAX_BYTES = 5_000_000
CENTRE, LEFT = b"\x1ba\x01", b"\x1ba\x00"
_SPACE_BELOW = b"\x1bJ\x10"
_BEYOND_LATIN = "\u0250"
"""Every Latin font has the letters before."""


class LogoError(ValueError):
    """The logo's file cannot be printed; the sentence says why."""


def raster(picture: Image.Image) -> bytes:
    """Return the commands that print a picture; what is dark in it is printed."""
    dots = picture.convert("1")
    width_bytes = (dots.width + 7) // 8
    # Pillow packs 1 for white, the printer 1 for black; bits beyond the width must stay white.
    padded = Image.new("1", (width_bytes * 8, dots.height), 1)
    padded.paste(dots, (0, 0))
    data = bytes(byte ^ 0xFF for byte in padded.tobytes())
    rows = max(1, BAND_BYTES_MAX // width_bytes)
    bands = []
    for top in range(0, dots.height, rows):
        band = data[top * width_bytes : (top + rows) * width_bytes]
        size = width_bytes.to_bytes(2, "little") + (len(band) // width_bytes).to_bytes(2, "little")
        bands.append(b"\x1dv0\x00" + size + band)
    return b"".join(bands)


def drawn_rows(rows: list[str], columns: int, *, bold: bool, double: bool) -> Image.Image:
    """Return text as a picture, column by column, so that it stands in line with printed text.

    Chinese needs a font that has it (:func:`hardware.printer.fonts.chinese_font`).
    """
    scale = 2 if double else 1
    picture = Image.new("1", (columns * COLUMN_DOTS, LINE_DOTS * scale * len(rows)), 1)
    pen = ImageDraw.Draw(picture)
    wide_font = chinese_font(2 * COLUMN_DOTS * scale)
    narrow_font = latin_font(2 * COLUMN_DOTS * scale * 5 // 6)
    for number, row in enumerate(rows):
        column = 0
        for letter in row:
            width = columns_of(letter)
            middle = ((column + width / 2) * COLUMN_DOTS * scale, (number + 0.5) * LINE_DOTS * scale)
            font = narrow_font if letter < _BEYOND_LATIN or wide_font is None else wide_font
            pen.text(middle, letter, font=font, fill=0, anchor="mm", stroke_width=1 if bold else 0)
            column += width
    return picture


def drawn_qr(text: str, module_dots: int) -> Image.Image:
    """Return a QR code, error correction M, without the quiet zone."""
    maker = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=1, border=0)
    maker.add_data(text)
    maker.make(fit=True)
    modules = maker.get_matrix()
    picture = Image.new("1", (len(modules), len(modules)), 1)
    picture.putdata([0 if dark else 255 for row in modules for dark in row])
    return picture.resize((len(modules) * module_dots,) * 2, Image.Resampling.NEAREST)


def logo(path: Path, columns: int) -> bytes:
    """Return the commands that print a picture file in the middle of the paper.

    Raises:
        LogoError: it cannot be read, or is no picture.
    """
    return CENTRE + raster(logo_picture(path, columns)) + _SPACE_BELOW + LEFT


def stored_logo(key: str) -> bytes:
    """Return the commands that print the picture which is stored in the printer under a key of two characters."""
    return CENTRE + b"\x1d(L\x06\x00\x30\x45" + _key(key) + b"\x01\x01" + _SPACE_BELOW + LEFT


def store_logo(path: Path, columns: int, key: str) -> bytes:
    """Return the command that stores a picture file in the printer for good; the memory bears some ten thousand writings.

    Raises:
        LogoError: it cannot be read, or is no picture.
    """
    picture = logo_picture(path, columns)
    width_bytes = (picture.width + 7) // 8
    padded = Image.new("1", (width_bytes * 8, picture.height), 1)
    padded.paste(picture, (0, 0))
    size = (width_bytes * 8).to_bytes(2, "little") + picture.height.to_bytes(2, "little")
    body = b"\x30\x43\x30" + _key(key) + b"\x01" + size + b"\x31" + bytes(byte ^ 0xFF for byte in padded.tobytes())
    return b"\x1d(L" + len(body).to_bytes(2, "little") + body


def _key(key: str) -> bytes:
    if len(key) != 2 or not (key.isascii() and key.isprintable()):  # noqa: PLR2004 - kc1 kc2
        raise LogoError(f"the key of a stored logo is two printable ASCII characters, not {key!r}")
    return key.encode("ascii")


def logo_picture(path: Path, columns: int) -> Image.Image:
    """Return a picture file in black and white, on white, no wider than the paper and not too high.

    Raises:
        LogoError: it cannot be read, or is no picture.
    """
    try:
        if path.stat().st_size > LOGO_FILE_MAX_BYTES:
            raise LogoError(f"the logo {path} is larger than {LOGO_FILE_MAX_BYTES // 1_000_000} MB; make it smaller")
        with Image.open(path) as file:
            coloured = file.convert("RGBA")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
        raise LogoError(f"the logo {path} cannot be read: {error}; use a PNG file") from error
    white = Image.new("RGBA", coloured.size, "white")
    grey = Image.alpha_composite(white, coloured).convert("L")
    grey.thumbnail((columns * COLUMN_DOTS, LOGO_HEIGHT_MAX_DOTS))
    return grey.convert("1")
