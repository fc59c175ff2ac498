"""Staff empties boxes, a recycler puts notes away: the ledger follows, once."""

from __future__ import annotations

from uuid import uuid4

import pytest

from store_server.contract.box_messages import DevicePile, EmptyBox, MoveNotes, Pile
from store_server.contract.refusals import Refusal
from store_server.persistence import audit
from store_server.services import boxes
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import BEGINNING_S, KIOSK, OTHER_KIOSK, Market


def emptied(market: Market, counted: int | None = None) -> EmptyBox:
    """Two milks are paid, each with one coin of 12.80; then staff opens the coin box."""
    for _ in range(2):
        market.pay(market.submit())
    return EmptyBox(
        emptying_id=uuid4(),
        device="coin-box",
        contents=[Pile(value_minor=1280, count=2)],
        counted_minor=counted,
        staff="anna",
        emptied_at=BEGINNING_S,
    )


@pytest.mark.parametrize(("counted", "safe", "short"), [(None, 2560, 0), (2560, 2560, 0), (2460, 2460, 100), (2600, 2600, -40)])
def test_what_was_in_the_box_goes_to_the_safe_and_the_difference_is_shown(
    market: Market, counted: int | None, safe: int, short: int
) -> None:
    request = emptied(market, counted)
    market.pay(market.submit())  # the next shopper pays before the letter arrives
    for _ in range(2):
        told = boxes.empty_box(market.store, KIOSK, request)
        assert (told.expected_minor, told.difference_minor) == (2560, -short)
    sums = market.balances()
    assert (sums["safe"], sums.get("over-short/kiosk-1", 0), sums["cash/kiosk-1/coin-box"]) == (safe, short, 1280)
    assert market.findings() == []
    (entry,) = market.store.database.read(lambda connection: audit.entries(connection, action="box/emptied"))
    assert entry.details == {"device": "coin-box", "expected_minor": 2560, "counted_minor": counted, "staff": "anna"}


def test_the_same_id_for_another_box_is_refused(market: Market) -> None:
    request = emptied(market)
    boxes.empty_box(market.store, KIOSK, request)
    for kiosk, other in ((KIOSK, request.model_copy(update={"counted_minor": 1})), (OTHER_KIOSK, request)):
        with pytest.raises(RefusedError) as caught:
            boxes.empty_box(market.store, kiosk, other)
        assert caught.value.refusal is Refusal.KEY_REUSED
    assert market.balances()["safe"] == 2560


def test_more_than_any_box_holds_is_refused(market: Market) -> None:
    huge = [Pile(value_minor=100_000_000, count=100_000)]
    request = EmptyBox(emptying_id=uuid4(), device="coin-box", contents=huge, staff="anna", emptied_at=BEGINNING_S)
    with pytest.raises(RefusedError, match="No box"):
        boxes.empty_box(market.store, KIOSK, request)
    assert market.findings() == []


def test_notes_that_a_recycler_puts_away_stay_in_the_kiosk(market: Market) -> None:
    piles = [
        DevicePile(device="recycler-500", value_minor=500, count=3),
        DevicePile(device="recycler-2000", value_minor=2000, count=1),
    ]
    request = MoveNotes(movement_id=uuid4(), into="recycler-box", piles=piles, moved_at=BEGINNING_S)
    for _ in range(2):
        assert boxes.move_notes(market.store, KIOSK, request).expected_minor == 3500
    sums = market.balances()
    names = ("recycler-500", "recycler-2000", "recycler-box")
    assert [sums[f"cash/kiosk-1/{name}"] for name in names] == [-1500, -2000, 3500]
    assert market.findings() == []
    onto_itself = request.model_copy(update={"movement_id": uuid4(), "into": "recycler-500"})
    with pytest.raises(RefusedError, match="into itself"):
        boxes.move_notes(market.store, KIOSK, onto_itself)
    assert market.findings() == []


def test_books_that_lost_an_emptying_are_found(market: Market) -> None:
    boxes.empty_box(market.store, KIOSK, emptied(market))
    market.store.database.write(lambda connection: connection.exec_driver_sql("DELETE FROM cash_movements"))
    (finding,) = market.findings()
    assert "Devices took 2560" in finding
