"""The real widgets, offscreen: every view fits its screen in both languages, every button can be hit and has a key."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from zxingcpp import read_barcodes

import kiosk_app
from kiosk_app import views
from kiosk_app.presenter import Scene, present
from kiosk_app.screens.window import SIZE, THEME, KioskWindow
from kiosk_app.session import Card, Hopper, Notice, NoticeCode, PrintState, Session, State, Taken
from kiosk_app.staff_desk import StaffDesk, Told
from program.qt.texts import load_texts
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal

TOUCH_MIN_PX = 48
LANGUAGES = ("en", "zh")
PASS = (
    "HTTPS://MARKET.EXAMPLE/P/"
    + "4EAQAAAAAHJZQYMLTK6O24OPX3AJ6IAWITRL323S2KD7ZKLBAAAAAAIAAEAAAAAAAAAAPGCDJZMQAAYAAAEAEAAAAA4WWAQ" * 2
)


@pytest.fixture
def window(qtbot: QtBot) -> KioskWindow:
    made = KioskWindow()
    made.setStyleSheet(THEME.read_text(encoding="utf-8"))
    qtbot.addWidget(made)
    made.show()
    return made


def page_of(window: KioskWindow) -> QWidget:
    page = window.currentWidget()
    assert page is not None
    return page


def scenes(language: str, **changes: object) -> Scene:
    texts = load_texts(Path(kiosk_app.__file__).parent / "texts", language)
    return replace(Scene(texts, language, shop_name="Scanlane Demo Market"), **changes)  # type: ignore[arg-type]


@pytest.fixture
def sessions(idle: Session, order_of: Callable[..., Order]) -> dict[str, Session]:
    order = order_of(44550)
    order = order.model_copy(update={"lines": order.lines * 12, "taxes": order.taxes * 2})
    paid = order_of(0, paid_minor=44550, exit_pass=PASS)
    settlement = Settlement(payment_id=UUID(int=3), receipt_number="0001-0000001", paid_at=1_800_000_000, order=paid)
    taking = replace(idle, state=State.TAKING_CASH, order=order, due_minor=44550, taken=(Taken("note-box", 1, 1, 10000),))
    settled = replace(taking, settlement=settlement, print_state=PrintState.UNCERTAIN)
    refused = Notice(NoticeCode.REFUSED, refusal=Refusal.NOT_A_PASS)
    return {
        "welcome": replace(idle, notice=refused),
        "order": replace(taking, state=State.CHOOSING, taken=()),
        "cash": replace(taking, notice=Notice(NoticeCode.TOO_MANY_PIECES)),
        "card": replace(taking, state=State.TAKING_CARD, taken=(), card=Card(UUID(int=4), 44550, "CNY", unknown=True)),
        "confirming": replace(taking, state=State.CONFIRMING, store_away=True),
        "returning": replace(settled, state=State.RETURNING),
        "paid": replace(settled, state=State.PAID),
        "cancelled": replace(taking, state=State.CANCELLED, notice=refused),
        "owing": replace(settled, state=State.OWING, owed_minor=1234, doubt_minor=10000),
        "out-of-service": replace(idle, hoppers=()),
        "staff": replace(idle, hoppers=(*idle.hoppers, Hopper("recycler-500", 500, 12, present=True))),
    }


def test_all_screens_are_there(window: KioskWindow, sessions: dict[str, Session]) -> None:
    assert set(sessions) == set(views.SCREENS)
    shown = {page.objectName() for index in range(window.count()) if (page := window.widget(index)) is not None}
    assert shown == set(views.SCREENS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shown", [*views.SCREENS, "staff-locked"])
def test_every_text_fits_and_every_button_can_be_hit(
    qtbot: QtBot, window: KioskWindow, sessions: dict[str, Session], shown: str, language: str
) -> None:
    name = shown.removesuffix("-locked")
    staff = {
        "staff": StaffDesk(is_shown=True, is_open=True, told=Told.PRINTER_ASKED),
        "staff-locked": StaffDesk(is_shown=True, typed="24681357", told=Told.LOCKED),
    }.get(shown, StaffDesk())
    window.draw(present(sessions[name], scenes(language, staff=staff, has_staff_code=True, has_terminal=True)))
    qtbot.waitUntil(lambda: window.screen_name == name)
    qtbot.wait(1)  # lets the layout settle
    page = page_of(window)
    buttons = [button for button in page.findChildren(QPushButton) if button.isVisible()]
    places = [QRect(button.mapTo(page, QPoint()), button.size()) for button in buttons]
    assert not any(one.intersects(other) for one, other in combinations(places, 2)), "two buttons lie on each other"
    for button in buttons:
        assert min(button.width(), button.height()) >= TOUCH_MIN_PX, button.objectName()
        assert button.width() >= button.sizeHint().width(), f"{button.objectName()} cuts off {button.text()!r}"
    for label in page.findChildren(QLabel):
        if label.isVisible() and label.text():
            needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            assert label.height() >= needed, f"{label.objectName()} cuts off {label.text()!r}"
            if not label.wordWrap():
                assert label.width() >= label.sizeHint().width(), f"{label.objectName()} cuts off {label.text()!r}"
    assert (window.width(), window.height()) == (SIZE.width(), SIZE.height())


def test_drawing_again_leaves_nothing_of_the_last_order(
    qtbot: QtBot, window: KioskWindow, sessions: dict[str, Session]
) -> None:
    window.draw(present(sessions["order"], scenes("en")))
    window.draw(present(sessions["order"], scenes("zh")))
    page = page_of(window)
    qtbot.waitUntil(lambda: not [one for one in page.findChildren(QLabel) if one.isVisible() and "Included" in one.text()])


def test_the_exit_pass_can_be_read_off_the_screen(
    qtbot: QtBot, window: KioskWindow, sessions: dict[str, Session], tmp_path: Path
) -> None:
    window.draw(present(sessions["paid"], scenes("en")))
    qtbot.waitUntil(lambda: window.screen_name == "paid")
    window.save_picture(tmp_path / "paid.png")
    image = QImage(str(tmp_path / "paid.png")).convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = memoryview(bytes(image.constBits())).cast("B", (image.height(), image.bytesPerLine()))
    (found,) = read_barcodes(pixels)
    assert found.text == PASS


def test_the_keyboard_is_a_second_way_to_every_button(qtbot: QtBot, window: KioskWindow, sessions: dict[str, Session]) -> None:
    touched: list[str] = []
    window.touched.connect(touched.append)
    for name, view, keys in (
        ("welcome", present(sessions["welcome"], scenes("en", typed="0482135")), "07"),
        ("order", present(sessions["order"], scenes("en")), ""),
        ("cash", present(sessions["cash"], scenes("en")), ""),
        ("paid", present(sessions["paid"], scenes("en")), ""),
    ):
        window.draw(view)
        page = page_of(window)
        assert window.screen_name == name
        for key in keys:
            QTest.keyClicks(page, key)
        QTest.keyClick(page, Qt.Key.Key_Backspace)
        QTest.keyClick(page, Qt.Key.Key_Return)
        QTest.keyClick(page, Qt.Key.Key_Escape)
    assert touched == ["key-0", "key-7", "key-back", "key-ok", "pay-cash", "cancel", "cancel", "done"]


def test_pressing_emits_the_buttons_name(qtbot: QtBot, window: KioskWindow, sessions: dict[str, Session]) -> None:
    touched: list[str] = []
    window.touched.connect(touched.append)
    stirred: list[bool] = []
    window.stirred.connect(lambda: stirred.append(True))
    window.draw(present(sessions["welcome"], scenes("en")))
    for name in ("key-5", "language-zh"):
        button = page_of(window).findChild(QPushButton, name)
        assert isinstance(button, QPushButton)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert touched == ["key-5", "language-zh"]
    assert stirred


def test_contrast_of_the_theme() -> None:
    theme = THEME.read_text(encoding="utf-8")
    pairs = (
        ("#16324F", "#F4F6F8"), ("#0B6B4F", "#FFFFFF"), ("#FFFFFF", "#0B6B4F"), ("#3D566E", "#FFFFFF"), ("#5B7186", "#F4F6F8"),
        ("#0A4D39", "#DDF1EA"), ("#7A2E00", "#FFE9D6"), ("#4A5B6B", "#E7EBEF"), ("#566573", "#E7EBEF"), ("#0B6B4F", "#F4F6F8"),
    )  # fmt: skip
    for ink, paper in pairs:
        assert ink in theme
        assert paper in theme
        assert _contrast(ink, paper) >= 4.5, f"{ink} on {paper} has {_contrast(ink, paper):.2f}"


def _contrast(one: str, other: str) -> float:
    """WCAG 2.1, relative luminance."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
