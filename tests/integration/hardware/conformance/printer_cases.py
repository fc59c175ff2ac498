"""Receipt printers in the conformance suite: what is told of a receipt is compared with the paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from hardware.bench.simulator import JsonValue
from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.printer.conversation import REPLY_TIMEOUT_S
from hardware.printer.driver import STATUS_PERIOD_S, PrinterDriver, PrintJob, PrintOutcome
from hardware.printer.receipt import Cut, QrCode, Receipt, TextLine
from hardware.printer.rendering import rendered
from tests.integration.hardware.conformance.case import Case, Stand

_OUTCOME_S = 60.0
_LINES = 120


def _texts(attempt: int) -> list[str]:
    return [f"line {number} of receipt {attempt}" for number in range(_LINES)]


def _print(stand: Stand, attempt: int) -> None:
    stand.memory["job"] = job_id = uuid4()
    receipt: Receipt = (*(TextLine(text) for text in _texts(attempt)), QrCode(f"PASS {attempt}"), Cut())
    stand.device.perform(PrintJob(job_id, rendered(receipt)))


def _is_printing(stand: Stand) -> bool:
    return bool(stand.facts()["uncut"]["lines"])


def _printed(stand: Stand, attempt: int) -> bool:
    job_id = stand.memory["job"]
    outcome = stand.owner.first(PrintOutcome, lambda event: event.job_id == job_id, _OUTCOME_S)
    papers: list[dict[str, Any]] = [paper for paper in stand.facts()["receipts"] if f"PASS {attempt}" in paper["qr_texts"]]
    if outcome.outcome == "printed" and stand.shape.is_whole:
        assert len(papers) == 1, papers
        lines = [line for line in papers[0]["lines"] if line]
        assert lines[-_LINES:] == _texts(attempt)
        assert all("NOT VALID" in line or "INTERRUPTED" in line or "receipt" in line for line in lines[:-_LINES])
    if outcome.outcome == "not_printed":
        assert not papers
    return outcome.outcome == "printed"


def _case(name: str, operation: str, options: Mapping[str, JsonValue]) -> Case:
    return Case(
        name=name,
        kind="escpos-printer",
        driver=lambda _stand: PrinterDriver(),
        begin=_print,
        finish=_printed,
        middle=_is_printing,
        silence_s=FAILED_EXCHANGES_MAX * (STATUS_PERIOD_S + PrinterDriver.poll_period_s + REPLY_TIMEOUT_S),
        operation=operation,
        options={"speed_mm_s": 400.0, **options},
    )


CASES = (
    _case("printer ESC/POS", "a receipt is printed and cut, and the paper compared with what is told", {}),
    _case(
        "printer ESC/POS, paper status only",
        "the same, confirmed by GS r 1",
        {"confirms": False, "automatic_status": False},
    ),
)
