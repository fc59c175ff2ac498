"""A Python that has a program's libraries imported and becomes that program, in a process of its own, as often as it is told.

Run as a script: ``warm_interpreter.py CONTROL PROGRAM MODULE ...`` imports the modules, then serves one client at the Unix
socket with the file descriptor CONTROL, a JSON message for each order, until the client is gone. It opens nothing, starts no
thread and makes no QApplication, so that a forked child differs from a program just started in nothing but the time it took.
:mod:`tests.support.warm_programs` is the client.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

MESSAGE_MAX_BYTES = 1 << 18
MAINS = {
    "store-server": "store_server.__main__",
    "device-bench": "hardware.bench.__main__",
    "scanner-app": "scanner_app.__main__",
    "kiosk-app": "kiosk_app.__main__",
    "gate-controller": "gate_controller.__main__",
}
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Fork and reap until the client is gone: None; in a child, return what it is to become."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_MAX_BYTES, 2)
        if not message:
            return None
        order = json.loads(message)
        if "reap" in order:
            _, status = os.waitpid(order["reap"], 0)
            answer = {"code": os.waitstatus_to_exitcode(status)}
        else:
            parent, pid = os.getpid(), os.fork()
            if not pid:
                control.close()
                _take_over(order, descriptors, parent)
                return dict(order)
            answer = {"pid": pid}
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(json.dumps(answer).encode())


def _take_over(order: dict[str, Any], descriptors: list[int], parent: int) -> None:
    """Get the session, output, folder and environment that a program has which was started by the client."""
    os.setsid()
    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    prctl(_PR_SET_NAME, order["program"].encode(), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    for number, source in enumerate((os.open(os.devnull, os.O_RDONLY), *descriptors)):
        os.dup2(source, number)
        os.close(source)
    os.chdir(order["folder"])
    for name in set(os.environ) - set(order["environment"]):
        del os.environ[name]
    os.environ.update(order["environment"])


def _warm_up(modules: list[str]) -> None:
    for module in modules:
        importlib.import_module(module)
    threads = len([*Path("/proc/self/task").iterdir()])
    assert threads == threading.active_count() == 1, f"{threads} threads after importing {modules}: a fork would lose some"
    gc.collect()
    gc.freeze()


def _run() -> None:
    program, modules = sys.argv[2], sys.argv[3:]
    _warm_up([MAINS[program], *modules])
    with socket.socket(fileno=int(sys.argv[1])) as control:
        control.send(b"{}")
        order = _serve(control)
    if order is not None:
        sys.argv[:] = [program, *order["arguments"]]
        importlib.import_module(MAINS[program]).main()


if __name__ == "__main__":
    _run()
