"""A receipt as a page."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image

from hardware.printer import page as module
from hardware.printer.page import page_of
from hardware.printer.receipt import LINES_MAX, Cut, Feed, Logo, QrCode, Receipt, Rule, TextLine

PASS = "HTTPS://SHOP.EXAMPLE/P/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 7
RECEIPT: Receipt = (
    Logo(),
    TextLine("Scanlane", bold=True, double=True, centred=True),
    Rule(),
    TextLine("牛奶", "¥3.50", fallback="Milk"),
    QrCode(PASS),
    TextLine("1234 5678", centred=True),
    Feed(2),
    Cut(),
)


@pytest.mark.parametrize(("columns", "dots"), [(42, 504), (48, 576)])
def test_the_picture_is_as_wide_as_the_paper_and_its_code_can_be_read(columns: int, dots: int) -> None:
    with Image.open(io.BytesIO(page_of(RECEIPT, columns, Image.new("1", (80, 40), 0)).png)) as picture:
        assert (picture.format, picture.width) == ("PNG", dots)
        assert picture.convert("L").getpixel((dots // 2, 30)) == 0, "the logo"
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [PASS]


def test_the_text_has_every_line_and_no_code() -> None:
    lines = page_of(RECEIPT, 42).text.decode().splitlines()
    assert "牛奶" + " " * 33 + "¥3.50" in lines
    assert "-" * 42 in lines
    assert any(line.strip() == "1234 5678" for line in lines)
    assert not any("HTTPS" in line for line in lines)


def test_without_a_chinese_font_the_fallback_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "chinese_font", lambda _size: None)
    assert page_of((TextLine("牛奶", fallback="Milk"),)).png == page_of((TextLine("Milk"),)).png
    assert page_of((TextLine("牛奶"),)).png == page_of((TextLine("??"),)).png


@pytest.mark.parametrize("wrong", [(), (Feed(0),), (QrCode(""),), (QrCode("牛"),), (Rule(),) * (LINES_MAX + 1)])
def test_what_cannot_be_drawn_is_refused(wrong: Receipt) -> None:
    with pytest.raises(ValueError, match=r"receipt|feed"):
        page_of(wrong)
