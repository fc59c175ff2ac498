"""The shop's range as a CSV file: read completely or refused completely, with every bad line and its reason.

One row per article, UTF-8, comma-separated, with exactly the columns of :data:`COLUMNS` in any order. ``code`` is a GTIN of any
length, or for weighed goods the 13 digits of the label with its weight or price set to zero.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal, InvalidOperation

from store_server.contract.messages import AMOUNT_MAX_MINOR, WEIGHT_MAX_G, Article
from store_server.contract.product_code import LabelTemplate, ProductCode, ProductCodeError

COLUMNS = (
    "code",
    "name_en",
    "name_zh",
    "department",
    "sold_by",
    "unit_price_minor",
    "tax_class",
    "mean_g",
    "sd_g",
    "eas",
    "minimum_age",
)
ROWS_MAX = 100_000
PROBLEMS_SHOWN = 50
NAME_MAX = 120
AGE_MAX = 99

_YES = frozenset({"1", "true", "yes"})
_NO = frozenset({"", "0", "false", "no"})


class ProductListError(ValueError):
    """The file was not taken; :attr:`problems` says why, line by line."""

    def __init__(self, problems: Sequence[str]) -> None:
        more = len(problems) - PROBLEMS_SHOWN
        shown = [*problems[:PROBLEMS_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        super().__init__("\n".join(shown))
        self.problems = tuple(problems)


def read_products(text: str, templates: Sequence[LabelTemplate], tax_classes: Collection[str]) -> tuple[Article, ...]:
    """Read a whole product list.

    Raises:
        ProductListError: any row is wrong; nothing was taken.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    problems: list[str] = []
    articles: dict[str, tuple[int, Article]] = {}
    try:
        _check_header(reader.fieldnames)
        for row in reader:
            if len(articles) >= ROWS_MAX:
                problems.append(f"line {reader.line_num}: a product list has at most {ROWS_MAX} rows")
                break
            _take(row, reader.line_num, articles, problems, lambda values: _article(values, templates, tax_classes))
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}; is it a comma-separated text file?")
    if not articles and not problems:
        problems.append("the file has no articles")
    if problems:
        raise ProductListError(problems)
    return tuple(article for _line, article in articles.values())


def _check_header(names: Sequence[str] | None) -> None:
    given = list(names or ())
    problems = [f"line 1: the column {name!r} is missing" for name in COLUMNS if name not in given]
    problems += [
        f"line 1: there is no column {name!r}; known are {', '.join(COLUMNS)}" for name in given if name not in COLUMNS
    ]
    problems += [f"line 1: the column {name!r} stands twice" for name in COLUMNS if given.count(name) > 1]
    if problems:
        raise ProductListError(problems)


def _take(
    row: dict[str, str | None],
    line: int,
    articles: dict[str, tuple[int, Article]],
    problems: list[str],
    read: Callable[[dict[str, str]], Article],
) -> None:
    if None in row or any(value is None for value in row.values()):
        problems.append(f"line {line}: this row does not have {len(COLUMNS)} columns; is a comma missing or too many?")
        return
    values = {name: (value or "").strip() for name, value in row.items()}
    try:
        article = read(values)
    except ValueError as error:
        problems.append(f"line {line}: {error}")
        return
    first = articles.setdefault(article.code, (line, article))
    if first[0] != line:
        problems.append(f"line {line}: {values['code']} is the same article as line {first[0]}")


def _article(row: dict[str, str], templates: Sequence[LabelTemplate], tax_classes: Collection[str]) -> Article:
    by_weight = _choice("sold_by", row["sold_by"], ("piece", "weight")) == "weight"
    mean_g = _grams("mean_g", row["mean_g"])
    if by_weight and mean_g is not None:
        raise ValueError("mean_g of weighed goods stays empty: the label tells the weight")
    name = {"en": _name("name_en", row["name_en"])} | ({"zh": _name("name_zh", row["name_zh"])} if row["name_zh"] else {})
    return Article(
        code=_key(row["code"], templates, by_weight=by_weight),
        name=name,
        department=_name("department", row["department"]),
        sold_by="weight" if by_weight else "piece",
        unit_price_minor=_whole("unit_price_minor", row["unit_price_minor"], 1, AMOUNT_MAX_MINOR),
        tax_class=_choice("tax_class", row["tax_class"], tuple(tax_classes)),
        mean_g=mean_g,
        sd_g=_grams("sd_g", row["sd_g"]) or 0.0,
        eas=_flag("eas", row["eas"]),
        minimum_age=_whole("minimum_age", row["minimum_age"] or "0", 0, AGE_MAX),
    )


def _key(text: str, templates: Sequence[LabelTemplate], *, by_weight: bool) -> str:
    try:
        code = ProductCode.parse(text, templates)
    except ProductCodeError as error:
        raise ValueError(f"code: {error}") from error
    is_label = code.weight_g is not None or code.price_minor is not None
    if by_weight and not is_label:
        raise ValueError(f"code: weighed goods are named by their 13-digit label with value zero, not by {text}")
    if is_label and not by_weight:
        raise ValueError(f"code: {text} is a label of weighed goods; sold_by must be 'weight'")
    if code.weight_g or code.price_minor:
        raise ValueError(f"code: the value inside the label {text} must be zero")
    return code.key


def _name(column: str, text: str) -> str:
    if not text or len(text) > NAME_MAX or not text.isprintable():
        raise ValueError(f"{column}: needs 1 to {NAME_MAX} printable characters")
    return text


def _choice(column: str, text: str, known: Sequence[str]) -> str:
    if text not in known:
        raise ValueError(f"{column}: {text!r} is not one of {', '.join(known)}")
    return text


def _whole(column: str, text: str, low: int, high: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(high)) else low - 1
    if not low <= number <= high:
        raise ValueError(f"{column}: {text!r} is not a whole number from {low} to {high}")
    return number


def _grams(column: str, text: str) -> float | None:
    if not text:
        return None
    try:
        grams = Decimal(text)
    except InvalidOperation:
        grams = Decimal(-1)
    if not (grams.is_finite() and 0 <= grams <= WEIGHT_MAX_G):
        raise ValueError(f"{column}: {text!r} is not a weight in grams up to {WEIGHT_MAX_G}")
    if column == "mean_g" and grams == 0:
        raise ValueError("mean_g: leave it empty when the weight is not known")
    return float(grams)


def _flag(column: str, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(f"{column}: {text!r} is not 0 or 1")
