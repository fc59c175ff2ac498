"""The simulated printer, told what to print by an independent implementation: python-escpos."""

from __future__ import annotations

import io
from typing import Any

import pytest
import zxingcpp
from escpos.printer import Dummy
from PIL import Image, ImageDraw

from hardware.bench.simulator import ActionError
from hardware.printer.simulator import BUFFER_MAX, PrinterOptions, PrinterSimulator, build

FAST = PrinterOptions(speed_mm_s=1e6)
PASS = "HTTPS://SHOP.EXAMPLE/P/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 7


def dummy() -> Any:
    return Dummy(profile="TM-T88V")


def run(printer: PrinterSimulator, data: bytes, begin_s: float = 0.0) -> bytes:
    printer.receive(data, begin_s)
    return b"".join(printer.send(begin_s + tick) for tick in range(60))


def lines_of(printer: PrinterSimulator) -> list[str]:
    told = printer.take_receipt()
    assert isinstance(told, dict)
    assert isinstance(told["lines"], list)
    return [str(line) for line in told["lines"]]


def codes_in(printer: PrinterSimulator) -> list[str]:
    with Image.open(io.BytesIO(printer.picture())) as picture:
        return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("text", ["Milk 3.50", "Grüße aus Köln", "€ 9.99", "Привет", "naïve “quoted”", "Łódź żółć"])
def test_text_of_python_escpos(text: str) -> None:
    escpos = dummy()
    escpos.text(f"{text}\n")
    escpos.cut()
    printer = PrinterSimulator(FAST)
    run(printer, escpos.output)
    assert lines_of(printer)[0] == text


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("size", [3, 5])
def test_a_code_of_python_escpos_can_be_read_off_the_paper(size: int, *, native: bool) -> None:
    escpos = dummy()
    escpos.set(align="center", bold=True, double_width=True, double_height=True)
    escpos.text("EXIT PASS\n")
    escpos.set_with_default(align="center")
    escpos.text("\n")
    escpos.qr(PASS, native=native, size=size, ec=1)
    escpos.text("\nThank you\n")
    escpos.cut(mode="PART")
    printer = PrinterSimulator(FAST)
    run(printer, escpos.output)
    assert codes_in(printer) == [PASS]
    facts = printer.facts()
    assert facts["unknown_commands"] == 0
    told = printer.take_receipt()
    assert isinstance(told, dict)
    assert told["qr_texts"] == ([PASS] if native else [])


@pytest.mark.parametrize("way", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_pictures_of_python_escpos_come_out_as_they_are(way: str) -> None:
    drawn = Image.new("1", (64, 48), 1)
    ImageDraw.Draw(drawn).polygon([(3, 3), (60, 10), (20, 44)], fill=0)
    escpos = dummy()
    escpos.image(drawn, impl=way)
    escpos.cut(feed=False)
    printer = PrinterSimulator(FAST)
    run(printer, escpos.output)
    with Image.open(io.BytesIO(printer.picture())) as paper:
        found = paper.crop((32, 32, 96, 80))
    assert found.convert("1").tobytes() == drawn.tobytes()


def test_formats_and_bar_codes_of_python_escpos_are_understood() -> None:
    escpos = dummy()
    escpos.hw("INIT")
    for options in (
        {"align": "right"},
        {"underline": 1},
        {"invert": True},
        {"font": "b"},
        {"custom_size": True, "width": 3, "height": 2},
    ):
        escpos.set(**options)
        escpos.text("ABC\n")
    escpos.set_with_default()
    escpos.line_spacing(40)
    escpos.barcode("9521234567895", "EAN13", function_type="B")
    escpos.control("HT")
    escpos.cashdraw(2)
    escpos.print_and_feed(2)
    escpos.cut()
    printer = PrinterSimulator(FAST)
    run(printer, escpos.output)
    facts = printer.facts()
    assert (facts["unknown_commands"], facts["drawer_kicks"]) == (0, 1)
    lines = lines_of(printer)
    assert lines[:5] == ["ABC"] * 5
    assert "9521234567895" in lines


def test_confirmation_comes_after_the_paper() -> None:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=100))
    ask = bytes.fromhex("1D 28 48 06 00 30 30 30 30 30 31")
    printer.receive(b"line\n" * 50 + ask, 0.0)
    assert printer.send(0.5) == b""
    assert 0 < int(str(printer.facts()["buffered_bytes"])) < 50 * 5 + len(ask)
    assert printer.send(3.0) == bytes.fromhex("37 22 30 30 30 31 00")


