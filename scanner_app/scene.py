"""What a screen's texts are made of: the trip, what is known around it, and the shopper's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scanner_app.price_terms import PriceTerms
from scanner_app.trip import Trip
from scanner_app.wording import Translate
from store_server.contract.article_messages import Article
from store_server.contract.money import format_minor
from store_server.contract.refusals import Refusal


def _knows_nothing(_code: str) -> Article | None:
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the handheld knows besides the trip."""

    shop_name: dict[str, str]
    """Language to name; empty until the shop was heard of."""
    terms: PriceTerms | None
    """None until a price book is here."""
    camera_ready: bool = False
    camera_set: bool = True
    """Whether the settings name a camera at all."""
    store_answers: bool = True
    store_refusal: Refusal | None = None
    """Why the store's last answer was no."""
    local_minute: int | None = None
    """The shop's wall clock, for promotions that open and close; None while it is not known."""
    find_article: Callable[[str], Article | None] = _knows_nothing
    """Looks articles up that are not in the basket, for what they would complete."""
    storage_writes: bool = True
    """False while the disk takes no more."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a view is made of."""

    trip: Trip
    around: Surroundings
    translate: Translate

    def text(self, message: str, **values: object) -> str:
        """Return a sentence in the shopper's language."""
        translated = self.translate(message)
        return translated.format(**values) if values else translated

    def amount(self, minor: int) -> str:
        """Write an amount in the shop's currency."""
        order, terms = self.trip.order, self.around.terms
        if order is not None:
            return format_minor(minor, order.currency)
        return "" if terms is None else format_minor(minor, terms.currency)

    def name(self, names: dict[str, str]) -> str:
        """Choose a name in the shopper's language."""
        return names.get(self.trip.language) or names.get("en") or next(iter(names.values()), "")
