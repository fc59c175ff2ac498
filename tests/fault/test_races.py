"""Eight processes at once on the same order, coin, balance, coupon, lane or payment: never more than once, never below zero.

In each round every process begins on a signal and asks for the same thing, each in the role of its own device or with the very
same request; afterwards every answer is held against the books, which are read with SQL of our own, on both databases.
``SCANLANE_RACE_S`` sets the seconds per race and database (1.5).
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection

from store_server.contract.cash_messages import CashEvent, CashReport, SettleCash
from store_server.contract.device_messages import DeviceRole
from store_server.contract.lane_messages import EnterLane, ReportExit
from store_server.contract.member_messages import DeleteMember, IssueCoupons, TopUp
from store_server.contract.order_messages import OrderLine, SubmitOrder
from store_server.contract.tender_messages import AskRefund, BeginTendering, EnterCoupon, HoldBalance
from store_server.persistence import member_tables
from store_server.persistence.database import DatabaseBusyError
from store_server.services import (
    books_check,
    catalogue,
    coupons,
    exits,
    members,
    orders,
    payments,
    refunds,
    tendering,
    tenders,
    top_ups,
)
from store_server.services.devices import token_hash
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from store_server.settings import ServerSettings
from tests.fault import child
from tests.fault.books import BEGINNING_S, DATABASES, FIRST_VERSION, MILK, Auditor, Clock, bookshelf, opened
from tests.fault.day import an_id

RACE_S = float(os.environ.get("SCANLANE_RACE_S", "1.5"))
PROCESSES = 8
BUSY_TRIES = 20
GLANCE_S = 0.0003
"""Between two looks at the gate; a loop without it would keep the others from running."""
QUICK_S, SLOW_GLANCE_S = 0.2, 0.02
HANDHELD = Device("handheld-1", DeviceRole.HANDHELD)
KIOSKS = [Device(f"kiosk-{number}", DeviceRole.KIOSK) for number in range(PROCESSES)]
OWN_KIOSK = Device("kiosk-own", DeviceRole.KIOSK)
"""Of races after which no money may be left between shopper and shop."""
PASSWORD, QUICK = "correct horse", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GATES = [Device(f"gate-{number}", DeviceRole.GATE) for number in range(PROCESSES)]


def _glance_s(waited_s: float) -> float:
    """Return how long to sleep between two looks; whoever waits long leaves the cores to others."""
    return GLANCE_S if waited_s < QUICK_S else SLOW_GLANCE_S


class Gate:
    """Numbers in memory that all processes share: which round runs, and which one each process waits for."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8 * (PROCESSES + 1))

    def _put(self, index: int, value: int) -> None:
        struct.pack_into("q", self._memory, 8 * index, value)

    def _get(self, index: int) -> int:
        value: int = struct.unpack_from("q", self._memory, 8 * index)[0]
        return value

    def arrive(self, who: int, round_: int) -> None:
        """Wait until the round begins."""
        self._put(1 + who, round_)
        begun = time.monotonic()
        while self._get(0) < round_:
            waited_s = time.monotonic() - begun
            assert waited_s < 2 * child.CHILD_MAX_S, "the round never began"
            time.sleep(_glance_s(waited_s))

    def open(self, round_: int) -> int | None:
        """Begin a round once everybody waits for it; return who did not come in time, if somebody did not."""
        begun = time.monotonic()
        while missing := [who for who in range(PROCESSES) if self._get(1 + who) < round_]:
            waited_s = time.monotonic() - begun
            if waited_s > child.CHILD_MAX_S:
                return missing[0]
            time.sleep(_glance_s(waited_s))
        self._put(0, round_)
        return None


def ask(service: Callable[..., Any], *args: Any) -> Any:
    """Ask until the answer is not "busy"; return the answer as JSON, or the refusal."""
    for _try in range(BUSY_TRIES):
        try:
            return service(*args).model_dump(mode="json")
        except RefusedError as refused:
            return f"refused: {refused.refusal.value}"
        except DatabaseBusyError:
            continue
    raise AssertionError("the database stays busy")


