"""Pricing a large basket with a week of promotions, against pricing the same basket without any."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from time import process_time

from store_server.contract.article_messages import Article
from store_server.contract.best_price.price_search import forget
from store_server.contract.nearly import nearly
from store_server.contract.pricing import price_basket
from store_server.contract.promotions import Promotion
from tests.bench.large_baskets import basket, knot, shop_range, tangled_week, week
from tests.bench.rows import Row, ratio

BASKETS = 12
RATES = {"standard": "13", "reduced": "9"}
Promotions = Callable[[Random, list[Article], int], list[Promotion]]


def measure() -> list[Row]:
    rows: list[Row] = []
    for name, lines, count, make, wanted in (
        ("week", 15, 50, week, BASKETS),
        ("week", 100, 50, week, BASKETS),
        ("tangled week", 100, 50, tangled_week, BASKETS),
        ("all compete with all", 100, 10, knot, BASKETS // 3),
    ):
        rows += _measured(f"{lines} lines, {count} promotions ({name})", lines, count, make, wanted)
    return rows


def _measured(name: str, lines: int, count: int, make: Promotions, wanted: int) -> list[Row]:
    with_promotions, without, again, hints, unproven = [], [], [], [], 0
    for seed in range(wanted):
        rng = Random(seed)
        articles = shop_range(rng)
        goods, promotions = basket(rng, articles, lines), make(rng, articles, count)
        find = {article.code: article for article in articles}.get
        plain = partial(price_basket, goods, find, RATES)
        reduced = partial(plain, promotions=promotions)
        forget()
        without.append(_ms(plain))
        with_promotions.append(_ms(reduced))
        again.append(_ms(reduced))
        hints.append(_ms(partial(nearly, goods, find, promotions=promotions)))
        unproven += reduced().unproven_minor > 0
    subject = f"pricing, {name}"
    with_ms, without_ms = statistics.median(with_promotions), statistics.median(without)
    return [
        ratio(subject, "ratio", with_ms, without_ms, "the same basket without any"),
        Row(subject, "median", round(with_ms, 1), "ms"),
        Row(subject, "p90", round(_p90(with_promotions), 1), "ms"),
        Row(subject, "again after a scan elsewhere", round(statistics.median(again), 1), "ms"),
        Row(subject, "hints for the next promotion", round(statistics.median(hints), 1), "ms"),
        Row(subject, "proven best", round(100 * (1 - unproven / wanted)), "%"),
    ]


def _p90(values: Sequence[float]) -> float:
    return sorted(values)[len(values) * 9 // 10]


def _ms(act: Callable[[], object]) -> float:
    began = process_time()
    act()
    return (process_time() - began) * 1000
