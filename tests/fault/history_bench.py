"""The shop that many histories run in, and what all of them share."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from store_server.contract.device_messages import DeviceRole
from store_server.contract.member_messages import IssueCoupons
from store_server.contract.promotions import BasketOff, Goods, Promotion, SpecialPrice
from store_server.services import catalogue, coupons
from store_server.services.principals import Device, StaffMember
from store_server.services.store import Store
from tests.fault.books import BEGINNING_S, MILK, TEN_PERCENT_OFF, WINE, Auditor, Clock, bookshelf, opened, quick_passwords
from tests.fault.model_money import ALONE_MAX_MINOR
from tests.fault.model_rows import (
    FIVE_MINOR,
    FIVE_OFF,
    MEMBERS_MILK_MINOR,
    SILVER_POINTS,
    SILVER_WINE_MINOR,
    TEN_OFF,
    ModelCoupon,
)
from tests.fault.witness import totals

HANDHELDS = [Device(f"handheld-{n}", DeviceRole.HANDHELD) for n in (1, 2)]
GATES = [Device(f"gate-{n}", DeviceRole.GATE) for n in (1, 2)]
STAFF = StaffMember("mei")
BETWEEN_S = 10_000
"""From the end of one history to the beginning of the next: whatever is later than its beginning is its own."""
COUPONS_AT_ONCE = 50
FOREVER_S = 2**40

Forecast = bool | None
"""Accepted, refused, or either."""

PROMOTIONS: list[Promotion] = [
    TEN_PERCENT_OFF,
    BasketOff(promotion_id=FIVE_OFF, texts={"en": "5.00 off"}, by_coupon=True, amount_minor=FIVE_MINOR, combinable=True),
    SpecialPrice(
        promotion_id="milk",
        texts={"en": "Members' milk"},
        goods=Goods(codes=(MILK,)),
        price_minor=MEMBERS_MILK_MINOR,
        members_only=True,
    ),
    SpecialPrice(
        promotion_id="wine",
        texts={"en": "Silver wine"},
        goods=Goods(codes=(WINE,)),
        price_minor=SILVER_WINE_MINOR,
        tiers=("silver",),
    ),
]
COUPON_KINDS = [(TEN_OFF, 1, True), (TEN_OFF, 2, True), (FIVE_OFF, 1, True), (FIVE_OFF, 2, True), (TEN_OFF, 1, False)]
"""Promotion, uses, and whether it is still valid: one of each for every history."""


OWN = {
    "orders": "submitted_at",
    "exit_uses": "recorded_at",
    "settlements": "paid_at",
    "cash_events": "recorded_at",
    "members": "joined_at",
    "wallet_holds": "held_at",
    "coupon_uses": "reserved_at",
    "payments": "paid_at",
    "refunds": "requested_at",
    "points_journal": "at",
}
"""Table to the column that tells one history's rows from those of the histories before it."""


@dataclass
class Bench:
    """One shop that many histories run in; each has orders, kiosks, members and a day of its own."""

    store: Store
    clock: Clock
    auditor: Auditor
    version: int
    histories: int = 0
    ids: int = 0
    seen: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """Service, and whether it accepted."""
    happened: Counter[str] = field(default_factory=Counter)
    """Action to how often."""
    failed_at: int = 0
    """The first history that failed."""
    failed_by: BaseException | None = None
    kept: Counter[str] = field(default_factory=Counter)
    """Totals of all rows that the histories saw when they ended, and of those that were there before them."""
    _coupons: dict[tuple[str, int, bool], list[ModelCoupon]] = field(default_factory=dict)

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=(0xFA << 120) | self.ids)

    def hold_all_histories(self) -> None:
        """Hold all rows against what the histories saw at their ends: none of them may change another one's."""
        there, kept = +totals(self.auditor), +self.kept
        assert there == kept, f"rows of former histories changed: {there - kept} more, {kept - there} less"

    def coupon(self, kind: tuple[str, int, bool]) -> ModelCoupon:
        """Return a coupon that nobody has used; the server issues some at a time."""
        ready = self._coupons.setdefault(kind, [])
        if not ready:
            ready += self._issued(*kind)
        return ready.pop()

    def _issued(self, promotion: str, uses_max: int, in_time: bool) -> list[ModelCoupon]:  # noqa: FBT001 - part of a kind
        batch = IssueCoupons(
            batch_id=self.new_id(),
            promotion_id=promotion,
            count=COUPONS_AT_ONCE,
            uses_max=uses_max,
            valid_from=0,
            valid_until=FOREVER_S if in_time else BEGINNING_S,
        )
        codes = coupons.issue(self.store, STAFF, batch).codes
        rows = self.auditor.rows("SELECT code_hash, coupon_id FROM coupons WHERE batch_id = ?", str(batch.batch_id))
        ids = dict(rows)
        hashes = {code: hashlib.sha256(code.encode()).hexdigest() for code in codes}
        return [ModelCoupon(ids[hashes[code]], code, promotion, uses_max, in_time) for code in codes]


@dataclass
class Asked:
    """A request that was answered."""

    ask: Callable[[Any], Any]
    request: Any
    answer: Any


@contextlib.contextmanager
def a_bench(database: str) -> Iterator[Bench]:
    """Open one shop for many histories."""
    with quick_passwords(), bookshelf(database, "histories") as shelf, pytest.MonkeyPatch.context() as patch:
        # Thousands of warnings about goods that left unpaid would bury the one failure that counts.
        patch.setattr(logging.getLogger("store_server.services.exits"), "disabled", True)
        copied, clock = shelf.copy(), Clock()
        rules = {"tiers": {"silver": SILVER_POINTS}, "refund_alone_max_minor": ALONE_MAX_MINOR}
        settings = copied.model_copy(update={"shop": copied.shop.model_copy(update=rules)})
        store = opened(settings, clock)
        auditor = Auditor(settings)
        auditor.find_fast(OWN)
        catalogue.set_promotions(store, PROMOTIONS)
        version = catalogue.newest_price_book(store).version
        try:
            yield Bench(store, clock, auditor, version, kept=totals(auditor))
        finally:
            auditor.close()
            store.database.close()
            shelf.drop(settings)
