"""Starting and ending a program: sentences instead of tracebacks, one line that says it is ready."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from program.errors import ProgramError

EXIT_MISTAKE = 2
"""Exit code when the person who started the program can mend what is wrong."""
EXIT_DEFECT = 70
"""Exit code when the program itself is wrong (EX_SOFTWARE of sysexits.h)."""

_log = logging.getLogger(__name__)


def run(app: typer.Typer) -> NoReturn:
    """Run a command line; print sentences for people, keep tracebacks in the log."""
    try:
        app(standalone_mode=True)
    except ProgramError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_MISTAKE)
    except Exception:  # noqa: BLE001 - the last resort: a person never sees a traceback
        _log.exception("the program failed")
        sys.stderr.write("The program failed through a mistake of its own; please report the last lines of its log.\n")
        sys.exit(EXIT_DEFECT)
    sys.exit(0)


def announce_ready(program: str, **facts: str | float) -> None:
    """Print ``READY {...}`` on standard output once the program serves; scripts and supervisors wait for it."""
    line = json.dumps({"program": program, "pid": os.getpid(), **facts}, ensure_ascii=False)
    try:
        sys.stdout.write(f"READY {line}\n")
        sys.stdout.flush()
    except OSError:
        # Whoever started the program has gone; that is no reason to stop serving, nor to fail at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def on_stop_signal(stop: Callable[[], None]) -> None:
    """Call ``stop`` on SIGTERM and SIGINT, for a graceful end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop())
