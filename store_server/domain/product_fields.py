"""The fields of a product as files write them: text in CSV cells, JSON values in JSON lines; the same rules for both.

A row says what it has columns for; a product that is known already keeps the rest. What a new product must have besides its
code are ``name_en`` and ``tax_class``; without a price it is not for sale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from store_server.contract.article_messages import Nutrition
from store_server.contract.product_code import LabelTemplate, ProductCode, ProductCodeError
from store_server.contract.wire import AMOUNT_MAX_MINOR, COUNT_MAX, WEIGHT_MAX_G
from store_server.domain.product import Product
from store_server.domain.provenance import read_events

NAME_MAX = 120
TEXT_MAX = 500
AGE_MAX = 99
ALLERGENS_MAX = 40
TIERS_MAX = 20
NUTRIENT_MAX = 10_000
NO_DEPARTMENT = "Other"
WEIGHT_SOURCES = ("measured", "declared", "learned")

NAME_COLUMN = re.compile(r"^name_([a-z]{2,3})$")
_TIER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$")
_YES = frozenset({"1", "true", "yes"})
_NO = frozenset({"", "0", "false", "no"})

Row = Mapping[str, Any]
"""Column to what a file says, every key of ``COLUMNS`` or a name column."""


class ProductFieldError(ValueError):
    """A field is wrong; the message begins with its column."""


class ProductRules:
    """How one shop reads products."""

    def __init__(self, templates: Sequence[LabelTemplate], tax_classes: Collection[str], new_tax_class: str = "") -> None:
        """Take the shop's label templates and tax classes; ``new_tax_class`` is for new products of which a file says none."""
        self._templates = tuple(templates)
        self._tax_classes = tuple(tax_classes)
        self._new_tax_class = new_tax_class

    def code(self, row: Row) -> ProductCode:
        """Return the code of the row's article.

        Raises:
            ProductFieldError: what stands in its code is none.
        """
        text = str(row.get("code", "")).strip()
        try:
            return ProductCode.parse(text, self._templates)
        except ProductCodeError as error:
            raise ProductFieldError(f"code: {error}") from error

    def product(self, code: ProductCode, row: Row, known: Product | None) -> Product:
        """Return the product that the row of this code makes of what is known.

        Raises:
            ValueError: a field is wrong; the message begins with its column.
        """
        given: dict[str, Any] = {}
        names = {} if known is None else dict(known.name)
        for column, value in row.items():
            language = NAME_COLUMN.match(column)
            if language is not None:
                _take_name(names, column, language[1], value)
            elif column == "tax_class":
                given[column] = _choice(column, value, self._tax_classes)
            elif column != "code":
                given[column] = _READERS[column](column, value)
        if "en" not in names:
            raise ProductFieldError("name_en: a product needs its English name")
        given["name"] = dict(sorted(names.items()))
        if known is not None:
            product = replace(known, **given)
        elif "tax_class" not in given and not self._new_tax_class:
            raise ProductFieldError(f"tax_class: a new product needs one of {', '.join(self._tax_classes)}")
        else:
            product = Product(code=code.key, **{"department": NO_DEPARTMENT, "tax_class": self._new_tax_class, **given})
        _check_whole(product, code)
        return product


def _check_whole(product: Product, code: ProductCode) -> None:
    by_weight = product.sold_by == "weight"
    is_label = code.weight_g is not None or code.price_minor is not None
    if by_weight and not is_label:
        raise ProductFieldError(f"code: weighed goods are named by their 13-digit label with value zero, not by {code.text}")
    if is_label and not by_weight:
        raise ProductFieldError(f"code: {code.text} is a label of weighed goods; sold_by must be 'weight'")
    if code.weight_g or code.price_minor:
        raise ProductFieldError(f"code: the value inside the label {code.text} must be zero")
    if by_weight and product.mean_g is not None:
        raise ProductFieldError("mean_g of weighed goods stays empty: the label tells the weight")


def _take_name(names: dict[str, str], column: str, language: str, value: Any) -> None:
    text = "" if value is None else str(value).strip()
    if text or language == "en":
        names[language] = _name(column, text)
    else:
        names.pop(language, None)


def _name(column: str, value: Any) -> str:
    text = "" if value is None else str(value).strip()
    if not text or len(text) > NAME_MAX or not text.isprintable():
        raise ProductFieldError(f"{column}: needs 1 to {NAME_MAX} printable characters")
    return text


def _text(column: str, value: Any) -> str:
    text = "" if value is None else str(value).strip()
    if len(text) > TEXT_MAX or not text.isprintable():
        raise ProductFieldError(f"{column}: needs at most {TEXT_MAX} printable characters")
    return text


def _choice(column: str, value: Any, known: Sequence[str]) -> str:
    text = "" if value is None else str(value).strip()
    if text not in known:
        raise ProductFieldError(f"{column}: {text!r} is not one of {', '.join(known)}")
    return text


def _whole(column: str, value: Any, low: int, high: int) -> int:
    text = "" if isinstance(value, bool | float) else str(value).strip()
    if re.fullmatch(r"-[0-9]+", text):
        raise ProductFieldError(f"{column}: {_short(text)} is below zero")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(high)) else low - 1
    if not low <= number <= high:
        raise ProductFieldError(f"{column}: {_short(str(value))!r} is not a whole number from {low} to {high}")
    return number


