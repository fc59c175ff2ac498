"""Members, balances, coupons and refunds as they must be; the shop's rules as prose has them, without the server's code.

Every ``may_`` predicts a request: True it is accepted, False it is refused, None both would be right. What a request changes is
done by the method named like it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from tests.fault.model_rows import GivenBack, Member, ModelCoupon, ModelOrder, Paid, SetAside, Use, price

SET_ASIDE_S, LOCK_S, LOGGED_IN_S, WRONG_MAX = 900, 300, 12 * 3600, 5
BALANCE_MAX_MINOR, ALONE_MAX_MINOR, POINT_MINOR = 500_000, 4_000, 100
GIVEN = {"done", "paid_out"}


@dataclass
class Purses:
    """Everything that belongs to people rather than to orders."""

    ledger: Counter[str] = field(default_factory=Counter)
    orders: dict[UUID, ModelOrder] = field(default_factory=dict)
    members: dict[UUID, Member] = field(default_factory=dict)
    coupons: dict[str, ModelCoupon] = field(default_factory=dict)
    set_aside: dict[UUID, SetAside] = field(default_factory=dict)
    payments: dict[UUID, Paid] = field(default_factory=dict)
    refunds: dict[UUID, GivenBack] = field(default_factory=dict)

    def move(self, credit: str, debit: str, minor: int) -> None:
        """One row of the ledger, both ways round."""
        self.ledger[credit] -= minor
        self.ledger[debit] += minor

    # Members -----------------------------------------------------------------------------------------------------------

    def owner(self, token: str, now: float) -> Member | None:
        """Return who is logged in with a token."""
        found = (member for member in self.members.values() if member.tokens.get(token, 0) > now and not member.forgotten)
        return next(found, None)

    def login(self, member: Member, password: str, now: float) -> bool:
        """Judge a try, and count a wrong one."""
        if member.forgotten or member.locked_until > now:
            return False
        if password != member.password:
            self.wrong(member, now)
            return False
        member.wrong = 0
        member.locked_until = 0
        return True

    def wrong(self, member: Member, now: float) -> None:
        """A wrong password; the fifth one locks."""
        member.wrong += 1
        if member.wrong == WRONG_MAX:
            member.wrong, member.locked_until = 0, now + LOCK_S

    def put_on_balance(self, member: Member, minor: int, account: str) -> None:
        """Money becomes a balance."""
        member.available += minor
        self.move(f"wallet/{member.member_id}", account, minor)

    # Money set aside ---------------------------------------------------------------------------------------------------

    def held_for(self, order_id: UUID, session_id: UUID | None = None) -> list[SetAside]:
        """Return what waits for an order."""
        return [
            one
            for one in self.set_aside.values()
            if one.order_id == order_id and one.state == "held" and session_id in {None, one.session_id}
        ]

    def rest(self, order: ModelOrder, session_id: UUID | None = None) -> int:
        """Return what balances do not cover."""
        return max(0, order.due) - sum(one.minor for one in self.held_for(order.order_id, session_id))

    def hold(self, order: ModelOrder, held: SetAside) -> None:
        """Part of a balance waits for an order."""
        member = self.members[held.member_id]
        assert member.available >= held.minor > 0
        assert self.rest(order) >= held.minor
        member.available -= held.minor
        member.held += held.minor
        self.set_aside[held.hold_id] = held

    def give_free(self, held: SetAside) -> None:
        """It is not needed."""
        member = self.members[held.member_id]
        member.held -= held.minor
        member.available += held.minor
        held.state = "released"

    def capture(self, held: SetAside) -> None:
        """It paid."""
        self.members[held.member_id].held -= held.minor
        held.state = "captured"
        self.move("sales", f"wallet/{held.member_id}", held.minor)

    # Prices ------------------------------------------------------------------------------------------------------------

    def cost(self, order: ModelOrder, coupons: list[str] | None = None) -> tuple[int, bool | None]:
        """Return what an order costs with these coupons, or its own; and whether each of them helps."""
        shown = [self.coupons[one] for one in dict.fromkeys(order.coupons if coupons is None else coupons)]
        return price(order.lines, shown, member=order.member_id is not None, silver=order.silver)

    def may_be_repriced(self, order: ModelOrder) -> bool:
        """Tell whether a coupon or a card still changes the price: nothing may be paid yet."""
        return order.status in {"submitted", "tendering"} and not (order.paid or order.ever_settled or order.entry)

    def reprice(self, order: ModelOrder) -> None:
        """The price changed by what was shown."""
        order.total = self.cost(order)[0]
        order.revision += 1

    def may_identify(self, order: ModelOrder, member: Member) -> bool:
        """Predict a member's card: it may change nothing, or come before the first payment."""
        return self._has_terms_of(order, member) or self.may_be_repriced(order)

    def identify(self, order: ModelOrder, member: Member) -> None:
        """A member's card is shown."""
        if not self._has_terms_of(order, member):
            order.member_id, order.silver = member.member_id, member.silver
            self.reprice(order)

    @staticmethod
    def _has_terms_of(order: ModelOrder, member: Member) -> bool:
        return order.member_id == member.member_id and order.silver == member.silver

    def let_go(self, order: ModelOrder) -> None:
        """A kiosk lost the order: what waited for it is free, and it costs what it costs without coupons."""
        for held in self.held_for(order.order_id):
            self.give_free(held)
        for use in self._uses_of(order):
            if use.state == "reserved":
                use.state = "released"
        if order.coupons and self.may_be_repriced(order):
            order.coupons = []
            self.reprice(order)

    # Coupons -----------------------------------------------------------------------------------------------------------

    def may_reserve(self, coupon: ModelCoupon, order: ModelOrder, now: float) -> bool:
        """Predict whether an order gets a use of a coupon: no more than it may be used, and one for each order."""
        own = next((use for use in coupon.uses if use.order_id == order.order_id), None)
        if own is not None:
            return coupon.in_time and own.is_free(now)
        return coupon.in_time and (len(coupon.uses) < coupon.uses_max or any(use.is_free(now) for use in coupon.uses))

    def reserve(self, coupon: ModelCoupon, order: ModelOrder, now: float) -> None:
        """An order takes a use: its own former one first, else the lowest that is free, else a new one."""
        free = [use for use in coupon.uses if use.is_free(now)]
        use = next((one for one in free if one.order_id == order.order_id), free[0] if free else None)
        if use is None:
            use = Use(order.order_id, "", 0)
            coupon.uses.append(use)
        use.order_id, use.state, use.until = order.order_id, "reserved", now + SET_ASIDE_S
        if coupon.coupon_id not in order.coupons:
            order.coupons.append(coupon.coupon_id)

    def may_commit(self, order: ModelOrder) -> bool:
        """Tell whether all coupons of an order are still its own."""
        kept = {coupon.coupon_id for coupon in self.coupons.values() if self._lives(coupon, order)}
        return set(order.coupons) <= kept

    def commit(self, order: ModelOrder) -> None:
        """They are used up."""
        for use in self._uses_of(order):
            if use.state == "reserved":
                use.state = "committed"

    def _lives(self, coupon: ModelCoupon, order: ModelOrder) -> bool:
        return any(use.order_id == order.order_id and use.state != "released" for use in coupon.uses)

    def _uses_of(self, order: ModelOrder) -> list[Use]:
        return [use for coupon in self.coupons.values() for use in coupon.uses if use.order_id == order.order_id]

    # Paying ------------------------------------------------------------------------------------------------------------

    def pay(self, paid: Paid) -> None:
        """One tender more."""
        assert paid.payment_id not in self.payments
        self.payments[paid.payment_id] = paid

    def card(self, order: ModelOrder, paid: Paid) -> None:
        """A card terminal took money."""
        assert 0 < paid.captured <= self.rest(order)
        self.commit(order)
        self.pay(paid)
        order.paid += paid.captured
        self.move("sales", f"card/{paid.kiosk}", paid.captured)

    def count_points(self, order: ModelOrder) -> None:
        """A member has one point for each full amount that was paid and not given back."""
        if order.member_id is None:
            return
        back = sum(one.minor for one in self.refunds.values() if one.order_id == order.order_id and one.state in GIVEN)
        wanted = max(0, order.paid - back) // POINT_MINOR
        self.members[order.member_id].points += wanted - order.points
        order.points = wanted

    # Giving back -------------------------------------------------------------------------------------------------------

    def may_refund(self, paid: Paid, minor: int) -> bool:
        """Predict a refund."""
        return self._is_still(self.orders[paid.order_id]) and paid.reserved + minor <= paid.captured

    def refund(self, paid: Paid, given: GivenBack) -> None:
        """Staff gives money back, alone up to a limit for each order."""
        before = sum(one.minor for one in self.refunds.values() if one.order_id == paid.order_id and one.state != "declined")
        paid.reserved += given.minor
        given.destination = self.destination(paid)
        self.refunds[given.refund_id] = given
        given.state = "done" if before + given.minor <= ALONE_MAX_MINOR else "waiting"
        if given.state == "done":
            self._give(given)

    def may_decide(self, given: GivenBack, who: str, *, agree: bool) -> bool:
        """Predict the second person's decision."""
        if given.asked_by == who or not self._is_still(self.orders[given.order_id]):
            return False
        decided = "done" if agree else "declined"
        return given.state == "waiting" or (given.state == decided and given.decided_by == who)

    def decide(self, given: GivenBack, who: str, *, agree: bool) -> None:
        """The second person decided."""
        if given.state != "waiting":
            return
        given.decided_by = who
        if agree:
            given.state = "done"
            given.destination = self.destination(self.payments[given.payment_id])
            self._give(given)
        else:
            given.state = "declined"
            self.payments[given.payment_id].reserved -= given.minor

    def pay_out(self, given: GivenBack) -> None:
        """The desk paid a claim."""
        given.state = "paid_out"
        self.move("desk", "claims", given.minor)

    def destination(self, paid: Paid) -> str:
        """Money goes back to where it came from, as far as there still is somebody."""
        if paid.tender == "card":
            return "card"
        known = paid.member_id is not None and not self.members[paid.member_id].forgotten
        return "balance" if paid.tender == "balance" and known else "claim"

    def _give(self, given: GivenBack) -> None:
        paid, order = self.payments[given.payment_id], self.orders[given.order_id]
        if given.destination == "balance":
            assert paid.member_id is not None
            self.put_on_balance(self.members[paid.member_id], given.minor, "refunds")
        else:
            self.move(f"card/{paid.kiosk}" if given.destination == "card" else "claims", "refunds", given.minor)
        taken = sum(one.captured for one in self.payments.values() if one.order_id == order.order_id)
        back = sum(one.minor for one in self.refunds.values() if one.order_id == order.order_id and one.state in GIVEN)
        if taken == back and order.status in {"submitted", "paid"}:
            order.status = "refunded"
        self.count_points(order)

    @staticmethod
    def _is_still(order: ModelOrder) -> bool:
        return order.entry is None and order.status not in {"tendering", "leaving"}
