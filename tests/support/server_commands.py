"""``store-server`` commands within this process: the program's own command line, without a second of start-up for each."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from store_server.cli import app


def server_command(settings: Path, *arguments: str) -> str:
    """Run one command and return what it printed; a mistake raises ProgramError as the program would print it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = app([*arguments, "--settings", str(settings)], standalone_mode=False)
    assert not code, printed.getvalue()
    return printed.getvalue().strip()
