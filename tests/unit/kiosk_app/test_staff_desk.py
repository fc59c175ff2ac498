from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kiosk_app import views
from kiosk_app.presenter import Scene, present
from kiosk_app.session import Hopper, Session, State
from kiosk_app.staff_desk import CODE_DIGITS_MAX, LOCK_S, WRONG_MAX, StaffDesk, Told

CODE = "2468"
ENGLISH = Scene(lambda text: text, has_staff_code=True)


def typed(desk: StaffDesk, keys: Iterable[str], code: str = CODE, now_s: float = 0.0) -> StaffDesk:
    for key in keys:
        desk = desk.key(key, code, now_s)
    return desk


def test_the_right_code_opens_it() -> None:
    desk = typed(StaffDesk().shown(), [*"24", "9", "back", *"68", "ok"])
    assert (desk.is_open, desk.typed) == (True, "")
    assert not desk.left().is_open


def test_a_kiosk_without_a_code_is_never_opened() -> None:
    assert not typed(StaffDesk().shown(), ["ok"], code="").is_open


def test_wrong_codes_are_counted_over_visits_and_lock_it_for_a_minute() -> None:
    desk = StaffDesk()
    for number in range(WRONG_MAX):
        assert desk.told is not Told.LOCKED, number
        desk = typed(desk.left().shown(), [*"1111", "ok"])
    assert desk.told is Told.LOCKED
    assert not typed(desk, [*CODE, "ok"], now_s=LOCK_S - 1).is_open
    assert typed(desk, [*CODE, "ok"], now_s=LOCK_S).is_open


def test_no_more_digits_than_a_code_has() -> None:
    assert len(typed(StaffDesk().shown(), "1" * 20).typed) == CODE_DIGITS_MAX


def test_the_screen_tells_the_devices_only_behind_the_code(idle: Session) -> None:
    session = replace(idle, hoppers=(*idle.hoppers, Hopper("recycler-500", 500, 12, present=True)))
    locked = present(session, replace(ENGLISH, staff=StaffDesk().shown()))
    assert isinstance(locked, views.StaffView)
    assert not locked.is_open
    opened = present(session, replace(ENGLISH, staff=StaffDesk(is_shown=True, is_open=True)))
    assert isinstance(opened, views.StaffView)
    assert [row.value for row in opened.rows] == ["works", "40 x ¥1   20 x ¥0.50   60 x ¥0.10", "12 x ¥5"]
    assert opened.empty_enabled
    moving = StaffDesk(is_shown=True, is_open=True, told=Told.EMPTYING)
    busy = present(session, replace(ENGLISH, staff=moving))
    assert isinstance(busy, views.StaffView)
    assert not busy.empty_enabled
    done = present(session, replace(ENGLISH, staff=moving.emptied(6000)))
    assert isinstance(done, views.StaffView)
    assert done.told == "¥60.00 in notes moved into the cash box."


def test_a_shopper_comes_first(idle: Session) -> None:
    order_screen = present(replace(idle, state=State.CANCELLED), replace(ENGLISH, staff=StaffDesk().shown()))
    assert order_screen.screen == "cancelled"


def test_the_button_is_there_only_with_a_code_and_without_a_shopper(idle: Session) -> None:
    assert present(idle, ENGLISH).header.staff == "Staff"
    assert present(idle, replace(ENGLISH, has_staff_code=False)).header.staff == ""
    assert present(replace(idle, hoppers=()), ENGLISH).header.staff == "Staff"
    assert present(replace(idle, state=State.CANCELLED), ENGLISH).header.staff == ""
