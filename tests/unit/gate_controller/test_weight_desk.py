"""Weights at work: what clean exits teach and what others do not, what is kept on disk, what staff is asked and answers."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from gate_controller import weight_record
from gate_controller.shop_cache import ShopCache
from gate_controller.weighing import Fit, Goods, WeighingRules, expect, judge, scale_watch
from gate_controller.weighing.scale_watch import FAULTS, ScaleState, ScaleWatch, Seen
from gate_controller.weighing.weight_book import Ask, Question
from gate_controller.weight_desk import MISFITS_MAX, WeightDesk
from gate_controller.weight_record import WeightRecord
from gate_controller.words import OrderInLane
from program.errors import ProgramError
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


def test_a_weight_that_the_disk_does_not_keep_does_not_count(tmp_path: Path, cache: ShopCache) -> None:
    record = WeightRecord(tmp_path)
    desk = WeightDesk(record, cache, RULES)
    assert mean(desk) == LISTED_G
    record._db.execute("PRAGMA query_only = 1")
    desk.answered(command(StaffCommandKind.TEACH_WEIGHT, grams=950.0))
    desk.answered(replace_code(command(StaffCommandKind.TEACH_WEIGHT, grams=400.0), "09520000000028"))
    assert (mean(desk), list(desk._book.articles), list(desk.news())) == (LISTED_G, [MILK], [])


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
    monkeypatch.setattr("gate_controller.weight_desk.LESSONS_PER_MOVE", 5)
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


def test_a_reason_is_looked_for_among_staffs_weights_at_once(opened: Open, cache: ShopCache) -> None:
    unknown = prices(version=2)
    (milk,) = unknown.articles
    tea = milk.model_copy(update={"code": "09520000000028", "name": {"en": "Tea", "zh": "茶"}, "mean_g": None})
    cache.keep_price_book(unknown.model_copy(update={"articles": [milk, tea]}))
    desk = opened()
    held = desk.expected(order())
    assert [one.name["en"] for one in cache.catalogue.goods] == ["Milk"]
    desk.answered(replace_code(command(StaffCommandKind.TEACH_WEIGHT, grams=400.0), tea.code))
    verdict = judge(held.expected, held.expected.mean_g + 400.0, replace(RULES, batch_share=0.0), cache.catalogue)
    assert verdict.explanations[0].code == tea.code, "the price book knows no weight of it"
    desk.answered(replace_code(command(StaffCommandKind.TEACH_WEIGHT, grams=700.0), tea.code))
    assert {one.mean_g for one in cache.catalogue.goods} == {400.0 + 300.0, LISTED_G}


def replace_code(told: StaffCommand, code: str) -> StaffCommand:
    return told.model_copy(update={"code": code})


@pytest.mark.parametrize(("source", "stopped"), [("declared", False), ("measured", True)])
def test_a_measured_weight_is_trusted_and_a_declared_one_not_yet(
    opened: Open, cache: ShopCache, source: str, *, stopped: bool
) -> None:
    book = prices(version=2)
    cache.keep_price_book(book.model_copy(update={"articles": [book.articles[0].model_copy(update={"weight_source": source})]}))
    held = opened().expected(order())
    assert (judge(held.expected, 1060.0, RULES).fit is not Fit.FITS) is stopped


def test_the_first_price_book_says_what_spreads_are_usual_and_how_sure_and_that_outlives_the_program(
    opened: Open, cache: ShopCache
) -> None:
    milk = prices().articles[0].model_copy(update={"sd_g": 80.0, "weight_source": "declared"})
    others = [
        milk.model_copy(update={"code": f"{n:014d}", "mean_g": 900.0 + n, "sd_g": 5.0, "weight_source": "measured"})
        for n in range(1, 41)
    ]
    cache.keep_price_book(prices(version=2).model_copy(update={"articles": [milk, *others]}))
    (line,) = opened().expected(order()).expected.goods
    assert 20 < line.sd_g < 60, "between what is listed and what is usual"
    assert opened().expected(order()).expected.goods == (line,)
    sure = replace(ORDER, expected=expect([replace(line, code=others[0].code)], RULES))
    assert opened().expected(sure).expected.doubt < 0.7, "what was measured is doubted less than what was declared"
    assert opened().expected(order()).expected.doubt == 1.0


def weighed_too_heavy(desk: WeightDesk) -> ScaleState:
    """An honest basket on a scale that shows 12 g too much; returns what is thought of the scale."""
    held = desk.expected(order())
    state = desk.weighed("lane-1", held, judge(held.expected, held.expected.mean_g + 12.0, RULES))
    desk.keep_watch("lane-1")
    return state


def until_faulty(desk: WeightDesk) -> int:
    return next(count for count in range(1, 100) if weighed_too_heavy(desk) is ScaleState.FAULTY)


def basket(number: int, quantity: int) -> OrderInLane:
    goods = Goods(f"{number:014d}", {"en": "Something"}, quantity, LISTED_G, 5.0)
    return replace(ORDER, order_id=uuid4(), expected=expect([goods], RULES))


def weighed(desk: WeightDesk, held: OrderInLane, grams: float) -> ScaleState:
    return desk.weighed("lane-1", held, judge(held.expected, grams, RULES))


@pytest.mark.parametrize("more_g", [30.0, -30.0, 60.0, 400.0])
def test_one_basket_is_no_proof_against_the_scale_however_often_it_is_weighed(opened: Open, more_g: float) -> None:
    desk = opened()
    held = order()
    states = {weighed(desk, held, held.expected.mean_g + more_g) for _ in range(20)}
    assert ScaleState.FAULTY not in states
    assert not desk.is_faulty("lane-1")


def test_what_counts_of_a_basket_is_how_it_was_weighed_last(opened: Open, tmp_path: Path) -> None:
    desk = opened()
    held = order()
    desk.keep_watch("lane-1")
    for grams in (LISTED_G + 30.0, LISTED_G + 30.0, LISTED_G):
        weighed(desk, held, grams)
        desk.keep_watch("lane-1")
    record = WeightRecord(tmp_path)
    once = ScaleWatch().after(scale_watch.see(held.expected, LISTED_G, RULES))[0]
    assert record.watches()["lane-1"] == once
    record.close()


@pytest.mark.parametrize("gain", [-0.2, -0.08, 0.08, 0.3])
def test_a_scale_that_is_wrong_by_more_than_drift_goes_out_of_service_too(opened: Open, gain: float) -> None:
    desk = opened()
    baskets = [basket(number, number % 3 + 1) for number in range(MISFITS_MAX)]
    states = [weighed(desk, held, held.expected.mean_g * (1 + gain)) for held in baskets]
    assert states[-1] is ScaleState.FAULTY
    assert desk.is_faulty("lane-1")


def test_what_all_have_in_common_may_be_an_article(opened: Open) -> None:
    desk = opened()
    for _ in range(3 * MISFITS_MAX):
        assert weighed(desk, order(), 1.4 * LISTED_G) is not ScaleState.FAULTY


def test_a_row_of_misfits_ends_with_one_that_fits(opened: Open) -> None:
    desk = opened()
    for _ in range(3):
        for number in range(MISFITS_MAX - 1):
            assert weighed(desk, basket(number, 2), 2.8 * LISTED_G) is not ScaleState.FAULTY
        weighed(desk, order(), LISTED_G)
    assert not desk.is_faulty("lane-1")


def test_a_disk_that_keeps_nothing_is_not_tried_again_all_the_time_and_nothing_is_lost_once_it_is_well(
    tmp_path: Path, cache: ShopCache
) -> None:
    record = WeightRecord(tmp_path)
    desk = WeightDesk(record, cache, RULES)
    record._db.execute("PRAGMA query_only = 1")
    for _weighing in range(2):
        with capture_logs() as told:
            weighed_too_heavy(desk)
        assert "error" in {entry["log_level"] for entry in told}
        with capture_logs() as told:
            for _tick in range(5):
                desk.keep_watch("lane-1")
        assert told == []
    record._db.execute("PRAGMA query_only = 0")
    weighed_too_heavy(desk)
    with closing(WeightRecord(tmp_path)) as reopened:
        assert len(reopened.watches()["lane-1"].recent) == 3


_KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from gate_controller.shop_cache import ShopCache
from gate_controller.weight_desk import MISFITS_MAX, WeightDesk
from gate_controller.weight_record import WeightRecord
from test_weight_desk import RULES, weighed_too_heavy
desk = WeightDesk(WeightRecord(Path(sys.argv[1])), ShopCache(Path(sys.argv[1])), RULES)
for _ in range(6):
    weighed_too_heavy(desk)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_seen_of_a_scale_outlives_a_killed_program(opened: Open, tmp_path: Path) -> None:
    desk = opened()
    desk.answered(command(StaffCommandKind.TEACH_WEIGHT, grams=1000.0))
    folders = [str(tmp_path), str(Path(__file__).parent), str(Path(__file__).parents[3])]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *folders], check=False)
    assert killed.returncode == -signal.SIGKILL
    again = opened()
    assert not again.is_faulty("lane-1")
    sooner = until_faulty(again)
    again.checked("lane-1")
    later = until_faulty(again)
    assert later == sooner + 6, "each weighing before the kill counted"
    assert opened().is_faulty("lane-1")


def test_only_the_newest_weighings_are_kept_and_a_checked_scale_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (scale_watch, weight_record):
        monkeypatch.setattr(module, "RECENT_MAX", 20)
    record = WeightRecord(tmp_path)
    watch = ScaleWatch()
    for number in range(25):
        watch, _ = watch.after(Seen((0.5, *(-1.0,) * (len(FAULTS) - 1)), frozenset({str(number)})))
        record.keep_watch("lane-1", watch, fresh=1)
    assert record.watches() == {"lane-1": watch}
    assert len(watch.recent) == 20
    short = watch.without("15")
    record.keep_watch("lane-1", short)
    record.keep_watch("lane-2", ScaleWatch())
    assert record.watches() == {"lane-1": short, "lane-2": ScaleWatch()}
    record.close()


@pytest.mark.parametrize("harm", ["page", "row"])
def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path, harm: str) -> None:
    record = WeightRecord(tmp_path)
    record.keep_question(Question(MILK, Ask.MOVED, 1000.0, 1100.0))
    record.close()
    path = tmp_path / weight_record.FILE_NAME
    if harm == "page":
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    else:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("UPDATE question SET body = '{}'")
    with pytest.raises(ProgramError, match="Move the file away"):
        WeightRecord(tmp_path)
