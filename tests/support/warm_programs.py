"""Programs as processes of their own, ready in a fifth of the time: forked from a Python that has their libraries imported.

Everything but the import is as in a cold start: a process with its own arguments, environment, session, output, exit code and
end, killed and asked to end by signals, which ends with whoever started it. One warm Python for each program stays for the
process that runs the tests. That the programs also start cold, from their console scripts, is tested in ``tests/e2e``.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from demo.program_process import ProgramProcess
from hardware.bench import kinds

ANSWER_MAX_S = 60.0
RUN_MAX_S = 60.0
MESSAGE_MAX_BYTES = 4096
MODULES = {
    "store-server": ("store_server.cli", "store_server.web.serving"),
    "device-bench": ("hardware.bench.cli", *kinds.SIMULATORS.values(), *kinds.WORLDS.values()),
    "scanner-app": ("scanner_app.cli",),
    "kiosk-app": ("kiosk_app.cli",),
    "gate-controller": ("gate_controller.cli",),
}
"""What each program imports on its way to READY."""
_SCRIPT = Path(__file__).with_name("warm_interpreter.py")


class WarmProgram(ProgramProcess):
    """A running program that was started warm; the command's first word is its name or the path of its console script."""

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        read, write = os.pipe2(os.O_CLOEXEC)
        with os.fdopen(write, "wb") as said:
            process = WarmProcess(command, environment, said, self._log_file)
        process.stdout = os.fdopen(read, "rb")
        return process


def run_warm(command: Sequence[str], environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as subprocess.run does with ``capture_output``."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        process = WarmProcess(command, os.environ if environment is None else environment, said, complained)
        try:
            code = process.wait(RUN_MAX_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        texts = []
        for file in (said, complained):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return subprocess.CompletedProcess(list(command), code, *texts)


def ended_badly(running: dict[str, WarmProgram], *order: str) -> list[str]:
    """Ask all programs to end, in this order and whatever happens, and return a sentence about each that did not end well."""
    stopped = [(program, program.stop()) for name in order if (program := running.pop(name, None)) is not None]
    return [
        f"{program.name} was asked to end and did so with exit code {code}. Its last words:\n{program.last_words()}"
        for program, code in stopped
        if code != 0
    ]


class WarmProcess(subprocess.Popen[bytes]):
    """A process that a warm Python forked and became; it is waited for, asked and killed like every other."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], said: IO[bytes], complained: IO[bytes]) -> None:
        """Start a program; its output and its complaints go into the two files."""
        program = Path(command[0]).name
        self.args = list(command)
        self.stdin = self.stdout = self.stderr = None
        self.returncode = None
        self._interpreter = _interpreter(program)
        order = {"program": program, "arguments": list(command[1:]), "environment": {**environment}, "folder": str(Path.cwd())}
        self.pid = int(self._interpreter.ask(order, said.fileno(), complained.fileno())["pid"])
        self._end = os.pidfd_open(self.pid)
        weakref.finalize(self, os.close, self._end)
        self._reaping = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        with self._reaping:
            if self.returncode is None and self._has_ended(0.0):
                self.returncode = int(self._interpreter.ask({"reap": self.pid})["code"])
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return the exit code."""
        code = self.poll() if self._has_ended(timeout) else None
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return code

    def _has_ended(self, timeout_s: float | None) -> bool:
        return bool(select.select([self._end], [], [], timeout_s)[0])


class _Interpreter:
    """The warm Python of one program."""

    def __init__(self, program: str) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(ANSWER_MAX_S)
        self._asking = threading.Lock()
        with theirs:
            # OpenBLAS, which numpy and OpenCV bring along, would start threads at its import.
            environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
            command = [sys.executable, "-P", str(_SCRIPT), str(theirs.fileno()), program, *MODULES[program]]
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment,
                start_new_session=True,
            )
        assert self._control.recv(MESSAGE_MAX_BYTES), f"{program} could not be imported"

    def ask(self, order: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        with self._asking:
            socket.send_fds(self._control, [json.dumps(order).encode()], list(descriptors))
            answer = json.loads(self._control.recv(MESSAGE_MAX_BYTES))
        assert isinstance(answer, dict)
        return answer

    def close(self) -> None:
        self._control.close()
        self._process.wait(ANSWER_MAX_S)


@functools.cache
def _interpreter(program: str) -> _Interpreter:
    interpreter = _Interpreter(program)
    atexit.register(interpreter.close)
    return interpreter
