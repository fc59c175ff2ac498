"""What changes the basket: scans, counts, undo, newer prices. The state of the trip is the target already."""

from __future__ import annotations

from dataclasses import replace

from scanner_app import basket as goods
from scanner_app.basket import Basket, BasketLimit
from scanner_app.notices import Notice, NoticeKind
from scanner_app.trip_events import ArticleScanned, CodeRefused, LineRemoved, PricesRefreshed, QuantityChanged, UndoPressed
from scanner_app.trip_state import State, Step, Trip
from store_server.contract.refusals import Refusal

UNDO_MAX = 20


def scanned(trip: Trip, event: ArticleScanned) -> Step:
    """Add an article, or say why it cannot be."""
    added = goods.add(trip.lines, event.code, event.article, trip.next_number)
    if isinstance(added, BasketLimit):
        kind = NoticeKind.PIECES_LIMIT if added is BasketLimit.PIECES else NoticeKind.LINES_LIMIT
        return replace(trip, notice=Notice(kind)), ()
    basket, number = added
    changed = _changed(trip, basket, number)
    return replace(changed, next_number=max(trip.next_number, number + 1)), ()


def code_refused(trip: Trip, event: CodeRefused) -> Step:
    """Say why a code adds nothing."""
    return replace(trip, notice=event.notice), ()


def counted(trip: Trip, event: QuantityChanged) -> Step:
    """Count a line up or down."""
    return _changed(trip, goods.with_quantity(trip.lines, event.number, event.quantity), event.number), ()


def removed(trip: Trip, event: LineRemoved) -> Step:
    """Take a line out."""
    return _changed(trip, goods.without(trip.lines, event.number), None), ()


def undone(trip: Trip, _event: UndoPressed) -> Step:
    """Bring the basket back that was before the last change."""
    return replace(trip, lines=trip.history[-1], history=trip.history[:-1], last_number=None, notice=None), ()


def _changed(trip: Trip, basket: Basket, number: int | None) -> Trip:
    history = (*trip.history, trip.lines)[-UNDO_MAX:]
    return replace(trip, lines=basket, history=history, last_number=number, notice=None)


def repriced(trip: Trip, event: PricesRefreshed) -> Step:
    """Take what a newer price book says of the articles; silently where the order stands already."""
    basket = goods.repriced(trip.lines, event.articles)
    if trip.state is State.SUBMITTED:
        return replace(trip, lines=basket), ()
    before = [(line.article.unit_price_minor, line.gone) for line in trip.lines]
    same = before == [(line.article.unit_price_minor, line.gone) for line in basket]
    history = tuple(goods.repriced(old, event.articles) for old in trip.history)
    notice = trip.notice if same else Notice(NoticeKind.PRICES_CHANGED)
    recalled = {line.number for line in basket if line.article.withheld == "recalled"}
    if any(line.article.withheld is None and line.number in recalled for line in trip.lines):
        notice = Notice(NoticeKind.REFUSED, refusal=Refusal.RECALLED_ARTICLE)
    return replace(trip, lines=basket, history=history, notice=notice), ()