@dataclass
class Round:
    """What was made ready for one round."""

    number: int
    order: dict[str, Any]
    session: Any = None
    exit_pass: str = ""
    member_token: str = ""
    coupon: str = ""

    def an_id(self, name: str, who: int | str = "") -> Any:
        return an_id(f"race {self.number} {name} {who}")


def coin(number: int, value: int) -> CashEvent:
    return CashEvent(device="coin-box", epoch=1, seq=number, value_minor=value)


def settlement(ready: Round, who: int | str, number: int) -> SettleCash:
    return SettleCash(
        payment_id=ready.an_id("payment", who),
        session_id=ready.session,
        order_id=ready.order["order_id"],
        revision=1,
        cash_due_minor=1280,
        taken=[coin(number, 1500)],
        change_minor=220,
    )


# What the processes do. -----------------------------------------------------------------------------------------------


def settle(store: Store, ready: Round, who: int) -> Any:
    """Each with coins and a payment id of its own, for the one session."""
    return ask(payments.settle, store, KIOSKS[0], settlement(ready, who, ready.number * 100 + who))


def settle_same(store: Store, ready: Round, _who: int) -> Any:
    """All with the very same request, as after lost answers."""
    return ask(payments.settle, store, KIOSKS[0], settlement(ready, "same", ready.number * 100 + 50))


def tender(store: Store, ready: Round, who: int) -> Any:
    """Eight kiosks."""
    return ask(
        tendering.begin, store, KIOSKS[who], BeginTendering(session_id=ready.an_id("session", who), claim=ready.order["claim"])
    )


def report_cash(store: Store, ready: Round, _who: int) -> Any:
    """The same report of how the session ended."""
    report = CashReport(
        session_id=ready.session,
        order_id=ready.order["order_id"],
        outcome="owing",
        taken=[coin(ready.number * 100 + 70, 500)],
        payouts=[],
        owed_minor=500,
    )
    return ask(payments.report_cash, store, KIOSKS[0], report)


def enter(store: Store, ready: Round, who: int) -> Any:
    """Eight lanes read the same pass."""
    request = EnterLane(entry_id=ready.an_id("entry", who), lane=f"lane-{who}", exit_pass=ready.exit_pass)
    return ask(exits.enter_lane, store, GATES[who], request)


def leave_for_good(store: Store, ready: Round, who: int) -> Any:
    """Eight lanes report that the goods left."""
    request = ReportExit(
        exit_id=ready.an_id("exit", who),
        order_id=ready.order["order_id"],
        revision=1,
        lane=f"lane-{who}",
        opened_at=BEGINNING_S,
        measured_g=1040,
        decided_by="server",
    )
    return ask(exits.report_exit, store, GATES[who], request)


def submit_same(store: Store, ready: Round, _who: int) -> Any:
    """The same basket handed in eight times."""
    request = SubmitOrder(order_id=ready.an_id("second order"), price_book_version=FIRST_VERSION, lines=[OrderLine(code=MILK)])
    return ask(orders.submit, store, HANDHELD, request)


def submit_each(store: Store, ready: Round, who: int) -> Any:
    """Eight baskets; each gets an order number of its own."""
    request = SubmitOrder(order_id=ready.an_id("own", who), price_book_version=FIRST_VERSION, lines=[OrderLine(code=MILK)])
    return ask(orders.submit, store, HANDHELD, request)


def wallet(store: Store, ready: Round, who: int) -> Any:
    """Eight kiosks set nearly the whole balance of one member aside, each for an order of its own."""
    request = HoldBalance(hold_id=ready.an_id("hold", who), member_token=ready.member_token, amount_minor=1000)
    return ask(tenders.hold_balance, store, KIOSKS[who], ready.an_id("own session", who), request)


