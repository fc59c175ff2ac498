"""Products of Open Food Facts (https://world.openfoodfacts.org/data): its CSV and JSONL exports, read as rows of ours.

The CSV export (``en.openfoodfacts.org.products.csv.gz``) has some two hundred columns between tabs and quotes nothing; the
JSONL dump has one nested object per product. Both are written by many hands: names with HTML entities and invisible characters,
nutrients that nobody can eat, codes without their leading zeros. What can be mended is mended, a value that cannot be is left
out and told, and what makes no article is a bad row.

An export has no prices, so new articles are not for sale until somebody prices them, and prices that stand already stay. Its
quantities are net; nobody has weighed the package, so the gross weight stays unknown. Empty fields say nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from store_server.domain import open_food_facts_pictures as pictures
from store_server.domain.product_cells import ALLERGENS_MAX, NAME_MAX, TEXT_MAX

_MARKS = frozenset(
    {"product_name", "product_name_en", "nutriments", "_id", "creator", "created_t", "last_modified_t", "states_tags"}
)
"""One of these, beside ``code``, shows that a file is such an export: a product may lack any of them."""
_NOT_THEIRS = frozenset({"name", "name_en", "price_minor", "unit_price_minor", "tax_class"})

_SHORT_DIGITS = 8
_LONG_DIGITS = 13
_GTIN_DIGITS = 14
_GRAMS_MAX = Decimal(100)
_SODIUM_TO_SALT = Decimal("2.5")
_QUANTITY_MAX = 100_000
_NUTRIENTS: dict[str, tuple[tuple[str, ...], Decimal]] = {
    "energy_kj": (("energy-kj", "energy"), Decimal(4000)),
    "energy_kcal": (("energy-kcal",), Decimal(1000)),
    "fat_g": (("fat",), _GRAMS_MAX),
    "saturates_g": (("saturated-fat",), _GRAMS_MAX),
    "carbohydrate_g": (("carbohydrates",), _GRAMS_MAX),
    "sugars_g": (("sugars",), _GRAMS_MAX),
    "fibre_g": (("fiber",), _GRAMS_MAX),
    "protein_g": (("proteins",), _GRAMS_MAX),
    "salt_g": (("salt", "sodium"), _GRAMS_MAX),
}
"""Ours to theirs, and what 100 g can have at most: pure fat has 3,700 kJ, which is 900 kcal."""
COLUMNS = frozenset(
    {
        "code",
        "_id",
        "product_name",
        "product_name_en",
        "product_name_zh",
        "generic_name",
        "abbreviated_product_name",
        "brands",
        "categories",
        "categories_en",
        "categories_tags",
        "quantity",
        "product_quantity",
        "product_quantity_unit",
        "image_url",
        "image_front_url",
        "origins",
        "origins_en",
        "allergens",
        "allergens_tags",
        *(f"{name}_100g" for names, _most in _NUTRIENTS.values() for name in names),
    }
)
"""What is read of a CSV export."""


def is_export(names: frozenset[str]) -> bool:
    """Tell whether these are the columns, or the fields of the first object, of such an export."""
    return "code" in names and not _MARKS.isdisjoint(names) and _NOT_THEIRS.isdisjoint(names)


def row_of(record: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return our row of one record of an export, and which values in it cannot be and were left out."""
    nutrition, left_out = _nutrition(record)
    code = _code(record)
    row: dict[str, Any] = {
        "code": code,
        "name_en": _first(
            record,
            NAME_MAX,
            "product_name_en",
            "product_name",
            "product_name_zh",
            "generic_name",
            "abbreviated_product_name",
        ),
        "name_zh": _first(record, NAME_MAX, "product_name_zh"),
        "brand": _first(record, TEXT_MAX, "brands"),
        "department": _department(record),
        "package": _package(record),
        "picture": pictures.address(record, code),
        "origin": _first(record, TEXT_MAX, "origins_en", "origins"),
        "allergens": _allergens(record),
        "nutrition": nutrition,
    }
    return {column: value for column, value in row.items() if value or column in {"code", "name_en"}}, left_out


