"""The frame of every screen: shop name, languages, one hint, and the keyboard as a second way to every button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kiosk_app.views import Amount, Header

LANGUAGES = (("en", "English"), ("zh", "中文"))
_KEYS = {
    Qt.Key.Key_Backspace: ("key-back",),
    Qt.Key.Key_Return: ("key-ok", "pay-cash", "done"),
    Qt.Key.Key_Enter: ("key-ok", "pay-cash", "done"),
    Qt.Key.Key_Escape: ("cancel",),
}


def label(name: str, *, role: str = "", centred: bool = False, wrap: bool = False) -> QLabel:
    """Make a label; ``role`` is what the theme styles it by."""
    made = QLabel()
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if centred:
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def card(name: str) -> QWidget:
    """Make a white panel."""
    made = QWidget()
    made.setObjectName(name)
    made.setProperty("role", "card")
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return made


def restyle(widget: QWidget, **properties: str | bool) -> None:
    """Set properties that the theme selects by, and let it look again."""
    if all(widget.property(key) == value for key, value in properties.items()):
        return
    for key, value in properties.items():
        widget.setProperty(key, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class AmountRow(QWidget):
    """A label and an amount, in one line."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._label = label(f"{name}-label", role=f"{role}-label")
        self.value = label(name, role=role)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label)
        row.addStretch(1)
        row.addWidget(self.value)

    def draw(self, amount: Amount) -> None:
        """Show it; nothing without a label."""
        self.setVisible(bool(amount.label))
        self._label.setText(amount.label)
        self.value.setText(amount.value)


class Page(QWidget):
    """A screen; fill ``body``."""

    touched = Signal(str)
    """The objectName of the button that was touched."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._buttons: dict[str, QPushButton] = {}
        self._shop = label("shop", role="shop")
        self._notice = label("notice", role="notice", centred=True, wrap=True)
        self.body = QVBoxLayout()
        self.body.setSpacing(20)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(40, 24, 40, 28)
        whole.setSpacing(18)
        whole.addLayout(self._top())
        whole.addWidget(self._notice)
        whole.addLayout(self.body, 1)

    def button(self, name: str, role: str, text: str = "") -> QPushButton:
        """Make a button whose touch comes out under its name."""
        made = QPushButton(text)
        made.setObjectName(name)
        made.setProperty("role", role)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda: self.touched.emit(name))
        self._buttons[name] = made
        return made

    def draw_header(self, header: Header) -> None:
        """Show what is the same on every screen."""
        self._shop.setText(header.shop)
        self._notice.setText(header.notice)
        self._notice.setVisible(bool(header.notice))
        restyle(self._notice, warning=header.warning)
        staff = self._buttons["staff"]
        staff.setText(header.staff)
        staff.setVisible(bool(header.staff))
        for code, _name in LANGUAGES:
            restyle(self._buttons[f"language-{code}"], chosen=code == header.language)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let a keyboard do what a finger can."""
        digit = event.text()
        names = (f"key-{digit}",) if digit.isdigit() else _KEYS.get(Qt.Key(event.key()), ())
        for name in names:
            button = self._buttons.get(name)
            if button is not None and button.isEnabled():
                button.click()
                return
        super().keyPressEvent(event)

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._shop)
        row.addStretch(1)
        row.addWidget(self.button("staff", "language"))
        for code, name in LANGUAGES:
            row.addWidget(self.button(f"language-{code}", "language", name))
        return row