def test_a_cheap_printer_answers_the_paper_question_only() -> None:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e6, confirms=False))
    assert run(printer, bytes.fromhex("1D 28 48 06 00 30 30 30 30 30 31")) == b""
    assert run(printer, bytes.fromhex("1D 72 01")) == b"\x00"


def test_questions_are_answered_while_it_cannot_print() -> None:
    printer = PrinterSimulator(FAST)
    printer.paper("out")
    printer.cover(open=True)
    printer.receive(b"text\n" + bytes.fromhex("10 04 01 10 04 02 10 04 03 10 04 04 1D 72 01"), 0.0)
    assert printer.send(0.1).hex(" ") == "1a 36 12 7e"
    printer.cover(open=False)
    printer.paper("near_end")
    assert printer.send(0.2) == b"\x03"


def test_automatic_status() -> None:
    printer = PrinterSimulator(FAST)
    assert run(printer, bytes.fromhex("1D 61 FF")) == bytes.fromhex("10 00 00 00")
    printer.cover(open=True)
    assert printer.send(100.0) == bytes.fromhex("38 00 00 00")
    assert printer.send(100.1) == b""
    printer.cover(open=False)
    assert printer.send(100.2) == bytes.fromhex("10 00 00 00")
    printer.cutter_error(on=True)
    assert printer.send(100.3) == bytes.fromhex("18 08 00 00")


def test_paper_runs_out_in_the_middle_and_the_rest_follows() -> None:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e6, roll_mm=20, near_end_mm=5))
    run(printer, b"".join(f"line {number}\n".encode() for number in range(10)) + b"\x1dV\x00")
    assert printer.facts()["paper"] == "out"
    with pytest.raises(ActionError, match="No receipt"):
        printer.take_receipt()
    printer.paper("ok")
    run(printer, b"", begin_s=100.0)
    printer.paper("ok")
    run(printer, b"", begin_s=200.0)
    assert lines_of(printer) == [f"line {number}" for number in range(10)]


def test_power_takes_the_buffer_and_the_settings_but_not_the_paper() -> None:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=100))
    printer.receive(b"\x1b!\x30printed\n" + b"lost\n" * 50, 0.0)
    printer.send(0.0)
    printer.power_cycle(0.1)
    run(printer, b"after\n\x1dV\x00", begin_s=10.0)
    assert lines_of(printer) == ["printed", "after"]


def test_more_than_the_buffer_is_lost_and_told() -> None:
    printer = PrinterSimulator(FAST)
    printer.cover(open=True)
    for _chunk in range(20):
        printer.receive(b"x" * 4000 + b"\n", 0.0)
    assert int(str(printer.facts()["buffered_bytes"])) <= BUFFER_MAX
    assert int(str(printer.facts()["lost_bytes"])) > 0
    printer.receive(bytes.fromhex("10 05 02"), 0.0)
    assert printer.facts()["buffered_bytes"] == 0


def test_wrong_options_are_refused() -> None:
    with pytest.raises(ValueError, match="speed"):
        build({"speed": 3}, 1)


def test_a_code_that_is_too_long_prints_nothing_and_breaks_nothing() -> None:
    escpos = dummy()
    escpos.qr("x" * 5000, native=True)
    escpos.cut()
    printer = PrinterSimulator(FAST)
    run(printer, escpos.output)
    assert codes_in(printer) == []
