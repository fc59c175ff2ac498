from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

import kiosk_app
from hardware.printer.profile import PrinterProfile
from hardware.printer.receipt import QrCode, Receipt, TextLine
from hardware.printer.rendering import rendered
from kiosk_app.letterhead import Letterhead
from kiosk_app.receipt import receipt_of
from kiosk_app.session import FinishedPayout, Session, State, Taken
from program.qt.texts import load_texts
from store_server.contract.article_messages import Article
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order, OrderLine
from store_server.contract.pricing import price_basket
from store_server.contract.promotions import BasketOff, Goods, MultiBuy

PASS = "HTTPS://MARKET.EXAMPLE/P/PASS"


def paper(session: Session, language: str = "en") -> Receipt:
    letterhead = Letterhead("Demo Market", "kiosk-1", "CNY", language, lambda text: text, "Asia/Shanghai")
    return receipt_of(session, letterhead, now_s=1_800_000_000)


def amounts(receipt: Receipt) -> dict[str, str]:
    return {line.left.strip(): line.right for line in receipt if isinstance(line, TextLine) and line.right}


@pytest.fixture
def paid(idle: Session, order_of: Callable[..., Order]) -> Session:
    order = order_of(0, paid_minor=1234, exit_pass=PASS)
    settlement = Settlement(payment_id=UUID(int=3), receipt_number="0001-0000042", paid_at=1_800_000_000, order=order)
    return replace(
        idle,
        state=State.PAID,
        order=order_of(1234),
        due_minor=1230,
        taken=(Taken("note-box", 1, 1, 2000),),
        payouts=(FinishedPayout(UUID(int=4), "hopper-100", 100, 7, 7, 0),),
        settlement=settlement,
        prints=1,
    )


def test_a_receipt_says_what_was_bought_paid_rounded_and_given_back(paid: Session) -> None:
    shown = amounts(paper(paid))
    assert shown["Jasmine rice"] == "¥12.34"
    assert shown["Total"] == "¥12.34"
    assert shown["Included tax 9 %"] == "¥1.01"
    assert shown["Rounding"] == "-¥0.04"
    assert shown["Cash"] == "¥20.00"
    assert shown["Change"] == "¥7.00"
    texts = [line.left for line in paper(paid) if isinstance(line, TextLine)]
    assert {"Receipt 0001-0000042", "Order 048-2135", "Show this code at the exit"} <= set(texts)
    assert "COPY" not in texts


PAIR = MultiBuy(
    promotion_id="two-milk",
    texts={"en": "2 milk for 20.00", "zh": "牛奶两件 20 元"},
    goods=Goods(codes=("09520000000011",)),
    count=2,
    price_minor=2000,
)
SPEND = BasketOff(promotion_id="spend", texts={"en": "5 off from 50", "zh": "满 50 减 5"}, spend_minor=5000, amount_minor=500)


@pytest.fixture
def reduced(paid: Session) -> Session:
    """A paid order of two milk and a wine, with a discount on one line and one on all."""
    milk, wine = (
        Article(
            code=code,
            name={"en": english, "zh": chinese},
            department="Food",
            sold_by="piece",
            unit_price_minor=price,
            tax_class="standard",
        )
        for code, english, chinese, price in (
            ("09520000000011", "Fresh milk 1 l", "鲜牛奶 1 升", 1280),
            ("09520000000028", "Red wine 750 ml", "红葡萄酒 750 毫升", 8990),
        )
    )
    articles = {milk.code: milk, wine.code: wine}
    scanned = [OrderLine(code=milk.code, quantity=2), OrderLine(code=wine.code)]
    basket = price_basket(scanned, articles.get, {"standard": "13"}, promotions=[PAIR, SPEND], local_minute=0)
    lines = [basket.lines[0], basket.lines[1].model_copy(update={"rescanned": True})]
    assert paid.settlement is not None
    more = {
        "lines": lines,
        "discounts": list(basket.discounts),
        "taxes": list(basket.taxes),
        "total_minor": basket.total_minor,
        "paid_minor": basket.total_minor,
    }
    order = paid.settlement.order.model_copy(update=more)
    due_minor = basket.total_minor - 2000
    waiting = order.model_copy(update={"paid_minor": 2000, "due_minor": due_minor})
    settlement = paid.settlement.model_copy(update={"order": order})
    taken = (Taken("note-box", 1, 1, due_minor),)
    return replace(paid, order=waiting, due_minor=due_minor, settlement=settlement, taken=taken, payouts=())


