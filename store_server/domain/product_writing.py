"""Products as a file writes them: exactly what ``product_list`` and ``product_fields`` read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from store_server.domain.product import Product
from store_server.domain.product_fields import COLUMNS

_AFTER_CODE = COLUMNS[1:]
_OBJECTS = frozenset({"tier_prices_minor", "nutrition", "provenance"})


def json_line(product: Product) -> str:
    """Write a product as one JSON object, ending with a line feed."""
    return json.dumps(_values(product), ensure_ascii=False, separators=(",", ":")) + "\n"


class CsvWriting:
    """Products as lines of a CSV file."""

    def __init__(self, languages: Sequence[str]) -> None:
        """Take the languages that products have names in; "en" comes first whether it is among them or not."""
        others = [f"name_{language}" for language in sorted(languages) if language != "en"]
        self._columns = ["code", "name_en", *others, *_AFTER_CODE]

    def header(self) -> str:
        """Return the first line."""
        return _csv_line(self._columns)

    def line(self, product: Product) -> str:
        """Return the line of a product."""
        values = _values(product)
        return _csv_line([_cell(column, values.get(column)) for column in self._columns])


def _values(product: Product) -> dict[str, Any]:
    names = {f"name_{language}": product.name[language] for language in sorted(product.name)}
    # A label of weighed goods is known as such by its 13 digits.
    code = product.code[1:] if product.sold_by == "weight" else product.code
    values: dict[str, Any] = {"code": code, **names}
    values |= {column: getattr(product, column) for column in _AFTER_CODE}
    values["allergens"] = list(product.allergens)
    values["nutrition"] = product.nutrition.model_dump(exclude_none=True)
    values["provenance"] = [
        event.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True) for event in product.provenance
    ]
    return values


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if column == "allergens":
        return ";".join(value)
    if column in _OBJECTS:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
