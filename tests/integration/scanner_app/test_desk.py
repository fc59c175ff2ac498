"""The desk with its real window, files and voice; the store is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from demo.shop import free_port
from hardware.camera.driver import CodeSeen
from hardware.scanner.events import CodeScanned
from hardware.scanner.protocol import Symbology
from hardware.speaker import Speaker
from program.qt.texts import load_texts
from program.qt.window import TouchWindow
from scanner_app.catalogue import Catalogue, write_price_book
from scanner_app.cli import TEXTS
from scanner_app.desk import Desk
from scanner_app.screens.stage import Stage
from scanner_app.store_link import StoreLink
from scanner_app.trip import State
from scanner_app.trip_events import IdleTimeUp, OrderLeft, SubmitAccepted
from scanner_app.trip_file import TripFile
from store_server.contract.order_status import OrderStatus
from tests.unit.scanner_app.goods import COLA, RICE, SHOP, order, price_book

COLA_SEEN = CodeSeen("camera", "9520000000011", "EAN13")
COLA_SCANNED = CodeScanned("scanner", "9520000000011", Symbology.EAN13)


class Handheld:
    """Everything but the process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_price_book(folder, price_book(1, COLA, RICE), SHOP)
        self.window = TouchWindow("Test", QSize(480, 800))
        self.catalogue = Catalogue(folder)
        self.store = StoreLink(f"http://127.0.0.1:{free_port()}", "", folder, self.window)
        self.speaker = Speaker("silent")
        self.trips = TripFile(folder)
        self.watching: list[bool] = []
        self.desk = Desk(
            stage=Stage(self.window),
            store=self.store,
            catalogue=self.catalogue,
            trip_file=self.trips,
            speaker=self.speaker,
            texts={language: load_texts(TEXTS, language) for language in ("en", "zh")},
            language="en",
            prices_every_s=3600,
            camera_set=True,
            watch=self.watching.append,
        )
        self.desk.start()
        self.window.show()

    def press(self, name: str) -> None:
        (button,) = [b for b in self.window.findChildren(QPushButton, name) if b.isVisibleTo(self.window)]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def text(self, name: str) -> str:
        labels = [label for label in self.window.findChildren(QLabel, name) if label.isVisibleTo(self.window)]
        return labels[0].text() if labels else ""

    def close(self) -> None:
        self.store.stop()
        self.speaker.close()


@pytest.fixture
def handheld(qtbot: QtBot, tmp_path: Path) -> Iterator[Handheld]:
    made = Handheld(tmp_path)
    qtbot.addWidget(made.window)
    yield made
    made.close()


def test_a_scan_counts_only_while_shopping(handheld: Handheld) -> None:
    handheld.desk.device_event(COLA_SEEN)
    assert handheld.desk.trip.state is State.WELCOME
    handheld.press("start")
    handheld.desk.device_event(COLA_SEEN)
    handheld.desk.device_event(COLA_SEEN)
    handheld.press("review")
    handheld.desk.device_event(COLA_SEEN)
    assert [line.quantity for line in handheld.desk.trip.lines] == [2]
    stored = handheld.trips.read()
    assert stored is not None
    assert (stored.state, stored.lines) == (State.REVIEWING, handheld.desk.trip.lines)


def test_the_camera_reads_only_while_articles_are_taken(handheld: Handheld) -> None:
    assert handheld.watching == [False]
    handheld.press("start")
    handheld.desk.device_event(COLA_SEEN)
    handheld.press("review")
    handheld.press("back")
    assert handheld.watching == [False, True]
    handheld.press("review")
    handheld.press("submit")
    submission = handheld.desk.trip.submission
    assert submission is not None
    handheld.desk.feed(SubmitAccepted(order(submission.order_id, OrderStatus.SUBMITTED)))
    assert handheld.watching == [False, True, False]


def test_a_serial_scan_engine_counts_as_the_camera_does(handheld: Handheld) -> None:
    handheld.press("start")
    handheld.desk.device_event(COLA_SCANNED)
    handheld.desk.device_event(COLA_SEEN)
    assert [line.quantity for line in handheld.desk.trip.lines] == [2]


def test_what_cannot_be_saved_does_not_happen(handheld: Handheld, tmp_path: Path) -> None:
    handheld.press("start")
    handheld.desk.device_event(COLA_SEEN)
    # The folder is gone as on a disk that fails; a full disk is in the tests of the trip file.
    away = tmp_path.with_name(f"{tmp_path.name}-away")
    tmp_path.rename(away)
    handheld.desk.device_event(COLA_SEEN)
    assert [line.quantity for line in handheld.desk.trip.lines] == [1]
    assert "cannot save any more" in handheld.text("notice")
    handheld.press("review")
    assert handheld.desk.trip.state is State.SHOPPING
    away.rename(tmp_path)
    handheld.desk.device_event(COLA_SEEN)
    assert [line.quantity for line in handheld.desk.trip.lines] == [2]
    assert handheld.text("notice") == ""


def test_an_answer_that_cannot_be_saved_is_asked_for_again(qtbot: QtBot, handheld: Handheld, tmp_path: Path) -> None:
    handheld.press("start")
    handheld.desk.device_event(COLA_SEEN)
    handheld.press("review")
    handheld.press("submit")
    submission = handheld.desk.trip.submission
    assert submission is not None
    away = tmp_path.with_name(f"{tmp_path.name}-away")
    tmp_path.rename(away)
    handheld.desk.feed(SubmitAccepted(order(submission.order_id, OrderStatus.SUBMITTED)))
    assert handheld.desk.trip.submission == submission
    away.rename(tmp_path)
    attempts = handheld.desk.trip.failed_attempts
    qtbot.waitUntil(lambda: handheld.desk.trip.failed_attempts > attempts, timeout=10_000)
    assert handheld.desk.trip.submission == submission


def test_it_speaks_the_shoppers_language_and_forgets_it(qtbot: QtBot, handheld: Handheld) -> None:
    handheld.press("language-zh")
    handheld.press("start")
    handheld.desk.device_event(COLA_SEEN)
    handheld.press("review")
    handheld.press("submit")
    submission = handheld.desk.trip.submission
    assert submission is not None
    handheld.desk.feed(SubmitAccepted(order(submission.order_id, OrderStatus.SUBMITTED)))
    handheld.desk.feed(OrderLeft(order(submission.order_id, OrderStatus.EXITED)))
    assert [(said.language, said.text) for said in handheld.speaker.said][-1] == ("zh", "感谢您的光临，再见！")
    stored = handheld.trips.read()
    assert stored is not None
    assert (stored.lines, stored.order) == ((), None)
    qtbot.waitUntil(lambda: handheld.window.screen_name == "welcome", timeout=10_000)
    assert handheld.text("greeting") == "Welcome"
    assert handheld.trips.read() is None


def test_an_abandoned_basket_is_wiped(handheld: Handheld) -> None:
    handheld.press("start")
    handheld.desk.device_event(COLA_SEEN)
    handheld.desk.feed(IdleTimeUp())
    assert handheld.window.screen_name == "welcome"
    assert handheld.trips.read() is None


def test_what_comes_too_late_changes_nothing(handheld: Handheld) -> None:
    before = handheld.desk.trip
    handheld.desk.feed(SubmitAccepted(order(UUID(int=9), OrderStatus.SUBMITTED)))
    assert handheld.desk.trip == before
