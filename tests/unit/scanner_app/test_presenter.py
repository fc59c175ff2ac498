from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

import scanner_app
from program.qt.texts import load_texts
from scanner_app import departments
from scanner_app.cli import TEXTS
from scanner_app.notices import Notice, NoticeKind
from scanner_app.presenter import present
from scanner_app.scene import Surroundings
from scanner_app.screens.icons import FOLDER
from scanner_app.trip import State, Trip, advance
from scanner_app.trip_events import (
    AskingRefused,
    CodeRefused,
    Event,
    LineRemoved,
    OrderDue,
    OrderPaid,
    PricesRefreshed,
    QuantityChanged,
    ReviewPressed,
    StartPressed,
    StoreUnreachable,
    SubmitAccepted,
    SubmitRefused,
)
from scanner_app.views import (
    LeftView,
    PaidView,
    ReviewingView,
    ShoppingView,
    SubmittedView,
    Tone,
    WelcomeView,
)
from scanner_app.wording import Translate
from store_server.contract.order_status import OrderStatus
from store_server.contract.promotions import BasketOff, Bundle, BundlePart, Goods, NForM, PercentOff, Window
from store_server.contract.refusals import Refusal
from tests.unit.scanner_app.goods import APPLES, CLAIM, COLA, RANGE, RICE, SHOP, TERMS, order
from tests.unit.scanner_app.walks import (
    DONE,
    FIRST,
    GONE,
    HANDED_IN,
    REVIEWING,
    SCAN_APPLES,
    SCAN_COLA,
    SCAN_WINE,
    SHOPPING,
    TRIPS,
    WAITING,
    played,
)

AnyView = TypeVar("AnyView")
AROUND = Surroundings(shop_name=SHOP.name, terms=TERMS, camera_ready=True)


def english(text: str) -> str:
    return text


def shown(
    kind: type[AnyView],
    events: Iterable[Event],
    around: Surroundings = AROUND,
    translate: Translate = english,
    language: str = "en",
) -> AnyView:
    trip = Trip(language=language)
    for event in events:
        trip, _ = advance(trip, event)
    view = present(trip, around, translate)
    assert isinstance(view, kind)
    return view


def test_promotions_of_the_price_book_lower_the_basket_and_say_so() -> None:
    wine_week = PercentOff(promotion_id="week", texts={"en": "Week"}, basis_points=1000, windows=(Window(weekdays=(0,)),))
    around = replace(AROUND, terms=replace(TERMS, promotions=(wine_week,)), local_minute=4 * 1440)
    monday = shown(ShoppingView, (*SHOPPING, SCAN_APPLES), around)
    assert [line.hint for line in monday.lines][-1] == "You save ¥1.10: Week"
    tuesday = shown(ShoppingView, (*SHOPPING, SCAN_APPLES), replace(around, local_minute=5 * 1440))
    assert [line.hint for line in tuesday.lines][-1] == ""
    assert monday.total != tuesday.total


THREE_FOR_TWO = NForM(
    promotion_id="cola", texts={"en": "3 for 2", "zh": "买三付二"}, goods=Goods(codes=(COLA.code,)), count=3, pay=2
)
SPEND = BasketOff(promotion_id="spend", texts={"en": "20 off from 60"}, spend_minor=6000, amount_minor=2000)
LUNCH = Bundle(
    promotion_id="lunch",
    texts={"en": "Cola and rice"},
    parts=(BundlePart(goods=Goods(codes=(COLA.code,))), BundlePart(goods=Goods(codes=(RICE.code,)))),
    price_minor=4000,
)
START_COLA = (StartPressed(), SCAN_COLA)


