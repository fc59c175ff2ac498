"""``scanner-app --settings FILE``: one handheld."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from hardware.camera.driver import CameraDriver, Watch
from hardware.device import Device
from hardware.speaker.speaker import Speaker
from program.data_dir import claimed
from program.logs import set_up_logs
from program.qt.application import application, ends_on_signal
from program.qt.bridge import Bridge
from program.qt.robot import TouchRobot
from program.qt.speech import QtVoice
from program.qt.texts import load_texts
from program.qt.window import TouchWindow
from program.settings import load_settings
from program.start import announce_ready, run
from scanner_app.catalogue import Catalogue
from scanner_app.desk import Desk
from scanner_app.screens.header import LANGUAGES
from scanner_app.screens.stage import Stage
from scanner_app.settings import ScannerSettings
from scanner_app.store_link import StoreLink
from scanner_app.trip_file import TripFile

PROGRAM = "scanner-app"
_FOLDER = Path(__file__).parent
THEME = _FOLDER / "screens" / "theme.qss"
TEXTS = _FOLDER / "texts"

app = typer.Typer(
    add_completion=False, help="The shopper's handheld: scan while you browse, hand in the order, pay at a kiosk."
)


@app.command()
def handheld(
    settings: Annotated[Path, typer.Option(help="The settings file (TOML).")],
    platform: Annotated[str, typer.Option(help="Qt platform, such as offscreen.")] = "",
    screenshot: Annotated[Path | None, typer.Option(help="Folder in which to save a picture of each screen shown.")] = None,
    touch_socket: Annotated[Path | None, typer.Option(help="Unix socket on which a script can touch the screen.")] = None,
) -> None:
    """Run one handheld until its window is closed or the program is told to end."""
    chosen = load_settings(ScannerSettings, settings)
    with claimed(chosen.data_dir, PROGRAM) as folder:
        set_up_logs(PROGRAM, folder)
        qt = application(PROGRAM, THEME, platform=platform)
        window = TouchWindow("Scanlane", QSize(chosen.window.width, chosen.window.height), screenshot)
        with _at_work(chosen, folder, window):
            robot = TouchRobot(window, touch_socket) if touch_socket is not None else None
            window.showFullScreen() if chosen.window.full_screen else window.show()
            _run_until_stopped(qt, robot)


@contextmanager
def _at_work(settings: ScannerSettings, folder: Path, window: TouchWindow) -> Iterator[Desk]:
    catalogue = Catalogue(folder)
    store = StoreLink(str(settings.store.url), settings.store.token, folder, window, ca=settings.store.ca)
    bridge = Bridge(window)
    spoken = settings.speaker
    speaker = Speaker(spoken.mode, voice=QtVoice(window) if spoken.mode == "qt" else None, volume_percent=spoken.volume_percent)
    camera = Device("camera", settings.camera.url, CameraDriver(upc_e=settings.camera.upc_e), bridge.carry)

    def watch(on: bool) -> None:  # noqa: FBT001 - a switch
        if settings.camera.url:
            camera.perform(Watch(on))

    desk = Desk(
        stage=Stage(window),
        store=store,
        catalogue=catalogue,
        trip_file=TripFile(folder),
        speaker=speaker,
        texts={language: load_texts(TEXTS, language) for language in LANGUAGES},
        language=settings.language,
        prices_every_s=settings.store.prices_every_s,
        camera_set=bool(settings.camera.url),
        watch=watch,
    )
    bridge.arrived.connect(desk.device_event)
    if settings.camera.url:
        camera.start()
    engine = Device("scanner", settings.scanner.url, settings.scanner.driver(), bridge.carry, settings.scanner.identity)
    if settings.scanner.url:
        engine.start()
    desk.start()
    try:
        yield desk
    finally:
        engine.stop()
        camera.stop()
        store.stop()
        speaker.close()


def _run_until_stopped(qt: QApplication, robot: TouchRobot | None) -> None:
    with ends_on_signal(qt):
        announce_ready(PROGRAM, touches="yes" if robot is not None else "no")
        qt.exec()


def main() -> None:
    """Run the command line."""
    run(app)
