"""What a scanned or typed text means for the trip: an article to add, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from scanner_app.notices import Notice, NoticeKind
from scanner_app.trip_events import ArticleScanned, CodeRefused
from store_server.contract.article_messages import Article
from store_server.contract.product_code import LabelTemplate, ProductCode, ProductCodeError

_WITHHELD = {"recalled": NoticeKind.RECALLED, "not_for_sale": NoticeKind.NOT_FOR_SALE}
SHOWN_MAX = 24
"""Characters of a foreign code that a notice shows."""


def understand(
    text: str, templates: Sequence[LabelTemplate], find: Callable[[str], Article | None], today: date | None = None
) -> ArticleScanned | CodeRefused:
    """Look up what the camera read or the shopper typed; ``today`` is the shop's date, where it is known."""
    try:
        code = ProductCode.parse(text, templates)
    except ProductCodeError:
        return CodeRefused(Notice(NoticeKind.NOT_A_PRODUCT, detail=_shown(text)))
    article = find(code.key)
    if article is None:
        return CodeRefused(Notice(NoticeKind.UNKNOWN_ARTICLE, detail=code.text))
    if article.withheld is not None:
        return CodeRefused(Notice(_WITHHELD[article.withheld], detail=code.text))
    if today is not None and code.use_by is not None and code.use_by < today:
        return CodeRefused(Notice(NoticeKind.EXPIRED, detail=code.text))
    if article.sold_by == "weight" and not code.weight_g and not code.price_minor:
        return CodeRefused(Notice(NoticeKind.NEEDS_LABEL, detail=code.text))
    return ArticleScanned(code, article)


def _shown(text: str) -> str:
    printable = "".join(character for character in text.strip() if character.isprintable())
    return printable if len(printable) <= SHOWN_MAX else f"{printable[: SHOWN_MAX - 1]}…"
