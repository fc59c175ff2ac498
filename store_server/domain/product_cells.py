"""How each column of a product is read: from the text of a CSV cell or from a value of JSON, by the same rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from store_server.contract.article_messages import Nutrition
from store_server.contract.wire import AMOUNT_MAX_MINOR, COUNT_MAX, WEIGHT_MAX_G
from store_server.domain.provenance import read_events

NAME_MAX = 120
TEXT_MAX = 500
AGE_MAX = 99
ALLERGENS_MAX = 40
TIERS_MAX = 20
NUTRIENT_MAX = 10_000
WEIGHT_SOURCES = ("measured", "declared", "learned")

_TIER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$")
_YES = frozenset({"1", "true", "yes"})
_NO = frozenset({"", "0", "false", "no"})
_OTHER_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Spaces that spreadsheets and Chinese keyboards write; all are read as the plain one."""


class ProductFieldError(ValueError):
    """A field is wrong; the message begins with its column."""


def read_name(column: str, value: Any) -> str:
    """Read a name.

    Raises:
        ProductFieldError: it is empty, too long or not printable.
    """
    text = _printable(column, value)
    if not text or len(text) > NAME_MAX:
        raise ProductFieldError(f"{column}: needs 1 to {NAME_MAX} printable characters")
    return text


def _text(column: str, value: Any) -> str:
    text = _printable(column, value)
    if len(text) > TEXT_MAX:
        raise ProductFieldError(f"{column}: needs at most {TEXT_MAX} printable characters")
    return text


def _printable(column: str, value: Any) -> str:
    text = "" if value is None else _OTHER_SPACES.sub(" ", str(value)).strip()
    hidden = next((character for character in text if not character.isprintable()), None)
    if hidden is not None:
        raise ProductFieldError(f"{column}: has the unprintable character U+{ord(hidden):04X}")
    return text


def read_choice(column: str, value: Any, known: Sequence[str]) -> str:
    """Read one of several words.

    Raises:
        ProductFieldError: it is none of them.
    """
    text = "" if value is None else str(value).strip()
    if text not in known:
        raise ProductFieldError(f"{column}: {text!r} is not one of {', '.join(known)}")
    return text


def _whole(column: str, value: Any, low: int, high: int) -> int:
    text = "" if isinstance(value, bool | float) else str(value).strip()
    if re.fullmatch(r"-[0-9]+", text):
        raise ProductFieldError(f"{column}: {short(text)} is below zero")
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(high)) else low - 1
    if not low <= number <= high:
        raise ProductFieldError(f"{column}: {short(str(value))!r} is not a whole number from {low} to {high}")
    return number


def short(text: str) -> str:
    """Return a text that fits into a sentence."""
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
        raise ProductFieldError(f"{column}: {short(str(value))!r} is not a weight in grams up to {WEIGHT_MAX_G}")
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
    raise ProductFieldError(f"{column}: {short(text)!r} is not 0 or 1")


def _flag_or_yes(column: str, value: Any) -> bool:
    return True if _is_empty(value) else _flag(column, value)


def _source(column: str, value: Any) -> str:
    return "" if _is_empty(value) else read_choice(column, value, WEIGHT_SOURCES)


def _department(column: str, value: Any) -> str:
    return read_name(column, value)


def _sold_by(column: str, value: Any) -> str:
    return read_choice(column, value, ("piece", "weight"))


def _allergens(column: str, value: Any) -> tuple[str, ...]:
    words = value.split(";") if isinstance(value, str) else value or []
    if (
        not isinstance(words, list)
        or len(words) > ALLERGENS_MAX
        or not all(isinstance(word, str) and ";" not in word for word in words)
    ):
        raise ProductFieldError(f"{column}: expected at most {ALLERGENS_MAX} words with ';' between them")
    return tuple(sorted({read_name(column, word) for word in words if word.strip()}))


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
            raise ProductFieldError(f"{column}: {short(nutrient)!r} is not one of {', '.join(Nutrition.model_fields)}")
        number = _number(amount)
        if not (number.is_finite() and 0 <= number <= NUTRIENT_MAX):
            raise ProductFieldError(f"{column}: {nutrient} is not a number from 0 to {NUTRIENT_MAX}")
        amounts[nutrient] = float(number)
    return Nutrition(**amounts)


def _provenance(column: str, value: Any) -> tuple[Any, ...]:
    if _is_empty(value):
        return ()
    return read_events(_json(column, value) if isinstance(value, str) else value)


READERS: dict[str, Callable[[str, Any], Any]] = {
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
"""Column to what reads it, given its name and its value."""
