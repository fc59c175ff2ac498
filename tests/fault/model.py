"""What the books must say, worked out without the server's code: numbers, dictionaries, the shop's rules as prose has them.

The model predicts each request: ``True`` it is accepted, ``False`` it is refused, ``None`` both would be right (a clock stands
within the tolerance of a deadline). Accepted requests change the model through the methods named like them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

CLAIM_S, PASS_S, TENDERING_LEASE_S, LANE_LEASE_S, UNSURE_S = 4 * 3600, 2 * 3600, 300, 120, 120
STEP_MINOR = 10
NEXT_STATUS = {
    "submitted": {"submitted", "tendering", "voided", "expired", "exited"},
    "tendering": {"tendering", "submitted", "paid", "exited"},
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


def in_cash(minor: int) -> int:
    """Return what is paid for an amount where the smallest coin is 10."""
    lower = minor - minor % STEP_MINOR
    return lower + STEP_MINOR if minor % STEP_MINOR * 2 >= STEP_MINOR else lower


@dataclass
class Hold:
    """Somebody's hold on an order."""

    hold_id: UUID
    holder: str
    since: float


@dataclass
class ModelOrder:
    """One order as it must be."""

    order_id: UUID
    number: str
    total: int
    priced_at: float
    status: str = "submitted"
    revision: int = 1
    paid: int = 0
    paid_at: float = 0
    tendering: Hold | None = None
    entry: Hold | None = None
    claim: str = ""
    passes: list[tuple[int, str, float]] = field(default_factory=list)
    """Revision, text, when it was paid."""

    @property
    def due(self) -> int:
        """What is unpaid."""
        return self.total - self.paid


@dataclass
class Session:
    """One kiosk's session."""

    session_id: UUID
    kiosk: str
    order_id: UUID
    taken: list[tuple[int, int]] = field(default_factory=list)
    """Number and value of each coin that lies in the kiosk."""
    settled_minor: int = 0


@dataclass
class Model:
    """All books of one history."""

    orders: dict[UUID, ModelOrder] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    reports: set[UUID] = field(default_factory=set)
    entries: dict[UUID, UUID] = field(default_factory=dict)
    exits: dict[UUID, UUID] = field(default_factory=dict)
    """Order to exit."""
    settlements: dict[tuple[UUID, int], UUID] = field(default_factory=dict)
    coins: dict[Coin, tuple[int, UUID]] = field(default_factory=dict)
    ledger: Counter[str] = field(default_factory=Counter)

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
        """A kiosk holds the order."""
        order.status, order.tendering = "tendering", Hold(session_id, kiosk, now)
        self.sessions[session_id] = Session(session_id, kiosk, order.order_id)

    def release(self, session_id: UUID) -> None:
        """A kiosk let go."""
        session = self.sessions.get(session_id)
        order = session and self.orders[session.order_id]
        if order and order.tendering and order.tendering.hold_id == session_id:
            order.status, order.tendering = "submitted", None

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
                self._move(f"escrow/{kiosk}", f"cash/{kiosk}/coin-box", value)
                news += 1
        return news

    def may_settle(
        self, order: ModelOrder, session_id: UUID, kiosk: str, revision: int, *, cash: int, change: int, sum_: int
    ) -> bool:
        """Predict a settlement, coins aside."""
        held = order.tendering
        if order.status != "tendering" or held is None or held.hold_id != session_id or held.holder != kiosk:
            return False
        return revision == order.revision and cash == in_cash(order.due) and sum_ == cash + change

    def settle(self, order: ModelOrder, session: Session, payment_id: UUID, now: float) -> None:
        """The order is paid."""
        assert (order.order_id, order.revision) not in self.settlements
        self.settlements[order.order_id, order.revision] = payment_id
        cash = in_cash(order.due)
        session.settled_minor = cash
        self.ledger[f"escrow/{session.kiosk}"] += cash
        self.ledger["sales"] -= order.due
        self.ledger["rounding"] += order.due - cash
        order.paid, order.paid_at, order.tendering, order.status = order.total, now, None, "paid"

    def report(
        self, session_id: UUID, kiosk: str, coins: list[tuple[int, int]], *, hopper: dict[str, int], unsure: int, owed: int
    ) -> int:
        """A kiosk told how a session ended; return how many coins were news."""
        assert session_id not in self.reports
        self.reports.add(session_id)
        news = self.credit(kiosk, session_id, coins)
        session = self.sessions.get(session_id)
        left = sum(value for _number, value in coins) - (session.settled_minor if session else 0) - sum(hopper.values()) - owed
        for device, minor in hopper.items():
            self._move(f"cash/{kiosk}/{device}", f"escrow/{kiosk}", minor)
        self._move(f"owed/{kiosk}", f"escrow/{kiosk}", owed)
        in_doubt = max(0, min(left, unsure))
        self._move(f"uncertain/{kiosk}", f"escrow/{kiosk}", in_doubt)
        self._move(f"discrepancy/{kiosk}", f"escrow/{kiosk}", left - in_doubt)
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

    def amend(self, order: ModelOrder, price: int, now: float) -> None:
        """An article more."""
        order.total, order.revision, order.priced_at = order.total + price, order.revision + 1, now
        if order.status != "submitted" and in_cash(order.due) == 0:
            self._move("sales", "rounding", order.due)
            order.paid, order.paid_at, order.status = order.total, now, "paid"
        else:
            order.status = "submitted"

    def expired(self, order: ModelOrder, now: float) -> bool | None:
        """Predict what a sweep does to an order."""
        if order.status != "submitted" or order.paid:
            return False
        fresh = _before(now, order.priced_at + CLAIM_S)
        return None if fresh is None else not fresh

    def _move(self, credit: str, debit: str, minor: int) -> None:
        self.ledger[credit] -= minor
        self.ledger[debit] += minor


def _before(now: float, deadline: float) -> bool | None:
    return None if abs(now - deadline) <= UNSURE_S else now < deadline
