from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from program.launch import EXIT_INTERRUPTED

SLOW = 'import sys, threading\nsys.stdout.write("loading\\n")\nsys.stdout.flush()\nthreading.Event().wait(60)\n'
QUICK = 'def main() -> None:\n    print("at work")\n'


def start(folder: Path, text: str) -> subprocess.Popen[str]:
    (folder / "some_program.py").write_text(text)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(folder), str(Path.cwd())))}
    command = [sys.executable, "-c", "from program.launch import launch; launch('some_program')"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def test_ctrl_c_while_a_program_is_loaded_shows_no_traceback(tmp_path: Path) -> None:
    with start(tmp_path, SLOW) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (EXIT_INTERRUPTED, "")


def test_what_is_loaded_is_run(tmp_path: Path) -> None:
    with start(tmp_path, QUICK) as process:
        said, errors = process.communicate(timeout=30)
    assert (process.returncode, said, errors) == (0, "at work\n", "")
