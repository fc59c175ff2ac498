"""The shop with its windows on this display: handheld, kiosk, the bench to play the world, the staff page in the browser."""

from __future__ import annotations

import shutil
import sys
import webbrowser
from pathlib import Path

from PySide6.QtWidgets import QApplication

from demo import plan
from demo.bench_window import BenchWindow
from demo.errors import DemoError
from demo.shop import Shop
from demo.staff import StaffApi
from demo.world import World
from program.qt.application import ends_on_signal

THEME = Path(__file__).with_name("bench_window.qss")


def run_windows(build: Path) -> int:
    """Open the shop, show its windows until the bench window is closed; return an exit code."""
    shutil.rmtree(build, ignore_errors=True)
    app = QApplication.instance() or QApplication(["Scanlane bench"])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    app.setStyleSheet(THEME.read_text(encoding="utf-8"))
    sys.stdout.write("Opening the shop: store server, device bench, handheld, kiosk, exit lane ...\n")
    try:
        with Shop(build / "shop", screenshots=build / "screens") as shop:
            shop.open()
            staff_url = f"{shop.store_url}/staff"
            sys.stdout.write(
                f"Staff page: {staff_url} (name {plan.STAFF_NAME}, password {plan.STAFF_SECRET}).\n"
                "Close the bench window or press Ctrl-C to end.\n"
            )
            webbrowser.open(staff_url)
            staff = StaffApi(shop.store_url)
            staff.log_in()
            window = BenchWindow(World(shop, build / "screens" / "scanned"), staff, staff_url)
            window.show()
            with ends_on_signal(app):
                app.exec()
            window.end()
            staff.close()
    except DemoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
