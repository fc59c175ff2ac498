"""``make bench``: measures, prints tables with a line for each subject, writes ``build/bench.json``.

Every file ``bench_*.py`` here has a function ``measure()`` that yields :class:`tests.bench.rows.Row`. Figures are ratios to a
limit of the same run, because machines differ and are noisy. Words after the command choose files, and nothing is kept then;
``--write-docs`` measures nothing and writes the figures of ``build/bench.json`` into ``docs/measurements.md``.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.documents import write_documents
from tests.bench.rows import Row
from tests.bench.tables import grids

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "build" / "bench.json"
WRITE_DOCS = "--write-docs"


def main() -> int:
    """Measure everything, or what the arguments name."""
    wanted = sys.argv[1:]
    if WRITE_DOCS in wanted:
        write_documents(json.loads(RESULT.read_text(encoding="utf-8")))
        return 0
    machine, began = _machine(), time.monotonic()
    found: dict[str, list[Row]] = {}
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if not wanted or any(word in path.stem for word in wanted):
            found[path.stem.removeprefix("bench_")] = _measured(path.stem)
    took_s = round(time.monotonic() - began)
    _tell([row for rows in found.values() for row in rows], took_s)
    if wanted:
        return 0 if found else 1
    rows = [_plain(bench, row) for bench, rows in found.items() for row in rows]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"machine": machine | {"took_s": took_s}, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"figures are in {RESULT}\n")
    return 0


def _machine() -> dict[str, str | int | float]:
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cores": os.cpu_count() or 1,
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _measured(module: str) -> list[Row]:
    bench: Any = importlib.import_module(f"tests.bench.{module}")
    sys.stdout.write(f"\n{(bench.__doc__ or module).splitlines()[0]}\n")
    rows: list[Row] = []

    def kept() -> Iterator[Row]:
        for row in bench.measure():
            rows.append(row)
            yield row

    for grid in grids(kept()):
        sys.stdout.write(f"{grid.text()}\n")
        sys.stdout.flush()
    return rows


def _tell(rows: Iterable[Row], took_s: int) -> None:
    asked = [row for row in rows if row.aim]
    missed = [row for row in asked if not row.met]
    sys.stdout.write(f"\n{len(asked) - len(missed)} of {len(asked)} aims met, in {took_s} s\n")
    for row in missed:
        sys.stdout.write(f"  missed: {row.name} is {row.figure} {row.unit}, aim {row.aim}\n")


def _plain(bench: str, row: Row) -> dict[str, object]:
    return {
        "bench": bench,
        "name": row.name,
        "subject": row.subject,
        "measure": row.measure,
        "value": row.value,
        "unit": row.unit,
        "against": row.against,
        "aim": row.aim,
        "met": row.met,
    }


if __name__ == "__main__":
    sys.exit(main())
