"""The search where it may not look at everything: what it promises then."""

from __future__ import annotations

from random import Random

import pytest

from store_server.contract.best_price import deal_search, shadow_prices
from store_server.contract.best_price.deals import Deal, Pile, Slot
from store_server.contract.best_price.price_search import BestUse, best_use, forget
from store_server.contract.pricing import price_basket
from tests.bench.large_baskets import basket, knot, shop_range, tangled_week, week


def random_group(rng: Random, piles_max: int, deals_max: int, pieces_max: int) -> tuple[list[Pile], list[Deal]]:
    prices = sorted((rng.randrange(50, 900) for _pile in range(rng.randint(2, piles_max))), reverse=True)
    piles = [Pile(price, rng.randint(1, pieces_max), rng.choice((0, 0, price // 5))) for price in prices]
    deals = []
    for _deal in range(rng.randint(2, deals_max)):
        count = rng.randint(2, 4)
        members = sorted(rng.sample(range(len(piles)), rng.randint(1, len(piles))))
        off = tuple((pile, piles[pile].price_minor) for pile in members)
        kind = rng.randrange(4)
        if kind == 0:
            deals.append(Deal((Slot(count, off),), charge_minor=count * rng.randrange(50, 700)))
        elif kind == 1:
            deals.append(Deal((Slot(count, off),), reduced=rng.randint(1, count - 1)))
        elif kind == 2:
            other = tuple((pile, piles[pile].price_minor) for pile in sorted(rng.sample(range(len(piles)), 2)))
            deals.append(Deal((Slot(1, off), Slot(rng.randint(1, 2), other)), charge_minor=rng.randrange(100, 900)))
        else:
            deals.append(Deal((Slot(1, tuple((pile, minor // 2) for pile, minor in off)),), limit=rng.randint(1, 3)))
    return piles, deals


def gained(piles: list[Pile], best: BestUse) -> int:
    """What the deals save beyond the pieces by themselves."""
    by_themselves = sum(piles[pile].own_minor * pieces for use in best.uses for pile, pieces, _reduced in use.taken)
    return sum(use.saved_minor for use in best.uses) - by_themselves


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """One filling kept, no rounds: the search must leave nearly everything out."""
    monkeypatch.setattr(deal_search, "NARROW", 1)
    monkeypatch.setattr(deal_search, "STEPS_MAX", 0)
    monkeypatch.setattr(deal_search, "ROUNDS_MAX", 0)
    monkeypatch.setattr(shadow_prices, "ROUNDS_MIN", 0)
    forget()


def exact(piles: list[Pile], deals: list[Deal]) -> BestUse:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deal_search, "NARROW", 10**9)
        forget()
        best = best_use(piles, deals)
    forget()
    assert best.unproven_minor == 0
    return best


@pytest.mark.usefixtures("hurried")
def test_in_a_hurry_it_tells_how_much_could_be_missing_and_beats_each_deal_alone() -> None:
    incomplete = 0
    for seed in range(400):
        print(f"seed {seed}")
        piles, deals = random_group(Random(seed), 5, 4, 4)
        forget()
        best = best_use(piles, deals)
        most = gained(piles, exact(piles, deals))
        alone = max(gained(piles, exact(piles, [deal])) for deal in deals)
        assert alone <= gained(piles, best) <= most <= gained(piles, best) + best.unproven_minor
        assert gained(piles, best) * len(deals) >= most
        incomplete += gained(piles, best) < most
    assert incomplete > 10, "the search was not in a hurry; this test shows nothing"


def test_each_piece_is_used_once_and_each_deal_is_complete() -> None:
    for seed in range(300):
        piles, deals = random_group(Random(f"once {seed}"), 8, 6, 5)
        print(f"seed {seed}")
        best = best_use(piles, deals)
        for number, pile in enumerate(piles):
            assert sum(pieces for use in best.uses for other, pieces, _reduced in use.taken if other == number) <= pile.count
        for deal, use in zip(deals, best.uses, strict=True):
            assert use.pieces % deal.size == 0
            assert deal.limit is None or use.pieces <= deal.limit * deal.size


def test_thousands_of_pieces_are_bounded_and_say_what_is_unproven() -> None:
    piles = [Pile(500, 999), Pile(400, 999, 50), Pile(333, 999), Pile(100, 5)]
    off = tuple((number, pile.price_minor) for number, pile in enumerate(piles))
    deals = [
        Deal((Slot(3, off),), charge_minor=900),
        Deal((Slot(3, off[1:]),), reduced=1),
        Deal((Slot(4, off[:2]),), reduced=1),
    ]
    best = best_use(piles, deals)
    alone = max(gained(piles, best_use(piles, [deal])) for deal in deals)
    assert gained(piles, best) >= alone
    for number, pile in enumerate(piles):
        assert sum(pieces for use in best.uses for other, pieces, _reduced in use.taken if other == number) <= pile.count
    one_kind = best_use([Pile(500, 2_000)], [Deal((Slot(3, ((0, 500),)),), charge_minor=900)])
    assert one_kind.uses[0].saved_minor == 666 * 600


def test_a_bundle_of_many_groups_stays_within_its_bound() -> None:
    piles = [Pile(300 + number, 6) for number in range(12)]
    slots = tuple(
        Slot(1, tuple((pile, piles[pile].price_minor) for pile in (2 * number, 2 * number + 1))) for number in range(6)
    )
    best = best_use(piles, [Deal(slots, charge_minor=1_500)])
    most = sum(pile.price_minor * pile.count for pile in piles) - 12 * 1_500
    assert best.uses[0].saved_minor <= most <= best.uses[0].saved_minor + best.unproven_minor


@pytest.mark.parametrize("seed", range(3))
def test_a_large_basket_is_priced_within_its_steps_and_mostly_proven(seed: int) -> None:
    rng = Random(seed)
    articles = shop_range(rng)
    goods = basket(rng, articles, 100)
    find = {article.code: article for article in articles}.get
    for make, share in ((week, 0.02), (tangled_week, 0.02), (knot, 0.10)):
        priced = price_basket(goods, find, {}, promotions=make(rng, articles, 50))
        assert priced.unproven_minor <= share * priced.discount_minor
        assert sum(line.total_minor for line in priced.lines) == priced.total_minor
