from __future__ import annotations

import pytest

from hardware.printer import receipt as receipts
from hardware.printer import rendering
from hardware.printer.fonts import chinese_font
from hardware.printer.receipt import COLUMNS, Cut, Feed, QrCode, Rule, TextLine, columns_of, laid_out
from hardware.printer.rendering import rendered
from hardware.printer.simulator import PrinterOptions, PrinterSimulator

FAST = PrinterOptions(speed_mm_s=1e6)


def printed(data: bytes) -> tuple[list[str], list[str]]:
    printer = PrinterSimulator(FAST)
    printer.receive(data, 0.0)
    for tick in range(100):
        printer.send(tick * 1.0)
    assert printer.facts()["unknown_commands"] == 0
    told = printer.take_receipt()
    assert isinstance(told, dict)
    lines, qr_texts = told["lines"], told["qr_texts"]
    assert isinstance(lines, list)
    assert isinstance(qr_texts, list)
    return [str(line) for line in lines], [str(text) for text in qr_texts]


def test_amounts_stand_at_the_right_edge() -> None:
    lines, _codes = printed(rendered((TextLine("Milk", "¥3.50"), TextLine("  2 x 3.50", "¥7.00"), Rule(), Cut())))
    assert lines[0] == "Milk" + " " * 33 + "¥3.50"
    assert lines[1] == "  2 x 3.50" + " " * 27 + "¥7.00"
    assert lines[2] == "-" * COLUMNS
    assert {len(line) for line in lines[:3]} == {COLUMNS}


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (TextLine(""), [""]),
        (TextLine("x" * 50), ["x" * 42, "x" * 8]),
        (TextLine("a" * 40, "1.00"), ["a" * 40, " " * 38 + "1.00"]),
        (TextLine("one two", centred=True), [" " * 17 + "one two"]),
        (TextLine("word " * 10, "9.99"), ["word word word word word word word word", "word word" + " " * 29 + "9.99"]),
        (TextLine("牛奶", "3.50"), ["牛奶" + " " * 34 + "3.50"]),
        (TextLine("a", "9" * 60), ["a", "9" * 42]),
    ],
)
def test_layout(line: TextLine, rows: list[str]) -> None:
    found = laid_out(line, COLUMNS)
    assert [row.rstrip() for row in found] == [row.rstrip() for row in rows]
    assert all(columns_of(row) <= COLUMNS for row in found)


def test_every_kind_of_line_is_printed() -> None:
    text = "HTTPS://SHOP.EXAMPLE/P/" + "ABCDEFGHJKMNPQRS" * 15
    data = rendered((TextLine("SCANLANE", bold=True, double=True, centred=True), QrCode(text), Feed(2), TextLine("Bye"), Cut()))
    lines, codes = printed(data)
    assert codes == [text]
    assert lines[0].strip() == "SCANLANE"
    assert "Bye" in lines
    assert data.startswith(b"\x1b@")


def test_letters_of_many_pages_arrive() -> None:
    line = "Grüße · €9,99 · ¥8 · Привет · 5½"
    lines, _codes = printed(rendered((TextLine(line), Cut())))
    assert lines[0] == line


@pytest.mark.skipif(
    chinese_font(20) is None, reason="no font with Chinese on this machine: the fallback is printed and tested below"
)
def test_chinese_is_printed_as_a_picture() -> None:
    lines, _codes = printed(rendered((TextLine("牛奶 250ml", "¥3.50"), TextLine("Milk"), Cut())))
    assert lines[0] == "[picture 504 x 30]"
    assert lines[1] == "Milk"


def test_without_a_font_the_fallback_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "chinese_font", lambda _size: None)
    lines, _codes = printed(rendered((TextLine("牛奶", "3.50", fallback="Milk"), TextLine("面包A", "2.00"), Cut())))
    assert lines[0].split() == ["Milk", "3.50"]
    assert lines[1].split() == ["??A", "2.00"]


def test_a_name_cannot_command_the_printer() -> None:
    lines, codes = printed(rendered((TextLine("Milk\x1bV\x01\x10\x04\x01\nfree\x1d(k\x03\x001Q0", "\x1b@1.00"), Cut())))
    assert codes == []
    assert "Milk" in lines[0]
    assert "free" in lines[0]


@pytest.mark.parametrize(
    "receipt",
    [(QrCode(""),), (QrCode("x" * 1001),), (QrCode("牛"),), (Feed(0),), (Feed(1000),), tuple(Rule() for _line in range(2001))],
)
def test_what_cannot_be_printed_is_refused(receipt: receipts.Receipt) -> None:
    with pytest.raises(ValueError, match=r"receipt|feed"):
        rendered(receipt)
