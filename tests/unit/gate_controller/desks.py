"""Lanes in one process, from a scanned text to the gate: real machine, desk and record; the store is a word, time a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate_controller import lane as machine
from gate_controller import words
from gate_controller.entry_desk import EntryDesk
from gate_controller.lane_state import Lane, State, outputs
from gate_controller.link_events import EntryAnswered
from gate_controller.offline import Trust
from gate_controller.passes_used import PassesUsed
from gate_controller.shop_cache import ShopCache
from gate_controller.store_link import StoreLink
from gate_controller.weighing import Fit, Verdict, WeighingRules
from store_server.contract.lane_messages import EnterLane
from store_server.contract.order_pass import OrderPass, PassKind, issue
from store_server.contract.shop_messages import OfflineCaps, PassKey, Shop, VoidedPass

NOW = 1_800_000_000
SHOP_ID = 7
KEYS = {
    PassKind.CLAIM: Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    PassKind.EXIT: Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))),
}
KEY_IDS = {PassKind.CLAIM: b"claim-01", PassKind.EXIT: b"exit-001"}
CAPS = OfflineCaps(value_minor=50_000, exits=20, away_s=3600, exits_per_hour=60)
FITTING = Verdict(Fit.FITS, 1500.0, 1500.0, 10.0, 1480.0, 1520.0)


def order_pass(kind: PassKind = PassKind.EXIT, **changes: Any) -> OrderPass:
    """A genuine pass of this shop, but for what is changed."""
    fields: dict[str, Any] = {
        "kind": kind,
        "shop_id": SHOP_ID,
        "key_id": KEY_IDS[kind],
        "order_id": UUID(int=5),
        "order_serial": 48213,
        "revision": 1,
        "total_minor": 20_000,
        "currency": "CNY",
        "article_count": 3,
        "expected_g": 1500,
        "spread_g": 12.5,
        "not_before": NOW - 60,
        "expiry": NOW + 7200,
    }
    return OrderPass(**fields | changes)


def signed(found: OrderPass, key: Ed25519PrivateKey | None = None) -> str:
    """Its text."""
    return issue(found, (key or KEYS[found.kind]).sign, "shop.example")


def shop(*voided: VoidedPass) -> Shop:
    keys = [
        PassKey(
            key_id=KEY_IDS[kind].hex(),
            kind="claim" if kind is PassKind.CLAIM else "exit",
            public_key=KEYS[kind].public_key().public_bytes_raw().hex(),
        )
        for kind in PassKind
    ]
    return Shop(
        shop_id=SHOP_ID,
        name={"en": "Shop"},
        host="SHOP.EXAMPLE",
        currency="CNY",
        cash_rounding_minor=10,
        pass_keys=keys,
        offline_caps=CAPS,
        voided_passes=list(voided),
    )


class StoreAway:
    """A store server that cannot be reached."""

    def __init__(self) -> None:
        self.asked: list[EnterLane] = []
        self.trusting = Trust(CAPS, exits=0, away_s=10.0)

    def ask_entry(self, request: EnterLane) -> None:
        self.asked.append(request)

    def flush_entries(self) -> None:
        """Nobody hears."""

    def trust(self) -> Trust:
        return self.trusting


class Desk:
    """One lane, from a scanned text to the gate."""

    def __init__(self, name: str, record: PassesUsed, cache: ShopCache) -> None:
        self.store = StoreAway()
        self.now = float(NOW)
        self.desk = EntryDesk(name, WeighingRules(), record, cast("StoreLink", self.store), cache, clock=lambda: self.now)
        self.lane = Lane(name=name, entry_broken=True)
        """Goods lie at the entry, and the belt waits for a pass that is worth it."""
        self.opened = 0
        self.carried = 0
        self.disarmed = 0

    def scan(self, text: str) -> None:
        """Show a text; the store does not answer."""
        self.feed(words.CodeRead(text, uuid4()))
        for request in self.store.asked:
            self.feed(self.desk.answered(EntryAnswered(self.lane.name, request.entry_id)))
        self.store.asked.clear()

    def weigh(self) -> None:
        """Lay goods that fit; the belt carries them off."""
        there, off = words.ExitBarrier(broken=True), words.ExitBarrier(broken=False)
        for event in (there, words.WeightFits(FITTING), off, words.CarryDone()):
            self.feed(event)

    def rest(self) -> None:
        """Let whatever is shown be over."""
        for event in (words.PassageOverdue(), words.ShowingDone(), words.GoodsOverdue(), words.ShowingDone()):
            self.feed(event)
        assert self.lane.state is State.IDLE

    def feed(self, event: words.Event) -> None:
        """Do what the lane's runner does, without devices."""
        if not machine.can_happen(self.lane, event):
            return
        was_open = self.lane.state is State.PASSING
        self.lane, commands = machine.advance(self.lane, event)
        self.carried += outputs(self.lane).belt
        self.disarmed += outputs(self.lane).deactivator
        self.opened += self.lane.state is State.PASSING and not was_open
        timed = words.StopTimers | words.StartTimer | words.AskWeight
        answers = [self.desk.do(command) for command in commands if not isinstance(command, timed)]
        for answer in answers:
            if answer is not None:
                self.feed(answer)


def open_desk(folder: Path, *voided: VoidedPass) -> tuple[PassesUsed, ShopCache]:
    """A record and a cache that know the shop."""
    record, cache = PassesUsed(folder), ShopCache(folder)
    cache.keep_shop(shop(*voided))
    return record, cache