def _text(value: Any) -> str:
    """Return a text with its entities read, its quotation marks taken off and nothing invisible in it."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    words = " ".join(html.unescape(str(value)).split())
    shown = "".join(character for character in words if character.isprintable()).strip()
    quoted = re.fullmatch(r'"((?:[^"]|"")*)"', shown)
    return shown if quoted is None else quoted[1].replace('""', '"').strip()


def _first(record: Mapping[str, Any], limit: int, *names: str) -> str:
    for name in names:
        text = _text(record.get(name))
        if text:
            return text[:limit].rstrip()
    return ""


def _code(record: Mapping[str, Any]) -> str:
    """Return the code with the leading zeros that exports leave out, and without those that make it too long."""
    text = _text(record.get("code")) or _text(record.get("_id"))
    if not (text.isascii() and text.isdigit()):
        return text
    if len(text) > _GTIN_DIGITS:
        text = text.lstrip("0")
    return text.zfill(_SHORT_DIGITS if len(text) <= _SHORT_DIGITS else _LONG_DIGITS)


def _words(value: Any) -> list[str]:
    """Return what stands in a list, or in a text between commas."""
    found = value.split(",") if isinstance(value, str) else value
    return [text for item in found if (text := _text(item))] if isinstance(found, list) else []


def _without_language(tag: str) -> str:
    """Return ``plant milks`` of the tag ``en:plant-milks``, and any other text as it is."""
    language, colon, word = tag.partition(":")
    return word.replace("-", " ").strip() if colon and re.fullmatch(r"[a-z]{2,3}", language) else tag


def _department(record: Mapping[str, Any]) -> str:
    """Return the widest category, which is the first; in English where there is one."""
    for name in ("categories_en", "categories_tags", "categories"):
        found = _words(record.get(name))
        english = [word for word in found if name != "categories_tags" or word.startswith("en:")]
        word = _without_language((english or found or [""])[0])
        if word:
            return f"{word[0].upper()}{word[1:]}"[:NAME_MAX].rstrip()
    return ""


def _package(record: Mapping[str, Any]) -> str:
    written = _first(record, TEXT_MAX, "quantity")
    if written:
        return written
    amount = _amount(record.get("product_quantity"))
    unit = _text(record.get("product_quantity_unit")) or "g"
    return f"{amount.normalize():f} {unit}"[:TEXT_MAX] if amount is not None and 0 < amount <= _QUANTITY_MAX else ""


def _allergens(record: Mapping[str, Any]) -> list[str]:
    tags = _words(record.get("allergens_tags")) or _words(record.get("allergens"))
    words = (_without_language(tag).replace(";", ",")[:NAME_MAX].strip() for tag in tags)
    return sorted({word for word in words if word})[:ALLERGENS_MAX]


def _amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(_text(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _nutrition(record: Mapping[str, Any]) -> tuple[dict[str, float], tuple[str, ...]]:
    facts = _facts(record)
    found, left_out = {}, []
    for ours, (theirs, most) in _NUTRIENTS.items():
        name = next((name for name in theirs if _text(facts.get(name))), "")
        if not name:
            continue
        amount = _amount(facts[name])
        if amount is not None and name == "sodium":
            amount *= _SODIUM_TO_SALT
        if amount is None or not 0 <= amount <= most:
            left_out.append(f"{ours}, which cannot be {_text(facts[name])[:NAME_MAX]} per 100 g")
        else:
            found[ours] = float(amount)
    return found, tuple(left_out)


def _facts(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return nutrient to amount per 100 g or 100 ml, in the three forms that exports have had."""
    newest = record.get("nutrition")
    if isinstance(newest, Mapping) and isinstance(chosen := newest.get("aggregated_set"), Mapping):
        nutrients = chosen.get("nutrients")
        if isinstance(nutrients, Mapping) and chosen.get("per") in {"100g", "100ml"}:
            return {name: item.get("value") for name, item in nutrients.items() if isinstance(item, Mapping)}
    nested = record.get("nutriments")
    facts = nested if isinstance(nested, Mapping) else record
    return {name: facts.get(f"{name}_100g") for names, _most in _NUTRIENTS.values() for name in names}
