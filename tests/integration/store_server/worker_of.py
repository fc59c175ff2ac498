"""Connections to a server of several processes, and which process answers each of them."""

from __future__ import annotations

import http.client
import subprocess
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from tests.integration.store_server.server_process import ServerProcess

DEADLINE_S = 30.0


def workers_of(server: ServerProcess) -> set[int]:
    """Return the process ids of a server's workers."""
    assert server.process is not None
    listed = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=False)
    return {int(line) for line in listed.stdout.split()}


class Line:
    """One connection that stays open, so that one process answers all its requests."""

    def __init__(self, server: ServerProcess) -> None:
        """Connect, and find the process by the socket that it holds."""
        address = urlsplit(server.url)
        assert address.hostname is not None
        assert address.port is not None
        self._connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        assert self.ask("GET", "/health")[0] == 200
        self.worker = _holder(workers_of(server), self._connection.sock.getsockname()[1], address.port)

    def ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Ask; return status and text."""
        self._connection.request(method, path, body, headers or {})
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Lines:
    """One open connection to each of the processes that serve devices."""

    def __init__(self, server: ServerProcess, count: int) -> None:
        self._server = server
        self._count = count
        self._all: list[Line] = []

    def __enter__(self) -> list[Line]:
        """Connect until each process has taken one; return one line per process."""
        found: dict[int, Line] = {}
        deadline = time.monotonic() + DEADLINE_S
        while len(found) < self._count and time.monotonic() < deadline:
            self._all.append(Line(self._server))
            found[self._all[-1].worker] = self._all[-1]
        assert len(found) == self._count
        return list(found.values())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Hang up everywhere."""
        for line in self._all:
            line.close()


def _holder(workers: set[int], client_port: int, server_port: int) -> int:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    ours = {
        f"socket:[{row[9]}]"
        for row in rows
        if row[1].endswith(f":{server_port:04X}") and row[2].endswith(f":{client_port:04X}")
    }
    for worker in workers:
        folder = Path(f"/proc/{worker}/fd")
        if ours & {str(entry.readlink()) for entry in folder.iterdir() if entry.is_symlink()}:
            return worker
    raise AssertionError(f"no worker holds the connection from port {client_port}")
