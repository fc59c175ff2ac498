"""``make bench``: measures, prints a table, writes ``build/bench.json``.

Every file ``bench_*.py`` here has a function ``measure() -> list[Row]``. Figures are ratios to a limit of the same run,
because machines differ and are noisy.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench.rows import Row

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "build" / "bench.json"


def main() -> int:
    """Measure everything, or what the arguments name."""
    wanted = sys.argv[1:]
    rows: list[Row] = []
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if not wanted or any(word in path.stem for word in wanted):
            rows += _measured(path.stem)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    return 0 if rows else 1


def _measured(module: str) -> list[Row]:
    rows: list[Row] = []
    for row in importlib.import_module(f"tests.bench.{module}").measure():
        rows.append(row)
        against = f"  against {row.against}" if row.against else ""
        sys.stdout.write(f"{row.name:<58} {row.value:>10.3f} {row.unit}{against}\n")
        sys.stdout.flush()
    return rows


if __name__ == "__main__":
    sys.exit(main())
