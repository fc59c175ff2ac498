from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from program.qt.texts import load_texts
from program.qt.window import TouchWindow
from scanner_app.basket import PIECES_MAX
from scanner_app.cli import TEXTS, THEME
from scanner_app.notices import Notice, NoticeKind
from scanner_app.presenter import present
from scanner_app.scene import Surroundings
from scanner_app.screens.stage import Stage
from scanner_app.trip import State, Trip, advance
from scanner_app.trip_events import ArticleScanned, CodeRefused, Event, QuantityChanged, StoreUnreachable
from store_server.contract.product_code import ProductCode
from tests.unit.scanner_app.goods import CLAIM, SHOP, TERMS, piece
from tests.unit.scanner_app.walks import HANDED_IN, SCAN_APPLES, SCAN_WINE, SHOPPING, TRIPS, WAITING

AROUND = Surroundings(shop_name=SHOP.name, terms=TERMS, camera_ready=False, store_answers=False)
LONG = piece(
    "09520000000097",
    "Cold-pressed extra virgin olive oil with rosemary and garlic, family bottle 1.5 l",
    99999,
    zh="特级初榨冷压橄榄油 迷迭香大蒜味 家庭装 1.5 升",
    eas=True,
    minimum_age=18,
    mean_g=1400.0,
)
SCAN_LONG = ArticleScanned(ProductCode.parse("9520000000097"), LONG)
UNKNOWN = CodeRefused(Notice(NoticeKind.NOT_A_PRODUCT, "HTTPS://MARKET.EXAMPLE/P…"))
TOUCH_MIN_PX = 48
Draw = Callable[..., None]


@pytest.fixture(scope="module")
def themed(qapp: QApplication) -> Iterator[QApplication]:
    """Give the application its theme once: to style every widget again takes longer than a test."""
    qapp.setStyleSheet(THEME.read_text(encoding="utf-8"))
    yield qapp
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # or the windows of all tests are styled once more
    qapp.setStyleSheet("")


@pytest.fixture
def window(qtbot: QtBot, themed: QApplication) -> TouchWindow:
    del themed
    made = TouchWindow("Test", QSize(480, 800))
    qtbot.addWidget(made)
    return made


@pytest.fixture
def stage(window: TouchWindow) -> Stage:
    made = Stage(window)
    window.show()
    return made


@pytest.fixture
def draw(stage: Stage, qapp: QApplication) -> Draw:
    def drawn(*events: Event, language: str = "en", around: Surroundings = AROUND) -> None:
        trip = Trip(language=language)
        for event in events:
            trip, _ = advance(trip, event)
        stage.draw(present(trip, around, load_texts(TEXTS, language)))
        for _ in range(3):
            qapp.processEvents()

    return drawn


