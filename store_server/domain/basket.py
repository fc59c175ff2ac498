"""What a basket may claim before it is priced: numbers from a client are claims, never facts.

Only a label carries a weight or a price of its own, each label exactly the one that its template says; everything else costs
what the price book says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store_server.contract.article_messages import Article
from store_server.contract.order_messages import OrderLine
from store_server.contract.pricing import FindArticle, PricedBasket
from store_server.contract.product_code import LabelTemplate
from store_server.contract.wire import AMOUNT_MAX_MINOR

ARTICLES_MAX = 9_999
"""Pieces in one order; it must fit the pass."""
REVISION_MAX = 999


def mistake_in_lines(lines: Iterable[OrderLine], find: FindArticle, templates: Sequence[LabelTemplate]) -> str | None:
    """Return a sentence about the first line that claims what it cannot know; unknown articles are left to pricing."""
    for position, line in enumerate(lines, start=1):
        article = find(line.code)
        mistake = None if article is None else _mistake(line, article, templates)
        if mistake is not None:
            return f"Line {position} ({line.code}): {mistake}"
    return None


def mistake_in_size(basket: PricedBasket) -> str | None:
    """Return a sentence when a basket is larger than an order can be."""
    if basket.article_count > ARTICLES_MAX:
        return f"An order has at most {ARTICLES_MAX} articles. Please pay in two orders."
    if basket.total_minor > AMOUNT_MAX_MINOR:
        return "This order is dearer than one order can be. Please pay in two orders."
    return None


def _mistake(line: OrderLine, article: Article, templates: Sequence[LabelTemplate]) -> str | None:
    if article.sold_by == "piece":
        claims = line.weight_g is not None or line.price_minor is not None
        return "an article sold by the piece has no weight or price of its own." if claims else None
    if line.quantity != 1:
        return "a label of weighed goods is a line of its own with quantity 1."
    template = next((found for found in templates if line.code[1:].startswith(found.prefix)), None)
    if template is None:
        return "no label template of this shop fits this article."
    if "W" in template.pattern and (line.weight_g is None or line.price_minor is not None):
        return "this label carries a weight; send it as weight_g, and no price."
    if "P" in template.pattern and (not line.price_minor or line.weight_g is not None):
        return "this label carries a price; send it as price_minor, and no weight."
    return None
