"""Receipts for printers of different makes, compared as bytes and on the simulated paper."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from hardware.printer.profile import PrinterProfile, known_code_page
from hardware.printer.raster import LogoError, logo, raster, store_logo, stored_logo
from hardware.printer.receipt import Cut, Logo, QrCode, Rule, TextLine
from hardware.printer.rendering import encoded, native_qr, rendered
from hardware.printer.simulator import PrinterOptions, PrinterSimulator

CHINESE = PrinterProfile(chinese="gb18030")


def printed(printer: PrinterSimulator, data: bytes) -> dict[str, object]:
    for at in range(0, len(data), 7):
        printer.receive(data[at : at + 7], 0.0)
    for tick in range(60):
        printer.send(float(tick))
    assert printer.facts()["unknown_commands"] == 0
    told = printer.take_receipt()
    assert isinstance(told, dict)
    return dict(told)


def printer(*, chinese_font: bool = False, columns: int = 42) -> PrinterSimulator:
    return PrinterSimulator(
        PrinterOptions.model_validate({"speed_mm_s": 1e6, "chinese_font": chinese_font, "columns": columns})
    )


def test_the_reference_s_code_as_bytes() -> None:
    assert native_qr("R-0001", 6) == bytes.fromhex(
        "1D 28 6B 04 00 31 41 32 00 1D 28 6B 03 00 31 43 06 1D 28 6B 03 00 31 45 31"
        "1D 28 6B 09 00 31 50 30 52 2D 30 30 30 31 1D 28 6B 03 00 31 51 30"
    )


@pytest.mark.parametrize(
    ("profile", "text", "data"),
    [
        (PrinterProfile(), "Milk", b"Milk"),
        (PrinterProfile(), "Käse", b"K\x1bt\x00\x84se"),
        (PrinterProfile(), "9 €", b"9 \x1bt\x10\x80"),
        (PrinterProfile(), "é€Я", b"\x1bt\x00\x82\x1bt\x10\x80\x1bt\x11\x9f"),
        (PrinterProfile(code_pages={"cp858": 19}), "é €", b"\x1bt\x13\x82 \xd5"),
        (PrinterProfile(code_pages={"cp1251": 73}), "Я", b"\x1bt\x49\xdf"),
        (CHINESE, "牛奶", b"\x1c&\xc5\xa3\xc4\xcc\x1c."),
        (CHINESE, "A牛é", b"A\x1c&\xc5\xa3\x1c.\x1bt\x00\x82"),
    ],
)
def test_code_pages_and_chinese_as_bytes(profile: PrinterProfile, text: str, data: bytes) -> None:
    assert encoded(text, profile) == data


@pytest.mark.parametrize(
    ("chinese", "letter", "has"),
    [
        ("gb18030", "牛", True),
        ("gb18030", "㐀", True),
        ("gb18030", "🥛", False),
        ("gb2312", "龘", False),
        ("gbk", "龘", True),
        ("gb18030", "Я", False),
        ("raster", "牛", False),
    ],
)
def test_letters_of_chinese_fonts(chinese: str, letter: str, *, has: bool) -> None:
    assert PrinterProfile(chinese=chinese).has_chinese(letter) is has  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["gbk", "utf-8", "cp037", "nope", "rot13", "utf-16"])
def test_what_is_no_code_page_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no code page"):
        known_code_page(name)


def test_code_pages_are_known() -> None:
    assert [known_code_page(name) for name in ("cp437", "cp1251", "cp720")] == ["cp437", "cp1251", "cp720"]


@pytest.mark.parametrize("columns", [42, 48])
def test_chinese_in_the_printer_s_own_font_stands_in_line(columns: int) -> None:
    profile = PrinterProfile(columns=columns, chinese="gb18030")
    receipt = (TextLine("有机牛奶 250ml", "¥3.50"), TextLine("扫行", double=True, centred=True), Rule(), Cut())
    told = printed(printer(chinese_font=True, columns=columns), rendered(receipt, profile))
    assert told["lines"] == [
        "有机牛奶 250ml" + " " * (columns - 14 - 5) + "¥3.50",
        " " * ((columns // 2 - 4) // 2) + "扫行",
        "-" * columns,
    ]


def test_a_printer_with_a_chinese_font_takes_code_pages_too() -> None:
    told = printed(printer(chinese_font=True), rendered((TextLine("Grüße 牛 €"), Cut()), CHINESE))
    assert told["lines"] == ["Grüße 牛 €"]


def test_a_drawn_code_is_read_off_the_paper() -> None:
    simulated = printer()
    told = printed(simulated, rendered((QrCode("HTTPS://A/P/" + "X" * 200), Cut()), PrinterProfile(qr="raster")))
    assert told["qr_texts"] == []
    simulated = printer()
    simulated.receive(rendered((QrCode("HTTPS://A/P/" + "X" * 200), Cut()), PrinterProfile(qr="raster")), 0.0)
    for tick in range(60):
        simulated.send(float(tick))
    with Image.open(io.BytesIO(simulated.picture())) as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["HTTPS://A/P/" + "X" * 200]


def test_pictures_go_out_in_bands_of_a_kilobyte() -> None:
    picture = Image.new("1", (500, 100), 0)
    data = raster(picture)
    assert data[:8] == bytes.fromhex("1D 76 30 00 3F 00 0F 00")
    assert data.count(b"\x1dv0\x00\x3f\x00") == 7


@pytest.fixture
def picture_file(tmp_path: Path) -> Path:
    drawn = Image.new("RGBA", (1600, 400), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).rectangle((0, 0, 799, 399), fill="black")
    drawn.save(tmp_path / "logo.png")
    return tmp_path / "logo.png"


def test_a_logo_is_made_to_fit_and_what_is_transparent_stays_white(picture_file: Path) -> None:
    simulated = printer()
    simulated.receive(rendered((Logo(), Cut()), PrinterProfile(logo=logo(picture_file, 42))), 0.0)
    for tick in range(9):
        simulated.send(float(tick))
    with Image.open(io.BytesIO(simulated.picture())) as paper:
        assert (paper.getpixel((60, 60)), paper.getpixel((500, 60))) == (0, 255)
    told = simulated.take_receipt()
    assert isinstance(told, dict)
    assert told["lines"] == ["[picture 504 x 126]"]


def test_a_stored_logo_is_printed_by_its_key_and_outlives_a_power_cut(picture_file: Path) -> None:
    simulated = printer()
    simulated.receive(store_logo(picture_file, 42, "LO"), 0.0)
    simulated.send(1.0)
    simulated.power_cycle(2.0)
    assert simulated.facts()["stored_pictures"] == ["LO"]
    simulated.receive(rendered((Logo(), Cut()), PrinterProfile(logo=stored_logo("LO"))), 9.0)
    for tick in range(10, 20):
        simulated.send(float(tick))
    told = simulated.take_receipt()
    assert isinstance(told, dict)
    assert told["lines"] == ["[picture 504 x 126]"]
    assert stored_logo("LO")[3:14] == bytes.fromhex("1D 28 4C 06 00 30 45 4C 4F 01 01")


def test_a_logo_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no.png").write_bytes(b"no picture")
    with pytest.raises(LogoError, match=r"cannot be read.*PNG"):
        logo(tmp_path / "no.png", 42)
    with pytest.raises(LogoError, match="cannot be read"):
        logo(tmp_path / "missing.png", 42)
    monkeypatch.setattr("hardware.printer.raster.LOGO_FILE_MAX_BYTES", 5)
    with pytest.raises(LogoError, match="larger"):
        logo(tmp_path / "no.png", 42)
    with pytest.raises(LogoError, match="two printable"):
        stored_logo("é")
