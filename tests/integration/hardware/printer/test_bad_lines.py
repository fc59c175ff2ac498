"""Receipts over lines that cut, stretch and change what the printer says."""

from __future__ import annotations

import queue
import random
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from hardware.device import ConnectionChanged, Device, DeviceEvent
from hardware.printer.driver import PrinterDriver, PrintJob, PrintOutcome
from hardware.printer.receipt import Cut, TextLine
from hardware.printer.rendering import rendered
from hardware.printer.simulator import PrinterOptions, PrinterSimulator
from tests.support.wire import Shape, Wire

RECEIPT = rendered((*(TextLine(f"Article {number}", "1.00") for number in range(60)), Cut()))
TIMEOUT_S = 40.0
RECEIPTS = 8


def printed_receipts(folder: Path, shape: Shape, seed: int) -> tuple[list[str], int]:
    """Return the outcomes of some jobs, and how many receipts really came out whole."""
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e5))
    outcomes: list[str] = []
    with Wire(folder, printer, shape, seed) as wire:
        events: queue.Queue[DeviceEvent] = queue.Queue()
        device = Device("printer", wire.url, PrinterDriver(), events.put)
        device.start()
        while len(outcomes) < RECEIPTS:
            event = events.get(timeout=TIMEOUT_S)
            if isinstance(event, PrintOutcome):
                outcomes.append(event.outcome)
            if isinstance(event, PrintOutcome) or (isinstance(event, ConnectionChanged) and event.is_ready and not outcomes):
                device.perform(PrintJob(uuid4(), RECEIPT))
        device.stop()
        receipts = printer.facts()["receipts"]
    assert isinstance(receipts, list)
    return outcomes, sum(
        1 for receipt in receipts if isinstance(receipt, dict) and len(str(receipt["lines"]).split("Article")) == 61
    )


@pytest.mark.parametrize("shape", [Shape.GOOD, Shape.SPLIT, Shape.ONE_BYTE])
def test_whole_lines_print_everything(tmp_path: Path, shape: Shape) -> None:
    outcomes, whole = printed_receipts(tmp_path, shape, 1)
    assert outcomes == ["printed"] * RECEIPTS
    assert whole >= RECEIPTS


def test_what_a_noisy_line_calls_printed_was_printed(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stderr.write(f"seed {seed}\n")
    outcomes, whole = printed_receipts(tmp_path, Shape.NOISY, seed)
    assert outcomes.count("printed") <= whole
    assert outcomes.count("not_printed") <= RECEIPTS - outcomes.count("printed")
