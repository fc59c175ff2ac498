"""python-escpos as a program that prints on the simulated printer by its own network and serial transports."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from escpos.printer import Network, Serial
from PIL import Image, ImageDraw

from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice
from hardware.bench.host import PtyHost, TcpHost
from hardware.printer.simulator import PrinterOptions, PrinterSimulator
from tests.support.wire import wait_for

PASS = "HTTPS://SHOP.EXAMPLE/P/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 7


def connected(url: str) -> Any:
    if url.startswith("socket://"):
        host, port = url.removeprefix("socket://").split(":")
        return Network(host, int(port), timeout=5, profile="TM-T88V")
    return Serial(url, baudrate=19200, timeout=1, profile="TM-T88V")


@pytest.mark.parametrize("transport", ["pty", "tcp"])
def test_a_receipt_with_everything(tmp_path: Path, transport: str) -> None:
    host = PtyHost(tmp_path, "printer") if transport == "pty" else TcpHost("printer", 0)
    bench = Bench([WiredDevice("printer", "escpos-printer", PrinterSimulator(PrinterOptions(speed_mm_s=1e5)), host)])
    bench.start()
    try:
        logo = Image.new("1", (128, 40), 1)
        ImageDraw.Draw(logo).ellipse((4, 4, 36, 36), fill=0)
        printer = connected(host.url)
        printer.hw("INIT")
        printer.set(align="center")
        printer.image(logo, impl="graphics")
        printer.set_with_default(bold=True, double_height=True, double_width=True, align="center")
        printer.text("MARKET\n")
        printer.set_with_default()
        printer.text("Käse €9.99\n")
        printer.barcode("9521234567899", "EAN13", function_type="B", height=80, width=3)
        printer.qr(PASS, native=True, size=5, ec=1)
        printer.text("\n")
        printer.cut(mode="PART")
        wait_for(lambda: bool(facts(bench)["receipts"]), "the receipt")
        with Image.open(io.BytesIO(bench.picture("printer") or b"")) as picture:
            codes = {code.text for code in zxingcpp.read_barcodes(picture)}
        assert codes == {PASS, "9521234567899"}
        assert facts(bench)["unknown_commands"] == 0
        lines = facts(bench)["receipts"][0]["lines"]
        assert lines[0] == "[picture 128 x 40]"
        assert lines[1:3] == ["MARKET", "Käse €9.99"]
        printer.close()
    finally:
        bench.stop()


@pytest.mark.parametrize("transport", ["pty", "tcp"])
def test_its_own_status_questions_are_answered(tmp_path: Path, transport: str) -> None:
    host = PtyHost(tmp_path, "printer") if transport == "pty" else TcpHost("printer", 0)
    bench = Bench([WiredDevice("printer", "escpos-printer", PrinterSimulator(), host)])
    bench.start()
    try:
        printer = connected(host.url)
        assert (printer.is_online(), printer.paper_status()) == (True, 2)
        bench.play("printer", "paper", {"state": "near_end"})
        assert (printer.is_online(), printer.paper_status()) == (True, 1)
        bench.play("printer", "paper", {"state": "out"})
        assert (printer.is_online(), printer.paper_status()) == (False, 0)
        printer.close()
    finally:
        bench.stop()


def facts(bench: Bench) -> dict[str, Any]:
    found = bench.describe("printer")["facts"]
    assert isinstance(found, dict)
    return found
