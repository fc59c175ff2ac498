from __future__ import annotations

from datetime import date

import pytest

from scanner_app.notices import Notice, NoticeKind
from scanner_app.scanning import understand
from scanner_app.trip_events import ArticleScanned, CodeRefused
from tests.unit.scanner_app.goods import APPLES, CHEESE, CLAIM, COLA, RANGE, TEMPLATES

WEIGHTLESS = "2112345000008"


@pytest.mark.parametrize(
    ("text", "article", "weight_g", "price_minor"),
    [
        ("9520000000011", COLA, None, None),
        ("09520000000011", COLA, None, None),
        ("]E09520000000011", COLA, None, None),
        (" 9520000000011 ", COLA, None, None),
        ("0109520000000011", COLA, None, None),
        ("]C10109520000000011", COLA, None, None),
        ("010952000000001117261231", COLA, None, None),
        ("https://id.gs1.org/01/09520000000011", COLA, None, None),
        ("2112345008509", APPLES, 850, None),
        (TEMPLATES[1].label(CHEESE.code, 1234), CHEESE, None, 1234),
        (f"01{APPLES.code}3103001234", APPLES, 1234, None),
    ],
)
def test_what_a_code_adds(text: str, article: object, weight_g: int | None, price_minor: int | None) -> None:
    event = understand(text, TEMPLATES, RANGE.get)
    assert isinstance(event, ArticleScanned)
    assert event.article == article
    assert (event.code.weight_g, event.code.price_minor) == (weight_g, price_minor)


@pytest.mark.parametrize(("withheld", "kind"), [("recalled", NoticeKind.RECALLED), ("not_for_sale", NoticeKind.NOT_FOR_SALE)])
def test_what_may_not_be_sold_is_not_added_and_says_why(withheld: str, kind: NoticeKind) -> None:
    article = COLA.model_copy(update={"withheld": withheld})
    event = understand("9520000000011", TEMPLATES, {article.code: article}.get)
    assert event == CodeRefused(Notice(kind, detail="9520000000011"))


def test_a_piece_past_its_date_is_not_added() -> None:
    text = "010952000000001117261231"
    last_day, day_after = date(2026, 12, 31), date(2027, 1, 1)
    assert isinstance(understand(text, TEMPLATES, RANGE.get, last_day), ArticleScanned)
    assert understand(text, TEMPLATES, RANGE.get, day_after) == CodeRefused(Notice(NoticeKind.EXPIRED, detail="09520000000011"))
    assert isinstance(understand("9520000000011", TEMPLATES, RANGE.get, day_after), ArticleScanned)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("9520000000080", NoticeKind.UNKNOWN_ARTICLE),
        ("9520000000012", NoticeKind.NOT_A_PRODUCT),
        ("", NoticeKind.NOT_A_PRODUCT),
        ("WIFI:S:home;P:secret;;", NoticeKind.NOT_A_PRODUCT),
        (CLAIM, NoticeKind.NOT_A_PRODUCT),
        ("https://example.org/menu", NoticeKind.NOT_A_PRODUCT),
        ("2312345008507", NoticeKind.NOT_A_PRODUCT),
        (WEIGHTLESS, NoticeKind.NEEDS_LABEL),
        ("x" * 5000, NoticeKind.NOT_A_PRODUCT),
        ("\x00\x1b[2J", NoticeKind.NOT_A_PRODUCT),
        ("1２3４5６7８", NoticeKind.NOT_A_PRODUCT),  # noqa: RUF001 - full-width digits are no digits of a code
    ],
)
def test_what_adds_nothing_says_why(text: str, kind: NoticeKind) -> None:
    event = understand(text, TEMPLATES, RANGE.get)
    assert isinstance(event, CodeRefused)
    assert event.notice.kind is kind
    assert len(event.notice.detail) <= 24
    assert event.notice.detail.isprintable()
