"""The risk score in words, what a sample asks for, what the scale cannot see, and what is drawn."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gate_controller import audit_sample
from gate_controller.audit_sample import SampleRules, sample
from gate_controller.blind_goods import BlindGoods
from gate_controller.check_desk import CheckDesk
from gate_controller.drawn_orders import KEPT_MAX, DrawnOrders
from gate_controller.risk import Blind, RiskFacts, RiskRules, assess, is_drawn
from gate_controller.shop_cache import ShopCache
from gate_controller.weighing import Expectation, Goods, WeighingRules, expect
from gate_controller.words import GoodsCheck, LineInLane
from store_server.contract.article_messages import Article
from store_server.contract.order_messages import ShopperHistory
from tests.unit.gate_controller.lane_words import ORDER, TEXTS

PLAIN = RiskFacts(total_minor=0, pieces=1, unweighed=0, blind=Blind(10.0))
RULES = RiskRules()
CHEAP = LineInLane("09520000000011", {"en": "Milk", "zh": "牛奶"}, 2, 1280, tagged=False, mean_g=1040.0)
DEAR = LineInLane("09520000000103", {"en": "Saffron", "zh": "藏红花"}, 1, 8900, tagged=False, mean_g=12.0)
WINE = LineInLane("09520000000028", {"en": "Wine", "zh": "红酒"}, 1, 8990, tagged=True, mean_g=1310.0)
FULL_ORDER = replace(ORDER, lines=(CHEAP, DEAR, WINE))


def money(minor: int) -> str:
    return f"¥{minor / 100:.2f}"


@pytest.mark.parametrize(
    ("change", "words", "more"),
    [
        ({"total_minor": 40_000}, "worth ¥400.00", True),
        ({"blind": Blind(30.0, 8_900, {"en": "Saffron", "zh": "藏红花"})}, "less than 30 g here, such as Saffron", True),
        ({"unweighed": 1, "pieces": 2}, "1 of 2 pieces were never weighed", True),
        ({"without_server": True}, "the store server was not asked", True),
        ({"member": True, "checks_wrong": 2}, "2 earlier checks of this member found something", True),
        ({"member": True, "checks_clean": 3}, "3 earlier checks of this member found nothing", False),
        ({"member": True, "exits": 12}, "left 12 times lately", False),
    ],
    ids=["value", "blind", "unweighed", "offline", "wrong", "clean", "known"],
)
def test_each_factor_counts_and_says_so_in_both_languages(change: dict[str, object], words: str, *, more: bool) -> None:
    plain = assess(PLAIN, RULES, money)
    found = assess(replace(PLAIN, **change), RULES, money)  # type: ignore[arg-type]  # fields of the facts by name
    assert (found.chance > plain.chance) is more
    assert any(words in reason["en"] for reason in found.reasons)
    assert all(reason["zh"] for reason in found.reasons)
    assert len(found.reasons) == 2


def test_what_the_scale_cannot_tell_at_all_is_always_looked_at() -> None:
    unknown = Blind(RULES.blind_max_g + 1)
    found = assess(replace(PLAIN, blind=unknown), replace(RULES, ceiling=0.0), money)
    assert is_drawn(found, 0.999999)
    assert "5001 g more would not be noticed" in found.reasons[0]["en"]
    assert assess(replace(PLAIN, blind=Blind(RULES.blind_max_g)), RULES, money).chance < 0.5
    assert assess(replace(PLAIN, blind=unknown), replace(RULES, blind_max_g=0.0), money).chance < 0.5


def test_ten_pieces_that_nobody_weighed_are_looked_at_unless_staff_pauses_checks(tmp_path: Path) -> None:
    ten = Goods("09520000000011", TEXTS, 10, None, 0.0)
    many = replace(ORDER, expected=expect([ten], WeighingRules()))
    desk = CheckDesk(
        "lane-1",
        WeighingRules(),
        ShopCache(tmp_path),
        risk=RiskRules(floor=0.000001, ceiling=0.0),
        sample=SampleRules(),
        draws=DrawnOrders(),
    )
    drawn = desk.assessed(many, None, 0.0).drawn
    assert drawn is not None
    assert [why["en"].split(":")[0] for why in drawn.why] == ["Always checked"]
    desk.pause(60, 0.0)
    assert desk.assessed(replace(many, order_id=UUID(int=99)), None, 1.0).drawn is None


def test_nobody_is_sure_and_nobody_is_doomed() -> None:
    worst = RiskFacts(10**8, 9, 9, Blind(5000.0, 10**8, TEXTS), without_server=True, member=True, checks_wrong=9)
    assert assess(worst, RULES, money).chance == RULES.ceiling
    assert assess(replace(PLAIN, member=True, exits=99, checks_clean=99), RULES, money).chance > 0.002
    off = assess(worst, replace(RULES, ceiling=0.0), money)
    assert off.chance == 0.0
    assert [told["en"] for told in off.reasons] == ["Random checks are switched off (checks.ceiling is 0)."]
    risk = assess(PLAIN, RULES, money)
    assert is_drawn(risk, risk.chance - 1e-9)
    assert not is_drawn(risk, risk.chance)


def test_who_is_nobody_by_name_is_neither_trusted_nor_suspected() -> None:
    assert assess(replace(PLAIN, exits=50, checks_wrong=5), RULES, money).chance == assess(PLAIN, RULES, money).chance


def drawn(lot: random.Random, **rules: float) -> GoodsCheck:
    wanted = SampleRules(**rules)  # type: ignore[arg-type]  # fields by name
    return sample(FULL_ORDER, uuid4(), (TEXTS,), rules=wanted, lot=lot.random, blind_g=30.0)


def test_a_sample_counts_the_dear_and_unseen_more_often() -> None:
    lot = random.Random(7)
    counted = Counter(article.code for _ in range(2000) for article in drawn(lot).articles)
    assert counted[DEAR.code] > counted[WINE.code] > counted[CHEAP.code] > 0


def test_a_sample_asks_for_what_is_there() -> None:
    check = drawn(random.Random(1), share=1.0, articles_max=5, free_picks=9)
    assert [(one.code, one.quantity) for one in check.articles] == [(CHEAP.code, 2), (WINE.code, 1), (DEAR.code, 1)]
    assert check.free_picks == 0, "everything is counted already"
    one = drawn(random.Random(1), share=0.1, free_picks=2)
    assert (len(one.articles), one.free_picks) == (1, 2)


def test_an_order_without_lines_is_looked_through_as_a_whole() -> None:
    assert sample(ORDER, UUID(int=1), (TEXTS,), rules=SampleRules(), lot=random.Random(1).random, blind_g=30.0).full
    failed = audit_sample.after_failure(drawn(random.Random(1)), UUID(int=2))
    assert failed.full
    assert "scan everything" in failed.why[0]["en"]


def article(code: str, mean_g: float | None, price: int, *, eas: bool = False) -> Article:
    return Article(
        code=code.zfill(14),
        name={"en": code},
        department="x",
        sold_by="piece",
        unit_price_minor=price,
        tax_class="x",
        mean_g=mean_g,
        eas=eas,
    )


def test_the_dearest_unseen_article_is_found_by_weight() -> None:
    blind = BlindGoods.of(
        [
            article("1", 10, 500),
            article("2", 20, 300),
            article("3", 30, 900, eas=True),
            article("4", 40, 800),
            article("5", None, 9),
        ]
    )
    found = {grams: blind.dearest_below(grams) for grams in (5.0, 10.5, 35.0, 45.0)}
    assert [None if one is None else one.unit_price_minor for one in found.values()] == [None, 500, 500, 800]


@pytest.fixture
def desk(tmp_path: Path) -> CheckDesk:
    certain = RiskRules(floor=0.999999, ceiling=1.0)
    return CheckDesk("lane-1", WeighingRules(), ShopCache(tmp_path), risk=certain, sample=SampleRules(), draws=DrawnOrders())


def test_an_order_is_drawn_once_and_pausing_ends_by_itself(desk: CheckDesk) -> None:
    goods = Goods(CHEAP.code, CHEAP.name, 2, 1040.0, 4.0)
    order = replace(FULL_ORDER, expected=expect([goods], WeighingRules()))
    history = ShopperHistory(member=True, exits=3, checks_clean=0, checks_wrong=0)
    desk.pause(900, 100.0)
    assert desk.paused_s(400.0) == 600
    assert desk.assessed(order, history, 999.0).drawn is None
    other = replace(order, order_id=UUID(int=8))
    first = desk.assessed(other, history, 1001.0)
    assert first.drawn is not None
    assert "Random check" in first.drawn.why[0]["en"]
    assert first.blind
    assert desk.assessed(order, history, 1002.0).drawn is None, "its lot fell already"
    assert desk.assessed(other, history, 1003.0).drawn is not None, "who turns back and comes in again is still checked"
    assert desk.assessed(replace(other, revision=2), history, 1004.0).drawn is None, "staff has looked, and changed the order"


def test_another_lane_is_no_way_round_a_check(tmp_path: Path) -> None:
    draws = DrawnOrders()
    certain, never = (
        CheckDesk("x", WeighingRules(), ShopCache(tmp_path), risk=risk, sample=SampleRules(), draws=draws)
        for risk in (RiskRules(floor=0.999999, ceiling=1.0), RiskRules(ceiling=0.0))
    )
    assert certain.assessed(FULL_ORDER, None, 0.0).drawn is not None
    assert never.assessed(FULL_ORDER, None, 1.0).drawn is not None
    for number in range(KEPT_MAX):
        draws.keep(UUID(int=100 + number), 1, drawn=False)
    assert never.assessed(FULL_ORDER, None, 2.0).drawn is None, "forgotten after a thousand others"


def test_a_pass_believed_on_its_signature_can_be_checked_as_a_whole(desk: CheckDesk) -> None:
    alone = replace(ORDER, decided_by="signature", expected=Expectation(500.0, 25.0))
    found = desk.assessed(alone, None, 0.0)
    assert found.drawn is not None
    assert found.drawn.full
