"""The window on a bench: it offers what the bench tells, plays it, and shows the physical truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QLabel, QLineEdit, QListWidget, QPushButton, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from demo.bench import Bench as Client
from demo.device_window import DeviceWindow
from hardware.bench import kinds
from hardware.bench.bench import Bench
from hardware.bench.control import ControlServer
from hardware.bench.devices import WiredDevice
from hardware.bench.host import PtyHost

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no window manager to tell
AnyWidget = TypeVar("AnyWidget", bound=QWidget)
KINDS = ("mt-sics-scale", "ascii-scanner", "cctalk-cash", "escpos-printer", "modbus-io")


def found(window: DeviceWindow, kind: type[AnyWidget], name: str) -> AnyWidget:
    widget = window.findChild(kind, name)
    assert widget is not None, name
    return widget


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench([WiredDevice(kind, kind, kinds.build_simulator(kind, {}, 1), PtyHost(tmp_path, kind)) for kind in KINDS])
    bench.start()
    yield bench
    bench.stop()


@pytest.fixture
def window(bench: Bench, qtbot: QtBot) -> Iterator[DeviceWindow]:
    control = ControlServer(bench, 0)
    control.start()
    client = Client(control.url)
    window = DeviceWindow(client)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: found(window, QListWidget, "devices").count() == len(KINDS))
    yield window
    window.end()
    client.close()
    control.stop()


def choose(window: DeviceWindow, kind: str) -> None:
    found(window, QListWidget, "devices").setCurrentRow(KINDS.index(kind))


def fact(window: DeviceWindow, name: str) -> str:
    tree = found(window, QTreeWidget, "facts")
    rows = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return next((row.text(1) for row in rows if row is not None and row.text(0) == name), "")


def press(window: DeviceWindow, action: str) -> None:
    found(window, QPushButton, f"do-{action}").click()


def test_goods_are_put_on_a_scale_and_its_truth_is_shown(window: DeviceWindow, qtbot: QtBot) -> None:
    found(window, QDoubleSpinBox, "put-grams").setValue(500)
    press(window, "put")
    qtbot.waitUntil(lambda: fact(window, "load_g") == "500.0")
    assert found(window, QLabel, "said").text() == "mt-sics-scale: put(grams=500.0)"


def test_a_plug_is_pulled(window: DeviceWindow, qtbot: QtBot) -> None:
    press(window, "unplug")
    qtbot.waitUntil(lambda: "UNPLUGGED" in found(window, QLabel, "head").text())
    press(window, "replug")
    qtbot.waitUntil(lambda: "plugged in" in found(window, QLabel, "head").text())


def test_a_code_is_shown_and_what_cannot_be_done_is_told(window: DeviceWindow, qtbot: QtBot) -> None:
    choose(window, "ascii-scanner")
    press(window, "scan")
    qtbot.waitUntil(lambda: "A code holds" in found(window, QLabel, "said").text())
    found(window, QLineEdit, "scan-text").setText("4006381333931")
    press(window, "scan")
    qtbot.waitUntil(lambda: fact(window, "last_text") == '"4006381333931"')


def test_a_line_is_made_silent_and_loud_again(window: DeviceWindow, bench: Bench, qtbot: QtBot) -> None:
    choose(window, "escpos-printer")
    box = found(window, QCheckBox, "silent-on")
    said = found(window, QLabel, "said")
    for on in (True, False):
        box.setChecked(on)
        press(window, "silent")
        qtbot.waitUntil(lambda on=on: said.text() == f"escpos-printer: silent(on={str(on).lower()})")  # type: ignore[misc] # bound


@pytest.mark.parametrize("kind", KINDS)
def test_every_action_of_every_device_has_a_form(window: DeviceWindow, bench: Bench, qtbot: QtBot, kind: str) -> None:
    choose(window, kind)
    actions = bench.describe(kind)["actions"]
    assert isinstance(actions, list)
    for action in actions:
        assert isinstance(action, dict)
        found(window, QPushButton, f"do-{action['name']}")
