"""Runs rows of a table at the same time: each waits most of its time for its own device on its own line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

ROWS_AT_ONCE = 10
ONLY = os.environ.get("SCANLANE_ROWS", "")
"""Runs only the rows whose name has this in it."""


def together(rows: Mapping[str, Callable[[], None]], at_once: int = ROWS_AT_ONCE) -> None:
    """Run every row, some of them at the same time.

    Raises:
        ExceptionGroup: what failed in each row that did not pass, with the row's name.
    """
    failures: list[Exception] = []
    with ThreadPoolExecutor(at_once, "row") as pool:
        running = {pool.submit(row): name for name, row in rows.items() if ONLY in name}
        for future in as_completed(running):
            error = future.exception()
            if isinstance(error, Exception):
                error.add_note(f"row: {running[future]}")
                failures.append(error)
            elif error is not None:
                raise error
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(running)} rows failed", failures)
