"""Receipt printers in the conformance suite."""

from __future__ import annotations

from uuid import uuid4

from hardware.printer.driver import PrinterDriver, PrintJob, PrintOutcome
from tests.integration.hardware.conformance.case import Case, Stand

_OUTCOME_S = 40.0
_LINES = 12


def _print(stand: Stand, attempt: int) -> None:
    job_id = uuid4()
    stand.memory["job"] = job_id
    text = b"".join(b"line %d of receipt %d\n" % (number, attempt) for number in range(_LINES))
    stand.device.perform(PrintJob(job_id, text + b"\n\n\n\x1d\x56\x00"))


def _printed(stand: Stand, attempt: int) -> bool:
    job_id = stand.memory["job"]
    outcome = stand.owner.first(PrintOutcome, lambda event: event.job_id == job_id, _OUTCOME_S)
    lines = stand.facts().get("printed_lines", [])
    if outcome.outcome == "printed" and lines:
        assert f"line {_LINES - 1} of receipt {attempt}" in "\n".join(map(str, lines))
    return outcome.outcome == "printed"


CASES = (
    Case(
        name="printer ESC/POS",
        kind="escpos-printer",
        driver=lambda _stand: PrinterDriver(),
        begin=_print,
        finish=_printed,
        operation="a receipt is printed and cut",
    ),
)
