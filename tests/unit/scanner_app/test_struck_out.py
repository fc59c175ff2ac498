"""What cannot be bought is struck out and in no sum until it is taken out; who paid can leave by the handheld's code."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import zxingcpp
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from program.qt.texts import load_texts
from program.qt.window import TouchWindow
from scanner_app.cli import TEXTS, THEME
from scanner_app.presenter import present
from scanner_app.scene import Surroundings
from scanner_app.screens.stage import Stage
from scanner_app.trip import State, Trip, accepts, advance
from scanner_app.trip_events import (
    BackPressed,
    Event,
    LineRemoved,
    OrderDue,
    OrderPaid,
    PricesRefreshed,
    ReviewPressed,
    SubmitPressed,
)
from scanner_app.views import LineView, PaidView, ReviewingView, ShoppingView, SubmittedView, Tone
from store_server.contract.exit_number import ExitNumber
from store_server.contract.order_status import OrderStatus
from tests.unit.scanner_app.goods import CLAIM, COLA, RANGE, SHOP, TERMS, order
from tests.unit.scanner_app.walks import DONE, FIRST, SHOPPING, played

AROUND = Surroundings(shop_name=SHOP.name, terms=TERMS, camera_ready=True)
RECALLED = PricesRefreshed(RANGE | {COLA.code: COLA.model_copy(update={"withheld": "recalled"})})
UNSOLD = PricesRefreshed({code: article for code, article in RANGE.items() if code != COLA.code})
SUBMIT = SubmitPressed(FIRST, 8)
PASS = CLAIM.replace("ABC", "4EA", 1)
PAID = OrderPaid(order(FIRST, OrderStatus.PAID, paid_minor=4940, due_minor=0, exit_pass=PASS))


def view_of(*events: Event, language: str = "en") -> object:
    trip, _ = played(*events)
    return present(trip, AROUND, load_texts(TEXTS, language))


def shopping(*events: Event) -> ShoppingView:
    view = view_of(*events)
    assert isinstance(view, ShoppingView)
    return view


def reviewing(*events: Event) -> ReviewingView:
    view = view_of(*events)
    assert isinstance(view, ReviewingView)
    return view


def struck(lines: tuple[LineView, ...]) -> list[str]:
    return [line.name for line in lines if line.is_struck]


@pytest.mark.parametrize("news", [RECALLED, UNSOLD])
def test_what_cannot_be_bought_is_struck_out_and_in_no_sum(news: Event) -> None:
    before, after = shopping(*SHOPPING), shopping(*SHOPPING, news)
    assert struck(before.lines) == []
    assert struck(after.lines) == ["Cola 500 ml"]
    cola = next(line for line in before.lines if line.name == "Cola 500 ml")
    without = shopping(*SHOPPING, LineRemoved(cola.number))
    assert (after.total, after.count) == (without.total, without.count)
    assert after.total != before.total
    (line,) = (line for line in after.lines if line.is_struck)
    assert line.total == cola.total, "it shows what it would have cost"
    assert not line.can_increase


def test_it_has_to_be_taken_out_before_the_basket_is_handed_in() -> None:
    trip, _ = played(*SHOPPING, RECALLED, ReviewPressed())
    assert not accepts(trip, SUBMIT)
    view = reviewing(*SHOPPING, RECALLED, ReviewPressed())
    assert (view.can_submit, view.notice.tone) == (False, Tone.WARNING)
    assert view.notice.text.startswith("An article was recalled.")
    assert reviewing(*SHOPPING, UNSOLD, ReviewPressed()).notice.text.startswith("What is struck out is not sold")
    (number,) = (line.number for line in view.lines if line.is_struck)
    for event in (BackPressed(), LineRemoved(number), ReviewPressed()):
        trip, _ = advance(trip, event)
    assert accepts(trip, SUBMIT)
    assert not struck(reviewing(*SHOPPING, RECALLED, LineRemoved(number), ReviewPressed()).lines)


def test_news_while_reviewing_stop_the_basket_too() -> None:
    trip, _ = played(*SHOPPING, ReviewPressed())
    assert accepts(trip, SUBMIT)
    trip, _ = advance(trip, RECALLED)
    assert not accepts(trip, SUBMIT)
    sold_again, _ = advance(trip, PricesRefreshed(RANGE))
    assert accepts(sold_again, SUBMIT)


def test_the_newest_scan_is_struck_out_large() -> None:
    view = shopping(*SHOPPING, UNSOLD)
    trip, _ = played(*SHOPPING)
    last = next(line for line in trip.lines if line.number == trip.last_number)
    assert view.last is not None
    assert view.last.is_struck == (last.article.code == COLA.code)


def test_who_paid_sees_the_pass_and_its_number() -> None:
    view = view_of(*DONE, PAID)
    assert isinstance(view, PaidView)
    assert view.qr_text == PASS
    assert view.exit_number == str(ExitNumber.of_order(PAID.order.order_number, PASS))
    assert view.instruction == "Show this code or your receipt at the exit."


def test_without_a_pass_the_receipt_is_the_way_out() -> None:
    view = view_of(*DONE)
    assert isinstance(view, PaidView)
    assert (view.qr_text, view.exit_number, view.instruction) == ("", "", "Take your receipt to the exit.")


def test_a_pass_that_was_taken_back_is_not_shown() -> None:
    due = order(FIRST, OrderStatus.SUBMITTED, revision=2, paid_minor=4940, due_minor=350)
    view = view_of(*DONE, PAID, OrderDue(due))
    assert isinstance(view, SubmittedView)
    assert view.qr_text == CLAIM, "the claim, to be paid"


# on the screen


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[TouchWindow]:
    qapp.setStyleSheet(THEME.read_text(encoding="utf-8"))
    made = TouchWindow("Test", QSize(480, 800))
    qtbot.addWidget(made)
    yield made
    qapp.setStyleSheet("")


def draw(window: TouchWindow, trip: Trip, language: str) -> QWidget:
    stage = Stage(window)
    window.show()
    stage.draw(present(trip, AROUND, load_texts(TEXTS, language)))
    for _ in range(3):
        QApplication.processEvents()
    page = window.currentWidget()
    assert page is not None
    return page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reader_at_the_lane_reads_the_screen(window: TouchWindow, language: str) -> None:
    trip, _ = played(*DONE, PAID)
    assert trip.state is State.PAID
    page = draw(window, trip, language)
    shot = window.grab().toImage()
    pixels = np.frombuffer(bytes(shot.convertToFormat(shot.Format.Format_Grayscale8).constBits()), dtype=np.uint8)
    grey = pixels.reshape(shot.height(), -1)[:, : shot.width()]
    assert [found.text for found in zxingcpp.read_barcodes(cv2.blur(grey, (2, 2)))] == [PASS]
    for label in page.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.sizeHint().width() <= label.width(), label.objectName()
    (total,) = page.findChildren(QLabel, "total")
    assert page.rect().contains(total.geometry())


def test_the_line_is_drawn_through_and_handing_in_is_off(window: TouchWindow) -> None:
    trip, _ = played(*SHOPPING, RECALLED, ReviewPressed())
    page = draw(window, trip, "en")
    found = {label.objectName(): label for label in page.findChildren(QLabel) if label.isVisible()}
    lines = {
        name: label.font().strikeOut() for name, label in found.items() if name.startswith("line-") and name.endswith("-name")
    }
    assert [found[name].text() for name, out in lines.items() if out] == ["Cola 500 ml"]
    assert not all(lines.values())
    (submit,) = page.findChildren(QPushButton, "submit")
    assert not submit.isEnabled()
