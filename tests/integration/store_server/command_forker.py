"""``store-server`` as processes of their own, forked from one that has everything imported.

A start costs milliseconds instead of two seconds; everything else is as in a shell: another process, its exit code, its limits,
what it prints. Run as ``python -m tests.integration.store_server.command_forker SOCKET``: takes one JSON order at a time, with
the two files for what is printed, and answers it. It has no threads, no open books and no device. :func:`forked` and
:class:`ForkedProgram` are the other side.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from typing import Any, NoReturn

from store_server import cli

COMMAND_MAX_S = 60.0
ANSWER_MAX_B = 4096
HEAVY = (
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "uvicorn.protocols.http.auto",
    "uvicorn.lifespan.on",
    "store_server.web.console.page",
    *(f"store_server.web.api.{name}" for name in ("card_cases", "enrolments", "gate", "kiosk", "members", "orders")),
    *(f"store_server.web.api.{name}" for name in ("refunds", "staff", "tenders")),
)
"""What serving loads, but nothing of Prometheus: its library asks at its import whether processes count together."""


class ForkedProgram:
    """One run of ``store-server``; the same words as :class:`subprocess.Popen`."""

    def __init__(self, *arguments: str, out: int, err: int, file_limit_bytes: int | None = None) -> None:
        """Start it with these files for what it prints; they stay the caller's."""
        self.returncode: int | None = None
        order = {"arguments": arguments, "file_limit_bytes": file_limit_bytes}
        self.pid = int(_forker().ask(order, (out, err)))
        self._end = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        if self.returncode is None and select.select([self._end], [], [], 0)[0]:
            self._reap()
        return self.returncode

    def wait(self, timeout_s: float) -> int:
        """Wait for its end."""
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout_s)[0]:
                raise subprocess.TimeoutExpired("store-server", timeout_s)
            self._reap()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._end, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _reap(self) -> None:
        self.returncode = os.waitstatus_to_exitcode(int(_forker().ask({"wait": self.pid})))
        os.close(self._end)


def forked(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        program = ForkedProgram(*arguments, out=out.fileno(), err=err.fileno())
        try:
            code = program.wait(COMMAND_MAX_S)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait(COMMAND_MAX_S)
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(["store-server", *arguments], code, out.read(), err.read())


class _Forker:
    """The process that has everything imported, as seen from the test."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
        self._one_at_a_time = threading.Lock()

    def ask(self, order: dict[str, Any], files: tuple[int, ...] = ()) -> str:
        """Send an order, return the answer."""
        with self._one_at_a_time:
            socket.send_fds(self._socket, [json.dumps(order).encode()], list(files))
            assert select.select([self._socket], [], [], COMMAND_MAX_S)[0], f"no answer to {order}"
            return self._socket.recv(ANSWER_MAX_B).decode()

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._process.wait(10)


@functools.cache
def _forker() -> _Forker:
    forker = _Forker()
    atexit.register(forker.close)
    return forker


def _run(orders: socket.socket) -> None:
    for name in HEAVY:
        importlib.import_module(name)
    gc.freeze()
    while True:
        text, files, _flags, _address = socket.recv_fds(orders, ANSWER_MAX_B, 2)
        if not text:
            return
        order = json.loads(text)
        if "wait" in order:
            orders.send(str(os.waitpid(order["wait"], 0)[1]).encode())
            continue
        pid = os.fork()
        if not pid:
            orders.close()
            _be_program(files[0], files[1], order)
        for file in files:
            os.close(file)
        orders.send(str(pid).encode())


def _be_program(out: int, err: int, order: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        for number, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, out), (2, err)):
            os.dup2(source, number)
        os.closerange(3, max(out, err) + 1)
        if (limit := order["file_limit_bytes"]) is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        sys.argv = ["store-server", *order["arguments"]]
        cli.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _run(socket.socket(fileno=int(sys.argv[1])))
