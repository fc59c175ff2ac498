"""What the books must say, worked out without the server's code: numbers, dictionaries, the shop's rules as prose has them.

The model predicts each request: ``True`` it is accepted, ``False`` it is refused, ``None`` both would be right (a clock stands
within the tolerance of a deadline). Accepted requests change the model through the methods named like them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from tests.fault.model_money import Purses
from tests.fault.model_rows import BalanceSession, Hold, Line, ModelOrder, Paid, Session, in_cash

CLAIM_S, PASS_S, TENDERING_LEASE_S, LANE_LEASE_S, UNSURE_S = 4 * 3600, 2 * 3600, 300, 120, 120
NEXT_STATUS = {
    "submitted": {"submitted", "tendering", "paid", "voided", "expired", "exited", "refunded"},
    "tendering": {"tendering", "submitted", "paid", "exited", "expired"},
    "paid": {"paid", "leaving", "submitted", "exited", "refunded"},
    "leaving": {"leaving", "paid", "submitted", "exited"},
    "exited": {"exited"},
    "voided": {"voided"},
    "expired": {"expired"},
    "refunded": {"refunded"},
}
"""Every status an order may have after one step."""

Coin = tuple[str, str, int, int]
"""Kiosk, device, epoch, number."""


@dataclass
class Model(Purses):
    """All books of one history."""

    sessions: dict[UUID, Session] = field(default_factory=dict)
    balance_sessions: dict[UUID, BalanceSession] = field(default_factory=dict)
    reports: set[UUID] = field(default_factory=set)
    entries: dict[UUID, UUID] = field(default_factory=dict)
    exits: dict[UUID, UUID] = field(default_factory=dict)
    """Order to exit."""
    settlements: dict[tuple[UUID, int], UUID] = field(default_factory=dict)
    coins: dict[Coin, tuple[int, UUID]] = field(default_factory=dict)

    # A kiosk -----------------------------------------------------------------------------------------------------------

    def may_tender(self, order: ModelOrder, kiosk: str, now: float, *, by_claim: bool) -> bool | None:
        """Predict a kiosk's wish to take hold."""
        if by_claim and not order.claim:
            return False
        free = order.status == "submitted" or (
            order.status == "tendering"
            and order.tendering is not None
            and (order.tendering.holder == kiosk or now - order.tendering.since >= TENDERING_LEASE_S)
        )
        if not free or not by_claim:
            return free
        return _before(now, order.priced_at + CLAIM_S)

    def tender(self, order: ModelOrder, session_id: UUID, kiosk: str, now: float) -> None:
        """A kiosk holds the order; what another session set aside for it is free again."""
        if order.tendering:
            self.let_go(order)
        order.status, order.tendering = "tendering", Hold(session_id, kiosk, now)
        self.sessions[session_id] = Session(session_id, kiosk, order_id=order.order_id)

    def release(self, session_id: UUID) -> None:
        """A kiosk let go."""
        session = self.sessions.get(session_id)
        if session:
            self.end_hold(self.orders[session.order_id], session_id)

    def end_hold(self, order: ModelOrder, session_id: UUID) -> None:
        """A session is over; where it still held the order, the order is anybody's."""
        if order.tendering and order.tendering.hold_id == session_id:
            order.status, order.tendering = "submitted", None
            self.let_go(order)

    def coins_fit(self, kiosk: str, session_id: UUID, coins: list[tuple[int, int]]) -> bool:
        """Tell whether no coin was told otherwise before, and none stands twice in the list."""
        known = [self.coins.get((kiosk, "coin-box", 1, number)) for number, _value in coins]
        same = all(found in {None, (value, session_id)} for found, (_number, value) in zip(known, coins, strict=True))
        return same and len({number for number, _value in coins}) == len(coins)

    def credit(self, kiosk: str, session_id: UUID, coins: list[tuple[int, int]]) -> int:
        """Coins lie in the kiosk; return how many are news."""
        news = 0
        for number, value in coins:
            if (kiosk, "coin-box", 1, number) not in self.coins:
                self.coins[kiosk, "coin-box", 1, number] = (value, session_id)
                self.move(f"escrow/{kiosk}", f"cash/{kiosk}/coin-box", value)
                news += 1
        return news

    def may_settle(
        self, order: ModelOrder, session_id: UUID, kiosk: str, revision: int, *, cash: int, change: int, sum_: int
    ) -> bool:
        """Predict a settlement, coins aside."""
        held = order.tendering
        if order.status != "tendering" or held is None or held.hold_id != session_id or held.holder != kiosk:
            return False
        fits = revision == order.revision and cash == in_cash(self.rest(order, session_id)) and sum_ == cash + change
        return fits and self.may_commit(order)

    def settle(self, order: ModelOrder, session: Session, payment_id: UUID, now: float) -> None:
        """The order is paid: coupons are used up, balances pay what was set aside on them, coins the rest."""
        assert (order.order_id, order.revision) not in self.settlements
        self.settlements[order.order_id, order.revision] = payment_id
        rest = self.rest(order, session.session_id)
        cash = in_cash(rest)
        common = (order.order_id, order.revision)
        self.commit(order)
        for held in self.held_for(order.order_id, session.session_id):
            self.capture(held)
            self.pay(Paid(held.hold_id, *common, "balance", held.minor, held.minor, session.kiosk, held.member_id))
        if rest:
            self.pay(Paid(payment_id, *common, "cash", rest, cash, session.kiosk))
        session.settled_minor = cash
        self.ledger[f"escrow/{session.kiosk}"] += cash
        self.ledger["sales"] -= rest
        self.ledger["rounding"] += rest - cash
        order.paid, order.paid_at, order.tendering, order.status = order.total, now, None, "paid"
        order.ever_settled = True
        self.count_points(order)

    def report(
        self, session_id: UUID, kiosk: str, coins: list[tuple[int, int]], *, hopper: dict[str, int], unsure: int, owed: int
    ) -> int:
        """A kiosk told how a session ended; return how many coins were news."""
        assert session_id not in self.reports
        self.reports.add(session_id)
        news = self.credit(kiosk, session_id, coins)
        session = self.sessions.get(session_id) or self.balance_sessions.get(session_id)
        left = sum(value for _number, value in coins) - (session.settled_minor if session else 0) - sum(hopper.values()) - owed
        for device, minor in hopper.items():
            self.move(f"cash/{kiosk}/{device}", f"escrow/{kiosk}", minor)
        self.move(f"owed/{kiosk}", f"escrow/{kiosk}", owed)
        in_doubt = max(0, min(left, unsure))
        self.move(f"uncertain/{kiosk}", f"escrow/{kiosk}", in_doubt)
        self.move(f"discrepancy/{kiosk}", f"escrow/{kiosk}", left - in_doubt)
        self.release(session_id)
        return news

    # A lane and staff --------------------------------------------------------------------------------------------------

    def may_enter(self, order: ModelOrder, lane: str, now: float, shown: tuple[int, str, float] | None) -> bool | None:
        """Predict a lane's wish to take hold; ``shown`` is the pass, None for the typed number."""
        if order.order_id in self.exits or (shown and shown[0] < order.revision) or order.status not in {"paid", "leaving"}:
            return False
        if shown is None and (order.entry is None or order.entry.holder != lane):
            return False
        free = order.entry is None or order.entry.holder == lane or order.status != "leaving"
        if not free and order.entry is not None and now - order.entry.since < LANE_LEASE_S:
            return False
        return True if shown is None else _before(now, shown[2] + PASS_S)

    def enter(self, order: ModelOrder, entry_id: UUID, lane: str, now: float) -> None:
        """A lane holds the order."""
        order.status, order.entry = "leaving", Hold(entry_id, lane, now)
        self.entries[entry_id] = order.order_id

    def leave(self, entry_id: UUID) -> None:
        """The shopper turned back."""
        order = self.orders[self.entries[entry_id]]
        if order.entry and order.entry.hold_id == entry_id and order.status in {"submitted", "tendering", "paid", "leaving"}:
            order.entry = None
            order.status = "paid" if order.status == "leaving" else order.status

    def exit(self, order: ModelOrder, exit_id: UUID) -> None:
        """The goods left."""
        assert order.order_id not in self.exits
        self.exits[order.order_id] = exit_id
        if order.status in {"submitted", "tendering", "paid", "leaving"}:
            order.status, order.tendering, order.entry = "exited", None, None

    def may_amend(self, order: ModelOrder) -> bool:
        """Predict a rescan in the lane."""
        return order.entry is not None and order.status in {"submitted", "paid", "leaving"}

    def amend(self, order: ModelOrder, line: Line, now: float) -> None:
        """An article more: the whole basket is priced again, with the coupons that were used up for it."""
        order.lines.append(line)
        order.total, order.revision, order.priced_at = self.cost(order)[0], order.revision + 1, now
        if in_cash(max(0, order.due)):
            order.status = "submitted"
            return
        if order.due > 0:
            self.move("sales", "rounding", order.due)
            order.paid, order.paid_at = order.total, now
        order.status = "paid"

    def expired(self, order: ModelOrder, now: float) -> bool | None:
        """Predict what a sweep does to an order."""
        if order.status != "submitted" or order.paid:
            return False
        fresh = _before(now, order.priced_at + CLAIM_S)
        return None if fresh is None else not fresh

    def lapse(self, now: float) -> None:
        """What waits too long is free again, and a kiosk that is silent for hours loses its order."""
        for held in self.set_aside.values():
            if held.state == "held" and held.until < now:
                self.give_free(held)
        for coupon in self.coupons.values():
            for use in coupon.uses:
                if use.state == "reserved" and use.until < now:
                    use.state = "released"
        for order in self.orders.values():
            if order.tendering and order.tendering.since < now - CLAIM_S - TENDERING_LEASE_S:
                self.end_hold(order, order.tendering.hold_id)


def _before(now: float, deadline: float) -> bool | None:
    return None if abs(now - deadline) <= UNSURE_S else now < deadline
