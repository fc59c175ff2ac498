from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.product_code import LabelTemplate
from store_server.domain.product_list import COLUMNS, PROBLEMS_SHOWN, ProductListError, read_products

TEMPLATES = (LabelTemplate("21IIIIIWWWWWC"), LabelTemplate("22IIIIIPPPPPC"))
TAXES = ("standard", "reduced")
HEADER = ",".join(COLUMNS)
MILK = {
    "code": "9520000000011",
    "name_en": "Milk",
    "name_zh": "牛奶",
    "department": "Dairy",
    "sold_by": "piece",
    "unit_price_minor": "1280",
    "tax_class": "reduced",
    "mean_g": "1042.5",
    "sd_g": "4.2",
    "eas": "0",
    "minimum_age": "0",
}
APPLES = MILK | {"code": "2112345000008", "name_en": "Apples", "sold_by": "weight", "mean_g": "", "sd_g": ""}


def csv_of(*rows: dict[str, str]) -> str:
    return "\n".join([HEADER, *(",".join(row[name] for name in COLUMNS) for row in rows)]) + "\n"


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ProductListError) as caught:
        read_products(text, TEMPLATES, TAXES)
    return caught.value.problems


def test_a_list_reads_as_articles() -> None:
    milk, apples = read_products(csv_of(MILK, APPLES | {"eas": "yes", "minimum_age": "18"}), TEMPLATES, TAXES)
    assert (milk.code, milk.name, milk.unit_price_minor, milk.mean_g, milk.sd_g, milk.eas) == (
        "09520000000011",
        {"en": "Milk", "zh": "牛奶"},
        1280,
        1042.5,
        4.2,
        False,
    )
    assert (apples.code, apples.sold_by, apples.mean_g, apples.eas, apples.minimum_age) == (
        "02112345000008",
        "weight",
        None,
        True,
        18,
    )


def test_columns_come_in_any_order_and_a_byte_order_mark_is_no_matter() -> None:
    names = sorted(COLUMNS)
    text = "\ufeff" + ",".join(names) + "\r\n" + ",".join(MILK[name] for name in names) + "\r\n"
    assert read_products(text, TEMPLATES, TAXES)[0].code == "09520000000011"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "9520000000012"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "2112345000008"}, "sold_by must be 'weight'"),
        ({"name_en": ""}, "name_en"),
        ({"name_en": "x" * 121}, "name_en"),
        ({"name_zh": "a\tb"}, "name_zh"),
        ({"department": ""}, "department"),
        ({"sold_by": "kilo"}, "sold_by"),
        ({"unit_price_minor": "12.80"}, "unit_price_minor"),
        ({"unit_price_minor": "-1"}, "unit_price_minor"),
        ({"unit_price_minor": "0"}, "unit_price_minor"),
        ({"unit_price_minor": "100000001"}, "unit_price_minor"),
        ({"unit_price_minor": "1_000"}, "unit_price_minor"),
        ({"unit_price_minor": "²"}, "unit_price_minor"),
        ({"unit_price_minor": "9" * 5000}, "unit_price_minor"),
        ({"tax_class": "luxury"}, "tax_class"),
        ({"mean_g": "heavy"}, "mean_g"),
        ({"mean_g": "nan"}, "mean_g"),
        ({"mean_g": "1e9"}, "mean_g"),
        ({"mean_g": "0"}, "mean_g"),
        ({"sd_g": "-1"}, "sd_g"),
        ({"eas": "maybe"}, "eas"),
        ({"minimum_age": "100"}, "minimum_age"),
    ],
)
def test_a_bad_value_is_told_with_its_line_and_column(change: dict[str, str], told: str) -> None:
    found = problems(csv_of(APPLES, MILK | change))
    assert len(found) == 1
    assert found[0].startswith("line 3: ")
    assert told in found[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "9520000000011"}, "named by their 13-digit label"),
        ({"code": "2112345008509"}, "must be zero"),
        ({"mean_g": "500"}, "stays empty"),
    ],
)
def test_weighed_goods_are_named_by_their_empty_label(change: dict[str, str], told: str) -> None:
    (found,) = problems(csv_of(APPLES | change))
    assert told in found


def test_the_same_article_twice_names_both_lines_whatever_its_length() -> None:
    (found,) = problems(csv_of(MILK, MILK | {"code": "09520000000011"}))
    assert found == "line 3: 09520000000011 is the same article as line 2"


def test_all_bad_lines_are_told_at_once_up_to_a_bound() -> None:
    rows = [MILK | {"unit_price_minor": "x"}] * (PROBLEMS_SHOWN + 7)
    with pytest.raises(ProductListError) as caught:
        read_products(csv_of(*rows), TEMPLATES, TAXES)
    assert len(caught.value.problems) == PROBLEMS_SHOWN + 7
    assert str(caught.value).endswith("and 7 more")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'code' is missing"),
        (HEADER, "no articles"),
        (HEADER.replace("eas", "alarm") + "\n", "no column 'alarm'"),
        (HEADER.replace("eas", "sd_g") + "\n", "twice"),
        (HEADER + "\n1,2,3\n", "columns"),
        (csv_of(MILK).rstrip() + ",more\n", "columns"),
        (HEADER + '\n"open', "unexpected end"),
        (HEADER + "\n\x00\n", "line 2"),
    ],
)
def test_what_is_no_product_list_says_why(text: str, told: str) -> None:
    assert told in "\n".join(problems(text))


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for content in (text, f"{HEADER}\n{text}"):
        with pytest.raises(ProductListError):
            read_products(content, TEMPLATES, TAXES)
