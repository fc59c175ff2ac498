from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support.work_sharing import Kind, first_kind, kind_of

TEST = "import os, time\n\ndef test_it():\n    time.sleep(0.1)\n    print('ran', __file__, os.environ['PYTEST_XDIST_WORKER'])\n"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("tests/fault/test_histories_sqlite_1.py", Kind.COMPUTES),
        ("tests/unit/store_server/services/test_exits.py", Kind.COMPUTES),
        ("store_server/contract/money.py", Kind.COMPUTES),
        ("tests/integration/gate_controller/test_faults.py", Kind.PROGRAMS),
        ("tests/e2e/test_demo.py", Kind.PROGRAMS),
        ("tests/fault/test_lane_crash_points.py", Kind.PROGRAMS),
        ("tests/integration/hardware/conformance/test_scale.py", Kind.LINES),
    ],
)
def test_a_file_is_of_one_kind(file: str, kind: Kind) -> None:
    assert kind_of(file) is kind


@pytest.mark.parametrize(("workers", "computing", "programs"), [(1, 0, 0), (2, 1, 0), (4, 2, 1), (5, 2, 2), (8, 4, 3)])
def test_each_worker_has_a_kind_and_one_alone_the_lines(workers: int, computing: int, programs: int) -> None:
    kinds = Counter(first_kind(f"gw{number}", workers) for number in range(workers))
    assert kinds == Counter({Kind.COMPUTES: computing, Kind.PROGRAMS: programs, Kind.LINES: 1})


def test_every_file_is_run_once_and_most_by_a_worker_of_its_kind(tmp_path: Path) -> None:
    folders = ("tests/unit", "tests/e2e", "tests/integration/hardware/conformance")
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
        for place in range(5):
            (tmp_path / folder / f"test_{Path(folder).name}_{place}.py").write_text(TEST)
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_configure, pytest_xdist_make_scheduler\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-n3", "--dist", "loadfile", "-rP", "-p", "no:cacheprovider", "tests"]
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, cwd=tmp_path, env=paths, capture_output=True, text=True, check=False, timeout=60)
    ran = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("ran ")]
    assert len({file for file, _worker in ran}) == len(ran) == 15, done.stdout + done.stderr
    own = [kind_of(str(Path(file).relative_to(tmp_path))) is first_kind(worker, 3) for file, worker in ran]
    # What is left of one kind at the end is anybody's.
    assert sum(own) >= 10, ran