def test_what_is_missing_for_a_promotion_is_told_while_shopping() -> None:
    around = replace(AROUND, terms=replace(TERMS, promotions=(THREE_FOR_TWO,)), local_minute=0)
    two = (*START_COLA, SCAN_COLA)
    view = shown(ShoppingView, two, around)
    assert (view.nearly, view.saved) == ("1 more Cola 500 ml and save ¥3.50: 3 for 2", "")
    chinese = shown(ShoppingView, two, around, load_texts(TEXTS, "zh"), "zh")
    assert chinese.nearly == "再加 1 件可乐 500 毫升，优惠 ¥3.50：买三付二"
    three = shown(ShoppingView, (*two, SCAN_COLA), around)
    assert (three.nearly, three.saved, three.lines[0].hint) == ("", "You save ¥3.50", "You save ¥3.50: 3 for 2")
    noticed = (*two, CodeRefused(Notice(NoticeKind.RECALLED)))
    assert shown(ShoppingView, noticed, around).nearly == "", "one message at a time"
    assert shown(ReviewingView, (*two, SCAN_COLA, ReviewPressed()), around).saved == "You save ¥3.50"


def test_what_more_to_spend_is_told() -> None:
    around = replace(AROUND, terms=replace(TERMS, promotions=(SPEND,)), local_minute=0)
    assert shown(ShoppingView, SHOPPING, around).nearly == "Spend ¥10.60 more and save ¥20.00: 20 off from 60"


def test_the_rest_of_a_bundle_is_looked_up_in_the_price_book() -> None:
    around = replace(AROUND, terms=replace(TERMS, promotions=(LUNCH,)), local_minute=0)
    assert shown(ShoppingView, START_COLA, around).nearly == ""
    knowing = replace(around, find_article=RANGE.get)
    assert shown(ShoppingView, START_COLA, knowing).nearly == "1 more Jasmine rice 5 kg and save ¥9.40: Cola and rice"
    withheld = RICE.model_copy(update={"withheld": "not_for_sale"})
    assert shown(ShoppingView, START_COLA, replace(around, find_article={RICE.code: withheld}.get)).nearly == ""


def test_a_recalled_article_in_the_basket_says_where_to_take_it() -> None:
    recalled = COLA.model_copy(update={"withheld": "recalled"})
    view = shown(ShoppingView, (*SHOPPING, PricesRefreshed({COLA.code: recalled, RICE.code: RICE})))
    assert view.lines[0].hint == "Recalled: please remove it and hand it to the staff"
    assert "was recalled" in view.notice.text
    assert view.notice.tone is Tone.WARNING


def test_an_order_that_became_cheaper_says_what_the_staff_gives_back() -> None:
    cheaper = order(FIRST, OrderStatus.PAID, paid_minor=4940, due_minor=0, overpaid_minor=280)
    assert "gives you ¥2.80 back" in shown(PaidView, (*HANDED_IN, OrderPaid(cheaper))).notice.text


def test_welcome_starts_only_with_prices() -> None:
    assert shown(WelcomeView, ()).can_start
    waiting = shown(WelcomeView, (), replace(AROUND, terms=None))
    assert not waiting.can_start
    assert waiting.notice.text == "Prices are being fetched. One moment, please."
    away = shown(WelcomeView, (), replace(AROUND, terms=None, store_answers=False))
    assert "not answering" in away.notice.text
    refused = shown(WelcomeView, (), replace(AROUND, terms=None, store_refusal=Refusal.UNAUTHENTICATED))
    assert refused.notice.text == Refusal.UNAUTHENTICATED.sentence
    assert shown(WelcomeView, (), replace(AROUND, store_answers=False)).can_start, "with prices it works offline"


def test_a_basket_in_words() -> None:
    view = shown(ShoppingView, (*SHOPPING, QuantityChanged(1, 3), SCAN_APPLES, SCAN_WINE))
    assert [(line.name, line.detail, line.quantity_text, line.total, line.hint) for line in view.lines] == [
        ("Cola 500 ml", "¥3.50 each · ≈ 1.6 kg", "3", "¥10.50", ""),
        ("Jasmine rice 5 kg", "¥45.90 each · ≈ 5.0 kg", "1", "¥45.90", ""),
        ("Apples Fuji", "0.850 kg × ¥12.90/kg", "1", "¥10.97", ""),  # noqa: RUF001 - the sign on the screen
        ("Red wine 750 ml", "¥89.00 each", "1", "¥89.00", "18+ proof of age · Security tag"),
    ]
    assert (view.total, view.count) == ("¥156.37", "6 articles · ≈ 7.5 kg")
    assert [(line.can_decrease, line.can_increase, line.is_label) for line in view.lines] == [
        (True, True, False),
        (False, True, False),
        (False, False, True),
        (False, True, False),
    ]
    assert [line.icon for line in view.lines] == ["bottle", "grain", "apple", "wine"]
    assert view.can_review
    assert view.can_undo


