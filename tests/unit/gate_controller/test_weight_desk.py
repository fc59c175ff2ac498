"""Weights at work: what clean exits teach and what others do not, what is kept on disk, what staff is asked and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from gate_controller.shop_cache import ShopCache
from gate_controller.weighing import Fit, Goods, WeighingRules, expect, judge
from gate_controller.weighing.scale_watch import ScaleState
from gate_controller.weighing.weight_book import Ask, Question
from gate_controller.weight_desk import WeightDesk
from gate_controller.weight_record import WeightRecord
from gate_controller.words import OrderInLane
from store_server.contract.article_messages import Article, PriceBook
from store_server.contract.lane_messages import StaffCommand, StaffCommandKind
from tests.unit.gate_controller.lane_words import ORDER

RULES = WeighingRules()
MILK = "09520000000011"
LISTED_G = 1000.0
Open = Callable[[], WeightDesk]


def prices(mean_g: float = LISTED_G, version: int = 1) -> PriceBook:
    milk = Article(
        code=MILK,
        name={"en": "Milk", "zh": "牛奶"},
        department="Dairy",
        sold_by="piece",
        unit_price_minor=1280,
        tax_class="x",
        mean_g=mean_g,
        sd_g=5.0,
    )
    return PriceBook(
        version=version,
        shop_id=1,
        currency="CNY",
        cash_rounding_minor=10,
        tax_rates={"x": "9"},
        label_templates=[],
        articles=[milk],
    )


@pytest.fixture
def cache(tmp_path: Path) -> ShopCache:
    kept = ShopCache(tmp_path)
    kept.keep_price_book(prices())
    return kept


@pytest.fixture
def opened(tmp_path: Path, cache: ShopCache) -> Open:
    return lambda: WeightDesk(WeightRecord(tmp_path), cache, RULES)


def order(quantity: int = 1) -> OrderInLane:
    goods = Goods(MILK, {"en": "Milk", "zh": "牛奶"}, quantity, LISTED_G, 5.0)
    return replace(ORDER, order_id=uuid4(), expected=expect([goods], RULES))


def exits(desk: WeightDesk, grams: float, times: int, **change: object) -> None:
    for _ in range(times):
        held = replace(desk.expected(order()), **change)  # type: ignore[arg-type]  # fields of the order by name
        desk.left("lane-1", held, judge(held.expected, grams, RULES))


def mean(desk: WeightDesk) -> float:
    return desk.expected(order()).expected.mean_g


def test_clean_exits_teach_and_what_they_taught_outlives_the_program(opened: Open) -> None:
    desk = opened()
    exits(desk, 1030.0, 40)
    learned = mean(desk)
    assert 1015 < learned < 1032
    assert any("learned from exits" in news.text["en"] and "牛奶" in news.text["zh"] for news in desk.news())
    assert mean(opened()) == pytest.approx(learned)


def test_an_exit_that_only_staffs_word_let_out_teaches_nothing(opened: Open) -> None:
    desk = opened()
    exits(desk, 3000.0, 5)
    assert mean(desk) == LISTED_G


def test_a_changed_price_book_weight_begins_anew(opened: Open, cache: ShopCache) -> None:
    desk = opened()
    exits(desk, 1030.0, 40)
    cache.keep_price_book(prices(800.0, 2))
    assert mean(desk) == 800.0
    assert mean(opened()) == 800.0


def test_staffs_own_scale_counts_at_once_and_lasts(opened: Open) -> None:
    desk = opened()
    assert mean(desk) == LISTED_G
    desk.answered(command(StaffCommandKind.TEACH_WEIGHT, grams=950.0))
    assert mean(desk) == 950.0
    assert mean(opened()) == 950.0
    assert "950 g says mei" in desk.news()[0].text["en"]


def command(kind: StaffCommandKind, grams: float | None = None) -> StaffCommand:
    return StaffCommand(command_id=uuid4(), kind=kind, reason="", staff="mei", code=MILK, grams=grams)


@pytest.mark.parametrize("kind", [StaffCommandKind.KEEP_WEIGHT, StaffCommandKind.DROP_WEIGHT])
def test_a_question_is_asked_until_it_is_answered(opened: Open, tmp_path: Path, kind: StaffCommandKind) -> None:
    opened()
    WeightRecord(tmp_path).keep_question(Question(MILK, Ask.MOVED, 1000.0, 1100.0))
    desk = opened()
    asked = desk.news()
    assert [(news.code, news.asks) for news in asked] == [(MILK, True)]
    assert "exits say 1100 g" in asked[0].text["en"]
    assert "1100 克" in asked[0].text["zh"]
    desk.answered(command(kind))
    assert [news for news in desk.news() if news.asks] == []
    assert mean(desk) == (1100.0 if kind is StaffCommandKind.KEEP_WEIGHT else 1000.0)
    assert [news for news in opened().news() if news.asks] == []


def test_a_scale_that_drifts_is_at_fault_although_nobody_was_stopped(opened: Open) -> None:
    desk = opened()
    desk.answered(command(StaffCommandKind.TEACH_WEIGHT, grams=1000.0))
    fits = 0
    for number in range(40):
        held = desk.expected(order(1 + number % 3))
        verdict = judge(held.expected, held.expected.mean_g + 18.0, RULES)
        if desk.weighed("lane-1", held, verdict) is ScaleState.FAULTY:
            break
        fits += verdict.fit is Fit.FITS
    assert desk.is_faulty("lane-1")
    assert 0 < fits < 30
    assert not desk.is_faulty("lane-2")


def test_a_faulty_scale_stays_so_until_somebody_checked_it(opened: Open, tmp_path: Path) -> None:
    record = WeightRecord(tmp_path)
    record.scale_is("lane-1", faulty=True)
    desk = opened()
    assert desk.is_faulty("lane-1")
    assert not desk.is_faulty("lane-2")
    before = mean(desk)
    exits(desk, 1030.0, 20)
    assert mean(desk) == before, "nobody learns from such a scale"
    desk.checked("lane-1")
    assert not desk.is_faulty("lane-1")
    assert not opened().is_faulty("lane-1")


def test_an_order_whose_lines_nobody_knows_is_left_as_it_is(opened: Open) -> None:
    desk = opened()
    assert desk.expected(ORDER) == ORDER
    verdict = judge(ORDER.expected, 500.0, RULES)
    assert verdict.fit is Fit.FITS
    assert desk.weighed("lane-1", ORDER, verdict) is ScaleState.FINE
    desk.left("lane-1", ORDER, verdict)
    desk.left("lane-1", ORDER, None)


def test_the_lanes_look_among_learned_weights(opened: Open, cache: ShopCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gate_controller.weight_desk.LESSONS_PER_SHELF", 20)
    desk = opened()
    exits(desk, 1050.0, 60)
    (milk,) = cache.catalogue.goods
    assert milk.mean_g is not None
    assert 1020 < milk.mean_g < 1060
    assert milk.popularity > 30
    cache.keep_price_book(prices(version=2))
    desk.refresh()
    assert cache.catalogue.goods[0].mean_g != LISTED_G, "a new price book does not make it forget"
