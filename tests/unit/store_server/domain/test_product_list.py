from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.product_code import LabelTemplate
from store_server.domain.product import Product
from store_server.domain.product_fields import ProductRules
from store_server.domain.product_list import PROBLEMS_SHOWN, ProductFormat, ProductList, ProductListError
from store_server.domain.product_writing import CsvWriting, json_line
from tests.unit.store_server.random_products import PRODUCTS

RULES = ProductRules((LabelTemplate("21IIIIIWWWWWC"), LabelTemplate("22IIIIIPPPPPC")), ("standard", "reduced"))
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
HEADER = ",".join(MILK)


def csv_of(*rows: dict[str, str]) -> str:
    return "\n".join([HEADER, *(",".join(row.values()) for row in rows)]) + "\n"


def read(text: str, file_format: ProductFormat | None = None) -> list[tuple[int, Product | str]]:
    """Line and product, or line and what is wrong with it."""
    found: list[tuple[int, Product | str]] = []
    for row in ProductList(text.splitlines(keepends=True), file_format):
        try:
            found.append((row.line, row.problem or RULES.product(RULES.code(row.values), row.values, None)))
        except ValueError as error:
            found.append((row.line, str(error)))
    return found


def problem(text: str) -> str:
    """What is wrong with the last row."""
    found = read(text)[-1][1]
    assert isinstance(found, str)
    return found


def product(text: str) -> Product:
    found = read(text)[0][1]
    assert isinstance(found, Product)
    return found


def test_a_list_reads_as_products() -> None:
    (_, milk), (_, apples) = read(csv_of(MILK, APPLES | {"eas": "yes", "minimum_age": "18"}))
    assert isinstance(milk, Product)
    assert isinstance(apples, Product)
    assert (milk.code, milk.name, milk.unit_price_minor) == ("09520000000011", {"en": "Milk", "zh": "牛奶"}, 1280)
    assert (milk.mean_g, milk.sd_g, milk.eas, milk.for_sale, milk.stock) == (1042.5, 4.2, False, True, None)
    assert (apples.code, apples.sold_by, apples.mean_g) == ("02112345000008", "weight", None)
    assert (apples.eas, apples.minimum_age) == (True, 18)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_and_the_order_of_columns_are_free(separator: str) -> None:
    names = sorted(MILK)
    text = "\ufeff" + separator.join(names).upper() + "\r\n" + separator.join(MILK[name] for name in names) + "\r\n"
    assert product(text) == product(csv_of(MILK))


def test_other_words_for_the_code_are_understood() -> None:
    assert product(csv_of(MILK).replace("code", "GTIN", 1)).code == "09520000000011"


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
        ({"unit_price_minor": "-1"}, "-1 is below zero"),
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
def test_a_bad_value_is_told_with_its_column(change: dict[str, str], told: str) -> None:
    (_, first), (line, second) = read(csv_of(APPLES, MILK | change))
    assert isinstance(first, Product)
    assert line == 3
    assert isinstance(second, str)
    assert told in second


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"stock": -1}, "below zero"),
        ({"deposit_minor": 1.5}, "deposit_minor"),
        ({"tier_prices_minor": {"gold": -3}}, "below zero"),
        ({"tier_prices_minor": {"": 3}}, "tiers named"),
        ({"weight_source": "guessed"}, "weight_source"),
        ({"nutrition": {"fat": 1}}, "'fat' is not one of"),
        ({"nutrition": {"fat_g": "much"}}, "fat_g is not a number"),
        ({"nutrition": [1]}, "JSON object"),
        ({"allergens": ["milk;nuts"]}, "allergens"),
        ({"provenance": [{"type": "Event"}]}, "eventType"),
        ({"provenance": [{"type": ["x"]}]}, "eventType"),
        ({"provenance": [{"type": "ObjectEvent", "eventTime": "2026-05-04T08:30:00"}]}, "eventTime"),
        ({"provenance": [{"type": "ObjectEvent", "eventTime": "2026-05-04T08:30:00Z", "bizStep": "flying"}]}, "bizStep"),
        ({"provenance": [{"type": "ObjectEvent", "eventTime": "2026-05-04T08:30:00Z", "disposition": 7}]}, "disposition"),
        ({"colour": "white"}, "no field 'colour'"),
        ({"name_en": "a\ud800b"}, "name_en"),
    ],
)
def test_a_bad_field_of_a_json_line_is_told(change: dict[str, object], told: str) -> None:
    assert told in problem(json.dumps(MILK | change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "9520000000011"}, "named by their 13-digit label"),
        ({"code": "2112345008509"}, "must be zero"),
        ({"mean_g": "500"}, "stays empty"),
    ],
)
def test_weighed_goods_are_named_by_their_empty_label(change: dict[str, str], told: str) -> None:
    assert told in problem(csv_of(APPLES | change))


