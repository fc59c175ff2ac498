"""Histories of members, coupons, tenders and refunds on top of those of :mod:`tests.fault.history`."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from store_server.contract.member_messages import DeleteMember, MemberLogin, RegisterMember, TopUp
from store_server.contract.tender_messages import (
    AskRefund,
    EnterCoupon,
    HoldBalance,
    IdentifyMember,
    RecordCard,
    SettleOrder,
    Tendering,
)
from store_server.services import members, refunds, tenders, top_ups
from store_server.services.principals import Device, StaffMember
from store_server.services.store import Store
from tests.fault.actions import action
from tests.fault.history import Histories, has_sessions
from tests.fault.history_bench import COUPON_KINDS, STAFF, Forecast
from tests.fault.model_money import BALANCE_MAX_MINOR, GIVEN, LOGGED_IN_S, SET_ASIDE_S
from tests.fault.model_rows import BalanceSession, GivenBack, Member, ModelOrder, Paid, Session, SetAside, in_cash
from tests.fault.witness import Rows

PASSWORD, WRONG_PASSWORD = "correct horse", "battery staple"
SECOND = StaffMember("bo")
MEMBERS_MAX = 3


class MoneyHistories(Histories):
    """One history in which people have balances, coupons and second thoughts."""

    def people_come(self) -> None:
        """Somebody with a balance, and coupons."""
        for kind in COUPON_KINDS:
            coupon = self.bench.coupon(kind)
            self.model.coupons[coupon.coupon_id] = coupon
        self.register(1)
        self.log_in(0, right=True)
        self.top_up(0, amount=20_000, how="")

    # Members ------------------------------------------------------------------------------------------------------------

    def some_member(self, n: int) -> Member:
        """Choose a member."""
        return list(self.model.members.values())[n % len(self.model.members)]

    def holder(self, login: str) -> Member | None:
        """Return who has a login now."""
        same = (found for found in self.model.members.values() if found.login.casefold() == login.casefold())
        return next((found for found in same if not found.forgotten), None)

    @action(1, lambda self: len(self.model.members) < MEMBERS_MAX)
    def register(self, n: int) -> None:
        taken = n % 4 == 0 and bool(self.model.members)
        name = f"m{len(self.model.members)}-{self.bench.histories}@example.org"
        login = self.some_member(n).login.upper() if taken else name
        expected = self.holder(login) is None
        request = RegisterMember(member_id=self.bench.new_id(), login=login, password=PASSWORD, name="Somebody")
        answer = self.ask(members.register, self.kiosks[0], request, expected, keep=False)
        if answer is not None:
            self.model.members[request.member_id] = Member(request.member_id, login, PASSWORD)
            if n % 8 == 7:
                assert members.register(self.bench.store, self.kiosks[1], request) == answer
                other = request.model_copy(update={"name": "Somebody else"})
                self.ask(members.register, self.kiosks[0], other, expected=False, keep=False)

    @action(2, lambda self: self.model.members, right=(True, True, False))
    def log_in(self, n: int, right: bool) -> None:  # noqa: FBT001 - chosen by name
        member, now = self.some_member(n), self.bench.clock.now
        # Somebody else may have the login of a person who was forgotten.
        member = self.holder(member.login) or member
        request = MemberLogin(login=member.login.title(), password=PASSWORD if right else WRONG_PASSWORD)
        expected = self.model.login(member, request.password, now)
        answer = self.ask(_without_device(members.login), self.kiosks[0], request, expected, keep=False)
        if answer is not None:
            member.tokens[answer.token] = now + LOGGED_IN_S
            self.compare(answer.account)

    @action(2)
    def look_at_the_balance(self, n: int) -> None:
        token = self.some_token(n)
        owner = self.model.owner(token, self.bench.clock.now)
        answer = self.ask(_without_device(members.show), self.kiosks[0], token, owner is not None, keep=False)
        if answer is not None:
            self.compare(answer)

    @action(1, lambda self: self.model.members)
    def log_out(self, n: int) -> None:
        token = self.some_token(n)
        members.logout(self.bench.store, token)
        for member in self.model.members.values():
            member.tokens.pop(token, None)

    @action(1, lambda self: self.model.members, right=(True, False), give_up=(True, False))
    def be_forgotten(self, n: int, right: bool, give_up: bool) -> None:  # noqa: FBT001 - chosen by name
        token, now = self.some_token(n), self.bench.clock.now
        password = PASSWORD if right else WRONG_PASSWORD
        member = self.model.owner(token, now)
        expected = member is not None and member.locked_until <= now and right
        if member is not None and member.locked_until <= now and not right:
            self.model.wrong(member, now)
        expected = expected and member is not None and not member.held and (give_up or not member.available)
        request = DeleteMember(member_token=token, password=password, give_up_balance=give_up)
        answer = self.ask(members.delete, self.kiosks[0], request, expected, keep=False)
        if answer is not None and member is not None:
            assert answer.left_minor == member.available
            member.forgotten = True

    @action(
        2,
        lambda self: self.model.members,
        amount=(1000, 5000, 20_000, 300_000),
        how=("", "", "", "over", "short", "paying", "again"),
    )
    def top_up(self, n: int, amount: int, how: str) -> None:
        model, now, device = self.model, self.bench.clock.now, self.kiosks[n % 2]
        session = BalanceSession(self.bench.new_id(), device.name)
        if how == "paying" and model.sessions:
            session = self.some_session(n)
        elif how == "again" and model.balance_sessions:
            session = list(model.balance_sessions.values())[-1]
        device = self.own_kiosk(session)
        coins = self.coins_for([amount, 100] if how == "over" else [amount])
        taken = sum(value for _number, value in coins)
        token = self.some_token(n)
        owner = model.owner(token, now)
        expected = (
            owner is not None
            and how != "short"
            and session.session_id not in model.sessions
            and session.session_id not in model.reports
            and owner.available + owner.held + amount <= BALANCE_MAX_MINOR
        )
        request = TopUp(
            top_up_id=self.bench.new_id(),
            session_id=session.session_id,
            member_token=token,
            amount_minor=amount,
            taken=self.events(coins),
            change_minor=taken - amount + (10 if how == "short" else 0),
        )
        answer = self.ask(top_ups.top_up, device, request, expected)
        if answer is not None and owner is not None:
            model.balance_sessions[session.session_id] = session
            model.credit(device.name, session.session_id, coins)
            model.put_on_balance(owner, amount, f"escrow/{device.name}")
            session.taken += coins
            session.settled_minor += amount
            assert answer.available_minor == owner.available

    def compare(self, account: Any) -> None:
        """Hold what a member is told against the model."""
        member = self.model.members[account.member_id]
        told = (account.available_minor, account.held_minor, account.points, account.tier == "silver")
        assert told == (member.available, member.held, member.points, member.silver)

    # Paying -------------------------------------------------------------------------------------------------------------

    def tell(self, service: Callable[..., Tendering], session: Session, request: Any, expected: Forecast) -> Any:
        """Ask for something that a session's kiosk does."""
        return self.ask(partial(_in_session, service, session.session_id), self.own_kiosk(session), request, expected)

    def holds(self, session: Session) -> bool:
        """Tell whether a session holds its order."""
        tendering = self.model.orders[session.order_id].tendering
        return tendering is not None and tendering.hold_id == session.session_id

    def after(self, session: Session, answer: Tendering) -> None:
        """Compare what a kiosk is told about its order."""
        order = self.model.orders[session.order_id]
        rest = self.model.rest(order, session.session_id)
        told = (answer.held_minor, answer.rest_minor, answer.cash_due_minor)
        assert told == (max(0, order.due) - rest, rest, in_cash(rest))
        self.learn(answer.order)

    @action(2, has_sessions)
    def identify(self, n: int) -> None:
        session, token = self.some_session(n), self.some_token(n)
        order = self.model.orders[session.order_id]
        owner = self.model.owner(token, self.bench.clock.now)
        expected = self.holds(session) and not self.model.held_for(order.order_id)
        expected = expected and owner is not None and self.model.may_identify(order, owner)
        request = IdentifyMember(request_id=self.bench.new_id(), member_token=token)
        answer = self.tell(tenders.identify, session, request, expected)
        if answer is not None and owner is not None:
            self.model.identify(order, owner)
            self.after(session, answer)

    @action(4, has_sessions, which=range(10))
    def show_coupon(self, n: int, which: int) -> None:
        model, now, session = self.model, self.bench.clock.now, self.some_session(n)
        order = model.orders[session.order_id]
        used = [one for one in model.coupons.values() if any(use.order_id != order.order_id for use in one.uses)]
        shown = used if which % 2 and used else list(model.coupons.values())
        coupon = shown[which // 2 % len(shown)]
        expected: Forecast = self.holds(session) and not model.held_for(order.order_id) and model.may_be_repriced(order)
        expected = expected and model.may_reserve(coupon, order, now)
        expected = expected and model.cost(order, [*order.coupons, coupon.coupon_id])[1]
        code = "-".join(coupon.code[i : i + 4] for i in range(0, 20, 4)).lower() if n % 2 else coupon.code
        answer = self.tell(tenders.enter_coupon, session, EnterCoupon(entry_id=self.bench.new_id(), code=code), expected)
        if answer is not None:
            model.reserve(coupon, order, now)
            model.reprice(order)
            self.after(session, answer)

    @action(3, has_sessions, how=("all", "all", "part", "part", "more than due", "more than there is"))
    def hold(self, n: int, how: str) -> None:
        model, now, session, token = self.model, self.bench.clock.now, self.some_session(n), self.some_token(n)
        order, owner = model.orders[session.order_id], model.owner(token, now)
        will_be = self.with_balance(order, owner) if how == "all" else order
        rest = model.rest(will_be)
        there_is = owner.available if owner else 0
        amount = {"all": rest, "part": max(1, rest // 2), "more than due": rest + 1, "more than there is": there_is + 1}[how]
        expected = self.holds(session) and owner is not None and 0 < amount <= min(rest, there_is)
        request = HoldBalance(
            hold_id=self.bench.new_id(), member_token=token, amount_minor=None if how == "all" else max(1, amount)
        )
        answer = self.tell(tenders.hold_balance, session, request, expected)
        if answer is not None and owner is not None:
            if will_be is not order:
                model.identify(order, owner)
            held = SetAside(request.hold_id, owner.member_id, order.order_id, session.session_id, amount, now + SET_ASIDE_S)
            model.hold(order, held)
            self.after(session, answer)

    def with_balance(self, order: ModelOrder, owner: Member | None) -> ModelOrder:
        """Return the order as it will be when all of it is to be paid from a balance: at the member's prices."""
        untouched = self.model.may_be_repriced(order) and not self.model.held_for(order.order_id)
        if owner is None or not untouched or order.member_id not in {None, owner.member_id}:
            return order
        will_be = copy.copy(order)
        self.model.identify(will_be, owner)
        return will_be

    @action(2, has_sessions, how=("part", "all", "too much"))
    def card(self, n: int, how: str) -> None:
        model, session = self.model, self.some_session(n)
        order = model.orders[session.order_id]
        rest = model.rest(order)
        amount = max(1, {"part": rest // 3, "all": rest, "too much": rest + 1}[how])
        expected = self.holds(session) and amount <= rest and model.may_commit(order)
        request = RecordCard(payment_id=self.bench.new_id(), amount_minor=amount, reference="T1-000123")
        answer = self.tell(tenders.record_card, session, request, expected)
        if answer is not None:
            paid = Paid(request.payment_id, order.order_id, order.revision, "card", amount, amount, session.kiosk)
            model.card(order, paid)
            self.after(session, answer)

    @action(3, has_sessions)
    def settle_without_cash(self, n: int) -> None:
        model, session = self.model, self.some_session(n)
        order = model.orders[session.order_id]
        revision = order.revision + (n % 8 == 7)
        expected = model.may_settle(order, session.session_id, session.kiosk, revision, cash=0, change=0, sum_=0)
        request = SettleOrder(
            payment_id=self.bench.new_id(), session_id=session.session_id, order_id=order.order_id, revision=revision
        )
        answer = self.ask(tenders.settle, self.own_kiosk(session), request, expected)
        if answer is not None:
            model.settle(order, session, request.payment_id, self.bench.clock.now)
            self.learn(answer.order)

    @action(5, has_sessions, how=("coupon", "balance", "member", "card"))
    def pay_smoothly(self, n: int, how: str) -> None:
        """Do what comes next for somebody who does not pay with cash alone."""
        order = self.some_order(n % 2)
        if order.status == "submitted":
            self.begin_tendering(order, self.kiosks[0], by_claim=False)
        elif order.status == "tendering" and self.model.rest(order) == 0:
            self.settle_without_cash(0)
        elif order.status == "tendering":
            {
                "coupon": lambda: self.show_coupon(0, n),
                "balance": lambda: self.hold(0, "all"),
                "member": lambda: self.identify(0),
                "card": lambda: self.card(0, "part"),
            }[how]()

    # Giving back --------------------------------------------------------------------------------------------------------

    @action(3, lambda self: self.model.payments, amount=("all", "all", "half", "one", "too much"), staff=(STAFF, SECOND))
    def refund(self, n: int, amount: str, staff: StaffMember) -> None:
        paid = list(self.model.payments.values())[-1 - n % len(self.model.payments)]
        left = paid.captured - paid.reserved
        minor = max(1, {"all": left, "half": left // 2, "one": 1, "too much": left + 1}[amount])
        request = AskRefund(
            refund_id=self.bench.new_id(), payment_id=paid.payment_id, amount_minor=minor, reason="brought back"
        )
        answer = self.ask(refunds.ask, staff, request, self.model.may_refund(paid, minor))
        if answer is not None:
            given = GivenBack(request.refund_id, paid.payment_id, paid.order_id, minor, "", "", staff.name)
            self.model.refund(paid, given)
            self.compare_refund(given, answer)

    @action(3, lambda self: self.model.refunds, agree=(True, True, False), staff=(STAFF, SECOND))
    def decide(self, n: int, agree: bool, staff: StaffMember) -> None:  # noqa: FBT001 - chosen by name
        waiting = [one for one in self.model.refunds.values() if one.state == "waiting"]
        choice = waiting if waiting and n % 4 else list(self.model.refunds.values())
        given = choice[n % len(choice)]
        service = partial(_decide, agree)
        expected = self.model.may_decide(given, staff.name, agree=agree)
        answer = self.ask(_named("decide", service), staff, given.refund_id, expected, keep=False)
        if answer is not None:
            self.model.decide(given, staff.name, agree=agree)
            self.compare_refund(given, answer)

    @action(2, lambda self: self.model.refunds)
    def pay_out(self, n: int) -> None:
        given = list(self.model.refunds.values())[-1 - n % len(self.model.refunds)]
        expected = given.state == "done" and given.destination == "claim"
        answer = self.ask(refunds.pay_out, STAFF, given.refund_id, expected, keep=False)
        if answer is not None:
            self.model.pay_out(given)
            self.compare_refund(given, answer)

    def compare_refund(self, given: GivenBack, answer: Any) -> None:
        """Hold an answer against the model."""
        told = (answer.amount_minor, answer.destination.value, answer.state.value, answer.requested_by, answer.decided_by)
        assert told == (given.minor, given.destination, given.state, given.asked_by, given.decided_by)

    # What holds after every step ----------------------------------------------------------------------------------------

    def judge(self, books: Mapping[str, Rows]) -> None:
        """Hold all rows of this history against the model."""
        super().judge(books)
        self._balances_are_what_the_ledger_says(books)
        self._no_coupon_is_used_too_often(books)
        self._nothing_goes_back_that_was_not_taken(books)

    def _balances_are_what_the_ledger_says(self, books: Mapping[str, Rows]) -> None:
        model, found = self.model, books["members"]
        known = model.members.values()
        expected = [(str(one.member_id), one.available, one.held, one.points, one.forgotten) for one in known]
        assert sorted(found) == sorted(expected)
        waiting: Counter[str] = Counter()
        for one in model.set_aside.values():
            waiting[str(one.member_id)] += one.minor if one.state == "held" else 0
        for member_id, available, held, points, _forgotten in found:
            assert min(available, held, points) >= 0
            assert available + held == -model.ledger.get(f"wallet/{member_id}", 0)
            assert held == waiting[member_id]
        assert sorted(books["wallet_holds"]) == sorted(
            (str(one.hold_id), str(one.member_id), str(one.order_id), one.minor, one.state) for one in model.set_aside.values()
        )
        counted: Counter[str] = Counter()
        for order_id, points in books["points_journal"]:
            counted[order_id] += points
        of_orders = {order_id: points for order_id, points in counted.items() if points}
        assert of_orders == {str(one.order_id): one.points for one in model.orders.values() if one.points}

    def _no_coupon_is_used_too_often(self, books: Mapping[str, Rows]) -> None:
        found = books["coupon_uses"]
        assert sorted(found) == sorted(
            (coupon.coupon_id, number, str(use.order_id), use.state)
            for coupon in self.model.coupons.values()
            for number, use in enumerate(coupon.uses, start=1)
        )
        for coupon in self.model.coupons.values():
            lives = [row[2] for row in found if row[0] == coupon.coupon_id and row[3] != "released"]
            assert len(lives) <= coupon.uses_max
            assert len(set(lives)) == len(lives)

    def _nothing_goes_back_that_was_not_taken(self, books: Mapping[str, Rows]) -> None:
        taken, back = books["payments"], books["refunds"]
        assert sorted(taken) == sorted(
            (str(one.payment_id), str(one.order_id), one.revision, one.tender, one.covered, one.captured, one.reserved)
            for one in self.model.payments.values()
        )
        assert sorted(back) == sorted(
            (str(one.refund_id), str(one.payment_id), one.minor, one.destination, one.state)
            for one in self.model.refunds.values()
        )
        for payment_id, *_rest, captured, reserved in taken:
            asked = sum(row[2] for row in back if row[1] == payment_id and row[4] != "declined")
            assert asked == reserved <= captured
        given = sum(row[2] for row in back if row[4] in GIVEN)
        assert given == self.model.ledger.get("refunds", 0)


def _in_session(service: Callable[..., Tendering], session_id: UUID, store: Store, kiosk: Device, request: Any) -> Tendering:
    return service(store, kiosk, session_id, request)


def _without_device(service: Callable[..., Any]) -> Callable[..., Any]:
    return _named(service.__name__, lambda store, _device, request: service(store, request))


def _named(name: str, service: Callable[..., Any]) -> Callable[..., Any]:
    def named(store: Store, actor: Any, request: Any) -> Any:
        return service(store, actor, request)

    named.__name__ = name
    return named


def _decide(agree: bool, store: Store, staff: StaffMember, refund_id: UUID) -> Any:  # noqa: FBT001 - bound by partial
    return refunds.decide(store, staff, refund_id, agree=agree)
