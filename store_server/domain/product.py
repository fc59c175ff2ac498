"""A product: everything the shop knows about an article, of which the price book shows a part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from store_server.contract.article_messages import Article, ArticleDetails, Nutrition, ProvenanceEvent

NOTHING_KNOWN = Nutrition()


@dataclass(frozen=True, slots=True)
class Product:
    """One article with all that is known; ``product_fields`` makes valid ones."""

    code: str
    """14 digits."""
    name: dict[str, str]
    """Language code to name; "en" is always there."""
    tax_class: str
    department: str
    brand: str = ""
    package: str = ""
    """What the label says is in it, such as "500 ml"."""
    sold_by: Literal["piece", "weight"] = "piece"
    unit_price_minor: int | None = None
    """None until somebody prices it; it is not for sale before."""
    deposit_minor: int = 0
    member_price_minor: int | None = None
    tier_prices_minor: dict[str, int] = field(default_factory=dict)
    discountable: bool = True
    mean_g: float | None = None
    sd_g: float = 0.0
    weight_source: Literal["", "measured", "declared", "learned"] = ""
    """Who says so: "measured", "declared", "learned", or empty."""
    eas: bool = False
    minimum_age: int = 0
    recalled: bool = False
    for_sale: bool = True
    stock: int | None = None
    """Pieces, or grams of weighed goods; None where nobody counts."""
    picture: str = ""
    origin: str = ""
    allergens: tuple[str, ...] = ()
    nutrition: Nutrition = NOTHING_KNOWN
    provenance: tuple[ProvenanceEvent, ...] = ()

    @property
    def is_sold(self) -> bool:
        """Whoever scans it may buy it."""
        return self.for_sale and not self.recalled and self.unit_price_minor is not None

    @property
    def withheld(self) -> Literal["recalled", "not_for_sale"] | None:
        """Why it may not be sold although the shop knows it."""
        if self.recalled:
            return "recalled"
        return None if self.for_sale else "not_for_sale"

    def entry(self) -> str | None:
        """Return its entry in the price book as JSON; None for what was never priced, unless it is recalled.

        What may not be sold stays in the price book, so that a handheld can say why.
        """
        if self.unit_price_minor is None and not self.recalled:
            return None
        return Article(
            code=self.code,
            name=self.name,
            department=self.department,
            sold_by=self.sold_by,
            unit_price_minor=self.unit_price_minor or 0,
            tax_class=self.tax_class,
            mean_g=self.mean_g,
            sd_g=self.sd_g,
            weight_source=self.weight_source,
            eas=self.eas,
            minimum_age=self.minimum_age,
            deposit_minor=self.deposit_minor,
            member_price_minor=self.member_price_minor,
            tier_prices_minor=self.tier_prices_minor,
            discountable=self.discountable,
            withheld=self.withheld,
        ).model_dump_json()

    def details(self) -> ArticleDetails:
        """Return what a shopper may want to know besides the price."""
        return ArticleDetails(
            code=self.code,
            name=self.name,
            department=self.department,
            brand=self.brand,
            package=self.package,
            origin=self.origin,
            picture=self.picture,
            for_sale=self.is_sold,
            recalled=self.recalled,
            minimum_age=self.minimum_age,
            stock=self.stock,
            allergens=list(self.allergens),
            nutrition=self.nutrition,
            provenance=list(self.provenance),
        )
