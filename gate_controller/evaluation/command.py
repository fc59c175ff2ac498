"""``gate-controller evaluate``: how well the weighing does, as a table, as JSON and as a chart."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from gate_controller.evaluation.catalogue_file import OURS, read_catalogue
from gate_controller.evaluation.chart import save_chart
from gate_controller.evaluation.evaluate import EXITS_MAX, EXITS_MIN
from gate_controller.evaluation.evaluate import evaluate as evaluated
from program.errors import ProgramError


class OutputFileError(ProgramError):
    """A file that was asked for cannot be written."""


def evaluate(
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same exits.")],
    *,
    catalogue: Annotated[
        Path | None, typer.Option(help="CSV file with gtin,name,mean_g,sd_g,popularity; without it, the demo shop's articles.")
    ] = None,
    exits: Annotated[int, typer.Option(min=EXITS_MIN, max=EXITS_MAX, help="Honest and dishonest exits together.")] = 100_000,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write every figure to this file.")] = None,
    chart: Annotated[Path | None, typer.Option(help="Also draw a chart to this PNG file.")] = None,
) -> None:
    """Simulate exits, honest and not, and compare the lane's decision with a perfect one and with fixed bands."""
    articles = read_catalogue(catalogue or OURS)
    for path in (json_file, chart):
        if path is not None and not path.absolute().parent.is_dir():
            raise OutputFileError(f"{path}: there is no folder {path.absolute().parent}; make it or choose another.")
    outcome = evaluated(articles, "the demo shop" if catalogue is None else catalogue.name, seed=seed, exits=exits, tell=_tell)
    typer.echo(outcome.as_text())
    try:
        if json_file is not None:
            json_file.write_text(json.dumps(outcome.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if chart is not None:
            save_chart(outcome, chart)
    except OSError as error:
        raise OutputFileError(f"{error.filename} cannot be written: {error.strerror}.") from error


def _tell(what: str) -> None:
    sys.stderr.write(f"{what} ...\n")
    sys.stderr.flush()
