"""The basket in words: lines, the last article, hints. Pure."""

from __future__ import annotations

from scanner_app.basket import PIECES_MAX, BasketLine
from scanner_app.departments import icon_of
from scanner_app.scene import Scene
from scanner_app.views import LastArticleView, LineView
from scanner_app.wording import _
from store_server.contract.article_messages import Article
from store_server.contract.nearly import nearly
from store_server.contract.order_messages import PricedLine
from store_server.contract.pricing import PricedBasket, price_basket, price_line

GRAMS_PER_KG = 1000
REASONS_MAX = 2
"""Promotions that one line names."""
NEARLY_LINES_MAX = 20
NEARLY_TRIES = 3
"""In a larger basket, or with more tries, the search for what is missing would hold the screen up."""
_TIMES = "\N{MULTIPLICATION SIGN}"


def priced_basket(scene: Scene) -> PricedBasket:
    """Price what can be bought of the trip's lines as the store will."""
    bought = [line for line in scene.trip.lines if not line.gone]
    articles = {line.article.code: line.article for line in bought}
    lines, terms = [line.order_line for line in bought], scene.around.terms
    if terms is None:
        return price_basket(lines, articles.get, {})
    return price_basket(
        lines,
        articles.get,
        terms.tax_rates,
        promotions=terms.promotions,
        local_minute=scene.around.local_minute,
        prices_include_tax=terms.prices_include_tax,
    )


def line_views(scene: Scene, basket: PricedBasket) -> tuple[LineView, ...]:
    """Return every line as it is drawn; what cannot be bought is struck out and in no sum."""
    bought = iter(enumerate(basket.lines))
    views = []
    for line in scene.trip.lines:
        if line.gone:
            views.append(_line(scene, line, price_line(line.order_line, line.article), ""))
        else:
            place, priced = next(bought)
            views.append(_line(scene, line, priced, _reasons(scene, basket, place)))
    return tuple(views)


def _reasons(scene: Scene, basket: PricedBasket, place: int) -> str:
    """Return why a line costs less than on the shelf."""
    taken = [one for one in basket.discounts if any(take.line == place and take.amount_minor for take in one.takes)]
    return ", ".join(scene.name(one.texts) for one in taken[:REASONS_MAX])


def saved_text(scene: Scene, basket: PricedBasket) -> str:
    """Tell what the whole basket saves; empty for nothing."""
    return scene.text(_("You save {amount}"), amount=scene.amount(basket.discount_minor)) if basket.discount_minor else ""


def nearly_text(scene: Scene) -> str:
    """Tell what is missing for the promotion that is nearest and saves most; empty where none is near."""
    lines, terms = [line.order_line for line in scene.trip.lines if not line.gone], scene.around.terms
    if terms is None or not terms.promotions or not lines or len(lines) > NEARLY_LINES_MAX:
        return ""
    articles = {line.article.code: line.article for line in scene.trip.lines}

    def find(code: str) -> Article | None:
        return articles.get(code) or scene.around.find_article(code)

    hints = nearly(lines, find, promotions=terms.promotions, local_minute=scene.around.local_minute, most=1, tries=NEARLY_TRIES)
    if not hints:
        return ""
    hint = hints[0]
    saves, reason = scene.amount(hint.saves_minor), scene.name(hint.texts)
    if not hint.add:
        text = _("Spend {more} more and save {saves}: {reason}")
        return scene.text(text, more=scene.amount(hint.spend_minor), saves=saves, reason=reason)
    code, pieces = hint.add[0]
    article = find(code)
    assert article is not None, "a hint was tried with its article"
    text = _("{pieces} more {article} and save {saves}: {reason}")
    return scene.text(text, pieces=pieces, article=scene.name(article.name), saves=saves, reason=reason)


