"""What a test had to run twice, told at the end of the whole run: a test that passes at the second try is no secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

RAN_AGAIN = "ran again"
"""The property of a test under which it records each thing that ran again, and why."""
RecordProperty: TypeAlias = Callable[[str, object], None]


def tell(reporter: pytest.TerminalReporter) -> None:
    """Write what ran again below the tests' results; nothing when nothing did."""
    told = [
        f"{report.nodeid}: {value}"
        for reports in reporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
        if name == RAN_AGAIN
    ]
    if told:
        reporter.section(f"{len(told)} ran again")
        for line in told:
            reporter.line(line)