@pytest.mark.parametrize("row", ["1,2,3\n", '"open', '"a"b' + "," * 10 + "\n", "\x00\n", "\udcff" + "," * 10 + "\n"])
def test_an_unreadable_row_spoils_only_itself(row: str) -> None:
    found = read(csv_of(MILK) + row)
    assert isinstance(found[0][1], Product)
    assert (found[1][0], isinstance(found[1][1], str)) == (3, True)


def test_lines_are_counted_through_cells_with_line_breaks() -> None:
    broken = MILK | {"department": '"Dairy\nand eggs"'}
    assert [line for line, _found in read(csv_of(MILK, broken, APPLES))] == [2, 3, 5]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "'code' is missing"),
        (HEADER.replace("eas", "alarm") + "\n", "no column 'alarm'"),
        (HEADER.replace("eas", "sd_g") + "\n", "twice"),
        ("\udcff\udcfe\n", "UTF-8"),
    ],
)
def test_what_is_no_product_list_says_why(text: str, told: str) -> None:
    with pytest.raises(ProductListError, match=told):
        read(text)


def test_problems_are_shown_up_to_a_bound() -> None:
    error = ProductListError(["bad"] * (PROBLEMS_SHOWN + 7))
    assert len(error.problems) == PROBLEMS_SHOWN + 7
    assert str(error).endswith("and 7 more")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for content in (text, f"{HEADER}\n{text}", f'{{"code": "1"}}\n{text}', f"code\tproduct_name\n{text}"):
        try:
            found = read(content)
        except ProductListError:
            continue
        assert all(isinstance(item, str) for _line, item in found)


def test_what_a_row_does_not_say_stays_as_it_is() -> None:
    known = product(csv_of(MILK))
    row = {"code": "9520000000011", "unit_price_minor": "1380", "name_zh": ""}
    again = RULES.product(RULES.code(row), row, known)
    assert (again.unit_price_minor, again.name, again.mean_g) == (1380, {"en": "Milk"}, 1042.5)
    with pytest.raises(ValueError, match="name_en: a product needs"):
        RULES.product(RULES.code(row), row, None)
    with pytest.raises(ValueError, match="tax_class: a new product needs"):
        RULES.product(RULES.code(row), row | {"name_en": "Milk"}, None)


# What spreadsheets make of a list -------------------------------------------------------------------------------------


def test_a_list_out_of_a_european_spreadsheet() -> None:
    text = (
        "\ufeffsep=;\r\nCode;Name;Tax_class;unit_price_minor;mean_g;sd_g;;\r\n"
        '9520000000011;"Milk; 1 l";reduced;1280;1042,5;4,25;;\r\n;;;;;;;\r\n'
        "9520000000028;Red\u00a0wine\u3000dry;standard;8990;;;;\r\n"
    )
    (first, milk), (second, wine) = read(text)
    assert isinstance(milk, Product)
    assert isinstance(wine, Product)
    assert (first, milk.name["en"], milk.mean_g, milk.sd_g) == (3, "Milk; 1 l", 1042.5, 4.25)
    assert (second, wine.name["en"], wine.mean_g) == (5, "Red wine dry", None)


def test_a_comma_is_no_decimal_point_where_commas_separate() -> None:
    assert "mean_g" in problem(csv_of(MILK | {"mean_g": '"1,042"'}))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "9.52E+12"}, "rounded by a spreadsheet"),
        ({"code": "9,52E+12"}, "rounded by a spreadsheet"),
        ({"name_en": "Mi\u200blk"}, "unprintable character U+200B"),
        ({"name_en": "Mi\x00lk"}, "unprintable character U+0000"),
    ],
)
def test_what_a_spreadsheet_spoiled_is_told(change: dict[str, str], told: str) -> None:
    assert told in problem(
        csv_of(MILK | {"code": f'"{change.get("code", MILK["code"])}"'} | {"name_en": change.get("name_en", "M")})
    )


def test_a_quotation_mark_that_is_missing_says_how_far_it_reached() -> None:
    text = csv_of(MILK | {"name_en": '"Milk'}, APPLES, MILK)
    ((line, told),) = read(text)
    assert line == 2
    assert isinstance(told, str)
    assert "is a quotation mark missing?; the lines up to 4 were read as part of it" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("code,name_en\r9520000000011,Milk\r", "ended by line feeds"),
        ('[{"code": "9520000000011"}]', "JSON list"),
        ("[\n", "JSON list"),
    ],
)
def test_a_file_of_another_form_says_what_to_do(text: str, told: str) -> None:
    with pytest.raises(ProductListError, match=told):
        ProductList([text])


# What is written is what is read --------------------------------------------------------------------------------------


@given(PRODUCTS)
def test_every_product_reads_back_from_what_is_written_of_it(row: dict[str, object]) -> None:
    written = RULES.product(RULES.code(row), row, None)
    table = CsvWriting(["zh", "en", "fr"])
    for text in (json_line(written), table.header() + table.line(written)):
        ((_, again),) = read(text)
        assert again == written, text
