"""The command ``kiosk-app``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hardware.speaker import Speaker
from kiosk_app.desk import Desk
from kiosk_app.journal import Journal
from kiosk_app.screens.page import LANGUAGES
from kiosk_app.screens.window import THEME, KioskWindow
from kiosk_app.settings import KioskSettings
from program.data_dir import claimed
from program.logs import set_up_logs
from program.qt.application import application, ends_on_signal
from program.qt.robot import TouchRobot
from program.qt.speech import QtVoice
from program.qt.texts import load_texts
from program.settings import load_settings
from program.start import announce_ready, run

PROGRAM = "kiosk-app"
TEXTS = Path(__file__).parent / "texts"

_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@_app.command()
def kiosk(
    settings: Annotated[Path, typer.Option(help="The settings file (TOML).")],
    platform: Annotated[str, typer.Option(help="Qt platform, such as offscreen.")] = "",
    screenshot: Annotated[Path | None, typer.Option(help="Folder for a picture of each screen that is shown.")] = None,
    touch_socket: Annotated[Path | None, typer.Option(help="Unix socket for demos and tests that touch the screen.")] = None,
) -> None:
    """Run one payment kiosk."""
    kiosk_settings = load_settings(KioskSettings, settings)
    texts = {language: load_texts(TEXTS, language) for language, _name in LANGUAGES}
    with claimed(kiosk_settings.data_dir, PROGRAM) as folder:
        set_up_logs(PROGRAM, folder)
        app = application(PROGRAM, THEME, platform=platform)
        journal = Journal(folder)
        window = KioskWindow(screenshot)
        spoken = kiosk_settings.speaker
        voice = QtVoice(window) if spoken.mode == "qt" else None
        speaker = Speaker(spoken.mode, voice=voice, volume_percent=spoken.volume_percent)
        desk = Desk(kiosk_settings, journal, window, texts, speaker)
        if touch_socket is not None:
            TouchRobot(window, touch_socket)
        desk.start()
        window.showFullScreen() if kiosk_settings.window.full_screen else window.show()
        with ends_on_signal(app):
            announce_ready(PROGRAM, kiosk=kiosk_settings.name)
            app.exec()
        desk.stop()
        journal.close()


def main() -> NoReturn:
    """Run the command line."""
    run(_app)
