from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_server.domain.product import Product
from store_server.domain.product_fields import ProductRules
from store_server.domain.product_list import FileRow, ProductFormat, ProductList
from store_server.services.product_files import opened

SHOP = ProductRules((), ("standard",), "standard")
_COLUMNS = """
code url creator created_t created_datetime last_modified_t last_modified_datetime last_modified_by last_updated_t
last_updated_datetime product_name abbreviated_product_name generic_name quantity packaging packaging_tags
packaging_en packaging_text brands brands_tags brands_en categories categories_tags categories_en origins origins_tags
origins_en manufacturing_places manufacturing_places_tags labels labels_tags labels_en emb_codes emb_codes_tags
first_packaging_code_geo cities cities_tags purchase_places stores countries countries_tags countries_en
ingredients_text ingredients_tags ingredients_analysis_tags allergens allergens_en traces traces_tags traces_en
serving_size serving_quantity no_nutrition_data additives_n additives additives_tags additives_en nutriscore_score
nutriscore_grade nova_group pnns_groups_1 pnns_groups_2 food_groups food_groups_tags food_groups_en states states_tags
states_en brand_owner nutrient_levels_tags product_quantity owner data_quality_errors_tags unique_scans_n
popularity_tags completeness last_image_t last_image_datetime main_category main_category_en image_url image_small_url
image_ingredients_url image_ingredients_small_url image_nutrition_url image_nutrition_small_url energy-kj_100g
energy-kcal_100g energy_100g energy-from-fat_100g fat_100g saturated-fat_100g monounsaturated-fat_100g trans-fat_100g
cholesterol_100g carbohydrates_100g sugars_100g added-sugars_100g starch_100g fiber_100g proteins_100g salt_100g
added-salt_100g sodium_100g alcohol_100g vitamin-c_100g calcium_100g iron_100g nutrition-score-fr_100g
"""
HEADER = _COLUMNS.split()
"""The columns of the export, less most of its rarer nutrients."""
SOY = {
    "code": "0009520000011",
    "creator": "somebody",
    "product_name": 'Boisson "soja" &quot;nature&quot; 1&nbsp;l',
    "quantity": "1 l",
    "brands": "Soyco,Autre",
    "categories": "Boissons, Laits végétaux",
    "categories_tags": "en:plant-based-foods-and-beverages,en:plant-milks",
    "categories_en": "Plant-based foods and beverages,Plant milks",
    "origins": "Chine",
    "origins_en": "China",
    "countries_tags": "en:china,en:france",
    "allergens": "en:soybeans,en:sesame-seeds",
    "image_url": "https://images.example/images/products/000/952/000/0011/front_en.7.400.jpg",
    "energy-kj_100g": "180",
    "energy_100g": "181",
    "energy-kcal_100g": "43",
    "fat_100g": "1.8",
    "sugars_100g": "0.0000700000",
    "sodium_100g": "0.04",
}
DUMPED = {
    "_id": "9520000000011",
    "code": "9520000000011",
    "lc": "zh",
    "product_name": "豆奶",
    "product_name_zh": "豆奶",
    "product_name_en": "Soy  drink\n1 l",
    "brands": "Soyco,Other",
    "categories": "饮料",
    "categories_tags": ["zh:豆奶", "en:beverages", "en:plant-milks"],
    "product_quantity": "1000",
    "product_quantity_unit": "ml",
    "images": {"1": {"uploaded_t": 1}, "front_zh": {"rev": "4", "imgid": "1"}, "front_en": {"rev": 12}},
    "allergens_tags": ["en:soybeans", "en:gluten"],
    "nutriments": {"energy-kj_100g": 180, "energy_100g": 181, "energy-kcal_100g": "43", "fat_100g": 1.8, "proteins_100g": None},
}


def export_csv(*records: Mapping[str, str]) -> str:
    rows = ["\t".join(HEADER), *("\t".join(record.get(name, "") for name in HEADER) for record in records)]
    return "\n".join(rows) + "\n"


def rows(text: str) -> list[FileRow]:
    product_list = ProductList(text.splitlines(keepends=True))
    assert product_list.format is ProductFormat.OPEN_FOOD_FACTS
    return list(product_list)


def product(row: FileRow) -> Product:
    assert not row.problem
    return SHOP.product(SHOP.code(row.values), row.values, None)


def dumped(**changes: object) -> Product:
    (row,) = rows(json.dumps(DUMPED | changes))
    return product(row)