def _line(scene: Scene, line: BasketLine, priced: PricedLine, reasons: str) -> LineView:
    return LineView(
        number=line.number,
        icon=icon_of(line.article.department),
        name=scene.name(line.article.name),
        detail=_detail(scene, priced),
        hint=_line_hint(scene, line, priced, reasons),
        quantity=priced.quantity,
        quantity_text=str(priced.quantity),
        total=scene.amount(priced.total_minor),
        can_increase=not line.is_label and not line.gone and line.quantity < PIECES_MAX,
        can_decrease=not line.is_label and not line.gone and line.quantity > 1,
        is_label=line.is_label,
        is_last=line.number == scene.trip.last_number,
        is_struck=line.gone,
    )


def last_article_view(scene: Scene, basket: PricedBasket) -> LastArticleView | None:
    """Return the line that was touched last, large; None after a removal."""
    found = next((line for line in scene.trip.lines if line.number == scene.trip.last_number), None)
    if found is None:
        return None
    bought = [line for line in scene.trip.lines if not line.gone]
    priced = price_line(found.order_line, found.article) if found.gone else basket.lines[bought.index(found)]
    single = price_line(found.order_line.model_copy(update={"quantity": 1}), found.article)
    times = f"{priced.quantity} {_TIMES} " if priced.quantity > 1 else ""
    return LastArticleView(
        icon=icon_of(found.article.department),
        name=scene.name(found.article.name),
        price=f"{times}{scene.amount(single.total_minor)}",
        detail=_detail(scene, priced),
        hint=_hint(scene, found.article, gone=found.gone),
        is_struck=found.gone,
    )


def _detail(scene: Scene, priced: PricedLine) -> str:
    unit_price = scene.amount(priced.unit_price_minor)
    if priced.sold_by == "weight":
        weight = "" if priced.weight_g is None else f"{_kilograms(priced.weight_g)} {_TIMES} "
        return f"{weight}{unit_price}/kg"
    weight = "" if priced.mean_g is None else f" · {_weight(priced.mean_g * priced.quantity)}"
    each = scene.text(_("{price} each"), price=unit_price)
    return f"{each}{weight}"


def _line_hint(scene: Scene, line: BasketLine, priced: PricedLine, reasons: str) -> str:
    hint = _hint(scene, line.article, gone=line.gone)
    if not priced.discount_minor or line.gone:
        return hint
    saved = scene.text(_("You save {amount}"), amount=scene.amount(priced.discount_minor))
    saved = f"{saved}: {reasons}" if reasons else saved
    return f"{saved} · {hint}" if hint else saved


def _hint(scene: Scene, article: Article, *, gone: bool) -> str:
    if gone and article.withheld == "recalled":
        return scene.text(_("Recalled: please remove it and hand it to the staff"))
    if gone:
        return scene.text(_("Not sold any more: please remove it"))
    hints = []
    if article.minimum_age:
        hints.append(scene.text(_("{age}+ proof of age"), age=article.minimum_age))
    if article.eas:
        hints.append(scene.text(_("Security tag")))
    return " · ".join(hints)


def basket_hints(scene: Scene, lines: tuple[PricedLine, ...]) -> tuple[str, ...]:
    """Return what the shopper will meet on the way out."""
    age = max((line.minimum_age for line in lines), default=0)
    hints = [scene.text(_("The staff will ask for proof that you are {age} or older."), age=age)] if age else []
    if any(line.eas for line in lines):
        hints.append(scene.text(_("Security tags are released in the exit lane.")))
    return tuple(hints)


def article_count(scene: Scene, pieces: int, grams: float) -> str:
    """Tell how much there is."""
    articles = scene.text(_("1 article")) if pieces == 1 else scene.text(_("{count} articles"), count=pieces)
    return f"{articles} · {_weight(grams)}" if grams else articles


def _weight(grams: float) -> str:
    return f"≈ {grams / GRAMS_PER_KG:.1f} kg" if grams >= GRAMS_PER_KG else f"≈ {grams:.0f} g"


def _kilograms(grams: int) -> str:
    return f"{grams / GRAMS_PER_KG:.3f} kg"
