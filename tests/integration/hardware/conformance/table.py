"""The fault table as Markdown, for ``docs/devices.md``: a row for each device, a column for each fault."""

from __future__ import annotations

from tests.integration.hardware.conformance.case import Case, all_cases
from tests.integration.hardware.conformance.faults import Connection, Fault, Moment, Work

_CONNECTION = {Connection.STAYS: "S", Connection.RETURNS: "R", Connection.MAY_RETURN: "M", Connection.REFUSED: "X"}
_WORK = {Work.DONE: "d", Work.TOLD: "t"}


def markdown() -> str:
    """Return the letters' meaning, the grid, and why some devices differ."""
    cases = all_cases()
    lines = [f"- **{letter}**: the connection {meaning.value}" for meaning, letter in _CONNECTION.items()]
    lines += [f"- **{letter}**: the operation {meaning.value}" for meaning, letter in _WORK.items()]
    lines += [
        "",
        "Before the bar: the fault comes while the device is idle, and the next operation is done. After it: in the middle",
        "of the operation that is named. **-**: cannot happen to this device.",
        "",
        f"| device, its main operation | {' | '.join(fault.value for fault in Fault)} |",
        f"|---|{'---|' * len(Fault)}",
    ]
    lines += [f"| {case.name}: {case.operation} | {' | '.join(_cell(case, fault) for fault in Fault)} |" for case in cases]
    reasons = list(dict.fromkeys(why for case in cases for why in _reasons(case)))
    return "\n".join([*lines, "", *(f"- {why}" for why in reasons)]).rstrip()


def _cell(case: Case, fault: Fault) -> str:
    if fault not in case.faults:
        return "-"
    idle, middle = (case.musts(fault, moment) for moment in Moment)
    return f"{_CONNECTION[idle.connection]} / {_CONNECTION[middle.connection]}{_WORK[middle.work]}"


def _reasons(case: Case) -> list[str]:
    told: dict[str, dict[str, None]] = {}
    for (fault, _moment), must in case.must.items():
        if must.why:
            told.setdefault(must.why, {})[fault.value] = None
    return [f"{case.name}, {', '.join(faults)}: {why}" for why, faults in told.items()]
