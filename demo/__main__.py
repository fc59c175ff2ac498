"""``python -m demo``: the whole shop on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from demo.headless import play_all

BUILD = Path("build/demo")


def demo(
    *,
    headless: Annotated[bool, typer.Option("--headless", help="Play the trips without a display and save pictures.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the shop's files, pictures and the summary go.")] = BUILD,
) -> None:
    """Run the whole shop: store server, handheld, kiosk, exit lane, and a bench to play the world."""
    display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if headless or not display:
        if not headless:
            sys.stdout.write("There is no display: playing the trips without one.\n")
        sys.exit(0 if play_all(folder.resolve()) else 1)
    from demo.windowed import run_windows  # noqa: PLC0415 - Qt is loaded only where there is a display

    sys.exit(run_windows(folder.resolve()))


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(demo)
    app()
