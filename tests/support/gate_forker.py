"""Gate controllers forked from a process that has everything imported: a start costs milliseconds instead of a second.

Run as ``python -m tests.support.gate_forker``: reads one JSON order per line, answers one JSON line. The forker itself has no
threads and no open device. :class:`GateForker` is the other side.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from gate_controller import cli, crash_points
from tests.support.wire import wait_for


class GateForker:
    """Starts gate controllers and tells how they ended."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.running: set[int] = set()

    def start(self, settings: Path, point: str = "", *options: str) -> int:
        """Start one, with a crash point armed and more options on its command line."""
        pid = int(self._ask(settings=str(settings), point=point, options=options)["pid"])
        self.running.add(pid)
        return pid

    def ended(self, pid: int) -> int | None:
        """Return the signal that ended it, 0 when it ended by itself, None while it runs."""
        status = self._ask(poll=pid)["status"]
        if status is None:
            return None
        self.running.discard(pid)
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def stop(self, pid: int, number: int = signal.SIGTERM) -> None:
        """End one and wait for it."""
        os.kill(pid, number)
        wait_for(lambda: self.ended(pid) is not None, "the gate controller to end", 15)

    def close(self) -> None:
        """End everything."""
        for pid in list(self.running):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda pid=pid: self.ended(pid) is not None, "the gate controller to end")  # type: ignore[misc]  # now
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _ask(self, **order: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert isinstance(answer, dict)
        return answer


@contextlib.contextmanager
def gate_forker() -> Iterator[GateForker]:
    """A forker that leaves nothing behind."""
    forker = GateForker()
    try:
        yield forker
    finally:
        forker.close()


def _run() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "poll" in order:
            pid, status = os.waitpid(order["poll"], os.WNOHANG)
            answer: dict[str, Any] = {"status": status if pid else None}
        else:
            pid = os.fork()
            if not pid:
                _be_gate(Path(order["settings"]), order["point"], order["options"])
            answer = {"pid": pid}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _be_gate(settings: Path, point: str, options: list[str]) -> NoReturn:
    code = 1
    try:
        said = os.open(settings.with_suffix(".said"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, said), (2, said)):
            os.dup2(source, number)
        crash_points.arm(point)
        cli.app(["--settings", str(settings), *options], standalone_mode=False)
        code = 0
    except BaseException as error:  # noqa: BLE001 - what ends it is what a test may look for
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _run()
