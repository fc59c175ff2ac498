from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import kiosk_app
from kiosk_app import session_events as on
from kiosk_app import views
from kiosk_app.payment_session import advance
from kiosk_app.presenter import Scene, present
from kiosk_app.session import Card, Notice, NoticeCode, PrintState, Session, State, Taken
from kiosk_app.wording import NOTICES, PHRASES, REFUSALS
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal

FOLDER = Path(kiosk_app.__file__).parent
ENGLISH = Scene(lambda text: text, shop_name="Demo Market")
OrderOf = Callable[..., Order]


@pytest.fixture
def paying(idle: Session, order_of: OrderOf) -> Session:
    taken = (Taken("note-box", 1, 1, 1000),)
    return replace(idle, state=State.TAKING_CASH, order=order_of(4560), due_minor=4560, taken=taken)


@pytest.fixture
def settled(paying: Session, order_of: OrderOf) -> Session:
    order = order_of(0, paid_minor=900, exit_pass="HTTPS://MARKET.EXAMPLE/P/PASS")
    settlement = Settlement(payment_id=UUID(int=3), receipt_number="0001-0000001", paid_at=1_800_000_000, order=order)
    return replace(paying, state=State.PAID, due_minor=900, settlement=settlement, print_state=PrintState.PRINTED)


def test_typed_digits_stand_in_two_groups(idle: Session) -> None:
    view = present(idle, replace(ENGLISH, typed="04821"))
    assert isinstance(view, views.WelcomeView)
    assert (view.number, view.ok_enabled) == ("048-21", False)
    whole = present(idle, replace(ENGLISH, typed="0482135"))
    assert isinstance(whole, views.WelcomeView)
    assert whole.ok_enabled


def test_cash_shows_what_is_taken_now(paying: Session) -> None:
    view = present(paying, ENGLISH)
    assert isinstance(view, views.CashView)
    assert (view.due.value, view.paid.value, view.remaining.value) == ("¥45.60", "¥10.00", "¥35.60")
    assert [(note.text, note.taken) for note in view.notes] == [
        ("¥5", True), ("¥10", True), ("¥20", True), ("¥50", True), ("¥100", False),
    ]  # fmt: skip
    assert view.coins.taken


def test_a_refused_note_is_explained(paying: Session) -> None:
    view = present(replace(paying, notice=Notice(NoticeCode.NOTE_REFUSED, amount_minor=10000)), ENGLISH)
    assert view.header.notice == "We cannot give change for a ¥100 note right now. Please take it back."
    assert view.header.warning


def test_before_time_is_up_the_shopper_is_asked(paying: Session) -> None:
    assert "more time" in present(paying, replace(ENGLISH, hurry=True)).header.notice


def test_no_more_change_is_said(paying: Session) -> None:
    view = present(replace(paying, hoppers=()), ENGLISH)
    assert isinstance(view, views.CashView)
    assert "too little change" in view.hint


def test_a_silent_server_is_told_with_the_money_safe(paying: Session) -> None:
    view = present(replace(paying, state=State.CONFIRMING, store_away=True), ENGLISH)
    assert isinstance(view, views.ConfirmingView)
    assert view.text == "Your money is safe. The shop's computer is not answering; we keep trying."


def test_the_pass_is_on_the_screen_also_when_nothing_was_printed(settled: Session) -> None:
    view = present(replace(settled, print_state=PrintState.NOT_PRINTED), ENGLISH)
    assert isinstance(view, views.PaidView)
    assert view.exit_pass == "HTTPS://MARKET.EXAMPLE/P/PASS"
    assert "photo" in view.receipt


def test_a_printer_without_paper_is_told_while_the_job_waits(settled: Session) -> None:
    waiting = present(replace(settled, print_state=PrintState.PRINTING), replace(ENGLISH, printer_ready=False))
    assert isinstance(waiting, views.PaidView)
    assert "photo" in waiting.receipt


def test_debts_are_named_each(settled: Session) -> None:
    view = present(replace(settled, state=State.OWING, owed_minor=70, doubt_minor=500), ENGLISH)
    assert isinstance(view, views.OwingView)
    assert [(amount.label, amount.value) for amount in view.owed] == [
        ("We owe you", "¥0.70"), ("To be counted by the staff", "¥5.00"),
    ]  # fmt: skip
    assert view.exit_pass


@pytest.mark.parametrize(
    ("change", "scene", "reason"),
    [
        (on.CashLost(), ENGLISH, "The kiosk is getting ready."),
        (on.CashLost(), replace(ENGLISH, cash_fault="no such port"), "The cash unit does not answer."),
        (on.CashChanged((), (), ()), ENGLISH, "The coin and note slots do not answer."),
        (on.CashChanged((10,), (), ()), ENGLISH, "The kiosk has no coins to give change."),
    ],
)
def test_an_unusable_kiosk_says_which_device(idle: Session, change: on.Event, scene: Scene, reason: str) -> None:
    view = present(advance(idle, change)[0], scene)
    assert isinstance(view, views.OutOfServiceView)
    assert view.reasons[0] == reason


def test_a_kiosk_that_cannot_write_takes_nothing(paying: Session) -> None:
    view = present(paying, replace(ENGLISH, journal_fault=True))
    assert isinstance(view, views.OutOfServiceView)


def test_without_its_scanner_the_kiosk_asks_for_the_number(idle: Session) -> None:
    view = present(idle, replace(ENGLISH, scanner_ready=False))
    assert view.screen == "welcome"
    assert "type the order number" in view.header.notice


def test_names_are_in_the_shoppers_language(paying: Session) -> None:
    view = present(replace(paying, state=State.CHOOSING), replace(ENGLISH, language="zh"))
    assert isinstance(view, views.OrderView)
    assert view.lines[0].name == "茉莉香米"


def test_every_state_has_a_screen_and_every_screen_a_state(settled: Session) -> None:
    charged = replace(settled, card=Card(UUID(int=9), 1234, "CNY"))
    shown = {
        present(replace(charged if state is State.TAKING_CARD else settled, state=state), ENGLISH).screen for state in State
    }
    assert shown == set(views.SCREENS) - {"out-of-service", "staff"}


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_a_sentence(idle: Session, refusal: Refusal) -> None:
    view = present(replace(idle, notice=Notice(NoticeCode.REFUSED, refusal=refusal)), ENGLISH)
    assert view.header.notice.endswith(".")


def test_every_text_has_a_chinese_one() -> None:
    found = {
        message
        for _file, _line, message, _comments, _context in extract_from_dir(
            FOLDER, method_map=[("**.py", "python")], keywords={"t": None, "_t": None, "marked": None}
        )
    }
    chosen_by_code = {*REFUSALS.values(), *NOTICES.values(), *PHRASES.values()}
    assert chosen_by_code <= found
    with (FOLDER / "texts" / "zh.po").open("rb") as file:
        chinese = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert {text for text in found if not chinese.get(str(text))} == set()
    assert set(chinese) == found, "texts that nothing says any more"
    for english, translated in chinese.items():
        assert english.count("{") == translated.count("{"), english
