"""Figures for ``docs/measurements.md``: what stands there between ``<!-- measured: NAME -->`` and ``<!-- end -->``.

NAME is ``machine``, ``aims`` or the name of a bench. Subjects with the same measures share a table, a column for each measure.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.rows import Row
from tests.bench.tables import grids

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "measurements.md"
QUIET = 1.0
"""A higher load average before the run means that others used the machine, probably also during it."""
_NOISE = "**The machine was not quiet:** shares of a limit can be read, latencies are not worth much; measure again."
_MEASURED = re.compile(r"(<!-- measured: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write_documents(result: Mapping[str, Any]) -> None:
    """Write the figures of ``build/bench.json`` into the document."""
    parts = {"machine": _machine(result["machine"])}
    rows = [(entry["bench"], _row(entry)) for entry in result["rows"]]
    for bench, of_bench in itertools.groupby(rows, lambda pair: pair[0]):
        parts[bench] = "\n\n".join(grid.markdown() for grid in grids(row for _bench, row in of_bench))
    parts["aims"] = _aims([row for _bench, row in rows])
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(_MEASURED.sub(lambda found: _filled(found, parts), text), encoding="utf-8")


def _machine(machine: Mapping[str, Any]) -> str:
    told = (
        f"Measured {machine['date']} in {machine['took_s']} s: {machine['cores']} cores, {machine['system']}, Python"
        f" {machine['python']}, SQLite {machine['sqlite']}; the load before it was {machine['load_before']}."
    )
    return told if machine["load_before"] < QUIET else f"{told} {_NOISE}"


def _aims(rows: Sequence[Row]) -> str:
    asked = [row for row in rows if row.aim]
    missed = [f"- missed: {row.name} is {row.figure} {row.unit}, aim {row.aim}" for row in asked if not row.met]
    return "\n".join([f"{len(asked) - len(missed)} of {len(asked)} aims were met.", *([""] if missed else []), *missed])


def _row(entry: Mapping[str, Any]) -> Row:
    return Row(*(entry[name] for name in ("subject", "measure", "value", "unit", "against", "aim", "met")))


def _filled(found: re.Match[str], parts: Mapping[str, str]) -> str:
    name = found[2]
    return f"{found[1]}{parts[name]}\n{found[3]}" if name in parts else found[0]
