from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from hardware.printer.receipt import QrCode, Receipt, TextLine, rendered
from kiosk_app.receipt import receipt_of
from kiosk_app.session import FinishedPayout, Session, State, Taken
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order

PASS = "HTTPS://MARKET.EXAMPLE/P/PASS"


def paper(session: Session, language: str = "en") -> Receipt:
    return receipt_of(
        session,
        shop_name="Demo Market",
        kiosk="kiosk-1",
        currency="CNY",
        language=language,
        translate=lambda text: text,
        now_s=1_800_000_000,
    )


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


def test_a_receipt_carries_the_exit_pass(paid: Session) -> None:
    assert [line.text for line in paper(paid) if isinstance(line, QrCode)] == [PASS]
    assert PASS.encode() in rendered(paper(paid))


def test_a_second_print_is_marked(paid: Session) -> None:
    assert "COPY" in [line.left for line in paper(replace(paid, prints=2)) if isinstance(line, TextLine)]


def test_a_paid_order_with_missing_change_has_both_on_one_paper(paid: Session) -> None:
    receipt = paper(replace(paid, state=State.OWING, owed_minor=70))
    assert amounts(receipt)["We owe you"] == "¥0.70"
    assert any(isinstance(line, QrCode) for line in receipt)


def test_the_slip_of_a_cancelled_order_has_no_pass(paid: Session) -> None:
    receipt = paper(replace(paid, state=State.OWING, settlement=None, owed_minor=1300))
    shown = amounts(receipt)
    assert (shown["Cash"], shown["Given back"], shown["We owe you"]) == ("¥20.00", "¥7.00", "¥13.00")
    assert not any(isinstance(line, QrCode) for line in receipt)


def test_names_are_in_the_shoppers_language_with_english_where_it_cannot_be_printed(paid: Session) -> None:
    (name,) = (line for line in paper(paid, "zh") if isinstance(line, TextLine) and line.fallback)
    assert (name.left, name.fallback) == ("茉莉香米", "Jasmine rice")
