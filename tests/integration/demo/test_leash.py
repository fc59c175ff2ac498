"""Whoever starts programs may be killed: nobody is left behind. And a program outlives the thread that asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from demo.program_process import ProgramProcess
from demo.waiting import wait_for

PROGRAM = """
import os, pathlib, signal, sys
signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path(sys.argv[1]).write_text("in order"), os._exit(0)))
print('READY {"pid": %d}' % os.getpid(), flush=True)
signal.pause()
"""
STARTER = """
import sys, threading
from pathlib import Path
from demo.program_process import ProgramProcess
started = ProgramProcess("one", [sys.executable, "-c", sys.argv[1], sys.argv[2]], Path(sys.argv[2]).with_suffix(".log"))
print(started.wait_ready()["pid"], flush=True)
threading.Event().wait()
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")


def is_alive(pid: int) -> bool:
    """Whether the process still runs; what nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_programs_end_in_order_when_their_starter_is_killed(number: signal.Signals, tmp_path: Path) -> None:
    told = tmp_path / "told"
    with subprocess.Popen([sys.executable, "-c", STARTER, PROGRAM, str(told)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert is_alive(pid)
        starter.send_signal(number)
    wait_for(lambda: not is_alive(pid), "the program to end with its starter")
    assert told.read_text(encoding="utf-8") == "in order"


def test_a_program_outlives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    started: list[ProgramProcess] = []

    def begin() -> None:
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "told")]
        started.append(ProgramProcess("one", command, tmp_path / "log"))

    asking = threading.Thread(target=begin)
    asking.start()
    asking.join()
    (one,) = started
    pid = one.wait_ready()["pid"]
    assert one.is_running
    assert os.getpgid(pid) == pid
    assert not (tmp_path / "told").exists()
    assert one.stop() == 0