def printed_rows(receipt: Receipt, columns: int) -> list[str]:
    """Read the printed text back out of the bytes: rows of letters, without the printer's commands."""
    text = rendered(receipt, PrinterProfile(columns)).decode("cp437", errors="replace")
    return [row for row in re.sub(r"\x1b@|\x1b[Eat!d].|\x1d[!V].|[\x00-\x09\x0b-\x1f]", "", text).split("\n") if row.strip()]


@pytest.mark.parametrize("columns", [42, 48])
def test_every_discount_stands_on_the_paper_with_its_reason_and_the_sum_saved(reduced: Session, columns: int) -> None:
    receipt = tuple(line for line in paper(reduced) if not isinstance(line, QrCode))
    rows = printed_rows(receipt, columns)
    wanted = {
        "Fresh milk 1 l": "25.60",
        "  2 milk for 20.00": "5.60",
        "Red wine 750 ml": "89.90",
        "  5 off from 50": "5.00",
        "Total": "104.90",
        "You saved": "10.60",
        "Paid before": "20.00",
        "Due": "84.90",
    }
    for left, amount in wanted.items():
        row = next(row for row in rows if left in row[:24])
        assert row.endswith(amount), row
        assert len(row) <= columns + 2, row
    assert any("-" in row and "5.60" in row for row in rows)
    assert "-" * columns in rows
    texts = [line.left for line in receipt if isinstance(line, TextLine)]
    at = texts.index("Fresh milk 1 l")
    assert texts[at : at + 5] == [
        "Fresh milk 1 l",
        "  2 x ¥12.80",
        "  2 milk for 20.00",
        "Red wine 750 ml",
        "  Added by the staff at the exit",
    ]


def test_a_reader_can_add_the_receipt_up(reduced: Session) -> None:
    rows = [line for line in paper(reduced) if isinstance(line, TextLine) and line.right]
    until = next(place for place, line in enumerate(rows) if line.left == "Total")
    minor = [int(line.right.replace("¥", "").replace(".", "")) for line in rows[: until + 1]]
    assert sum(minor[:-1]) == minor[-1]


def test_discounts_are_told_in_the_shoppers_language(reduced: Session) -> None:
    shown = amounts(paper(reduced, "zh"))
    assert (shown["牛奶两件 20 元"], shown["满 50 减 5"]) == ("-¥5.60", "-¥5.00")
    chinese = load_texts(Path(kiosk_app.__file__).parent / "texts", "zh")
    assert [chinese(text) for text in ("You saved", "Discount")] == ["共节省", "优惠"]


def test_a_discount_without_a_reason_is_printed_too(reduced: Session) -> None:
    assert reduced.settlement is not None
    bare = reduced.settlement.order.model_copy(update={"discounts": []})
    shown = amounts(paper(replace(reduced, settlement=reduced.settlement.model_copy(update={"order": bare}))))
    assert (shown["Discount"], shown["You saved"]) == ("-¥10.60", "¥10.60")


def test_a_receipt_carries_the_exit_pass(paid: Session) -> None:
    assert [line.text for line in paper(paid) if isinstance(line, QrCode)] == [PASS]
    assert PASS.encode() in rendered(paper(paid))


def test_a_second_print_is_marked(paid: Session) -> None:
    assert "COPY" in [line.left for line in paper(replace(paid, prints=2)) if isinstance(line, TextLine)]


def test_a_paid_order_with_missing_change_has_both_on_one_paper(paid: Session) -> None:
    receipt = paper(replace(paid, state=State.OWING, owed_minor=70))
    assert amounts(receipt)["We owe you"] == "¥0.70"
    assert any(isinstance(line, QrCode) for line in receipt)


def test_times_are_the_shops_wherever_the_kiosks_clock_is_set_to(paid: Session) -> None:
    assert "2027-01-15 16:00  kiosk-1" in [line.left for line in paper(paid) if isinstance(line, TextLine)]


def test_the_slip_of_a_cancelled_order_has_no_pass(paid: Session) -> None:
    receipt = paper(replace(paid, state=State.OWING, settlement=None, owed_minor=1300))
    shown = amounts(receipt)
    assert (shown["Cash"], shown["Given back"], shown["We owe you"]) == ("¥20.00", "¥7.00", "¥13.00")
    assert not any(isinstance(line, QrCode) for line in receipt)


def test_names_are_in_the_shoppers_language_with_english_where_it_cannot_be_printed(paid: Session) -> None:
    (name,) = (line for line in paper(paid, "zh") if isinstance(line, TextLine) and line.fallback)
    assert (name.left, name.fallback) == ("茉莉香米", "Jasmine rice")
