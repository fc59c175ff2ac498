"""The kiosk's printer as its settings describe it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from hardware.connection import Identity
from hardware.link import LineSettings
from hardware.printer.cloudprnt_driver import CloudPrntDriver
from hardware.printer.driver import PrinterDriver
from hardware.printer.simulator import PrinterOptions, PrinterSimulator
from kiosk_app.paper import HalfPrinted, any_printer_driver, cloud_printer_driver, printer_driver, printer_profile
from kiosk_app.settings import PrinterSettings
from program.errors import SettingsError


def settings(**more: Any) -> PrinterSettings:
    return PrinterSettings.model_validate({"url": "/dev/null", **more})


def test_settings_make_profile_and_line(tmp_path: Path) -> None:
    Image.new("1", (80, 40), 0).save(tmp_path / "logo.png")
    chosen = settings(
        columns=48, chinese="gbk", code_pages={"cp1251": 73}, logo=tmp_path / "logo.png", flow="rts-cts", baud=38400
    )
    profile = printer_profile(chosen)
    assert (profile.columns, profile.chinese, profile.code_pages) == (48, "gbk", {"cp1251": 73})
    assert b"\x1dv0\x00\x0a\x00" in profile.logo
    assert printer_driver(chosen, profile, tmp_path).line == LineSettings(baud=38400, flow="rts-cts")
    assert b"0ELO" in printer_profile(settings(logo_key="LO", logo=tmp_path / "logo.png")).logo
    assert printer_profile(settings()).logo == b""


def test_a_logo_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"printer\.logo.*cannot be read"):
        printer_profile(settings(logo=tmp_path / "no.png"))


@pytest.mark.parametrize(
    "wrong", [{"code_pages": {"gbk": 3}}, {"code_pages": {}}, {"code_pages": {"cp437": 300}}, {"logo_key": "ABC"}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


@pytest.mark.parametrize("chinese", ["raster", "gb18030"])
def test_the_void_slip_is_cut_off_in_both_languages(chinese: str, tmp_path: Path) -> None:
    chosen = settings(chinese=chinese)
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e6, chinese_font=chinese != "raster"))
    printer.receive(printer_driver(chosen, printer_profile(chosen), tmp_path).void_note, 0.0)
    for tick in range(9):
        printer.send(float(tick))
    told = printer.take_receipt()
    assert isinstance(told, dict)
    lines = str(told["lines"])
    assert "PRINTING WAS INTERRUPTED" in lines
    assert ("作废" in lines) == (chinese != "raster")
    assert ("picture" in lines) == (chinese == "raster")
    assert printer.facts()["unknown_commands"] == 0


def test_a_printer_that_asks_for_its_jobs(tmp_path: Path) -> None:
    Image.new("1", (80, 40), 0).save(tmp_path / "logo.png")
    chosen = settings(
        url="cloudprnt://0.0.0.0:8777/secret", serial_number="0011620D1427", logo=tmp_path / "logo.png", columns=48
    )
    assert chosen.identity == Identity(serial_number="00:11:62:0d:14:27")
    assert isinstance(any_printer_driver(chosen, printer_profile(chosen), tmp_path), CloudPrntDriver)
    assert isinstance(any_printer_driver(settings(), printer_profile(settings()), tmp_path), PrinterDriver)
    with pytest.raises(SettingsError, match=r"printer\.logo.*cannot be read"):
        cloud_printer_driver(settings(url="cloudprnt://0.0.0.0:8777/secret", logo=tmp_path / "no.png"), tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "cloudprnt://0.0.0.0:8777"},
        {"url": "cloudprnt://0.0.0.0/secret"},
        {"serial_number": "P0000001"},
        {"logo_key": "LO"},
        {"poll_s": 0},
    ],
)
def test_a_printer_that_cannot_ask_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**{"url": "cloudprnt://0.0.0.0:8777/secret", **wrong})


def test_an_interrupted_print_is_known_after_a_restart(tmp_path: Path) -> None:
    assert not HalfPrinted(tmp_path).is_left
    HalfPrinted(tmp_path).remember(True)
    assert HalfPrinted(tmp_path).is_left
    HalfPrinted(tmp_path).remember(False)
    HalfPrinted(tmp_path).remember(False)
    assert not HalfPrinted(tmp_path).is_left


def test_a_disk_that_fails_costs_only_the_slip(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    HalfPrinted(tmp_path / "gone").remember(True)
    assert "cannot keep" in caplog.text
