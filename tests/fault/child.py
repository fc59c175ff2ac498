"""A forked child that tells its parent what it was answered, line by line, until it ends or is killed.

Forking from a process that has everything imported costs milliseconds, where a new interpreter costs a second. The child opens
its own database connections; the parent has none open.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

CHILD_MAX_S = 60.0

Tell = Callable[[Any], None]


@dataclass(frozen=True)
class Ended:
    """How a child ended, and every line it told before."""

    told: list[Any]
    killed: bool


class ChildError(AssertionError):
    """A child failed; the text is its traceback."""


@dataclass
class Child:
    """A running child."""

    pid: int
    reading: int

    def wait(self) -> Ended:
        """Wait for its end.

        Raises:
            ChildError: it failed by itself, or hangs.
        """
        data = self._all()
        _pid, status = os.waitpid(self.pid, 0)
        # A line that was cut off by the kill was not told.
        told = [json.loads(line) for line in data.split(b"\n")[:-1]]
        failed = [line["error"] for line in told if isinstance(line, dict) and "error" in line]
        if failed:
            raise ChildError(failed[0])
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status != 0:
            raise ChildError(f"the child ended with status {status}")
        return Ended(told, killed)

    def _all(self) -> bytes:
        data, until = b"", time.monotonic() + CHILD_MAX_S
        try:
            while True:
                ready, _, _ = select.select([self.reading], [], [], max(0.0, until - time.monotonic()))
                if not ready:
                    os.kill(self.pid, signal.SIGKILL)
                    os.waitpid(self.pid, 0)
                    raise ChildError(f"the child hangs; it told {data!r}")
                more = os.read(self.reading, 65536)
                if not more:
                    return data
                data += more
        finally:
            os.close(self.reading)


def start(work: Callable[[Tell], None]) -> Child:
    """Fork a child that does ``work``."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _be_child(work, writing)
    os.close(writing)
    return Child(pid, reading)


def run(work: Callable[[Tell], None]) -> Ended:
    """Fork a child that does ``work``, and wait for its end."""
    return start(work).wait()


def _be_child(work: Callable[[Tell], None], writing: int) -> NoReturn:
    def tell(fact: Any) -> None:
        line = json.dumps(fact).encode() + b"\n"
        while line:
            line = line[os.write(writing, line) :]

    code = 1
    try:
        work(tell)
        code = 0
    except BaseException:  # noqa: BLE001 - it is raised again in the parent
        tell({"error": traceback.format_exc()})
    finally:
        os._exit(code)
