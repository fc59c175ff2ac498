"""Parsers are tested in every branch: their own unit tests run once more under coverage, which must find nothing left out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARSERS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("hardware/*/protocol*.py"))
UNIT_TESTS = ("test_protocol*.py", "test_vectors.py", "test_words.py", "test_parsers.py")
"""Those that know nothing but bytes; drivers and simulators are tested elsewhere."""


@pytest.mark.timeout(300)
def test_every_branch_of_every_parser_is_tested(tmp_path: Path) -> None:
    tests = sorted(str(path) for name in UNIT_TESTS for path in ROOT.glob(f"tests/unit/hardware/*/{name}"))
    settings, data, report = tmp_path / "coverage.ini", tmp_path / "coverage.data", tmp_path / "coverage.json"
    settings.write_text(f"[run]\nbranch = true\ndata_file = {data}\ninclude = hardware/*/protocol*.py\n", encoding="utf-8")
    coverage = [sys.executable, "-m", "coverage"]
    ran = subprocess.run(
        [*coverage, "run", f"--rcfile={settings}", "-m", "pytest", "-q", "-p", "no:xdist", *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    subprocess.run(
        [*coverage, "json", f"--rcfile={settings}", "-o", str(report)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    assert sorted(files) == PARSERS, "a parser without any unit test"
    left_out = {
        name: (file["missing_lines"], file["missing_branches"])
        for name, file in files.items()
        if file["missing_lines"] or file["missing_branches"]
    }
    assert left_out == {}, "lines, and jumps from line to line, that no unit test of a parser reaches"