def test_the_last_article_is_the_one_that_was_touched() -> None:
    view = shown(ShoppingView, (*SHOPPING, QuantityChanged(1, 3)))
    assert view.last is not None
    assert (view.last.name, view.last.price) == ("Cola 500 ml", "3 × ¥3.50")  # noqa: RUF001 - the sign on the screen
    assert [line.is_last for line in view.lines] == [True, False]
    assert shown(ShoppingView, (*SHOPPING, LineRemoved(2))).last is None


def test_an_empty_basket() -> None:
    view = shown(ShoppingView, SHOPPING[:1])
    assert (view.total, view.count, view.lines, view.last) == ("¥0.00", "0 articles", (), None)
    assert not view.can_review
    assert not view.can_undo


@pytest.mark.parametrize(
    ("around", "text"),
    [
        (AROUND, ""),
        (replace(AROUND, camera_ready=False), "The camera is not connected. Please type the code, or ask the staff."),
        (replace(AROUND, camera_ready=False, camera_set=False), "No camera. Please type the code."),
    ],
)
def test_what_stands_in_the_viewfinder(around: Surroundings, text: str) -> None:
    assert shown(ShoppingView, SHOPPING, around).camera_text == text


def test_the_store_being_away_is_a_badge_while_shopping_goes_on() -> None:
    view = shown(ShoppingView, SHOPPING, replace(AROUND, store_answers=False))
    assert view.header.badge == "Offline"
    assert view.can_review
    assert shown(ShoppingView, SHOPPING).header.badge == ""


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind is not NoticeKind.REFUSED])
def test_every_notice_has_a_sentence(kind: NoticeKind) -> None:
    view = shown(ShoppingView, (*SHOPPING, CodeRefused(Notice(kind, detail="{weird} 1"))))
    assert len(view.notice.text) > 20
    assert "{detail}" not in view.notice.text


def test_an_unknown_article_is_named() -> None:
    view = shown(ShoppingView, (*SHOPPING, CodeRefused(Notice(NoticeKind.UNKNOWN_ARTICLE, "9520000000080"))))
    assert view.notice.text == "We do not know the article 9520000000080. Please ask the staff; nothing was added."
    assert view.notice.tone is Tone.WARNING


def test_reviewing_shows_tax_and_what_comes_on_the_way_out() -> None:
    view = shown(ReviewingView, (*SHOPPING, SCAN_WINE, SCAN_APPLES, ReviewPressed()))
    assert view.taxes == ("includes 9 % tax: ¥0.91", "includes 13 % tax: ¥15.92")
    assert view.hints == (
        "The staff will ask for proof that you are 18 or older.",
        "Security tags are released in the exit lane.",
    )
    assert view.total == "¥149.37"
    assert view.can_submit


def test_handing_in() -> None:
    sending = shown(ReviewingView, WAITING)
    assert (sending.waiting, sending.can_submit, sending.notice.text) == (True, False, "Handing in your basket …")
    away = shown(ReviewingView, (*WAITING, StoreUnreachable()))
    assert away.notice.text == "The store is not answering. Your basket is safe; it will be handed in by itself."
    assert away.notice.tone is Tone.WARNING
    refused = shown(ReviewingView, (*WAITING, SubmitRefused(FIRST, Refusal.STALE_PRICE_BOOK)))
    assert (refused.waiting, refused.can_submit) == (False, True)
    assert refused.notice.text == Refusal.STALE_PRICE_BOOK.sentence


