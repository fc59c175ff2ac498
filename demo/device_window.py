"""A window on any ``device-bench``: every device's facts and picture, every action and fault as a small form.

``python -m demo.device_window http://127.0.0.1:PORT``, the address from the READY line. The bench tells what there is, so
that a new device or action needs nothing here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QScrollArea,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from demo.action_form import ActionForm, grouped
from demo.bench import Bench
from program.qt.application import ends_on_signal
from program.qt.background import Background

REFRESH_MS = 500
PICTURE_WIDTH = 360
THEME = Path(__file__).with_name("bench_window.qss")
WITH_PICTURE = ("mjpeg-camera", "escpos-printer")


class DeviceWindow(QWidget):
    """The devices of one bench."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench
        self._told: dict[str, dict[str, Any]] = {}
        self._shown = ""
        self._hands = Background("device-hands", self)
        self._eyes = Background("device-eyes", self)
        self.setWindowTitle("Scanlane devices")
        self.resize(1180, 760)
        self._names = QListWidget()
        self._names.setObjectName("devices")
        self._names.currentTextChanged.connect(self._choose)
        self._head = QLabel()
        self._head.setObjectName("head")
        self._head.setWordWrap(True)
        self._head.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts = QTreeWidget()
        self._facts.setObjectName("facts")
        self._facts.setHeaderLabels(["fact", "value"])
        self._picture = QLabel()
        self._picture.setObjectName("picture")
        self._picture.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._forms = QScrollArea()
        self._forms.setWidgetResizable(True)
        self._said = QLabel("Choose a device.")
        self._said.setObjectName("said")
        self._said.setWordWrap(True)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(REFRESH_MS)
        self.look()

    def end(self) -> None:
        """Stop the workers."""
        self._timer.stop()
        self._hands.stop()
        self._eyes.stop()

    def look(self) -> None:
        """Ask the bench how everything is."""
        self._eyes.run(self._bench.devices, self._show, self._sorry)

    def _lay_out(self) -> None:
        truth = QWidget()
        truth_layout = QVBoxLayout(truth)
        truth_layout.addWidget(self._head)
        truth_layout.addWidget(self._facts, stretch=2)
        pictured = QScrollArea()
        pictured.setWidgetResizable(True)
        pictured.setWidget(self._picture)
        self._pictured = pictured
        truth_layout.addWidget(pictured, stretch=3)
        parts = QSplitter()
        for part, width in ((self._names, 190), (truth, 470), (self._forms, 520)):
            parts.addWidget(part)
            parts.setStretchFactor(parts.count() - 1, width)
        parts.setSizes([190, 470, 520])
        layout = QVBoxLayout(self)
        layout.addWidget(parts, stretch=1)
        row = QHBoxLayout()
        row.addWidget(self._said, stretch=1)
        layout.addLayout(row)

    # what the bench tells

    def _show(self, devices: list[dict[str, Any]]) -> None:
        self._told = {str(device["name"]): device for device in devices}
        names = [self._names.item(row).text() for row in range(self._names.count())]
        if names != list(self._told):
            self._names.clear()
            self._names.addItems(list(self._told))
            self._names.setCurrentRow(0)
        self._show_truth()

    def _choose(self, name: str) -> None:
        device = self._told.get(name)
        if device is None:
            return
        self._shown = name
        self._facts.clear()
        self._picture.clear()
        self._pictured.setVisible(device["kind"] in WITH_PICTURE)
        self._forms.setWidget(self._all_forms(device))
        self._show_truth()

    def _all_forms(self, device: dict[str, Any]) -> QWidget:
        forms = QWidget()
        layout = QVBoxLayout(forms)
        for title, actions in grouped(device["actions"]):
            heading = QLabel(title)
            heading.setObjectName("heading")
            layout.addWidget(heading)
            for action in actions:
                layout.addWidget(ActionForm(action, self._do))
        layout.addStretch(1)
        return forms

    def _show_truth(self) -> None:
        device = self._told.get(self._shown)
        if device is None:
            return
        plugged = "plugged in" if device["plugged"] else "UNPLUGGED"
        self._head.setText(f"{device['kind']}, {plugged}\n{device['url']}" if device["url"] else str(device["kind"]))
        _fill(self._facts, device["facts"])
        if device["kind"] in WITH_PICTURE:
            name = self._shown
            self._eyes.run(lambda: self._bench.picture(name), lambda png: self._draw(name, png), self._sorry)

    def _draw(self, name: str, png: bytes) -> None:
        pixmap = QPixmap()
        if name == self._shown and pixmap.loadFromData(png):
            width = min(PICTURE_WIDTH, pixmap.width())
            self._picture.setPixmap(pixmap.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation))

    # what the operator does

    def _do(self, action: str, arguments: dict[str, Any]) -> None:
        name = self._shown
        given = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items())

        def done(result: object) -> None:
            answer = "" if result is None else f": {json.dumps(result, ensure_ascii=False)}"
            self._said.setText(f"{name}: {action}({given}){answer}")
            self.look()

        self._hands.run(lambda: self._bench.do(name, action, **arguments), done, self._sorry)

    def _sorry(self, error: Exception) -> None:
        self._said.setText(str(error))


def _fill(tree: QTreeWidget, facts: dict[str, Any]) -> None:
    """Show the facts; branches that are open stay open."""
    rows = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    known = {row.text(0): row for row in rows if row is not None}
    for key, value in facts.items():
        item = known.get(key)
        if item is None:
            item = QTreeWidgetItem(tree, [key])
            item.setExpanded(True)
        _fill_item(item, value)
    tree.resizeColumnToContents(0)


def _fill_item(item: QTreeWidgetItem, value: Any) -> None:
    branches = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    item.setText(1, "" if isinstance(value, dict | list) and value else json.dumps(value, ensure_ascii=False))
    wanted = [(str(key), inner) for key, inner in branches]
    while item.childCount() > len(wanted):
        item.takeChild(item.childCount() - 1)
    for place, (key, inner) in enumerate(wanted):
        child = item.child(place) or QTreeWidgetItem(item)
        child.setText(0, key)
        _fill_item(child, inner)


def main() -> int:
    """Open the window on the bench that the command line names."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the address alone
        sys.stderr.write("Say where the bench is: python -m demo.device_window http://127.0.0.1:PORT\n")
        return 2
    app = QApplication(["Scanlane devices"])
    app.setStyle("Fusion")
    app.setStyleSheet(THEME.read_text(encoding="utf-8"))
    bench = Bench(sys.argv[1])
    window = DeviceWindow(bench)
    window.show()
    with ends_on_signal(app):
        app.exec()
    window.end()
    bench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
