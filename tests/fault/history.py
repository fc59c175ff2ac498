"""Histories of shoppers, kiosks, lanes and staff over the real services, on a real SQLite file and a real PostgreSQL.

Hypothesis chooses what happens; :mod:`tests.fault.model` says, without the server's code, what the answer must be. After every
step the books are read with SQL of our own: the ledger sums to zero, each balance is the model's, what may happen once is there
once, each status is legal after the one before. Any earlier request is repeated now and then: the same again gets the same
answer, the same id with another body is refused.

``SCANLANE_HISTORIES`` sets how many histories of ``SCANLANE_STEPS`` steps are run in all (2,000 of 50). A failure prints its
seed and the command that runs the same histories again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from pydantic import BaseModel

from store_server.contract.cash_messages import CashEvent, CashReport, Payout, SettleCash
from store_server.contract.device_messages import DeviceRole
from store_server.contract.lane_messages import EnterLane, GiveCommand, LaneReport, LeaveLane, ReportExit, StaffCommandKind
from store_server.contract.member_messages import TopUp
from store_server.contract.order_messages import AddArticle, OrderLine, SubmitOrder
from store_server.contract.order_messages import Order as OrderAnswer
from store_server.contract.refusals import Refusal
from store_server.contract.tender_messages import (
    AskRefund,
    BeginTendering,
    EnterCoupon,
    HoldBalance,
    IdentifyMember,
    RecordCard,
    SettleOrder,
)
from store_server.services import amendments, exits, lanes, lapses, orders, payments, tendering
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from tests.fault.actions import CHOICE_BYTES, CHOICES, Action, action, actions_of, choose
from tests.fault.books import APPLES, APPLES_PER_100_G_MINOR, BAG, CHEESE, MILK, WINE, summed
from tests.fault.history_bench import BETWEEN_S, GATES, HANDHELDS, STAFF, Asked, Bench, Forecast
from tests.fault.model import CLAIM_S, NEXT_STATUS, TENDERING_LEASE_S, Model
from tests.fault.model_rows import BalanceSession, Line, ModelOrder, Session, in_cash
from tests.fault.witness import Rows, Witness, totals_of

HOPPER_MAX = 1000
"""Coins that one payout may be asked for."""
NOBODYS_TOKEN = "nobody-has-this-token-0000"


UNFINISHED = {"submitted", "tendering", "paid", "leaving"}


def has_orders(history: Histories) -> bool:
    """Tell whether there is an order."""
    return bool(history.model.orders)


def has_sessions(history: Histories) -> bool:
    """Tell whether a kiosk held an order."""
    return bool(history.model.sessions)


class Histories(RuleBasedStateMachine):
    """One history."""

    bench: ClassVar[Bench]
    actions: Sequence[Action] = ()

    def __init__(self) -> None:
        super().__init__()
        bench = self.bench
        bench.histories += 1
        bench.clock.now += BETWEEN_S
        self.model = Model()
        self.kiosks = [Device(f"kiosk-{bench.histories}-{n}", DeviceRole.KIOSK) for n in (1, 2)]
        self.coin = 0
        self.asked: list[Asked] = []
        self.statuses: dict[str, str] = {}
        ledger_before = bench.auditor.one("SELECT coalesce(max(seq), 0) FROM transfers")
        self.witness = Witness(bench.auditor, bench.clock.now, ledger_before)

    # Steps --------------------------------------------------------------------------------------------------------------

    @initialize(choice=st.binary(min_size=6, max_size=6))
    def begin(self, choice: bytes) -> None:
        """Choose the actions of this history: all of them in one of four, else half of those that may be left out."""
        bits = int.from_bytes(choice, "big")
        left_out = bits >> 2 if bits & 3 else 0
        every = enumerate(actions_of(type(self)))
        self.actions = [one for index, one in every if not (one.may_be_left_out and left_out >> index & 1)]
        self.people_come()
        self.the_books_are_right()

    def people_come(self) -> None:
        """Do what comes before the first step."""

    @rule(choices=CHOICES)
    def steps(self, choices: bytes) -> None:
        """Take some steps and look at the books after each: Hypothesis' own work for a rule costs half as much as a step."""
        for place in range(0, len(choices), CHOICE_BYTES):
            if any(choice := choices[place : place + CHOICE_BYTES]):
                self.step(choice)
                self.the_books_are_right()

    def step(self, choice: bytes) -> None:
        """Let something happen."""
        action, arguments = choose(self, self.actions, choice)
        note(f"# {action.name} {arguments}")
        self.bench.happened[action.name] += 1
        getattr(self, action.name)(**arguments)

    def teardown(self) -> None:
        """Note the first history that failed, and why; when it is lived again, coupons, kiosks and ids are others."""
        error = sys.exc_info()[1]
        if not isinstance(error, Exception | pytest.fail.Exception):
            self.bench.kept.update(totals_of(self.witness.look()))
        elif not self.bench.failed_at:
            self.bench.failed_at, self.bench.failed_by = self.bench.histories, error

    # Asking -------------------------------------------------------------------------------------------------------------

    def ask(self, service: Callable[..., Any], actor: Any, request: Any, expected: Forecast, *, keep: bool = True) -> Any:
        """Ask a service; return its answer, or None when it refused; both as the model expects."""
        call = partial(service, self.bench.store, actor)
        name = type(request).__name__ if isinstance(request, BaseModel) else service.__name__
        refusal = ""
        try:
            answer = call(request)
        except RefusedError as refused:
            refusal = f"{refused.refusal} {refused}"
        if refusal:
            assert expected is not True, f"{name} was refused: {refusal}"
            self.bench.seen[name, False] += 1
            return None
        assert expected is not False, f"{name} was accepted and must be refused: {request}"
        self.bench.seen[name, True] += 1
        if keep:
            self.asked.append(Asked(call, request, answer))
        return answer

    def some_order(self, n: int) -> ModelOrder:
        """Choose an order, mostly one of the newest."""
        held = list(self.model.orders.values())
        return held[-1 - (n % min(len(held), 3 if n < 48 else len(held)))]

    def learn(self, answer: OrderAnswer) -> None:
        """Read the passes off an answer, as handheld and receipt show them, and compare its numbers."""
        order = self.model.orders[answer.order_id]
        assert (answer.status.value, answer.revision, answer.total_minor, answer.paid_minor, answer.due_minor) == (
            order.status,
            order.revision,
            order.total,
            order.paid,
            max(0, order.due),
        )
        order.claim = answer.claim or order.claim
        if answer.exit_pass and (not order.passes or order.passes[-1][1] != answer.exit_pass):
            order.passes.append((order.revision, answer.exit_pass, order.paid_at))

    def coins_for(self, amounts: list[int]) -> list[tuple[int, int]]:
        """New coins."""
        made = [(self.coin + index + 1, amount) for index, amount in enumerate(amounts)]
        self.coin += len(amounts)
        return made

    # Shoppers -----------------------------------------------------------------------------------------------------------

    @action(3, always=True, pieces=(1, 2, 3, 4), label=("", "apples", "cheese"), by_member=(False, False, False, True))
    def submit(self, n: int, pieces: int, label: str, by_member: bool) -> None:  # noqa: FBT001 - chosen by name
        code, now = (MILK, WINE, BAG)[n % 3], self.bench.clock.now
        lines, bought = [OrderLine(code=code, quantity=pieces)], [Line(code, pieces)]
        if label == "apples":
            lines.append(OrderLine(code=APPLES, weight_g=100 * (n + 1)))
            bought.append(Line(APPLES, label_minor=APPLES_PER_100_G_MINOR * (n + 1)))
        elif label == "cheese":
            lines.append(OrderLine(code=CHEESE, price_minor=1001 + n))
            bought.append(Line(CHEESE, label_minor=1001 + n))
        token = self.some_token(n) if by_member else None
        owner = self.model.owner(token, now) if token else None
        order_id = self.bench.new_id()
        order = ModelOrder(order_id, "", bought, now)
        if owner is not None:
            order.member_id, order.silver = owner.member_id, owner.silver
        order.total, _helps = self.model.cost(order)
        expected = in_cash(order.total) > 0 and (token is None or owner is not None)
        request = SubmitOrder(order_id=order_id, price_book_version=self.bench.version, lines=lines, member_token=token)
        answer = self.ask(orders.submit, HANDHELDS[n % 2], request, expected)
        if answer is not None:
            order.number = answer.order_number
            self.model.orders[order_id] = order
            self.learn(answer)

    def some_token(self, n: int) -> str:
        """Choose the token of a member, mostly of one who is logged in."""
        found = [token for member in self.model.members.values() for token in member.tokens]
        return found[n % len(found)] if found and n < 60 else NOBODYS_TOKEN

    @action(5, seconds=(1, 60, 301, 301, 1800, 3 * 3600))
    def time_passes(self, seconds: int) -> None:
        self.bench.clock.now += seconds

    @action(2, has_orders)
    def look(self, n: int) -> None:
        order = self.some_order(n)
        self.learn(orders.get(self.bench.store, GATES[0], order.order_id))

    # Kiosks -------------------------------------------------------------------------------------------------------------

    @action(3, has_orders, kiosk=(0, 1), by_claim=(True, False))
    def tender(self, n: int, kiosk: int, by_claim: bool) -> None:  # noqa: FBT001 - chosen by name
        self.begin_tendering(self.some_order(n), self.kiosks[kiosk], by_claim=by_claim)

    def begin_tendering(self, order: ModelOrder, device: Device, *, by_claim: bool) -> None:
        """Let a kiosk bring up an order."""
        by_claim = by_claim and bool(order.claim)
        now = self.bench.clock.now
        expected = self.model.may_tender(order, device.name, now, by_claim=by_claim)
        session = self.bench.new_id()
        request = BeginTendering(
            session_id=session,
            claim=order.claim if by_claim else None,
            order_number=None if by_claim else order.number,
        )
        if by_claim and expected is False and order.status in {"submitted", "tendering"} and order.revision > 1:
            # An older claim of the same order is as good as the newest.
            expected = None
        answer = self.ask(tendering.begin, device, request, expected)
        if answer is not None:
            self.model.tender(order, session, device.name, now)
            self.learn(answer)

    @action(2, has_sessions, kiosk=(0, 1))
    def release(self, n: int, kiosk: int) -> None:
        session = self.some_session(n)
        right = session.kiosk == self.kiosks[kiosk].name
        answer = self.ask(tendering.release, self.kiosks[kiosk], session.session_id, right, keep=False)
        if answer is not None:
            self.model.release(session.session_id)
            self.learn(answer)

    def own_kiosk(self, session: BalanceSession) -> Device:
        """Return the kiosk of a session."""
        return next(found for found in self.kiosks if found.name == session.kiosk)

    def some_session(self, n: int) -> Session:
        """Choose a session that pays an order, mostly the newest."""
        sessions = list(self.model.sessions.values())
        return sessions[-1 - (n % min(len(sessions), 2 if n < 48 else len(sessions)))]

    @action(
        5,
        has_sessions,
        how=("exact", "exact", "over", "over", "short", "claims more change", "revision", "old coin", "twice"),
    )
    def settle(self, n: int, how: str) -> None:
        session = self.some_session(n)
        order = self.model.orders[session.order_id]
        cash = in_cash(max(0, self.model.rest(order, session.session_id))) or 10
        amounts = {"over": [cash, 500], "short": [max(1, cash - 1)]}.get(how, [cash])
        coins = self.coins_for(amounts)
        if how == "old coin" and self.model.coins:
            kiosk, _device, _epoch, number = list(self.model.coins)[n % len(self.model.coins)]
            value, _session = self.model.coins[kiosk, "coin-box", 1, number]
            coins = [(number, value)]
        if how == "twice":
            coins = coins * 2
        change = sum(value for _number, value in coins) - cash + (10 if how == "claims more change" else 0)
        change = max(change, 0)
        revision = order.revision + (how == "revision")
        sum_ = sum(value for _number, value in coins)
        device = self.own_kiosk(session)
        expected = self.model.may_settle(
            order, session.session_id, device.name, revision, cash=cash, change=change, sum_=sum_
        ) and self.model.coins_fit(device.name, session.session_id, coins)
        request = SettleCash(
            payment_id=self.bench.new_id(),
            session_id=session.session_id,
            order_id=order.order_id,
            revision=revision,
            cash_due_minor=cash,
            taken=self.events(coins),
            change_minor=change,
        )
        answer = self.ask(payments.settle, device, request, expected)
        if answer is not None:
            self.model.credit(device.name, session.session_id, coins)
            self.model.settle(order, session, request.payment_id, self.bench.clock.now)
            session.taken += coins
            self.learn(answer.order)

    def events(self, coins: list[tuple[int, int]]) -> list[CashEvent]:
        return [CashEvent(device="coin-box", epoch=1, seq=number, value_minor=value) for number, value in coins]

    @action(
        3,
        has_sessions,
        by_another=(False,) * 7 + (True,),
        more=(0, 1, 2),
        how=("returned", "returned", "owed", "uncertain", "unexplained", "forgot"),
    )
    def report(self, n: int, by_another: bool, more: int, how: str) -> None:  # noqa: FBT001 - chosen by name
        session: BalanceSession = self.some_session(n)
        if n % 4 == 0 and self.model.balance_sessions:
            session = list(self.model.balance_sessions.values())[-1 - n // 4 % len(self.model.balance_sessions)]
        device = self.own_kiosk(session)
        if by_another:
            device = next(found for found in self.kiosks if found is not device)
        coins = ([] if how == "forgot" else list(session.taken)) + self.coins_for([100, 500][:more])
        left = max(0, sum(value for _number, value in coins) - session.settled_minor)
        hopper = min(left // 100, HOPPER_MAX) if how in {"returned", "uncertain", "owed"} else 0
        unsure = 1 if how == "uncertain" else 0
        paid = max(0, hopper - unsure)
        owed = left - paid * 100 if how == "owed" else 0
        payouts = [
            Payout(
                payout_id=self.bench.new_id(),
                device="hopper-100",
                coin_minor=100,
                requested=hopper,
                paid=paid,
                uncertain=unsure,
            )
        ]
        expected = (
            session.session_id not in self.model.reports
            and session.kiosk == device.name
            and self.model.coins_fit(device.name, session.session_id, coins)
        )
        request = CashReport(
            session_id=session.session_id,
            order_id=session.order_id,
            outcome="paid" if session.settled_minor else "cancelled",
            taken=self.events(coins),
            payouts=payouts,
            owed_minor=owed,
        )
        answer = self.ask(payments.report_cash, device, request, expected)
        if answer is not None:
            hoppers = {"hopper-100": paid * 100}
            news = self.model.report(session.session_id, device.name, coins, hopper=hoppers, unsure=unsure * 100, owed=owed)
            assert answer.new_events == news
            session.taken = coins

    # Lanes --------------------------------------------------------------------------------------------------------------

    @action(4, has_orders, lane=(1, 2), shown=("pass", "pass", "pass", "old pass", "number", "claim"))
    def enter(self, n: int, lane: int, shown: str) -> None:
        order = self.some_order(n)
        if shown == "claim" and order.claim:
            self.show_a_claim(order, lane)
        else:
            self.enter_with(order, lane, shown)

    def enter_with(self, order: ModelOrder, lane: int, shown: str) -> None:
        """Show a lane a pass, or type the order's number."""
        passed = None
        if shown != "number" and order.passes:
            passed = order.passes[0 if shown == "old pass" else -1]
        now = self.bench.clock.now
        expected = self.model.may_enter(order, f"lane-{lane}", now, passed)
        request = EnterLane(
            entry_id=self.bench.new_id(),
            lane=f"lane-{lane}",
            exit_pass=passed[1] if passed else None,
            order_number=None if passed else order.number,
        )
        answer = self.ask(exits.enter_lane, GATES[lane - 1], request, expected)
        if answer is not None:
            self.model.enter(order, request.entry_id, f"lane-{lane}", now)
            self.learn(answer)

    def show_a_claim(self, order: ModelOrder, lane: int) -> None:
        """Show a lane the code that a kiosk wants."""
        request = EnterLane(entry_id=self.bench.new_id(), lane=f"lane-{lane}", exit_pass=order.claim, order_number=None)
        self.ask(exits.enter_lane, GATES[lane - 1], request, expected=False)

    @action(2, lambda self: self.model.entries)
    def leave(self, n: int) -> None:
        entry = list(self.model.entries)[n % len(self.model.entries)]
        answer = self.ask(exits.leave_lane, GATES[0], LeaveLane(entry_id=entry), expected=True, keep=False)
        self.model.leave(entry)
        self.learn(answer)

    @action(3, lambda self: self.leaving(), lane=(1, 2))
    def exit(self, n: int, lane: int) -> None:
        leaving = self.leaving()
        self.exit_with(leaving[n % len(leaving)], lane, n)

    def leaving(self) -> list[ModelOrder]:
        """Return the orders that are in a lane."""
        return [order for order in self.model.orders.values() if order.status == "leaving"]

    @action(2, has_orders, lane=(1, 2))
    def exit_past_the_judgement(self, n: int, lane: int) -> None:
        self.exit_with(self.some_order(n), lane, n)

    def exit_with(self, order: ModelOrder, lane: int, n: int) -> None:
        """Goods leave."""
        request = ReportExit(
            exit_id=self.bench.new_id(),
            order_id=order.order_id,
            revision=order.revision,
            lane=f"lane-{lane}",
            opened_at=int(self.bench.clock.now) - 1,
            measured_g=1000 + n,
            decided_by="server",
        )
        answer = self.ask(exits.report_exit, GATES[lane - 1], request, order.order_id not in self.model.exits)
        if answer is not None:
            self.model.exit(order, request.exit_id)
            assert answer.status.value == order.status

    # Staff --------------------------------------------------------------------------------------------------------------

    @action(2, has_orders, code=(MILK, BAG))
    def amend(self, n: int, code: str) -> None:
        self.amend_with(self.some_order(n), code)

    def amend_with(self, order: ModelOrder, code: str) -> None:
        """Let staff add an article."""
        request = AddArticle(amendment_id=self.bench.new_id(), code=code[1:])
        expected = self.model.may_amend(order)
        answer = self.ask(partial(_amend, order.order_id), STAFF, request, expected)
        if answer is not None:
            self.model.amend(order, Line(code), self.bench.clock.now)
            self.learn(answer)

    @action(1, has_orders)
    def void(self, n: int) -> None:
        order = self.some_order(48 + n % 16)
        expected = order.status == "voided" or (order.status == "submitted" and not order.paid)
        answer = self.ask(orders.void, STAFF, order.order_id, expected, keep=False)
        if answer is not None:
            order.status = "voided"
            self.learn(answer)

    @action(1, has_orders)
    def lapse(self) -> None:
        now = self.bench.clock.now
        lapses.lapse(self.bench.store)
        while self.is_late(now):
            # The server ends some at a time, also what earlier histories left behind.
            lapses.lapse(self.bench.store)
        self.model.lapse(now)
        for order in self.model.orders.values():
            expected = self.model.expired(order, now)
            if expected is None:
                expected = self.row(order.order_id)[1] == "expired"
            if expected:
                order.status = "expired"

    def is_late(self, now: float) -> bool:
        """Tell whether anything is left that waits too long."""
        held = self.bench.auditor.one("SELECT count(*) FROM wallet_holds WHERE state = 'held' AND expires_at < ?", now)
        silent = self.bench.auditor.one(
            "SELECT count(*) FROM orders WHERE status = 'tendering' AND tendering_since < ?", now - CLAIM_S - TENDERING_LEASE_S
        )
        forgotten = self.bench.auditor.one(
            "SELECT count(*) FROM orders WHERE status = 'submitted' AND paid_minor = 0 AND priced_at < ?", now - CLAIM_S - 600
        )
        return bool(held or silent or forgotten)

    @action(1, kind=(StaffCommandKind.WEIGH_AGAIN, StaffCommandKind.RELEASE))
    def command(self, n: int, kind: StaffCommandKind) -> None:
        lane = f"lane-{n % 2 + 1}"
        lanes.report(self.bench.store, GATES[0], LaneReport(lane=lane, state="idle", headline={"en": "Welcome"}))
        request = GiveCommand(command_id=self.bench.new_id(), kind=kind, reason="looked" if n % 3 else "")
        expected = kind is not StaffCommandKind.RELEASE or bool(request.reason)
        self.ask(partial(_command, lane), STAFF, request, expected)

    @action(7, has_orders, always=True, amend=(True, False))
    def go_on(self, n: int, amend: bool) -> None:  # noqa: FBT001 - chosen by name
        """Do what comes next in a smooth trip, so that histories get far."""
        unfinished = [order for order in self.model.orders.values() if order.status in UNFINISHED]
        if not unfinished:
            self.submit(n, 1, "", by_member=False)
            return
        order = unfinished[-1 - n % min(len(unfinished), 2)]
        if order.status == "submitted":
            self.begin_tendering(order, self.kiosks[0], by_claim=False)
        elif order.status == "tendering":
            self.settle(0, "over")
        elif order.status == "paid":
            self.enter_with(order, 1, "pass")
        elif amend and order.revision < 3:
            self.amend_with(order, MILK if n % 2 else BAG)
        else:
            self.exit_with(order, 1, n)

    # Again --------------------------------------------------------------------------------------------------------------

    @action(14, lambda self: self.asked, always=True)
    def the_same_again(self, n: int) -> None:
        former = self.asked[-1 - (n % len(self.asked))]
        assert former.ask(former.request) == former.answer

    @action(10, lambda self: self.asked, always=True)
    def the_same_id_with_another_body(self, n: int) -> None:
        former = self.asked[-1 - (n % len(self.asked))]
        other = _other_body(former.request)
        with pytest.raises(RefusedError) as refused:
            former.ask(other)
        assert refused.value.refusal is Refusal.KEY_REUSED

    # What holds after every step ----------------------------------------------------------------------------------------

    def row(self, order_id: UUID) -> tuple[Any, ...]:
        return self.bench.auditor.rows("SELECT order_id, status FROM orders WHERE order_id = ?", str(order_id))[0]

    def the_books_are_right(self) -> None:
        """Hold the books against the model, also when nobody has written since."""
        self.judge(self.witness.look())

    def judge(self, books: Mapping[str, Rows]) -> None:
        """Hold all rows of this history against the model."""
        self._the_books_are_the_models(books)
        self._what_happens_once_is_there_once(books)

    def _the_books_are_the_models(self, books: Mapping[str, Rows]) -> None:
        expected = {account: balance for account, balance in self.model.ledger.items() if balance}
        assert summed(books["transfers"]) == expected
        assert sorted(books["orders"]) == sorted(_as_row(order) for order in self.model.orders.values())
        for order_id, status, *_rest in books["orders"]:
            before = self.statuses.get(order_id, "submitted")
            assert status in NEXT_STATUS[before], f"an order went from {before} to {status}"
            self.statuses[order_id] = status

    def _what_happens_once_is_there_once(self, books: Mapping[str, Rows]) -> None:
        model = self.model
        left = sorted((str(order), str(exit_id)) for order, exit_id in model.exits.items())
        assert sorted(books["exit_uses"]) == left
        paid = sorted((str(order), revision, str(payment)) for (order, revision), payment in model.settlements.items())
        assert sorted(books["settlements"]) == paid
        assert sorted(books["cash_events"]) == sorted((*coin, value) for coin, (value, _session) in model.coins.items())


def _amend(order_id: UUID, store: Store, staff: StaffMember, request: AddArticle) -> OrderAnswer:
    return amendments.add_article(store, staff, order_id, request)


def _command(lane: str, store: Store, staff: StaffMember, request: GiveCommand) -> Any:
    return lanes.give_command(store, staff, lane, request)


def _as_row(order: ModelOrder) -> tuple[Any, ...]:
    return (
        str(order.order_id),
        order.status,
        order.revision,
        order.total,
        order.paid,
        str(order.tendering.hold_id) if order.tendering else None,
        str(order.entry.hold_id) if order.entry else None,
    )


def _other_body(request: Any) -> Any:
    """Change one field of a request, its id left alone."""
    changes: dict[type, Callable[[], dict[str, Any]]] = {
        SubmitOrder: lambda: {"lines": [*request.lines, OrderLine(code=MILK)]},
        BeginTendering: lambda: {"order_number": "0000000" if request.order_number else None, "claim": request.claim and "X"},
        SettleCash: lambda: {"change_minor": request.change_minor + 10},
        CashReport: lambda: {"owed_minor": request.owed_minor + 10},
        EnterLane: lambda: {"lane": "lane-9"},
        ReportExit: lambda: {"measured_g": 7},
        AddArticle: lambda: {"code": WINE[1:]},
        GiveCommand: lambda: {"reason": f"{request.reason} too"},
        TopUp: lambda: {"change_minor": request.change_minor + 10},
        IdentifyMember: lambda: {"member_token": NOBODYS_TOKEN + "0"},
        EnterCoupon: lambda: {"code": request.code + "0"},
        HoldBalance: lambda: {"amount_minor": (request.amount_minor or 0) + 1},
        RecordCard: lambda: {"reference": "another slip"},
        SettleOrder: lambda: {"revision": request.revision + 1},
        AskRefund: lambda: {"reason": "for another reason"},
    }
    return request.model_copy(update=changes[type(request)]())
