from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from program.data_dir import claimed
from program.errors import ProgramError

HOLD = """
import sys
from pathlib import Path
from program.data_dir import claimed
with claimed(Path(sys.argv[1]), "holder"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_folder_is_made_and_held(tmp_path: Path) -> None:
    with claimed(tmp_path / "a" / "b", "till") as folder:
        assert folder.is_dir()
        assert (folder / "running.lock").read_text() == f"{os.getpid()}\n"


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ProgramError, match=rf"already running.*process {holder.pid}"), claimed(tmp_path, "till"):
            pass
        holder.kill()
    with claimed(tmp_path, "till"):
        pass


def test_a_shorter_process_number_replaces_a_longer_one(tmp_path: Path) -> None:
    (tmp_path / "running.lock").write_text("12345678901234\n")
    with claimed(tmp_path, "till") as folder:
        assert (folder / "running.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ProgramError, match=r"cannot use its folder.*Set data_dir to another"),
        claimed(tmp_path / "file" / "d", "till"),
    ):
        pass


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with (
        pytest.raises(ProgramError, match=r"MiB free; till needs .* Make room"),
        claimed(tmp_path / "d", "till", free_min_bytes=2**62),
    ):
        pass
    assert not (tmp_path / "d" / "running.lock").exists()
