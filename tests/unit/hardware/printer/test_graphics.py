"""The simulated printer's picture memory, bar codes and less common commands."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from hardware.printer.bars import ean_digits
from hardware.printer.commands import BitImage
from hardware.printer.graphics import KEPT_MAX, Graphics
from hardware.printer.simulator import PrinterOptions, PrinterSimulator

STORE = bytes.fromhex("30 70 30 02 01 31 08 00 02 00 F0 0F")
KEEP = bytes.fromhex("30 43 30 4C 4F 01 08 00 02 00 31 F0 0F")


def test_a_picture_waits_for_its_print() -> None:
    memory = Graphics()
    assert memory.take(STORE) == (None, True)
    assert memory.take(b"\x30\x32") == (BitImage(1, 2, b"\xf0\x0f", 2, 1), True)
    assert memory.take(b"\x30\x02") == (None, True)


def test_a_picture_is_kept_printed_and_deleted() -> None:
    memory = Graphics()
    assert memory.take(KEEP) == (None, True)
    assert memory.take(bytes.fromhex("30 45 4C 4F 01 02")) == (BitImage(1, 2, b"\xf0\x0f", 1, 2), True)
    assert memory.take(bytes.fromhex("30 42 4C 4F")) == (None, True)
    assert memory.take(bytes.fromhex("30 45 4C 4F 01 01")) == (None, False)
    assert memory.take(bytes.fromhex("30 42 4C 4F")) == (None, False)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "30",
        "30 63",
        "30 70 30 01 01",
        "30 70 30 01 01 31 08 00 02 00 F0",
        "30 70 30 01 01 31 00 00 02 00",
        "30 43 30 4C 4F 02",
        "30 45 4C 4F",
    ],
)
def test_what_makes_no_sense_is_not_known(data: str) -> None:
    assert Graphics().take(bytes.fromhex(data)) == (None, False)


def test_the_memory_is_full_at_some_time() -> None:
    memory = Graphics()
    for number in range(KEPT_MAX):
        assert memory.take(KEEP[:3] + bytes((0x30, 0x40 + number)) + KEEP[5:])[1]
    assert not memory.take(KEEP)[1]
    assert memory.take(KEEP[:3] + b"\x30\x40" + KEEP[5:])[1]


@pytest.mark.parametrize(
    ("data", "upc", "digits"),
    [
        (b"952123456789", False, "9521234567899"),
        (b"9521234567899", False, "9521234567899"),
        (b"9638507", False, "96385074"),
        (b"01234567890", True, "0012345678905"),
        (b"012345678905", True, "0012345678905"),
        (b"123", False, None),
        (b"12345678901A", False, None),
        (b"\xb2\xb2\xb2\xb2\xb2\xb2\xb2", False, None),
    ],
)
def test_digits_of_bar_codes(data: bytes, digits: str | None, *, upc: bool) -> None:
    assert ean_digits(data, upc=upc) == digits


@pytest.mark.parametrize(
    ("command", "text"), [(b"\x1dk\x43\x0c952123456789", "9521234567899"), (b"\x1dk\x039638507\x00", "96385074")]
)
def test_bar_codes_are_read_off_the_paper(command: bytes, text: str) -> None:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e6))
    printer.receive(b"\x1dw\x03\x1dh\x60" + command + b"\x1bd\x03\x1dV\x00", 0.0)
    for tick in range(9):
        printer.send(float(tick))
    with Image.open(io.BytesIO(printer.picture())) as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [text]
    told = printer.take_receipt()
    assert isinstance(told, dict)
    assert told["bar_codes"] == [text]


def test_a_printer_without_chinese_letters_knows_no_command_for_them() -> None:
    printer = PrinterSimulator()
    printer.receive(b"\x1c&\xc5\xa3\x1c.\x10\x04\x09\x1dr\x07\x1dI\x01\x1dI\x41", 0.0)
    assert printer.send(1.0) == b"_1.00 ESC/POS\0"
    assert printer.facts()["unknown_commands"] == 2


@pytest.mark.parametrize("size", ["00 00 01 00", "01 00 00 00", "00 00 00 00"])
def test_a_picture_of_no_size_prints_nothing(size: str) -> None:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e6))
    printer.receive(bytes.fromhex("1D 76 30 03" + size) + b"after\n", 0.0)
    printer.send(1.0)
    assert printer.facts()["uncut"] == {"lines": ["after"], "qr_texts": [], "bar_codes": []}


def test_a_picture_twice_as_large() -> None:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e6))
    printer.receive(bytes.fromhex("1D 76 30 03 01 00 01 00 A0"), 0.0)
    printer.send(1.0)
    with Image.open(io.BytesIO(printer.picture())) as picture:
        found = picture.crop((32, 32, 40, 34)).convert("1").tobytes()
    assert found == b"\x33\x33"
