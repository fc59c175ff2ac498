"""What a price book says besides its articles."""

from __future__ import annotations

from dataclasses import dataclass

from store_server.contract.article_messages import PriceBook
from store_server.contract.product_code import LabelTemplate
from store_server.contract.promotions import Promotion


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """Version, currency, taxes, promotions and the templates of the shop's labels."""

    version: int
    currency: str
    tax_rates: dict[str, str]
    templates: tuple[LabelTemplate, ...]
    promotions: tuple[Promotion, ...] = ()
    prices_include_tax: bool = True
    time_zone: str = "UTC"
    """Of the shop."""

    @classmethod
    def of(cls, book: PriceBook) -> PriceTerms:
        """Take the terms out of a price book.

        Raises:
            ProductCodeError: one of its label templates is none.
        """
        return cls(
            version=book.version,
            currency=book.currency,
            tax_rates=book.tax_rates,
            templates=tuple(LabelTemplate(pattern) for pattern in book.label_templates),
            promotions=tuple(book.promotions),
            prices_include_tax=book.prices_include_tax,
            time_zone=book.time_zone,
        )
