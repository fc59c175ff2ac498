"""What the model remembers, and what a basket must cost, in plain numbers; nothing here comes from the server's code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from tests.fault.books import MILK, PRICES_MINOR, WINE

STEP_MINOR = 10
MEMBERS_MILK_MINOR, SILVER_WINE_MINOR, SILVER_POINTS = 1200, 8500, 60
FIVE_MINOR = 500
TEN_OFF, FIVE_OFF = "ten-off", "five-off"


def in_cash(minor: int) -> int:
    """Return what is paid for an amount where the smallest coin is 10."""
    lower = minor - minor % STEP_MINOR
    return lower + STEP_MINOR if minor % STEP_MINOR * 2 >= STEP_MINOR else lower


@dataclass(frozen=True)
class Line:
    """Pieces of one article, or one label."""

    code: str
    pieces: int = 1
    label_minor: int = 0
    """What a label says, or its weight costs; 0 for pieces."""

    def minor(self, *, member: bool, silver: bool) -> int:
        """Return what it costs without coupons."""
        if self.label_minor:
            return self.label_minor
        each = PRICES_MINOR[self.code]
        if member and self.code == MILK:
            each = MEMBERS_MILK_MINOR
        if silver and self.code == WINE:
            each = SILVER_WINE_MINOR
        return each * self.pieces


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
    lines: list[Line]
    priced_at: float
    total: int = 0
    status: str = "submitted"
    revision: int = 1
    paid: int = 0
    paid_at: float = 0
    tendering: Hold | None = None
    entry: Hold | None = None
    claim: str = ""
    passes: list[tuple[int, str, float]] = field(default_factory=list)
    """Revision, text, when it was paid."""
    member_id: UUID | None = None
    silver: bool = False
    """What the member was when their card was shown last."""
    coupons: list[str] = field(default_factory=list)
    """Their ids."""
    points: int = 0
    """That its member has for it."""
    ever_settled: bool = False

    @property
    def due(self) -> int:
        """What is unpaid."""
        return self.total - self.paid


@dataclass
class BalanceSession:
    """A kiosk's session in which cash becomes a balance."""

    session_id: UUID
    kiosk: str
    taken: list[tuple[int, int]] = field(default_factory=list)
    """Number and value of each coin that lies in the kiosk."""
    settled_minor: int = 0
    order_id: UUID | None = None


@dataclass
class Session(BalanceSession):
    """A kiosk's session in which an order is paid."""

    order_id: UUID = field(kw_only=True)


@dataclass
class Member:
    """Somebody with a balance."""

    member_id: UUID
    login: str
    password: str
    tokens: dict[str, float] = field(default_factory=dict)
    """To when each ends."""
    available: int = 0
    held: int = 0
    points: int = 0
    wrong: int = 0
    locked_until: float = 0
    forgotten: bool = False

    @property
    def silver(self) -> bool:
        """Enough points for silver prices."""
        return self.points >= SILVER_POINTS


@dataclass
class SetAside:
    """Money of a balance that waits for an order to be paid."""

    hold_id: UUID
    member_id: UUID
    order_id: UUID
    session_id: UUID
    minor: int
    until: float
    state: str = "held"


@dataclass
class Use:
    """One of the times that a coupon may be used."""

    order_id: UUID
    state: str
    until: float

    def is_free(self, now: float) -> bool:
        """Tell whether another order may have it."""
        return self.state == "released" or (self.state == "reserved" and self.until < now)


@dataclass
class ModelCoupon:
    """One code."""

    coupon_id: str
    code: str
    promotion: str
    uses_max: int
    in_time: bool = True
    uses: list[Use] = field(default_factory=list)


@dataclass
class Paid:
    """One tender of one order."""

    payment_id: UUID
    order_id: UUID
    revision: int
    tender: str
    covered: int
    captured: int
    kiosk: str
    member_id: UUID | None = None
    reserved: int = 0


@dataclass
class GivenBack:
    """One refund."""

    refund_id: UUID
    payment_id: UUID
    order_id: UUID
    minor: int
    destination: str
    state: str
    asked_by: str
    decided_by: str | None = None


def price(lines: Iterable[Line], coupons: Iterable[ModelCoupon], *, member: bool, silver: bool) -> tuple[int, bool | None]:
    """Return what a basket costs, and whether each coupon takes something off (None: two answers are as good).

    Every five-off coupon may be used, of the ten-percent coupons one: the percentage comes first, and only if it helps.
    """
    left = sum(line.minor(member=member, silver=silver) for line in lines)
    coupons = list(coupons)
    fives = sum(coupon.promotion == FIVE_OFF for coupon in coupons)
    tens = len(coupons) - fives
    without, unused = _fives_off(left, fives)
    percent = (left * 10 + 50) // 100 if tens else 0
    with_ten, unused_then = _fives_off(left - percent, fives)
    ten_helps = with_ten < without
    total = min(with_ten, without)
    if total == 0 and len(coupons) > 1:
        return 0, None
    if ten_helps:
        return total, tens == 1 and not unused_then
    return total, tens == 0 and not unused


def _fives_off(left: int, fives: int) -> tuple[int, bool]:
    unused = False
    for _one in range(fives):
        unused = unused or left == 0
        left -= min(left, FIVE_MINOR)
    return left, unused
