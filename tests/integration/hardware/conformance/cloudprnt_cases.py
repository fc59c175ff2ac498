"""CloudPRNT printers in the conformance suite: what is told of a receipt is compared with the paper."""

from __future__ import annotations

from uuid import uuid4

from hardware.printer.cloudprnt_driver import SILENT_POLLS, CloudPrntDriver
from hardware.printer.driver import PrintJob, PrintOutcome
from hardware.printer.receipt import Cut, Receipt, TextLine
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always
from tests.support.shaped import Shape

_OUTCOME_S = 60.0
_LINES = 30
_POLL_S = 0.5
_SILENCE_S = SILENT_POLLS * _POLL_S
_CHANGED = "a changed request may name another printer, job or length; TCP changes none"


def _texts(attempt: int) -> list[str]:
    return [f"line {number} of receipt {attempt}" for number in range(_LINES)]


def _print(stand: Stand, attempt: int) -> None:
    stand.memory["job"] = job_id = uuid4()
    receipt: Receipt = (*(TextLine(text) for text in _texts(attempt)), Cut())
    stand.device.perform(PrintJob(job_id, b"", receipt))


def _printed(stand: Stand, attempt: int) -> bool:
    job_id = stand.memory["job"]
    outcome = stand.owner.first(PrintOutcome, lambda event: event.job_id == job_id, _OUTCOME_S)
    texts = _texts(attempt)
    papers = [[line for line in paper["lines"] if line] for paper in stand.facts()["receipts"]]
    printed = [lines for lines in papers if lines[-_LINES:] == texts]
    if outcome.outcome == "printed":
        assert len(printed) == 1, papers
    if outcome.outcome == "not_printed":
        assert not printed
    return outcome.outcome == "printed"


CASES = (
    Case(
        name="printer CloudPRNT",
        kind="cloudprnt-printer",
        driver=lambda _stand: CloudPrntDriver(poll_s=_POLL_S, printing_silence_s=_SILENCE_S),
        begin=_print,
        finish=_printed,
        middle=lambda stand: stand.facts()["phase"] == "printing",
        silence_s=_SILENCE_S + CloudPrntDriver.poll_period_s,
        operation="a receipt is fetched and printed, and the paper compared with what is told",
        options={"takes": ["text/plain"], "poll_s": 0.2, "print_s": 0.6, "boot_s": 0.1},
        transports=("polling",),
        shapes=tuple(shape for shape in Shape if shape.is_whole),
        must=always(Fault.CORRUPTED, Connection.MAY_RETURN, _CHANGED),
    ),
)
