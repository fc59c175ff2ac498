"""One program of the shop as a process: started, heard to be ready, stopped, killed, its output kept in a file.

It ends with this process, however that one ends (:mod:`demo.leash`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from demo.errors import DemoError
from demo.leash import leashed

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
_LOG_TAIL_LINES = 15
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")
"""A thread that lives as long as this process: what it starts does not end with whichever thread asked for it."""


class ProgramProcess:
    """A running program."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start the program; ``log`` gets what it prints."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_file = log.open("ab")
        self._process = _starter.submit(self._start, command, {**os.environ, **(environment or {})}).result()
        self._ready = threading.Event()
        self._facts: dict[str, Any] = {}
        self._reader = threading.Thread(target=self._listen, name=f"output of {name}", daemon=True)
        self._reader.start()

    def _start(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own programs
            leashed([*command]),
            stdout=subprocess.PIPE,
            stderr=self._log_file,
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> dict[str, Any]:
        """Wait for the program's READY line and return what it says.

        Raises:
            DemoError: the program ended or did not get ready; the message ends with its last words.
        """
        if not self._ready.wait(timeout_s) or "pid" not in self._facts:
            state = "did not get ready" if self.is_running else f"ended with code {self._process.returncode}"
            raise DemoError(f"{self.name} {state}. Its last words:\n{self.last_words()}")
        return self._facts

    def last_words(self) -> str:
        """Return the end of the log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])

    def kill(self) -> None:
        """Kill -9, as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> int:
        """Ask it to end (SIGTERM) and return its exit code; kill it when it does not."""
        if self.is_running:
            self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return self._end()

    def _end(self) -> int:
        code = self._process.wait()
        self._reader.join(STOP_TIMEOUT_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log_file.close()
        return code

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            line = raw.decode("utf-8", "replace")
            if line.startswith("READY "):
                self._facts = json.loads(line.removeprefix("READY "))
                self._ready.set()
            else:
                self._log_file.write(raw)
                self._log_file.flush()
        self._ready.set()


def run_once(command: Sequence[str], *, answer: str = "") -> str:
    """Run a command to its end and return what it printed.

    Raises:
        DemoError: it failed; the message is what it said.
    """
    done = subprocess.run(command, input=answer, capture_output=True, text=True, check=False)  # noqa: S603 - our own programs
    if done.returncode != 0:
        raise DemoError(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout.strip()
