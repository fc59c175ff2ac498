"""The driver over a kernel pty against the simulated bus, in real time, over good and bad lines."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hardware.bench.simulator import ActionError
from hardware.cash.commands import AcceptCash, PayOut, ReturnNote, StackNote, StopAccepting
from hardware.cash.events import (
    CashDevices,
    CashTrouble,
    CoinTaken,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
    PayoutFinished,
    PayoutReason,
    PayoutStarting,
    TroubleCode,
)
from hardware.cash.protocol import Header
from hardware.connection import State
from tests.integration.hardware.cash.conftest import MakeShop
from tests.integration.hardware.cash.shop import Shop
from tests.integration.hardware.conformance.together import together
from tests.support.ran_again import RAN_AGAIN, RecordProperty
from tests.support.wire import Shape, wait_for

ALL_NOTES = frozenset({100, 500, 1000, 2000, 5000, 10000})
SESSION = AcceptCash(coins=True, notes=ALL_NOTES)
DISPENSE_ONE = bytes([3, 4, 1, Header.DISPENSE])


def opened(shop: Shop) -> Shop:
    shop.ready()
    shop.device.perform(SESSION)
    return shop


def pay(shop: Shop, count: int, hopper: str = "hopper-100") -> UUID:
    payout_id = uuid4()
    shop.device.perform(PayOut(payout_id, hopper, count))
    return payout_id


def outcome(shop: Shop, payout_id: UUID) -> PayoutFinished:
    return shop.owner.first(PayoutFinished, lambda event: event.payout_id == payout_id, deadline_s=30.0)


def balance(shop: Shop, total_before: int) -> None:
    shop.wait_for_fact("moving_minor", 0)
    wait_for(
        lambda: (
            shop.fact("machine_total_minor") - shop.fact("escrow_minor") - total_before
            == shop.credited_minor() - shop.paid_minor()
        ),
        "the credits and payouts to explain what lies in the machine",
    )


def test_a_payment_with_change_balances_on_every_line(tmp_path: Path, record_property: RecordProperty) -> None:
    lines = [
        (Shape.GOOD, "sum8", True),
        (Shape.GOOD, "sum8", False),
        (Shape.GOOD, "crc16", True),
        (Shape.SPLIT, "sum8", True),
        (Shape.SPLIT, "crc16", False),
        (Shape.ONE_BYTE, "sum8", False),
        (Shape.NOISY, "crc16", True),
        (Shape.NOISY, "crc16", False),
    ]
    rows = {}
    for shape, checksum, echo in lines:
        name = f"{shape.value}, {checksum}, {'echo' if echo else 'no echo'}"
        settings = {"shape": shape, "checksum": checksum, "echo": echo, "seed": 3}
        rows[name] = partial(_a_payment_balances, tmp_path / name, settings)
    for again in together(rows):
        record_property(RAN_AGAIN, again)


def _a_payment_balances(folder: Path, settings: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "devices.journal").unlink(missing_ok=True)
    with Shop(folder, dict(settings)) as shop:
        _pay_with_change(shop)


def _pay_with_change(shop: Shop) -> None:
    shop.owner.wait_for_state(State.READY)
    before = shop.fact("machine_total_minor")
    shop.device.perform(SESSION)
    wait_for(lambda: _takes_coins(shop), "coins to be taken", deadline_s=30.0)
    shop.note(2000)
    shop.owner.first(NoteInEscrow, deadline_s=30.0)
    shop.device.perform(StackNote())
    shop.owner.first(NoteStacked, deadline_s=30.0)
    shop.device.perform(StopAccepting())
    finished = [outcome(shop, pay(shop, 3, hopper)) for hopper in ("hopper-100", "hopper-50", "hopper-10")]
    assert [(event.paid, event.uncertain) for event in finished] == [(3, False)] * 3
    balance(shop, before)


def _takes_coins(shop: Shop) -> bool:
    """Insert a coin; whether one was credited yet. What falls through lies in the tray."""
    if not shop.owner.heard(CoinTaken) and not shop.fact("moving_minor"):
        shop.coin(100)
    return bool(shop.owner.heard(CoinTaken))


def test_the_devices_are_told_before_the_bus_is_ready(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.ready()
    (devices,) = shop.owner.heard(CashDevices)
    assert devices.coin_values_minor == (10, 50, 100)
    assert devices.note_values_minor == tuple(sorted(ALL_NOTES))
    assert set(devices.hoppers) == {"hopper-100", "hopper-50", "hopper-10"}
    kinds = [type(event) for event in shop.owner.seen()]
    assert kinds.index(CashDevices) < len(kinds) - 1


def test_a_lost_answer_to_the_order_does_not_pay_twice(make_shop: MakeShop) -> None:
    shop = make_shop()
    shop.ready()
    with shop.wire.paused():
        shop.simulator.lose_next_dispense_reply("hopper-100")
    finished = outcome(shop, pay(shop, 4))
    assert (finished.paid, finished.reason) == (4, PayoutReason.DONE)
    assert shop.wire.heard.count(DISPENSE_ONE) == 1
    assert shop.fact("tray_minor") == 400


def test_unplugged_while_idle_and_back_nothing_is_taken_until_asked(make_shop: MakeShop) -> None:
    shop = opened(make_shop())
    shop.wire.unplug()
    shop.owner.wait_for_state(State.LOST)
    shop.wire.replug()
    shop.ready(times=2)
    shop.coin(100)
    shop.wait_for_fact("tray_minor", 100)
    shop.device.perform(SESSION)
    wait_for(lambda: _takes_coins(shop), "coins to be taken again")


@pytest.mark.parametrize("decision", [None, StackNote(), ReturnNote()], ids=["undecided", "stacking", "returning"])
def test_unplugged_with_a_note_in_escrow(make_shop: MakeShop, decision: StackNote | ReturnNote | None) -> None:
    shop = opened(make_shop())
    before = shop.fact("machine_total_minor")
    shop.owner.first(CashDevices)
    _insert_until_held(shop, 1000)
    if decision is not None:
        shop.device.perform(decision)
        wait_for(lambda: bytes([40, 1, 1, Header.ROUTE_BILL]) in shop.wire.heard, "the route to be sent")
    shop.wire.unplug()
    shop.owner.wait_for_state(State.LOST)
    shop.wire.replug()
    shop.ready(times=2)
    if isinstance(decision, StackNote):
        shop.owner.first(NoteStacked)
    else:
        shop.owner.first(NoteReturned)
        shop.wait_for_fact("bezel_minor", 1000)
    balance(shop, before)


def _insert_until_held(shop: Shop, value_minor: int) -> None:
    """Insert a note again and again until the validator, switched on by then, holds it."""

    def held() -> bool:
        if not shop.fact("escrow_minor") and not shop.fact("moving_minor"):
            with shop.wire.paused():
                shop.simulator.take_money()
            shop.note(value_minor)
        return bool(shop.owner.heard(NoteInEscrow))

    wait_for(held, "a note in escrow")


def test_unplugged_while_paying_the_rest_is_told_once(make_shop: MakeShop) -> None:
    shop = make_shop(coins_per_s=5.0)
    shop.ready()
    payout_id = pay(shop, 8)
    shop.owner.first(PayoutStarting)
    wait_for(lambda: shop.fact("tray_minor") >= 200, "two coins")
    shop.wire.unplug()
    shop.owner.wait_for_state(State.LOST)
    shop.wire.replug()
    finished = outcome(shop, payout_id)
    assert (finished.paid * 100, finished.uncertain) == (shop.fact("tray_minor"), False)
    assert shop.wire.heard.count(DISPENSE_ONE) == 1


def test_a_program_that_ends_while_paying_learns_the_outcome_at_its_next_start(make_shop: MakeShop) -> None:
    shop = make_shop(coins_per_s=5.0)
    shop.ready()
    payout_id = pay(shop, 6)
    wait_for(lambda: shop.fact("tray_minor") >= 200, "two coins")
    shop.restart()
    finished = outcome(shop, payout_id)
    assert (finished.paid * 100, finished.uncertain) == (shop.fact("tray_minor"), False)
    assert shop.wire.heard.count(DISPENSE_ONE) == 1


def test_a_program_that_ends_takes_nothing_more_and_hands_the_note_back(make_shop: MakeShop) -> None:
    shop = opened(make_shop())
    _insert_until_held(shop, 1000)
    shop.device.stop()
    shop.wait_for_fact("bezel_minor", 1000)
    shop.coin(50)
    wait_for(lambda: shop.fact("tray").get("50") == 1, "the coin to fall through")


def test_what_came_in_while_no_program_ran_is_credited_once(make_shop: MakeShop) -> None:
    shop = opened(make_shop())
    wait_for(lambda: _takes_coins(shop), "coins to be taken")
    shop.coin(50)
    shop.owner.first(CoinTaken, lambda coin: coin.value_minor == 50)
    shop.digest()
    credited = dict(shop.credits)
    shop.restart()
    assert not shop.owner.heard(CoinTaken)
    shop.digest()
    assert shop.credits == credited


@pytest.mark.parametrize("seed", range(2))
def test_a_random_history_with_pulled_plugs_balances(make_shop: MakeShop, seed: int) -> None:
    """Coins, notes, payouts, and the plug pulled at any moment; the seed is in the test's name."""
    chance = random.Random(seed)
    shop = make_shop(seed=seed, shape=Shape.SPLIT, checksum=chance.choice(("sum8", "crc16")))
    shop.ready()
    before = shop.fact("machine_total_minor")
    shop.digest()
    decided = 0
    plugs = 1
    payouts: list[UUID] = []
    for _ in range(10):
        shop.device.perform(SESSION)
        with shop.wire.paused():
            shop.simulator.take_money()
        for _ in range(chance.randrange(3)):
            shop.coin(chance.choice((10, 50, 100, 5)))
        try:
            shop.note(chance.choice((100, 500, 1000, 200)))
        except ActionError:
            shop.device.perform(StackNote())
        if chance.random() < 0.5:
            payouts.append(pay(shop, chance.randrange(1, 9), chance.choice(("hopper-100", "hopper-50", "hopper-10"))))
        if chance.random() < 0.4:
            shop.wire.unplug()
            shop.owner.wait_for_state(State.LOST, plugs)
            shop.wire.replug()
            plugs += 1
            shop.ready(times=plugs)
        wait_for(lambda: shop.fact("moving_minor") == 0, "everything to come to rest")
        held = len(shop.owner.heard(NoteInEscrow))
        if held > decided:
            decided = held
            shop.device.perform(chance.choice((StackNote(), StackNote(), ReturnNote())))
    shop.device.perform(StopAccepting())
    for payout_id in payouts:
        assert not outcome(shop, payout_id).uncertain
    shop.wait_for_fact("escrow_minor", 0)
    balance(shop, before)
    codes = {trouble.code for trouble in shop.owner.heard(CashTrouble)}
    assert codes <= {TroubleCode.REJECTED, TroubleCode.LOST_EVENTS}
