"""The fault table as Markdown, for ``docs/devices.md``."""

from __future__ import annotations

from tests.integration.hardware.conformance.case import Case, all_cases
from tests.integration.hardware.conformance.faults import USUAL, Fault, Moment, Must


def markdown() -> str:
    """Return what holds for every device, then each device's main operation and where it differs."""
    lines = ["| fault | while idle | in the middle of the main operation |", "|---|---|---|"]
    for fault in Fault:
        idle, middle = (_cell(USUAL[fault, moment], moment) for moment in Moment)
        lines.append(f"| {fault.value} | {idle} | {middle} |")
    lines += ["", "| device | main operation | differs |", "|---|---|---|"]
    lines += [f"| {case.name} | {case.operation} | {_differences(case)} |" for case in all_cases()]
    return "\n".join(lines)


def _cell(must: Must, moment: Moment) -> str:
    if moment is Moment.IDLE:
        return f"the connection {must.connection.value}"
    return f"the connection {must.connection.value}; the operation {must.work.value}"


def _differences(case: Case) -> str:
    told: dict[str, list[str]] = {}
    for (fault, moment), must in case.must.items():
        if must != USUAL[fault, moment]:
            told.setdefault(f"{_cell(must, moment)}{f' ({must.why})' if must.why else ''}", []).append(
                f"{fault.value} {moment.value}"
            )
    return "<br>".join(f"{', '.join(where)}: {what}" for what, where in told.items())