def coupon(store: Store, ready: Round, who: int) -> Any:
    """Eight kiosks read the same coupon, each for an order of its own."""
    request = EnterCoupon(entry_id=ready.an_id("entry", who), code=ready.coupon)
    return ask(tenders.enter_coupon, store, KIOSKS[who], ready.an_id("own session", who), request)


def refund(store: Store, ready: Round, who: int) -> Any:
    """Eight members of staff give the whole payment back."""
    request = AskRefund(
        refund_id=ready.an_id("refund", who),
        payment_id=ready.an_id("payment", "before"),
        amount_minor=1280,
        reason="brought back",
    )
    return ask(refunds.ask, store, StaffMember(f"staff-{who}"), request)


def end_session(store: Store, ready: Round, who: int) -> Any:
    """The kiosk settles with a coin, and at the same moment reports that the session with that coin is over."""
    number = ready.number * 100 + 50
    if who % 2:
        return ask(payments.report_cash, store, OWN_KIOSK, _report(ready.session, ready.order["order_id"], number))
    return ask(payments.settle, store, OWN_KIOSK, settlement(ready, "same", number))


def end_top_up(store: Store, ready: Round, who: int) -> Any:
    """The kiosk puts a coin on a balance, and at the same moment reports that the session with that coin is over."""
    number, session = ready.number * 100 + 50, ready.an_id("a top-up")
    if who % 2:
        return ask(payments.report_cash, store, OWN_KIOSK, _report(session, None, number))
    return ask(top_ups.top_up, store, OWN_KIOSK, _top_up(ready.member_token, session, number))


def forget(store: Store, ready: Round, who: int) -> Any:
    """A member with an empty balance is forgotten while kiosks put money on it."""
    if who % 2:
        gone = DeleteMember(member_token=ready.member_token, password=PASSWORD, give_up_balance=False)
        return ask(members.delete, store, KIOSKS[who], gone)
    return ask(
        top_ups.top_up, store, KIOSKS[who], _top_up(ready.member_token, ready.an_id("top-up of", who), ready.number * 100 + who)
    )


def _report(session: Any, order_id: Any, number: int) -> CashReport:
    return CashReport(
        session_id=session, order_id=order_id, outcome="paid", taken=[coin(number, 1500)], payouts=[], owed_minor=0
    )


def _top_up(token: str, session: Any, number: int, amount: int = 1500) -> TopUp:
    return TopUp(
        top_up_id=session,
        session_id=session,
        member_token=token,
        amount_minor=amount,
        taken=[coin(number, amount)],
        change_minor=0,
    )


@dataclass(frozen=True)
class Race:
    """One race: how far the order goes before, what everybody does, what the answers must be."""

    work: Callable[[Store, Round, int], Any]
    stage: int
    """0 submitted, 1 held by a kiosk, 2 paid; 3 every kiosk holds an order of its own; 4 a member with an empty balance."""
    accepted: str
    """"alike": everybody gets the same answer; "one": the others are refused; "each": everybody, with an own answer; "any": the
    books decide whether it was right."""
    counts: dict[str, int]
    """Table to its new rows per round."""
    kiosk: Device = KIOSKS[0]
    """Holds the order in stages 1 and 2."""


