"""The fields of a product as files write them: text in CSV cells, JSON values in JSON lines; the same rules for both.

A row says what it has columns for; a product that is known already keeps the rest. What a new product must have besides its
code are ``name_en`` and ``tax_class``; without a price it is not for sale.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from store_server.contract.product_code import LabelTemplate, ProductCode, ProductCodeError
from store_server.domain.product import Product
from store_server.domain.product_cells import READERS, ProductFieldError, read_choice, read_name, short

NO_DEPARTMENT = "Other"

NAME_COLUMN = re.compile(r"^name_([a-z]{2,3})$")
_ROUNDED = re.compile(r"^[0-9]([.,][0-9]+)?[Ee]\+?[0-9]+$")

Row = Mapping[str, Any]
"""Column to what a file says, every key of ``COLUMNS`` or a name column."""


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
        if _ROUNDED.match(text):
            raise ProductFieldError(f"code: {short(text)!r} was rounded by a spreadsheet; format that column as text")
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
                given[column] = read_choice(column, value, self._tax_classes)
            elif column != "code":
                given[column] = READERS[column](column, value)
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
        names[language] = read_name(column, text)
    else:
        names.pop(language, None)


COLUMNS = ("code", "tax_class", *READERS)
"""Besides ``name_`` and a language code."""
