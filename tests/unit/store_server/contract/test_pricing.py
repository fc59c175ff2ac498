from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.article_messages import Article
from store_server.contract.order_messages import OrderLine
from store_server.contract.pricing import LABEL_SD_G, UnknownArticleError, price_basket, price_line, total_basket

RATES = {"standard": "13", "reduced": "9"}
MILK = Article(
    code="09520000000011",
    name={"en": "Milk"},
    department="Dairy",
    sold_by="piece",
    unit_price_minor=1280,
    tax_class="reduced",
    mean_g=1042.5,
    sd_g=4.0,
)
WINE = MILK.model_copy(
    update={"code": "09520000000028", "unit_price_minor": 8990, "tax_class": "standard", "mean_g": None, "eas": True}
)
APPLES = MILK.model_copy(
    update={"code": "02112345000008", "unit_price_minor": 1290, "sold_by": "weight", "mean_g": None, "sd_g": 0.0}
)
ARTICLES = {article.code: article for article in (MILK, WINE, APPLES)}


def test_pieces_cost_their_price_times_their_number() -> None:
    line = price_line(OrderLine(code=MILK.code, quantity=3), MILK)
    assert (line.total_minor, line.quantity, line.weight_g, line.mean_g) == (3840, 3, None, 1042.5)


def test_weighed_goods_cost_grams_times_price_per_kilogram_rounded_half_up() -> None:
    line = price_line(OrderLine(code=APPLES.code, weight_g=850), APPLES)
    assert (line.total_minor, line.weight_g, line.mean_g, line.sd_g) == (1097, 850, 850.0, LABEL_SD_G)
    half = APPLES.model_copy(update={"unit_price_minor": 1000})
    assert [price_line(OrderLine(code=half.code, weight_g=grams), half).total_minor for grams in (1, 2)] == [1, 2]
    assert price_line(OrderLine(code=half.code, weight_g=500), half.model_copy(update={"unit_price_minor": 1})).total_minor == 1


def test_a_priced_label_costs_what_it_says_and_tells_its_weight() -> None:
    line = price_line(OrderLine(code=APPLES.code, price_minor=2580), APPLES)
    assert (line.total_minor, line.weight_g, line.mean_g) == (2580, 2000, 2000.0)


def test_a_price_or_weight_claimed_for_a_piece_changes_nothing() -> None:
    honest = price_line(OrderLine(code=MILK.code), MILK)
    assert price_line(OrderLine(code=MILK.code, price_minor=1, weight_g=5), MILK) == honest


def test_a_basket_sums_lines_taxes_and_weight() -> None:
    lines = [OrderLine(code=MILK.code, quantity=2), OrderLine(code=WINE.code), OrderLine(code=APPLES.code, weight_g=850)]
    basket = price_basket(lines, ARTICLES.get, RATES)
    assert basket.total_minor == 2560 + 8990 + 1097
    assert basket.article_count == 4
    assert basket.expected_g == pytest.approx(2 * 1042.5 + 850)
    assert basket.spread_g == pytest.approx(math.sqrt(2 * 4.0**2 + LABEL_SD_G**2))
    # 13 % inside 89.90 is 10.3425..., 9 % inside 36.57 is 3.0195...
    assert [(share.tax_class, share.gross_minor, share.tax_minor) for share in basket.taxes] == [
        ("reduced", 3657, 302),
        ("standard", 8990, 1034),
    ]


def test_an_unknown_article_is_named() -> None:
    with pytest.raises(UnknownArticleError, match="09520000000035") as caught:
        price_basket([OrderLine(code="09520000000035")], ARTICLES.get, RATES)
    assert caught.value.code == "09520000000035"


@given(st.lists(st.tuples(st.sampled_from([MILK.code, WINE.code]), st.integers(1, 999)), min_size=1, max_size=20))
def test_adding_priced_lines_again_gives_the_same_basket(wanted: list[tuple[str, int]]) -> None:
    basket = price_basket([OrderLine(code=code, quantity=count) for code, count in wanted], ARTICLES.get, RATES)
    assert total_basket(basket.lines, RATES) == basket
    assert sum(share.gross_minor for share in basket.taxes) == basket.total_minor
    assert all(0 <= share.tax_minor < share.gross_minor for share in basket.taxes)