RACES = {
    "settle": Race(settle, 1, accepted="one", counts={"settlements": 1, "cash_events": 1}),
    "settle-same": Race(settle_same, 1, accepted="alike", counts={"settlements": 1, "cash_events": 1}),
    "tender": Race(tender, 0, accepted="one", counts={"tender_sessions": 1}),
    "report-cash": Race(report_cash, 1, accepted="alike", counts={"cash_reports": 1, "cash_events": 1}),
    "enter": Race(enter, 2, accepted="one", counts={"lane_entries": 1}),
    "exit": Race(leave_for_good, 2, accepted="one", counts={"exit_uses": 1}),
    "submit-each": Race(submit_each, 0, accepted="each", counts={"orders": PROCESSES, "order_events": PROCESSES}),
    "wallet": Race(wallet, 3, accepted="one", counts={"wallet_holds": 1}),
    "coupon": Race(coupon, 3, accepted="one", counts={"coupon_uses": 1}),
    "refund": Race(refund, 2, accepted="one", counts={"refunds": 1}),
    "end-session": Race(end_session, 1, accepted="any", counts={"cash_events": 1, "cash_reports": 1}, kiosk=OWN_KIOSK),
    "end-top-up": Race(end_top_up, 4, accepted="any", counts={"cash_events": 1, "cash_reports": 1}),
    "forget": Race(forget, 4, accepted="any", counts={}),
    "submit-same": Race(submit_same, 0, accepted="alike", counts={"orders": 1, "order_events": 1}),
}


@pytest.fixture(scope="module", params=DATABASES)
def shop(request: pytest.FixtureRequest) -> Iterator[ServerSettings]:
    with bookshelf(request.param, "races") as shelf:
        settings = shelf.copy()
        yield settings
        shelf.drop(settings)


_rounds = 0


def _ready(store: Store, race: Race) -> Round:
    global _rounds  # noqa: PLW0603 - every round of every race has ids of its own
    _rounds += 1
    version = catalogue.newest_price_book(store).version
    ready = Round(_rounds, {})
    request = SubmitOrder(order_id=ready.an_id("order"), price_book_version=version, lines=[OrderLine(code=MILK)])
    ready.order = orders.submit(store, HANDHELD, request).model_dump(mode="json")
    ready.session = ready.an_id("held")
    if race.stage == 3:
        for who in range(PROCESSES):
            own = submit_each(store, ready, who)
            begin = BeginTendering(session_id=ready.an_id("own session", who), order_number=own["order_number"])
            tendering.begin(store, KIOSKS[who], begin)
        ready.member_token = _member(store, ready, balance=1900)
        batch = IssueCoupons(
            batch_id=ready.an_id("batch"), promotion_id="ten-off", valid_from=BEGINNING_S, valid_until=BEGINNING_S + 100
        )
        ready.coupon = coupons.issue(store, StaffMember("mei"), batch).codes[0]
        return ready
    if race.stage == 4:
        ready.member_token = _member(store, ready, balance=0)
        return ready
    if race.stage >= 1:
        begin = BeginTendering(session_id=ready.session, claim=ready.order["claim"])
        tendering.begin(store, race.kiosk, begin)
    if race.stage >= 2:
        request_ = settlement(ready, "before", ready.number * 100 + 60)
        ready.exit_pass = payments.settle(store, KIOSKS[0], request_).order.exit_pass or ""
    return ready


def _member(store: Store, ready: Round, balance: int) -> str:
    """Make a member, past the slow password; return the token of a session."""
    member, token = ready.an_id("member"), f"token-of-member-{ready.number:08d}"

    def join(connection: Connection) -> None:
        connection.execute(member_tables.members.insert().values(member_id=member, points=0, joined_at=BEGINNING_S))
        person = {"login": token, "password_hash": QUICK.hash(PASSWORD), "name": "", "failures": 0, "locked_until": 0}
        connection.execute(member_tables.persons.insert().values(member_id=member, **person))
        connection.execute(member_tables.wallets.insert().values(member_id=member, available_minor=0, held_minor=0))
        times = {"begun_at": BEGINNING_S, "expires_at": BEGINNING_S + 10_000}
        connection.execute(
            member_tables.member_sessions.insert().values(token_hash=token_hash(token), member_id=member, **times)
        )

    store.database.write(join)
    if balance:
        session = ready.an_id("top-up")
        top_ups.top_up(store, KIOSKS[0], _top_up(token, session, ready.number * 100 + 80, balance))
    return token


