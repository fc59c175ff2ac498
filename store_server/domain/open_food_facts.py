"""Products of Open Food Facts (https://world.openfoodfacts.org/data): its CSV and JSONL exports, read as rows of ours.

An export has no prices, so new articles are not for sale until somebody prices them, and prices that stand already stay. Its
quantities are net; nobody has weighed the package, so the gross weight stays unknown. Empty fields say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store_server.domain.product_fields import NAME_MAX, TEXT_MAX

MARKS = frozenset({"product_name", "product_name_en", "nutriments"})
"""One of these, beside ``code``, shows that a file is such an export."""

_SHORT_DIGITS = 8
_LONG_DIGITS = 13
_NUTRIENTS = {
    "energy_kj": ("energy-kj_100g", "energy_100g"),
    "energy_kcal": ("energy-kcal_100g",),
    "fat_g": ("fat_100g",),
    "saturates_g": ("saturated-fat_100g",),
    "carbohydrate_g": ("carbohydrates_100g",),
    "sugars_g": ("sugars_100g",),
    "fibre_g": ("fiber_100g",),
    "protein_g": ("proteins_100g",),
    "salt_g": ("salt_100g",),
}
COLUMNS = frozenset(
    {
        "code",
        "product_name",
        "product_name_en",
        "product_name_zh",
        "generic_name",
        "brands",
        "categories",
        "quantity",
        "product_quantity",
        "image_url",
        "image_front_url",
        "origins",
        "allergens",
        "allergens_tags",
        "nutriments",
        *(source for sources in _NUTRIENTS.values() for source in sources),
    }
)
"""What is read; exports have some two hundred columns more."""


def row_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return our row of one record of an export."""
    row: dict[str, Any] = {
        "code": _code(record),
        "name_en": _first(record, NAME_MAX, "product_name_en", "product_name", "product_name_zh", "generic_name"),
        "name_zh": _first(record, NAME_MAX, "product_name_zh"),
        "brand": _first(record, TEXT_MAX, "brands"),
        "department": _department(record),
        "package": _package(record),
        "picture": _first(record, TEXT_MAX, "image_front_url", "image_url"),
        "origin": _first(record, TEXT_MAX, "origins"),
        "allergens": _allergens(record),
        "nutrition": _nutrition(record),
    }
    return {column: value for column, value in row.items() if value or column in {"code", "name_en"}}


def _first(record: Mapping[str, Any], limit: int, *names: str) -> str:
    for name in names:
        text = " ".join(str(record.get(name) or "").split())
        if text:
            return text[:limit].rstrip()
    return ""


def _code(record: Mapping[str, Any]) -> str:
    """Return the code with the leading zeros that exports leave out."""
    text = str(record.get("code") or "").strip()
    if not (text.isascii() and text.isdigit()):
        return text
    return text.zfill(_SHORT_DIGITS if len(text) <= _SHORT_DIGITS else _LONG_DIGITS)


def _department(record: Mapping[str, Any]) -> str:
    return _first(record, TEXT_MAX, "categories").split(",")[0].split(":")[-1].strip()[:NAME_MAX].rstrip()


def _package(record: Mapping[str, Any]) -> str:
    amount = _first(record, TEXT_MAX, "product_quantity")
    return _first(record, TEXT_MAX, "quantity") or (f"{amount} g" if amount else "")


def _allergens(record: Mapping[str, Any]) -> list[str]:
    tags = record.get("allergens_tags") or record.get("allergens") or []
    words = tags.split(",") if isinstance(tags, str) else tags
    if not isinstance(words, list):
        return []
    return [word for tag in words if (word := str(tag).rsplit(":", 1)[-1].strip())]


def _nutrition(record: Mapping[str, Any]) -> dict[str, Any]:
    nested = record.get("nutriments")
    facts = nested if isinstance(nested, Mapping) else record
    found = {}
    for ours, theirs in _NUTRIENTS.items():
        value = next((facts[name] for name in theirs if facts.get(name) not in (None, "")), None)
        if value is not None:
            found[ours] = value
    return found
