"""One action of a device as a form: a field for each parameter, made from what the bench tells about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

FAULTS = frozenset(
    {
        "unplug",
        "replug",
        "power_cycle",
        "reset",
        "silent",
        "delay_ms",
        "garbage",
        "drop_next_reply",
        "corrupt_next_reply",
        "truncate_next_reply",
        "dup_next_reply",
        "wrong_device",
        "echo",
    }
)
NUMBER_MAX = 1_000_000
_HINTS = {"hex": "02 FF", "text": "what the code says", "symbology": "QR, EAN13, CODE128 ..."}

Do = Callable[[str, dict[str, Any]], None]


def grouped(actions: list[dict[str, Any]]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """Return the device's own actions, then the faults of its line."""
    own = [action for action in actions if action["name"] not in FAULTS]
    faults = [action for action in actions if action["name"] in FAULTS]
    return [(title, found) for title, found in (("In the world", own), ("Faults of device and line", faults)) if found]


class ActionForm(QWidget):
    """A button with the action's name, its fields beside it, its sentence below."""

    def __init__(self, action: dict[str, Any], do: Do) -> None:
        super().__init__()
        self._name = str(action["name"])
        self._do = do
        self._fields: dict[str, QWidget] = {}
        self._types: dict[str, str] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        button = QPushButton(self._name.replace("_", " "))
        button.setObjectName(f"do-{self._name}")
        button.setMinimumWidth(150)
        button.clicked.connect(lambda: self._pressed())  # noqa: PLW0108 - the signal's ``checked`` must not be passed on
        layout.addWidget(button, 0, 0)
        for column, parameter in enumerate(action["parameters"], start=1):
            field = _field(parameter)
            field.setObjectName(f"{self._name}-{parameter['name']}")
            self._fields[str(parameter["name"])] = field
            self._types[str(parameter["name"])] = str(parameter["type"])
            layout.addWidget(field, 0, column)
        layout.setColumnStretch(len(action["parameters"]) + 1, 1)
        sentence = QLabel(str(action["doc"]).split("\n\n", maxsplit=1)[0])
        sentence.setObjectName("sentence")
        sentence.setWordWrap(True)
        layout.addWidget(sentence, 1, 0, 1, len(action["parameters"]) + 2)

    def _pressed(self) -> None:
        values = {name: _value(field, self._types[name]) for name, field in self._fields.items()}
        self._do(self._name, {name: value for name, value in values.items() if value is not None})


def _field(parameter: dict[str, Any]) -> QWidget:
    """Return a field that fits the parameter's type."""
    kind, name, default = str(parameter["type"]), str(parameter["name"]), parameter.get("default")
    if kind == "bool":
        box = QCheckBox(name)
        box.setChecked(True if default is None else bool(default))
        return box
    if kind in {"int", "float"}:
        number: QSpinBox | QDoubleSpinBox = QSpinBox() if kind == "int" else QDoubleSpinBox()
        number.setRange(0, NUMBER_MAX)
        number.setPrefix(f"{name}  ")
        number.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        number.setValue(default or 0)
        return number
    if " | " in kind and kind.startswith('"'):
        choices = QComboBox()
        choices.addItems([json.loads(choice) for choice in kind.split(" | ")])
        choices.setCurrentText(str(default or ""))
        return choices
    line = QLineEdit("" if default is None else default if isinstance(default, str) else json.dumps(default))
    line.setPlaceholderText(_HINTS.get(name, name))
    line.setToolTip(f"{name}: {kind}")
    return line


def _value(field: QWidget, kind: str) -> Any:
    """Return what stands in the field; None where nothing stands."""
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, QSpinBox | QDoubleSpinBox):
        return field.value()
    if isinstance(field, QComboBox):
        return field.currentText()
    assert isinstance(field, QLineEdit)
    text = field.text()
    if kind == "str":
        return text
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