def _counted(auditor: Auditor, race: Race) -> Counter[str]:
    return Counter({table: auditor.one(f"SELECT count(*) FROM {table}") for table in race.counts})  # noqa: S608 - our tables


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", RACES)
def test_eight_processes_at_once(shop: ServerSettings, name: str) -> None:
    race = RACES[name]
    until, rounds = time.monotonic() + RACE_S, 0
    while rounds == 0 or time.monotonic() < until:
        _race_batch(shop, race)
        rounds += BATCH
    print(f"{name}: {rounds} rounds of {PROCESSES} processes")
    auditor = Auditor(shop)
    try:
        assert sum(auditor.balances().values()) == 0
    finally:
        auditor.close()


BATCH = 12


def _race_batch(shop: ServerSettings, race: Race) -> None:
    """Make some rounds ready, fork the processes, let them run against each other, and hold answers against the books."""
    gate, store = Gate(), opened(shop, Clock())
    ready = [_ready(store, race) for _round in range(BATCH)]
    store.database.close()
    auditor = Auditor(shop)
    before = _counted(auditor, race)
    auditor.close()

    def racer(who: int) -> Callable[[child.Tell], None]:
        def run(tell: child.Tell) -> None:
            mine = opened(shop, Clock())
            for number, one in enumerate(ready, start=1):
                gate.arrive(who, number)
                tell(race.work(mine, one, who))
            gate.arrive(who, BATCH + 1)

        return run

    racers = [child.start(racer(who)) for who in range(PROCESSES)]
    for number in range(1, BATCH + 2):
        missing = gate.open(number)
        if missing is not None:
            _tell_why(racers, missing)
    answers = [racer_.wait().told for racer_ in racers]
    _judge(shop, race, answers, before)


def _tell_why(racers: list[child.Child], missing: int) -> NoReturn:
    """End everybody; a process that failed says why when it is waited for."""
    for who, other in enumerate(racers):
        if who != missing:
            os.kill(other.pid, signal.SIGKILL)
            other.wait()
    racers[missing].wait()
    raise AssertionError(f"process {missing} never came")


def _judge(shop: ServerSettings, race: Race, answers: list[list[Any]], before: Counter[str]) -> None:
    for together in zip(*answers, strict=True):
        accepted = [answer for answer in together if not isinstance(answer, str)]
        wanted = {"one": {1}, "any": set(range(PROCESSES + 1))}.get(race.accepted, {PROCESSES})
        assert len(accepted) in wanted, f"{len(accepted)} were accepted: {together}"
        if race.accepted == "alike":
            assert all(answer == accepted[0] for answer in accepted)
        if race.accepted == "each":
            assert len({answer["order_number"] for answer in accepted}) == PROCESSES
    auditor, store = Auditor(shop), opened(shop, Clock())
    try:
        now = _counted(auditor, race)
        assert {table: now[table] - before[table] for table in race.counts} == {
            table: rows * BATCH for table, rows in race.counts.items()
        }
        assert auditor.one("SELECT count(*) FROM wallets WHERE available_minor < 0 OR held_minor < 0") == 0
        assert auditor.one("SELECT count(*) FROM payments WHERE refund_reserved_minor > captured_minor") == 0
        assert auditor.balances().get(f"escrow/{OWN_KIOSK.name}", 0) == 0
        lost = "SELECT count(*) FROM wallets w JOIN members m ON m.member_id = w.member_id WHERE m.deleted_at IS NOT NULL"
        assert auditor.one(f"{lost} AND w.available_minor + w.held_minor > 0") == 0, "money of somebody who was forgotten"
        assert auditor.one("SELECT count(*) FROM orders WHERE paid_minor > total_minor OR paid_minor < 0") == 0
        told = ("nobody pays", "unpaid", "did not explain it")
        assert [found for found in books_check.findings(store) if not any(words in found for words in told)] == []
    finally:
        auditor.close()
        store.database.close()