def test_the_csv_export_is_known_by_its_header() -> None:
    (row,) = rows(export_csv(SOY | {"code": "9520000000011"}))
    soy = product(row)
    assert (soy.code, soy.name) == ("09520000000011", {"en": 'Boisson "soja" "nature" 1 l'})
    assert (soy.brand, soy.department) == ("Soyco,Autre", "Plant-based foods and beverages")
    assert (soy.package, soy.origin) == ("1 l", "China")
    assert (soy.allergens, soy.picture) == (("sesame seeds", "soybeans"), SOY["image_url"])
    assert soy.nutrition.model_dump(exclude_none=True) == {
        "energy_kj": 180.0,
        "energy_kcal": 43.0,
        "fat_g": 1.8,
        "sugars_g": 0.00007,
        "salt_g": 0.1,
    }
    assert row.left_out == ()


def test_articles_without_a_price_are_known_but_not_for_sale() -> None:
    soy = dumped()
    assert (soy.unit_price_minor, soy.is_sold, soy.entry(), soy.tax_class) == (None, False, None, "standard")


def test_the_jsonl_dump_is_known_by_its_first_object() -> None:
    soy = dumped()
    assert (soy.code, soy.name) == ("09520000000011", {"en": "Soy drink 1 l", "zh": "豆奶"})
    assert (soy.department, soy.package, soy.allergens) == ("Beverages", "1000 ml", ("gluten", "soybeans"))
    assert soy.picture == "https://images.openfoodfacts.org/images/products/952/000/000/0011/front_en.12.400.jpg"
    assert soy.nutrition.model_dump(exclude_none=True) == {"energy_kj": 180.0, "energy_kcal": 43.0, "fat_g": 1.8}


def test_a_first_object_without_name_and_nutrients_is_known_too() -> None:
    first = json.dumps({"_id": "1", "code": "00000001", "states_tags": ["en:empty"], "creator": "x"})
    empty, soy = rows(f"{first}\n{json.dumps(DUMPED)}\n")
    assert empty.values["name_en"] == ""
    assert product(soy).name["zh"] == "豆奶"


def test_a_price_list_with_their_word_for_the_name_is_not_taken_for_an_export() -> None:
    with pytest.raises(ValueError, match="no column 'product_name'"):
        ProductList(["code\tproduct_name\tunit_price_minor\n"])


def test_nutrients_and_pictures_in_their_newer_form() -> None:
    nutrients = {
        "energy-kj": {"value": 180, "unit": "kJ", "source": "packaging"},
        "fat": {"value": "1.8", "unit": "g"},
        "salt": {"value": 0.1, "unit": "g"},
    }
    chosen = {"per": "100ml", "preparation": "as_sold", "nutrients": nutrients}
    images = {"uploaded": {"1": {}}, "selected": {"front": {"fr": {"imgid": 1, "rev": 3}}}}
    soy = dumped(nutriments=None, nutrition={"aggregated_set": chosen}, images=images)
    assert soy.nutrition.model_dump(exclude_none=True) == {"energy_kj": 180.0, "fat_g": 1.8, "salt_g": 0.1}
    assert soy.picture.endswith("/952/000/000/0011/front_fr.3.400.jpg")
    per_serving = {"aggregated_set": chosen | {"per": "serving"}}
    assert dumped(nutriments=None, nutrition=per_serving).nutrition.model_dump(exclude_none=True) == {}


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({"energy-kcal_100g": 2255}, "energy_kcal, which cannot be 2255 per 100 g"),
        ({"fat_100g": -3.5}, "fat_g, which cannot be -3.5 per 100 g"),
        ({"fat_100g": 1e30}, "fat_g, which cannot be 1e+30 per 100 g"),
        ({"fat_100g": "NaN"}, "fat_g, which cannot be NaN per 100 g"),
        ({"fat_100g": "1,8 g"}, "fat_g, which cannot be 1,8 g per 100 g"),
        ({"sodium_100g": "41"}, "salt_g, which cannot be 41 per 100 g"),
    ],
)
def test_nutrients_that_cannot_be_are_left_out_and_told(changes: dict[str, object], left_out: str) -> None:
    (row,) = rows(json.dumps(DUMPED | {"nutriments": {"proteins_100g": 3, **changes}}))
    assert row.left_out == (left_out,)
    assert product(row).nutrition.model_dump(exclude_none=True) == {"protein_g": 3.0}


