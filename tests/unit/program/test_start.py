from __future__ import annotations

import json
import signal
import subprocess
import sys

PROGRAM = """
import sys, threading
import typer
from program.errors import ProgramError
from program.start import announce_ready, on_stop_signal, run

app = typer.Typer()

@app.command()
def main(how: str) -> None:
    if how == "mistake":
        raise ProgramError("Plug the scale in.")
    if how == "defect":
        raise ZeroDivisionError("secret detail")
    stopped = threading.Event()
    on_stop_signal(stopped.set)
    announce_ready("sample", url="http://x", name="caf\\u00e9")
    while not stopped.wait(0.05):
        pass

run(app)
"""


def start(how: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def test_a_mistake_of_a_person_is_a_sentence_and_exit_code_2() -> None:
    with start("mistake") as process:
        said, errors = process.communicate(timeout=30)
    assert (process.returncode, said, errors) == (2, "", "Plug the scale in.\n")


def test_a_mistake_of_ours_shows_no_person_a_traceback() -> None:
    with start("defect") as process:
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 70
    assert errors.splitlines()[-1].startswith("The program failed through a mistake of its own")


def test_ready_is_one_line_of_json_and_a_signal_ends_gracefully() -> None:
    with start("serve") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("READY ")
        facts = json.loads(line.removeprefix("READY "))
        assert facts == {"program": "sample", "pid": process.pid, "url": "http://x", "name": "café"}
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_program_goes_on_when_nobody_reads_its_ready_line() -> None:
    code = "from program.start import announce_ready; input(); announce_ready('x'); print('on')"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(b"\n", timeout=60)
    assert (process.returncode, errors) == (0, b"")