def test_an_order_to_pay() -> None:
    view = shown(SubmittedView, HANDED_IN)
    assert (view.qr_text, view.number, view.due) == (CLAIM, "048-2135", "¥49.40")
    assert view.instruction == "Show this code to a kiosk, or type the number there."
    paying = shown(SubmittedView, (*HANDED_IN, OrderDue(order(FIRST, OrderStatus.TENDERING))))
    assert paying.instruction == "The order is being paid at the kiosk."
    more = shown(SubmittedView, (*DONE, OrderDue(order(FIRST, OrderStatus.SUBMITTED, revision=2, paid_minor=1, due_minor=350))))
    assert "difference" in more.instruction
    assert more.due == "¥3.50"


def test_silence_and_refusals_after_handing_in() -> None:
    silent = shown(SubmittedView, (*HANDED_IN, StoreUnreachable()), replace(AROUND, store_answers=False))
    assert silent.notice.text == "The store is not answering right now. Your order is kept."
    refused = shown(SubmittedView, (*HANDED_IN, AskingRefused(Refusal.FORBIDDEN)))
    assert refused.notice.text == Refusal.FORBIDDEN.sentence


def test_an_order_without_claim_or_with_a_strange_number_still_shows() -> None:
    view = shown(SubmittedView, (*WAITING, SubmitAccepted(order(FIRST, OrderStatus.SUBMITTED, claim=None, order_number="12"))))
    assert (view.qr_text, view.number) == ("", "12")


def test_paid_and_left() -> None:
    paid = shown(PaidView, DONE)
    assert (paid.title, paid.number, paid.total) == ("Paid. Thank you!", "048-2135", "¥49.40")
    leaving = shown(PaidView, (*DONE, OrderPaid(order(FIRST, OrderStatus.LEAVING))))
    assert leaving.title == paid.title
    assert shown(LeftView, GONE).title == "Thank you!"


def test_a_full_disk_is_told_on_every_screen_with_a_notice() -> None:
    around = replace(AROUND, storage_writes=False)
    for kind, events in ((WelcomeView, ()), (ShoppingView, SHOPPING), (ReviewingView, REVIEWING), (SubmittedView, HANDED_IN)):
        view = shown(kind, events, around)
        assert "cannot save" in view.notice.text, kind  # type: ignore[attr-defined] # one of four views, all with a notice


def test_names_come_in_the_shoppers_language_and_else_in_english() -> None:
    chinese = load_texts(TEXTS, "zh")
    view = shown(ShoppingView, (*SHOPPING, SCAN_APPLES), translate=chinese, language="zh")
    assert view.header.shop_name == "示范超市"
    assert [line.name for line in view.lines] == ["可乐 500 毫升", "Jasmine rice 5 kg", "红富士苹果"]
    assert view.total_label == "合计"
    assert APPLES.name["zh"] in view.lines[2].name


# The catalogue of texts.


def marked_texts() -> set[str]:
    """Every text inside ``_("...")`` in the handheld's source."""
    found = set()
    for path in Path(scanner_app.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                (text,) = node.args
                assert isinstance(text, ast.Constant), f"{path}:{node.lineno}"
                found.add(str(text.value))
    return found


def test_every_text_has_a_chinese_one_with_the_same_places() -> None:
    translate = load_texts(TEXTS, "zh")
    texts = marked_texts() | {refusal.sentence for refusal in Refusal}
    assert len(texts) > 60
    for text in sorted(texts):
        assert translate(text) != text, f"no Chinese text for {text!r}"
        for place in ("{detail}", "{pieces}", "{lines}", "{price}", "{age}", "{count}", "{rate}", "{amount}"):
            assert (place in text) == (place in translate(text)), text


def test_no_chinese_text_is_left_over() -> None:
    known = marked_texts() | {refusal.sentence for refusal in Refusal}
    ids = {
        line.removeprefix('msgid "').removesuffix('"')
        for line in (TEXTS / "zh.po").read_text(encoding="utf-8").splitlines()
        if line.startswith("msgid ")
    }
    assert ids - {""} <= {text.replace('"', '\\"') for text in known}


def test_every_icon_is_drawn() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} >= departments.ICONS


def test_every_state_has_a_view() -> None:
    for state, ways in TRIPS.items():
        for events in ways:
            trip, _ = played(*events)
            assert type(present(trip, AROUND, english)).__name__ == f"{state.name.title()}View"
    assert set(TRIPS) == set(State)