def _short(text: str) -> str:
    return text if len(text) <= NAME_MAX else f"{text[:NAME_MAX]}..."


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _price(column: str, value: Any) -> int | None:
    return None if _is_empty(value) else _whole(column, value, 1, AMOUNT_MAX_MINOR)


def _deposit(column: str, value: Any) -> int:
    return 0 if _is_empty(value) else _whole(column, value, 0, AMOUNT_MAX_MINOR)


def _stock(column: str, value: Any) -> int | None:
    return None if _is_empty(value) else _whole(column, value, 0, COUNT_MAX)


def _age(column: str, value: Any) -> int:
    return 0 if _is_empty(value) else _whole(column, value, 0, AGE_MAX)


def _number(value: Any) -> Decimal:
    try:
        return Decimal("NaN") if isinstance(value, bool) else Decimal(str(value).strip())
    except InvalidOperation:
        return Decimal("NaN")


def _grams(column: str, value: Any) -> float | None:
    if _is_empty(value):
        return None
    grams = _number(value)
    if not (grams.is_finite() and 0 <= grams <= WEIGHT_MAX_G):
        raise ProductFieldError(f"{column}: {_short(str(value))!r} is not a weight in grams up to {WEIGHT_MAX_G}")
    if column == "mean_g" and grams == 0:
        raise ProductFieldError("mean_g: leave it empty when the weight is not known")
    return float(grams)


def _spread(column: str, value: Any) -> float:
    return _grams(column, value) or 0.0


def _flag(column: str, value: Any) -> bool:
    text = "" if value is None else str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ProductFieldError(f"{column}: {_short(text)!r} is not 0 or 1")


def _flag_or_yes(column: str, value: Any) -> bool:
    return True if _is_empty(value) else _flag(column, value)


def _source(column: str, value: Any) -> str:
    return "" if _is_empty(value) else _choice(column, value, WEIGHT_SOURCES)


def _department(column: str, value: Any) -> str:
    return _name(column, value)


def _sold_by(column: str, value: Any) -> str:
    return _choice(column, value, ("piece", "weight"))


def _allergens(column: str, value: Any) -> tuple[str, ...]:
    words = value.split(";") if isinstance(value, str) else value or []
    if (
        not isinstance(words, list)
        or len(words) > ALLERGENS_MAX
        or not all(isinstance(word, str) and ";" not in word for word in words)
    ):
        raise ProductFieldError(f"{column}: expected at most {ALLERGENS_MAX} words with ';' between them")
    return tuple(sorted({_name(column, word) for word in words if word.strip()}))


def _json_object(column: str, value: Any) -> dict[str, Any]:
    if _is_empty(value):
        return {}
    if isinstance(value, str):
        value = _json(column, value)
    if not isinstance(value, dict):
        raise ProductFieldError(f"{column}: expected a JSON object")
    return value


def _json(column: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProductFieldError(f"{column}: is no JSON ({error})") from error


def _tier_prices(column: str, value: Any) -> dict[str, int]:
    prices = _json_object(column, value)
    if len(prices) > TIERS_MAX or not all(_TIER.match(tier) for tier in prices):
        raise ProductFieldError(f"{column}: expected at most {TIERS_MAX} tiers named by letters and digits")
    return {tier: _whole(column, prices[tier], 1, AMOUNT_MAX_MINOR) for tier in sorted(prices)}


def _nutrition(column: str, value: Any) -> Nutrition:
    given = _json_object(column, value)
    amounts = {}
    for nutrient, amount in given.items():
        if nutrient not in Nutrition.model_fields:
            raise ProductFieldError(f"{column}: {_short(nutrient)!r} is not one of {', '.join(Nutrition.model_fields)}")
        number = _number(amount)
        if not (number.is_finite() and 0 <= number <= NUTRIENT_MAX):
            raise ProductFieldError(f"{column}: {nutrient} is not a number from 0 to {NUTRIENT_MAX}")
        amounts[nutrient] = float(number)
    return Nutrition(**amounts)


def _provenance(column: str, value: Any) -> tuple[Any, ...]:
    if _is_empty(value):
        return ()
    return read_events(_json(column, value) if isinstance(value, str) else value)


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "department": _department,
    "brand": _text,
    "package": _text,
    "sold_by": _sold_by,
    "unit_price_minor": _price,
    "deposit_minor": _deposit,
    "member_price_minor": _price,
    "tier_prices_minor": _tier_prices,
    "discountable": _flag_or_yes,
    "mean_g": _grams,
    "sd_g": _spread,
    "weight_source": _source,
    "eas": _flag,
    "minimum_age": _age,
    "recalled": _flag,
    "for_sale": _flag_or_yes,
    "stock": _stock,
    "picture": _text,
    "origin": _text,
    "allergens": _allergens,
    "nutrition": _nutrition,
    "provenance": _provenance,
}

COLUMNS = ("code", "tax_class", *_READERS)
"""Besides ``name_`` and a language code."""
