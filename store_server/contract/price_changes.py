"""Changes of a price book, applied to a copy of it: the result is the newer price book, whole, or nothing.

>>> book = PriceBook(
...     version=3, shop_id=1, currency="CNY", cash_rounding_minor=10, tax_rates={}, label_templates=[], articles=[]
... )
>>> newer = PriceBookChanges(since=3, terms=book.model_copy(update={"version": 4}), changed=[], removed=[], articles=0)
>>> apply_changes(book, newer).version
4
"""

from __future__ import annotations

from store_server.contract.article_messages import PriceBook, PriceBookChanges

CHANGED_MAX = 50_000
"""Articles in one answer; with more the whole price book is no larger."""


class PriceChangesError(ValueError):
    """The changes do not fit the price book that is held. Fetch the whole one."""


def check_base(held: PriceBook, changes: PriceBookChanges) -> None:
    """Check that ``changes`` continue the price book of which ``held`` are the terms.

    Raises:
        PriceChangesError: they are for another version or another shop, or go back.
    """
    if (changes.since, changes.terms.shop_id) != (held.version, held.shop_id) or changes.terms.version < held.version:
        raise PriceChangesError(
            f"the changes lead from version {changes.since} of shop {changes.terms.shop_id} to {changes.terms.version},"
            f" but held is version {held.version} of shop {held.shop_id}"
        )


def check_result(count: int, changes: PriceBookChanges) -> None:
    """Check how many articles there are after applying ``changes``.

    Raises:
        PriceChangesError: another number than the server has.
    """
    if count != changes.articles:
        raise PriceChangesError(f"after the changes there are {count} articles, but the store has {changes.articles}")


def apply_changes(held: PriceBook, changes: PriceBookChanges) -> PriceBook:
    """Return the newer price book, its articles in the order of their codes.

    Raises:
        PriceChangesError: the changes do not fit.
    """
    check_base(held, changes)
    articles = {article.code: article for article in held.articles}
    for code in changes.removed:
        articles.pop(code, None)
    articles.update((article.code, article) for article in changes.changed)
    check_result(len(articles), changes)
    return changes.terms.model_copy(update={"articles": [articles[code] for code in sorted(articles)]})
