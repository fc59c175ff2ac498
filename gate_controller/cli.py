"""``gate-controller --settings FILE``: run the exit lanes of one shop; ``gate-controller evaluate``: how well they weigh."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gate_controller.controller import Controller
from gate_controller.evaluation.command import evaluate
from gate_controller.passes_used import PassesUsed
from gate_controller.settings import GateSettings
from gate_controller.shop_cache import ShopCache
from hardware.speaker.speaker import Speaker
from program.data_dir import claimed
from program.logs import set_up_logs
from program.settings import load_settings
from program.start import announce_ready, on_stop_signal, run

PROGRAM = "gate-controller"

app = typer.Typer(add_completion=False)


@app.callback(invoke_without_command=True)
def gate_controller(
    context: typer.Context,
    settings: Annotated[Path | None, typer.Option(help="The settings file (TOML).")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only check the settings file.")] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Another gate controller of this shop is gone for good: run its lanes.")
    ] = False,
) -> None:
    """Run exit lanes: read passes, weigh goods, disarm tags, open gates."""
    if context.invoked_subcommand is not None:
        return
    if settings is None:
        context.fail("Missing option '--settings'.")
    loaded = load_settings(GateSettings, settings)
    if check:
        typer.echo(f"{settings} is fine: {', '.join(lane.name for lane in loaded.lanes)}")
        return
    with claimed(loaded.data_dir, PROGRAM) as folder:
        set_up_logs(PROGRAM, folder)
        record = PassesUsed(folder)
        record.leave_abandoned()
        try:
            speaker = Speaker(loaded.speaker.mode, volume_percent=loaded.speaker.volume_percent)
            controller = Controller(loaded, record, ShopCache(folder), speaker, take_over=take_over)
            on_stop_signal(controller.stop)
            controller.start()
            announce_ready(PROGRAM, lanes=len(loaded.lanes))
            controller.run()
        finally:
            record.close()


app.command()(evaluate)


def main() -> NoReturn:
    """Start from the command line."""
    run(app)
