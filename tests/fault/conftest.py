"""Says at the beginning how much the fault tests do and by which seed, and at the end what of it was done."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

_AMOUNTS = ("SCANLANE_HISTORIES", "SCANLANE_RACE_S", "SCANLANE_CRASHES")
_FILES = "tests/fault/test_"


def pytest_report_header() -> str:
    """Tell what one needs to run the same again."""
    return f"fault tests: {_as_asked() or 'as many as in make test, by seeds of chance'}"


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Tell per file how many tests there were, how they ended and what they took together."""
    if os.environ.keys().isdisjoint(_AMOUNTS):
        return
    done: dict[str, Counter[str]] = {}
    took_s: Counter[str] = Counter()
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(outcome):
            file = report.nodeid.partition("::")[0] if isinstance(report, pytest.TestReport) else ""
            if file.startswith(_FILES):
                done.setdefault(file, Counter())[outcome] += 1
                took_s[file] += round(report.duration)
    terminalreporter.section("what the fault tests did")
    for file, outcomes in sorted(done.items()):
        told = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
        name = file.removeprefix(_FILES).removesuffix(".py")
        terminalreporter.write_line(f"{name:28} {told}, {took_s[file]} s of work")
    terminalreporter.write_line(f"The same again: {_as_asked()} python -m pytest tests/fault")


def _as_asked() -> str:
    names = (*_AMOUNTS, "SCANLANE_SEED")
    return " ".join(f"{name}={os.environ[name]}" for name in names if name in os.environ)
