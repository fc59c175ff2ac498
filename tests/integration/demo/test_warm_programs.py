"""A warm start makes what a cold one makes: a process of its own that is heard, killed, and ends with its starter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.waiting import wait_for
from tests.support.warm_programs import WarmProgram, run_warm

ROOT = Path(__file__).resolve().parents[3]
STARTER = """
import sys, threading
from pathlib import Path
from tests.support.warm_programs import WarmProgram
started = WarmProgram("bench", ["device-bench", "--settings", sys.argv[1]], Path(sys.argv[1]).with_suffix(".log"))
print(started.wait_ready()["pid"], flush=True)
threading.Event().wait()
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "bench.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n[[devices]]\nname = "scanner"\nkind = "ascii-scanner"\n', encoding="utf-8")
    return path


def words_of(pid: int) -> str:
    """Return the state and the parent of a process, empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
    except FileNotFoundError:
        return ""


@pytest.mark.parametrize("words", [["--no-such-option"], ["--settings", "nowhere.toml"]])
def test_a_warm_start_says_and_returns_what_a_cold_one_does(words: list[str]) -> None:
    script = str(Path(sys.executable).with_name("device-bench"))
    cold = subprocess.run([script, *words], capture_output=True, text=True, check=False)
    warm = run_warm(["device-bench", *words])
    assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)


def test_each_is_a_process_of_its_own_with_its_own_environment(settings: Path, tmp_path: Path) -> None:
    command = ["device-bench", "--settings", str(settings)]
    first = WarmProgram("first", command, tmp_path / "first.log")
    elsewhere = {"SCANLANE_DATA_DIR": str(tmp_path / "elsewhere")}
    second = WarmProgram("second", command, tmp_path / "second.log", elsewhere)
    pids = [int(one.wait_ready()["pid"]) for one in (first, second)]
    assert len({*pids, os.getpid()}) == 3
    assert [os.getsid(pid) for pid in pids] == pids
    assert (tmp_path / "elsewhere" / "dev" / "scanner").is_symlink()
    first.kill()
    assert not first.is_running
    assert second.is_running
    assert second.stop() == 0


def test_killed_it_tells_the_signal(settings: Path, tmp_path: Path) -> None:
    running = WarmProgram("bench", ["device-bench", "--settings", str(settings)], tmp_path / "log")
    os.kill(int(running.wait_ready()["pid"]), signal.SIGKILL)
    wait_for(lambda: not running.is_running, "the end to be noticed")
    assert running.stop() == -signal.SIGKILL


def test_it_ends_in_order_when_its_starter_is_killed(settings: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert words_of(pid)
        starter.kill()
    wait_for(lambda: words_of(pid).split()[:1] in ([], ["Z"]), "the program to end with its starter")
    assert not (settings.parent / "dev" / "scanner").is_symlink(), "it did not take its devices away"