@pytest.mark.parametrize(
    ("code", "read"),
    [
        (96385074, "00000096385074"),
        ("36000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("000000000000009520000000011", "09520000000011"),
        ("19520000000018", "19520000000018"),
    ],
)
def test_leading_zeros_that_an_export_left_out_or_added_are_mended(code: object, read: str) -> None:
    assert dumped(code=code).code == read


def test_a_code_under_its_other_name() -> None:
    assert dumped(code=None).code == "09520000000011"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("9520000000012", "check digit"),
        ("2000000000015", "label template"),
        ("", "expected 8 to 14"),
        ("12345678901234567", "no product code"),
    ],
)
def test_codes_of_no_article_are_bad_rows(code: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        dumped(code=code, _id="")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"product_name_en": "", "product_name": "Lait d&#39;avoine"}, "Lait d'avoine"),
        ({"product_name_en": '"Soy ""drink"""'}, 'Soy "drink"'),
        ({"product_name_en": "So\u00ady\u200b drink\u2028\ud83d"}, "Soy drink"),
        ({"product_name_en": "long " * 60}, ("long " * 24).strip()),
        ({"product_name_en": None, "product_name": "", "product_name_zh": "", "generic_name": "Drink"}, "Drink"),
    ],
)
def test_names_are_cleaned(changes: dict[str, object], name: str) -> None:
    assert dumped(**changes).name["en"] == name


def test_a_product_without_any_name_is_a_bad_row() -> None:
    with pytest.raises(ValueError, match="name_en"):
        dumped(product_name_en="", product_name="", product_name_zh="")


@pytest.mark.parametrize("amount", ["-500", "1e12", "some", None, 0])
def test_quantities_that_cannot_be_say_nothing(amount: object) -> None:
    assert dumped(product_quantity=amount).package == ""
    assert dumped(product_quantity=amount, quantity="500 g").package == "500 g"


def test_rows_that_a_tab_or_a_line_break_has_torn_spoil_only_themselves() -> None:
    torn = export_csv(SOY | {"labels_tags": "en:organic\ten:vegan"}, SOY | {"categories_tags": "en:a\nen:b"}, SOY)
    first, second, third, whole = rows(torn)
    assert f"has {len(HEADER) + 1} columns, not {len(HEADER)}" in first.problem
    assert "is a separator missing or too many?" in second.problem
    assert "is a separator missing or too many?" in third.problem
    assert [row.line for row in (first, second, third, whole)] == [2, 3, 4, 5]
    assert whole.values["nutrition"]


def test_quotation_marks_carriage_returns_and_long_fields_are_letters_like_others() -> None:
    odd = SOY | {"product_name": '"Soy', "generic_name": "a\rb", "stores": "x" * 200_000, "traces_tags": 'en:"'}
    lines = ["\t".join(record.get(name, "") for name in HEADER) + "\n" for record in (odd, SOY | {"code": "0009520000028"})]
    rows = list(ProductList(["\t".join(HEADER) + "\r\n", *lines, "\n"]))
    assert [(row.line, row.problem, row.values["code"]) for row in rows] == [(2, "", "0009520000011"), (3, "", "0009520000028")]
    assert rows[0].values["name_en"] == '"Soy'


def test_a_column_that_nobody_reads_may_stand_twice() -> None:
    twice = [*HEADER, "starch_100g"]
    row = "\t".join(SOY.get(name, "") for name in twice)
    assert [found.problem for found in ProductList(["\t".join(twice) + "\n", row + "\n"])] == [""]


def test_as_it_is_delivered(tmp_path: Path) -> None:
    for name, text in (("products.csv.gz", export_csv(SOY, SOY)), ("products.jsonl.gz", f"{json.dumps(DUMPED)}\n" * 2)):
        path = tmp_path / name
        halves = text.encode().partition(b"\n")
        path.write_bytes(gzip.compress(halves[0] + halves[1]) + gzip.compress(halves[2]))
        with opened(path) as file:
            assert len(list(ProductList(file.lines()))) == 2


@given(
    st.dictionaries(
        st.sampled_from(sorted(DUMPED)),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
            lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)),
            max_leaves=6,
        ),
    )
)
def test_whatever_a_dump_holds_is_an_article_or_a_bad_row(changes: dict[str, object]) -> None:
    (row,) = rows(json.dumps(DUMPED | changes))
    try:
        product(row)
    except ValueError:
        return
