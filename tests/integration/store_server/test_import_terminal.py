"""``import-products`` on a terminal: what a person sees while it works, and what Ctrl-C does."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

from store_server.contract.product_code import with_check_digit
from tests.integration.store_server.server_process import BIN, ServerProcess

COLUMNS = 80
ROWS = 15_000
_ON_ITS_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the one whose Ctrl-C reaches the program."""
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def on_terminal(server: ServerProcess, path: Path, *, interrupt_at: str = "") -> tuple[int, list[str]]:
    """Import a file; type Ctrl-C once what ``interrupt_at`` matches is shown.

    Return the exit code and every line, also those drawn over.
    """
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    command = [str(BIN / "store-server"), "import-products", str(path), "--settings", str(server.settings)]
    environment = os.environ | {"TERM": "xterm-256color"}
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_ITS_TERMINAL, *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=environment,
    )
    os.close(theirs)
    shown, typed = b"", not interrupt_at
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:
            break
        shown += piece
        if not typed and re.search(interrupt_at.encode(), shown):
            os.write(ours, b"\x03")
            typed = True
    os.close(ours)
    lines = re.split(r"[\r\n]+", _CONTROL.sub("", shown.decode()))
    return process.wait(), [line for line in lines if line]


def many_products(folder: Path) -> Path:
    path = folder / "many.csv"
    lines = (f"{with_check_digit(f'952{number:09d}')},Article {number},standard,100\n" for number in range(100, 100 + ROWS))
    path.write_text("code,name_en,tax_class,unit_price_minor\n" + "".join(lines), encoding="utf-8")
    return path


def bars(lines: list[str]) -> list[str]:
    return [line for line in lines if line.rstrip().endswith(tuple("0123456789:-")) and " rows " in line]


def test_the_bar_keeps_its_place_and_ctrl_c_ends_after_the_batch_at_work(own_server: ServerProcess, tmp_path: Path) -> None:
    path = many_products(tmp_path)
    code, lines = on_terminal(own_server, path, interrupt_at=r" \d,000 rows")
    assert code == 2, lines[-9:]
    assert len({len(bar) for bar in bars(lines)}) == 1
    assert max(len(bar) for bar in bars(lines)) <= COLUMNS - len("^C")
    assert bars(lines)[-1].startswith("Stopped")
    told = "\n".join(lines)
    found = re.search(r"Stopped after line (\d+)\. What is in stays:\n([\d,]+) articles", told)
    assert found is not None, told[-900:]
    taken = int(found[2].replace(",", ""))
    assert 1_000 <= taken < ROWS
    assert int(found[1]) == taken + 1
    assert "Run the same command again to go on" in told
    code, lines = on_terminal(own_server, path)
    assert code == 0
    assert bars(lines)[-1].startswith("Done")
    assert f"{ROWS:,} articles ({ROWS - taken:,} new, 0 changed, {taken:,} as they were)." in lines
