"""What could be carried out under the scale's nose: the dearest article that is lighter than what it can see; pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from store_server.contract.article_messages import Article


@dataclass(frozen=True, slots=True)
class BlindGoods:
    """Articles without a tag, the lightest first, each only where it is dearer than every lighter one."""

    weights_g: tuple[float, ...] = ()
    articles: tuple[Article, ...] = ()

    @classmethod
    def of(cls, articles: Iterable[Article]) -> BlindGoods:
        """Lay out a shop's range; what carries a tag is looked after by pedestal and RFID gate."""
        light = sorted((article.mean_g, article.code, article) for article in articles if article.mean_g and not article.eas)
        dearer: list[Article] = []
        for _mean_g, _code, article in light:
            if article.withheld is None and (not dearer or article.unit_price_minor > dearer[-1].unit_price_minor):
                dearer.append(article)
        return cls(tuple(article.mean_g or 0.0 for article in dearer), tuple(dearer))

    def dearest_below(self, grams: float) -> Article | None:
        """Return the dearest article lighter than ``grams``."""
        place = bisect_left(self.weights_g, grams)
        return self.articles[place - 1] if place else None
