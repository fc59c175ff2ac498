"""Staff takes cash out: who it was, what should be in the box, what was counted, the slip, and the screen."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

import kiosk_app
from hardware.printer.receipt import TextLine
from kiosk_app import views
from kiosk_app.box_slip import slip_of
from kiosk_app.boxes import Box
from kiosk_app.letterhead import Letterhead
from kiosk_app.presenter import Scene, present
from kiosk_app.screens.window import THEME, KioskWindow
from kiosk_app.session import Hopper, Session
from kiosk_app.settings import StaffSettings
from kiosk_app.staff_desk import SHARED, StaffDesk, Told
from program.qt.texts import load_texts
from store_server.contract.box_messages import EmptyBox, Pile

BOXES = (
    Box("coin-box", ((100, 31), (50, 12), (10, 140))),
    Box("note-box"),
    Box("recycler-box", tuple((value * 100, 99_999) for value in (100, 50, 20, 10, 5, 1))),
)
OPEN = StaffDesk(is_shown=True, is_open=True, who="anna", boxes=BOXES)


def typed(desk: StaffDesk, keys: str) -> StaffDesk:
    for key in keys:
        desk = desk.key(key, "", 0.0)
    return desk


def staff_view(session: Session, desk: StaffDesk) -> views.StaffView:
    view = present(session, Scene(lambda text: text, has_staff_code=True, staff=desk))
    assert isinstance(view, views.StaffView)
    return view


def test_whose_code_opens_the_screen() -> None:
    people = {"anna": "1357", "bo": "2468"}
    for code, who in (("1357", "anna"), ("2468", "bo"), ("9999", SHARED)):
        desk = StaffDesk().shown()
        for key in (*code, "ok"):
            desk = desk.key(key, "9999", 0.0, people)
        assert (desk.is_open, desk.who) == (True, who)
        assert desk.left().who == SHARED


def test_two_people_never_have_the_same_code() -> None:
    assert StaffSettings(people={"anna": "1357"}).has_code
    assert not StaffSettings().has_code
    for code, people in (("", {"anna": "1357", "bo": "1357"}), ("1357", {"anna": "1357"})):
        with pytest.raises(ValidationError, match="the same code"):
            StaffSettings(code=code, people=people)


def test_nobody_is_called_like_the_shared_code() -> None:
    with pytest.raises(ValidationError, match="shared code"):
        StaffSettings(code="9999", people={SHARED: "1357"})


def test_what_was_counted_is_held_against_what_should_be_there(idle: Session) -> None:
    desk = OPEN.chosen(1)
    assert desk.box.worth_minor == 3100 + 600 + 1400
    untyped = staff_view(idle, desk).box
    assert untyped is not None
    assert (untyped.piles[0].label, untyped.piles[0].value) == ("31 x ¥1.00", "¥31.00")
    assert untyped.expected.value == "¥51.00"
    for keys, number, hint in (
        ("5000", "¥50.00", "¥1.00 missing"),
        ("5100", "¥51.00", "That is what should be in it."),
        ("5200", "¥52.00", "¥1.00 too much"),
    ):
        view = staff_view(idle, typed(desk, keys))
        assert view.box is not None
        assert (view.number, view.box.hint) == (number, hint)
    assert typed(desk, "123456789").counted == "12345678"
    assert typed(desk, "12").key("back", "", 0.0).key("ok", "", 0.0).counted == "1"


def test_what_was_taken_out_is_told(idle: Session) -> None:
    assert staff_view(idle, typed(OPEN.chosen(1), "5000").box_emptied()).told.endswith("\n¥1.00 missing")
    uncounted = OPEN.chosen(1).box_emptied()
    assert (uncounted.place, uncounted.difference_minor) == ("", None)
    assert staff_view(idle, uncounted).told == "¥51.00 taken out. The slip is printed."


def test_only_boxes_that_are_there_are_looked_into() -> None:
    assert OPEN.chosen(0) == OPEN.chosen(4) == OPEN
    assert typed(OPEN.chosen(1), "12").put_back() == OPEN
    assert typed(OPEN.chosen(1), "12").left().counted == ""


def test_nothing_of_the_boxes_is_seen_before_the_code(idle: Session) -> None:
    view = staff_view(idle, StaffDesk().shown())
    assert (view.boxes, view.box, view.take_out, view.slip_again) == ((), None, "", "")


@pytest.mark.parametrize(("counted", "last"), [(None, "Not counted at the kiosk"), (2500, "Missing"), (2600, "Too much")])
def test_the_slip_adds_up(counted: int | None, last: str) -> None:
    emptied = EmptyBox(
        emptying_id=UUID("12345678-0000-0000-0000-000000000000"),
        device="coin-box",
        contents=[Pile(value_minor=1000, count=2), Pile(value_minor=50, count=11)],
        counted_minor=counted,
        staff="anna",
        emptied_at=1_800_000_000,
    )
    slip = slip_of(emptied, Letterhead("Shop", "kiosk-1", "CNY", "en", str), copy=True)
    lines = {line.left: line.right for line in slip if isinstance(line, TextLine)}
    assert lines["2 x ¥10.00"] == "¥20.00"
    assert lines["11 x ¥0.50"] == "¥5.50"
    assert lines["Should be in it"] == "¥25.50"
    assert {"COPY", "Coin box", "Staff: anna", "Number 12345678", last} <= set(lines)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("place", ["", "recycler-box"])
def test_everything_fits_on_the_screen(qtbot: QtBot, idle: Session, place: str, language: str) -> None:
    window = KioskWindow()
    window.setStyleSheet(THEME.read_text(encoding="utf-8"))
    qtbot.addWidget(window)
    window.show()
    session = replace(idle, hoppers=(*idle.hoppers, Hopper("recycler-500", 500, 12, present=True)))
    desk = replace(OPEN, place=place, counted="12345678", told=Told.SLIP_NOT_PRINTED)
    texts = load_texts(Path(kiosk_app.__file__).parent / "texts", language)
    window.draw(present(session, Scene(texts, language, staff=desk, has_staff_code=True, has_terminal=True)))
    qtbot.waitUntil(lambda: window.screen_name == "staff")
    qtbot.wait(1)  # lets the layout settle
    page = window.currentWidget()
    assert page is not None
    buttons = [button for button in page.findChildren(QPushButton) if button.isVisible()]
    places = [QRect(button.mapTo(page, QPoint()), button.size()) for button in buttons]
    assert not any(one.intersects(other) for one, other in combinations(places, 2)), "two buttons lie on each other"
    for button in buttons:
        text = button.fontMetrics().size(0, button.text())
        assert text.width() <= button.width(), button.objectName()
        assert text.height() <= button.height(), button.objectName()
        assert page.rect().contains(QRect(button.mapTo(page, QPoint()), button.size())), button.objectName()
    for label in page.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.sizeHint().width() <= label.width(), label.objectName()
