"""Properties that ``theme.qss`` selects by."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget


def label(name: str = "", *, scale: str = "", wrap: bool = False, align: Qt.AlignmentFlag | None = None) -> QLabel:
    """Make a label of one step of the type scale."""
    made = QLabel()
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if scale:
        made.setProperty("scale", scale)
    if align is not None:
        made.setAlignment(align)
    made.setWordWrap(wrap)
    return made


def strike(part: QLabel, *, out: bool) -> None:
    """Draw a line through a label's text, or none."""
    font = part.font()
    if font.strikeOut() != out:
        font.setStrikeOut(out)
        part.setFont(font)


def button(name: str, *, kind: str = "", text: str = "") -> QPushButton:
    """Make a button that never takes the keyboard's focus away from a field."""
    made = QPushButton(text)
    made.setObjectName(name)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if kind:
        made.setProperty("kind", kind)
    return made


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property and let the theme look at the widget again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
