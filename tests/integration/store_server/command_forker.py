"""``store-server`` commands as processes of their own, forked from one that has everything imported.

A start costs milliseconds instead of two seconds; everything else is as in a shell: another process, its exit code, what it
prints. Run as ``python -m tests.integration.store_server.command_forker``: reads one JSON line per command, answers one. It has
no threads, no open books and no device. :func:`forked` is the other side.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from store_server import cli

COMMAND_MAX_S = 60.0


def forked(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    forker = _forker()
    assert forker.stdin is not None
    assert forker.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        forker.stdin.write(json.dumps([str(out), str(err), *arguments]) + "\n")
        forker.stdin.flush()
        ready, _, _ = select.select([forker.stdout], [], [], COMMAND_MAX_S)
        assert ready, f"store-server {' '.join(arguments)} hangs"
        status = int(forker.stdout.readline())
        texts = [path.read_text(encoding="utf-8") for path in (out, err)]
    return subprocess.CompletedProcess(["store-server", *arguments], os.waitstatus_to_exitcode(status), *texts)


@functools.cache
def _forker() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", __name__]
    forker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end() -> None:
        forker.communicate(timeout=10)

    atexit.register(end)
    return forker


def _run() -> None:
    for line in sys.stdin:
        out, err, *arguments = json.loads(line)
        pid = os.fork()
        if not pid:
            _be_command(Path(out), Path(err), arguments)
        _pid, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _be_command(out: Path, err: Path, arguments: list[str]) -> NoReturn:
    code = 1
    try:
        made = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        for number, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, os.open(out, made)), (2, os.open(err, made))):
            os.dup2(source, number)
        sys.argv = ["store-server", *arguments]
        cli.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _run()
