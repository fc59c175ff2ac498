"""The demo shop's range: ``products.csv``, written for Scanlane, with the GS1 demonstration prefix 952.

Weighed goods carry the 13-digit label of the shop's template ``21IIIIIWWWWWC`` with value zero. Weights are gross.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

PRODUCTS = Path(__file__).with_name("products.csv")


@dataclass(frozen=True, slots=True)
class Product:
    """One article as it lies on the shelf."""

    code: str
    name_en: str
    name_zh: str
    department: str
    sold_by: str
    unit_price_minor: int
    mean_g: float
    sd_g: float
    eas: bool
    minimum_age: int


def products() -> dict[str, Product]:
    """Return the range by English name."""
    with PRODUCTS.open(encoding="utf-8", newline="") as file:
        return {
            row["name_en"]: Product(
                code=row["code"],
                name_en=row["name_en"],
                name_zh=row["name_zh"],
                department=row["department"],
                sold_by=row["sold_by"],
                unit_price_minor=int(row["unit_price_minor"]),
                mean_g=float(row["mean_g"] or 0),
                sd_g=float(row["sd_g"]),
                eas=row["eas"] == "1",
                minimum_age=int(row["minimum_age"]),
            )
            for row in csv.DictReader(file)
        }


def label(product: Product, grams: int) -> str:
    """Print a weighed label as the scale in the fruit department does: template ``21IIIIIWWWWWC``."""
    body = f"{product.code[:7]}{grams:05d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-weighted % 10}"