def named(window: TouchWindow, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    (found,) = [widget for widget in window.findChildren(kind, name) if widget.isVisibleTo(window)]
    return found


def press(window: TouchWindow, name: str) -> None:
    QTest.mouseClick(named(window, name), Qt.MouseButton.LeftButton)


def text(window: TouchWindow, name: str) -> str:
    widget = named(window, name)
    assert isinstance(widget, QLabel | QPushButton | QLineEdit)
    return widget.text()


def visible(window: TouchWindow, kind: type[QWidget]) -> list[QWidget]:
    return [widget for widget in window.findChildren(kind) if widget.isVisibleTo(window)]


def shown_names(window: TouchWindow) -> set[str]:
    return {widget.objectName() for widget in visible(window, QWidget)}


def screens() -> Iterator[tuple[str, tuple[Event, ...]]]:
    for state, ways in TRIPS.items():
        for number, events in enumerate(ways):
            yield f"{state.value}-{number}", events
    yield "shopping-full", (*SHOPPING, QuantityChanged(1, PIECES_MAX), SCAN_APPLES, SCAN_WINE, SCAN_LONG, UNKNOWN)
    yield "reviewing-away", (*SHOPPING, SCAN_WINE, *WAITING[3:], StoreUnreachable())


SCREENS = dict(screens())
EVERY_SCREEN = pytest.mark.parametrize(
    ("name", "language"), [(name, language) for name in SCREENS for language in ("en", "zh")]
)


@EVERY_SCREEN
def test_every_screen_is_named_like_its_state_and_nothing_is_cut_off(
    window: TouchWindow, draw: Draw, name: str, language: str
) -> None:
    draw(*SCREENS[name], language=language)
    assert window.screen_name == name.split("-", maxsplit=1)[0]
    assert window.size() == QSize(480, 800)
    for widget in visible(window, QLabel) + visible(window, QAbstractButton):
        assert isinstance(widget, QLabel | QAbstractButton)
        what = f"{widget.objectName()}: {widget.text()!r}"
        needed = widget.sizeHint()
        if isinstance(widget, QLabel) and widget.wordWrap():
            assert widget.height() >= widget.heightForWidth(widget.width()), what
        else:
            assert widget.width() >= needed.width(), what
            assert widget.height() >= min(needed.height(), widget.maximumHeight()), what


@EVERY_SCREEN
def test_what_is_touched_is_large_enough(window: TouchWindow, draw: Draw, name: str, language: str) -> None:
    draw(*SCREENS[name], language=language)
    for widget in visible(window, QAbstractButton) + visible(window, QLineEdit):
        assert min(widget.width(), widget.height()) >= TOUCH_MIN_PX, widget.objectName()


def test_with_the_keypad_open_everything_fits(window: TouchWindow, draw: Draw, qapp: QApplication) -> None:
    draw(*SCREENS["shopping-full"])
    press(window, "manual-code")
    qapp.processEvents()
    keys = [named(window, f"key-{key}") for key in (*"0123456789", "erase", "close")]
    for key in keys:
        assert min(key.width(), key.height()) >= TOUCH_MIN_PX
        assert window.rect().contains(key.mapTo(window, key.rect().bottomRight()))


def test_buttons_tell_what_was_pressed(qtbot: QtBot, window: TouchWindow, stage: Stage, draw: Draw) -> None:
    draw()
    with qtbot.waitSignal(stage.started):
        press(window, "start")
    with qtbot.waitSignal(stage.language_chosen, check_params_cb=lambda language: language == "zh"):
        press(window, "language-zh")
    draw(*SHOPPING, QuantityChanged(1, 2))
    with qtbot.waitSignal(stage.quantity_changed, check_params_cb=lambda number, wanted: (number, wanted) == (1, 3)):
        press(window, "line-1-plus")
    with qtbot.waitSignal(stage.quantity_changed, check_params_cb=lambda number, wanted: (number, wanted) == (1, 1)):
        press(window, "line-1-minus")
    with qtbot.waitSignal(stage.removed, check_params_cb=lambda number: number == 2):
        press(window, "line-2-remove")
    for name, signal in (("undo", stage.undone), ("review", stage.review_asked)):
        with qtbot.waitSignal(signal):
            press(window, name)
    draw(*TRIPS[State.REVIEWING][0])
    for name, signal in (("back", stage.back_asked), ("submit", stage.submitted)):
        with qtbot.waitSignal(signal):
            press(window, name)


def test_rows_are_numbered_from_one_and_go_with_their_lines(window: TouchWindow, draw: Draw) -> None:
    draw(*SHOPPING, SCAN_APPLES)
    assert [text(window, f"line-{row}-name") for row in (1, 2, 3)] == ["Cola 500 ml", "Jasmine rice 5 kg", "Apples Fuji"]
    assert text(window, "line-1-quantity") == "1"
    assert not window.findChildren(QWidget, "line-4-name")
    draw(*SHOPPING)
    assert "line-3-name" not in shown_names(window)


def test_the_line_that_was_touched_last_is_in_view(qtbot: QtBot, window: TouchWindow, draw: Draw) -> None:
    goods = [piece(f"{9520000000000 + number:014d}", f"Article {number}", 100) for number in range(30)]
    scans = [ArticleScanned(ProductCode(key=article.code, text=article.code), article) for article in goods]
    draw(SHOPPING[0], *scans)
    last = named(window, "line-30-name")
    qtbot.waitUntil(lambda: not last.visibleRegion().isEmpty())
    draw(SHOPPING[0], *scans, QuantityChanged(1, 5))
    first = named(window, "line-1-name")
    qtbot.waitUntil(lambda: not first.visibleRegion().isEmpty())


def test_typing_a_code_with_the_keypad(qtbot: QtBot, window: TouchWindow, stage: Stage, draw: Draw) -> None:
    draw(*SHOPPING, UNKNOWN)
    typed: list[str] = []
    stage.code_typed.connect(typed.append)
    press(window, "manual-code")
    assert "notice" not in shown_names(window)
    for key in ("9", "5", "8", "erase", "2"):
        press(window, f"key-{key}")
    assert text(window, "manual-code") == "952"
    press(window, "manual-code-add")
    assert typed == ["952"]
    assert text(window, "manual-code") == ""
    assert "notice" in shown_names(window), "it is seen again once the keypad is gone"
    press(window, "manual-code-add")
    assert typed == ["952"], "an empty field is no code"


def test_the_keypad_can_be_put_away(window: TouchWindow, draw: Draw) -> None:
    draw(*SHOPPING)
    press(window, "manual-code")
    press(window, "key-close")
    assert "line-1-name" in shown_names(window)
    assert "key-1" not in shown_names(window)


def test_a_wipe_forgets_what_was_typed(window: TouchWindow, stage: Stage, draw: Draw) -> None:
    draw(*SHOPPING)
    press(window, "manual-code")
    press(window, "key-7")
    stage.wipe()
    draw(*SHOPPING[:1])
    assert text(window, "manual-code") == ""
    assert "empty" in shown_names(window)


def test_the_orders_symbol_is_read_off_the_screen(window: TouchWindow, draw: Draw, tmp_path: Path) -> None:
    draw(*HANDED_IN)
    window.save_picture(tmp_path / "order.png")
    picture = cv2.imread(str(tmp_path / "order.png"))
    assert picture is not None
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == CLAIM
    assert text(window, "order-number") == "048-2135"
    assert text(window, "due") == "¥49.40"


def test_the_camera_in_the_viewfinder(window: TouchWindow, stage: Stage, draw: Draw, tmp_path: Path) -> None:
    ready = replace(AROUND, camera_ready=True)
    draw(*SHOPPING, around=ready)
    _, jpeg = cv2.imencode(".jpg", np.full((270, 480, 3), (0, 0, 255), np.uint8))
    stage.show_picture(jpeg.tobytes())
    stage.show_picture(b"no picture")
    finder = named(window, "viewfinder")
    middle = finder.grab().toImage().pixelColor(finder.width() // 2, finder.height() // 2)
    assert (middle.red() > 240, middle.green() < 20) == (True, True)
    draw(*SHOPPING)
    assert "not connected" in text(window, "camera-text")
    middle = finder.grab().toImage().pixelColor(4, finder.height() // 2)
    assert middle.red() < 60


def test_pictures_that_come_on_another_screen_are_not_kept(window: TouchWindow, stage: Stage, draw: Draw) -> None:
    draw()
    _, jpeg = cv2.imencode(".jpg", np.full((270, 480, 3), (0, 0, 255), np.uint8))
    stage.show_picture(jpeg.tobytes())
    draw(*SHOPPING[:1], around=replace(AROUND, camera_ready=True))
    finder = named(window, "viewfinder")
    assert finder.grab().toImage().pixelColor(finder.width() // 2, finder.height() // 2).red() < 60


# The theme.


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_rule_with_ink_and_ground_has_contrast() -> None:
    rules = re.findall(r"([^{}]+)\{([^}]*)\}", THEME.read_text(encoding="utf-8"))
    checked = 0
    for selector, body in rules:
        ink = re.search(r"(?<![-\w])color:\s*(#[0-9A-Fa-f]{6})", body)
        ground = re.search(r"background:\s*(#[0-9A-Fa-f]{6})", body)
        if ink and ground:
            assert contrast(ink[1], ground[1]) >= 4.5, selector
            checked += 1
    assert checked >= 8


@pytest.mark.parametrize("ink", ["#17212B", "#4D5A67", "#8A4A00", "#0B5D4B", "#A3261B"])
@pytest.mark.parametrize("ground", ["#F3F5F7", "#FFFFFF"])
def test_every_ink_has_contrast_on_every_ground(ink: str, ground: str) -> None:
    assert ink in THEME.read_text(encoding="utf-8")
    assert contrast(ink, ground) >= 4.5
