"""Whose prices an order has, and which coupons lower it: kept with the order, so that it can be priced again the same way."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from store_server.contract.best_price.single_offers import GUEST, Shopper
from store_server.contract.order_messages import OrderLine, PricedLine
from store_server.contract.product_code import LabelTemplate
from store_server.contract.promotions import Coupon


class PricingTerms(BaseModel):
    """All that decides about an order's discounts besides goods, price book and time."""

    model_config = ConfigDict(frozen=True)

    member: bool = False
    """Member prices apply."""
    tier: str | None = None
    coupons: tuple[Coupon, ...] = ()
    """Those that are reserved for the order."""

    @property
    def shopper(self) -> Shopper:
        """As the pricing rules ask for it."""
        return Shopper(member=True, tier=self.tier) if self.member else GUEST


AS_GUEST = PricingTerms()


def scanned_line(line: PricedLine, templates: Iterable[LabelTemplate]) -> OrderLine:
    """Return the line as it was handed in, from the line as it was priced; a priced label's weight was only worked out."""
    if line.sold_by == "piece":
        return OrderLine(code=line.code, quantity=line.quantity)
    template = next((found for found in templates if line.code[1:].startswith(found.prefix)), None)
    if template is not None and "P" in template.pattern:
        return OrderLine(code=line.code, price_minor=line.goods_minor)
    return OrderLine(code=line.code, weight_g=line.weight_g)


def tier_of(points: int, tiers: dict[str, int]) -> str | None:
    """Return the highest tier whose points are reached.

    >>> tier_of(1200, {"silver": 1000, "gold": 5000}), tier_of(0, {"silver": 1000})
    ('silver', None)
    """
    reached = [(needed, name) for name, needed in tiers.items() if points >= needed]
    return max(reached)[1] if reached else None


def points_for(paid_minor: int, unit_minor: int) -> int:
    """Return the points for what was paid; 0 for a unit means that the shop gives none."""
    return paid_minor // unit_minor if unit_minor else 0
