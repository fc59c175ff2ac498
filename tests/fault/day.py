"""A day in the shop as one fixed list of requests: each has its ids, and the second in which it is asked.

The same day gives the same books, row for row, so books after a kill, a recovery and the rest of the day can be held against
books of an undisturbed day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from store_server.contract.arbiter_messages import ClaimLanes
from store_server.contract.cash_messages import CashEvent, CashReport, CloseKiosk, OpenKiosk, Payout, SettleCash
from store_server.contract.device_messages import DeviceRole
from store_server.contract.lane_messages import EnterLane, GiveCommand, LaneReport, LeaveLane, ReportExit, StaffCommandKind
from store_server.contract.member_messages import TopUp
from store_server.contract.order_messages import AddArticle, OrderLine, SubmitOrder
from store_server.contract.tender_messages import (
    AskRefund,
    BeginTendering,
    EnterCoupon,
    HoldBalance,
    IdentifyMember,
    RecordCard,
    SettleOrder,
)
from store_server.contract.wire import Answer
from store_server.services import (
    amendments,
    arbiter,
    catalogue,
    exits,
    kiosk_sessions,
    lanes,
    lapses,
    orders,
    payments,
    refunds,
    tendering,
    tenders,
    top_ups,
)
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from tests.fault.books import APPLES, BAG, BEGINNING_S, FIRST_VERSION, MILK, PRODUCTS, WINE, Clock

HANDHELD = Device("handheld-1", DeviceRole.HANDHELD)
KIOSK = Device("kiosk-1", DeviceRole.KIOSK)
GATE = Device("gate-1", DeviceRole.GATE)
STAFF = StaffMember("mei")
OTHER_STAFF = StaffMember("bo")
LAPSE_AFTER_S = 5 * 3600
CHEAPER = PRODUCTS.replace("1280", "1180")
SWEEP_AFTER_S = 5 * 3600

Known = dict[str, str]
"""What devices remember of earlier answers, such as the text of a pass."""


@dataclass(frozen=True)
class Step:
    """One request of the day."""

    name: str
    ask: Callable[[Store, Known], Answer | int | None]
    at_s: int
    once: bool = True
    """Repeating it gets the same answer."""
    told_once: bool = False
    """Asked after it was done it says so: with a kill before the answer, the first one is lost for good."""

    def run(self, store: Store, clock: Clock, known: Known) -> Any:
        """Ask, and remember the passes in the answer; return the answer as JSON."""
        clock.now = self.at_s
        try:
            answer = self.ask(store, known)
        except RefusedError as refused:
            return f"refused: {refused.refusal.value}"
        if not isinstance(answer, Answer):
            return answer
        self.learn(known, answer.model_dump(mode="json"))
        return answer.model_dump(mode="json")

    def learn(self, known: Known, answer: Any) -> None:
        """Read the passes off an answer."""
        if not isinstance(answer, dict):
            return
        order = answer.get("order", answer)
        if "revision" in order and "total_minor" in order:
            known[f"revision of {order['order_id']}"] = str(order["revision"])
        for kind in ("claim", "exit_pass"):
            if order.get(kind):
                known[f"{kind} of {order['order_id']}"] = order[kind]


def an_id(name: str) -> UUID:
    """Return the id that a device made for something."""
    return uuid5(NAMESPACE_OID, f"scanlane fault tests: {name}")


class _Day:
    """Collects steps; each begins ten seconds after the one before."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.now = BEGINNING_S + 1000
        self.coin = 0

    def add(self, name: str, ask: Callable[[Store, Known], Any], *, once: bool = True, told_once: bool = False) -> None:
        self.now += 10
        self.steps.append(Step(f"{len(self.steps):02d} {name}", ask, self.now, once, told_once))

    def submit(self, order: str, *lines: OrderLine, replaces: tuple[str, ...] = ()) -> None:
        def ask(store: Store, _known: Known) -> Answer:
            request = SubmitOrder(
                order_id=an_id(order),
                price_book_version=FIRST_VERSION,
                lines=list(lines),
                replaces=tuple(an_id(name) for name in replaces),
            )
            return orders.submit(store, HANDHELD, request)

        self.add(f"submit {order}", ask)

    def tender(self, order: str, session: str) -> None:
        def ask(store: Store, known: Known) -> Answer:
            claim = known[f"claim of {an_id(order)}"]
            return tendering.begin(store, KIOSK, BeginTendering(session_id=an_id(session), claim=claim))

        self.add(f"tender {order} {session}", ask)

    def release(self, session: str) -> None:
        self.add(f"release {session}", lambda store, _known: tendering.release(store, KIOSK, an_id(session)), once=False)

    def coins(self, *values: int) -> list[CashEvent]:
        made = [
            CashEvent(device="note-box", epoch=1, seq=self.coin + index + 1, value_minor=value)
            for index, value in enumerate(values)
        ]
        self.coin += len(values)
        return made

    def settle(self, order: str, session: str, cash: int, taken: list[CashEvent], revision: int = 1) -> None:
        request = SettleCash(
            payment_id=an_id(f"payment {order} {session}"),
            session_id=an_id(session),
            order_id=an_id(order),
            revision=revision,
            cash_due_minor=cash,
            taken=taken,
            change_minor=sum(coin.value_minor for coin in taken) - cash,
        )
        self.add(f"settle {order}", lambda store, _known: payments.settle(store, KIOSK, request))

    def report(
        self, order: str, session: str, taken: list[CashEvent], *, back: int = 0, owed: int = 0, outcome: Any = "paid"
    ) -> None:
        paid_out = [
            Payout(
                payout_id=an_id(f"payout {session} {coin}"),
                device=f"hopper-{coin}",
                coin_minor=coin,
                requested=count,
                paid=count,
            )
            for coin, count in ((100, back // 100), (10, back % 100 // 10))
            if count
        ]
        request = CashReport(
            session_id=an_id(session),
            order_id=an_id(order),
            outcome=outcome,
            taken=taken,
            payouts=paid_out,
            owed_minor=owed,
        )
        self.add(f"report {session}", lambda store, _known: payments.report_cash(store, KIOSK, request))

    def enter(self, order: str, entry: str) -> None:
        def ask(store: Store, known: Known) -> Answer:
            text = known[f"exit_pass of {an_id(order)}"]
            return exits.enter_lane(store, GATE, EnterLane(entry_id=an_id(entry), lane="lane-1", exit_pass=text))

        self.add(f"enter {order} {entry}", ask)

    def leave(self, entry: str) -> None:
        request = LeaveLane(entry_id=an_id(entry))
        self.add(f"leave {entry}", lambda store, _known: exits.leave_lane(store, GATE, request), once=False)

    def amend(self, order: str, code: str) -> None:
        request = AddArticle(amendment_id=an_id(f"amendment {order} {code}"), code=code[1:])
        self.add(f"amend {order}", lambda store, _known: amendments.add_article(store, STAFF, an_id(order), request))

    def exit(self, order: str, revision: int) -> None:
        request = ReportExit(
            exit_id=an_id(f"exit {order}"),
            order_id=an_id(order),
            revision=revision,
            lane="lane-1",
            opened_at=self.now,
            measured_g=2000,
            decided_by="server",
        )
        self.add(f"exit {order}", lambda store, _known: exits.report_exit(store, GATE, request))

    def settle_without_cash(self, order: str, session: str) -> None:
        request = SettleOrder(
            payment_id=an_id(f"payment {order} {session}"),
            session_id=an_id(session),
            order_id=an_id(order),
            revision=2,
        )
        self.add(f"settle {order}", lambda store, _known: tenders.settle(store, KIOSK, request))

    def coupon(self, session: str, number: int) -> None:
        def ask(store: Store, known: Known) -> Answer:
            request = EnterCoupon(entry_id=an_id(f"coupon {session}"), code=known[f"coupon {number}"])
            return tenders.enter_coupon(store, KIOSK, an_id(session), request)

        self.add(f"coupon {session}", ask)

    def identify(self, session: str) -> None:
        def ask(store: Store, known: Known) -> Answer:
            request = IdentifyMember(request_id=an_id(f"member {session}"), member_token=known["member token"])
            return tenders.identify(store, KIOSK, an_id(session), request)

        self.add(f"identify {session}", ask)

    def hold(self, session: str, amount: int | None) -> None:
        def ask(store: Store, known: Known) -> Answer:
            hold_id, token = an_id(f"hold {session}"), known["member token"]
            request = HoldBalance(hold_id=hold_id, member_token=token, amount_minor=amount)
            return tenders.hold_balance(store, KIOSK, an_id(session), request)

        self.add(f"hold {session}", ask)

    def card(self, session: str, amount: int) -> None:
        request = RecordCard(payment_id=an_id(f"card {session}"), amount_minor=amount, reference="T1-000123")
        self.add(f"card {session}", lambda store, _known: tenders.record_card(store, KIOSK, an_id(session), request))

    def top_up(self, session: str, amount: int) -> None:
        taken = self.coins(amount)

        def ask(store: Store, known: Known) -> Answer:
            request = TopUp(
                top_up_id=an_id(f"top-up {session}"),
                session_id=an_id(session),
                member_token=known["member token"],
                amount_minor=amount,
                taken=taken,
                change_minor=0,
            )
            return top_ups.top_up(store, KIOSK, request)

        self.add(f"top up {session}", ask)

    def refund(self, name: str, payment: str, amount: int) -> None:
        request = AskRefund(refund_id=an_id(name), payment_id=an_id(payment), amount_minor=amount, reason="brought back")
        self.add(name, lambda store, _known: refunds.ask(store, STAFF, request))

    def decide(self, name: str, *, agree: bool) -> None:
        self.add(f"decide {name}", lambda store, _known: refunds.decide(store, OTHER_STAFF, an_id(name), agree=agree))

    def pay_out(self, name: str) -> None:
        self.add(
            f"pay out {name}", lambda store, _known: refunds.pay_out(store, STAFF, an_id(name)), once=False, told_once=True
        )

    def open_kiosk(self) -> None:
        request = OpenKiosk(kiosk_session_id=an_id("service"))
        self.add("open kiosk", lambda store, _known: kiosk_sessions.open_session(store, KIOSK, request), once=False)

    def close_kiosk(self) -> None:
        request = CloseKiosk(kiosk_session_id=an_id("service"), counted={"note-box": 17_500})
        self.add("close kiosk", lambda store, _known: kiosk_sessions.close_session(store, KIOSK, request), once=False)

    def claim_lanes(self) -> None:
        request = ClaimLanes(controller_id=an_id("gate"), run_id=an_id("gate's run"), lanes=["lane-1"], begins=True)
        self.add("claim lanes", lambda store, _known: arbiter.claim(store, GATE, request))

    def lapse(self) -> None:
        self.now += LAPSE_AFTER_S
        self.add("lapse", lambda store, _known: lapses.lapse(store), once=False)

    def void(self, order: str) -> None:
        self.add(f"void {order}", lambda store, _known: orders.void(store, STAFF, an_id(order)), once=False)

    def command(self) -> None:
        def ask(store: Store, _known: Known) -> Answer:
            lanes.report(store, GATE, LaneReport(lane="lane-1", state="idle", headline={"en": "Welcome"}))
            request = GiveCommand(command_id=an_id("command"), kind=StaffCommandKind.WEIGH_AGAIN)
            return lanes.give_command(store, STAFF, "lane-1", request)

        self.add("command", ask)

    def import_products(self, text: str) -> None:
        def ask(store: Store, _known: Known) -> int:
            return catalogue.import_products(store, text).articles

        self.add("import", ask)

    def sweep(self) -> None:
        self.now += SWEEP_AFTER_S
        self.add("sweep", lambda store, _known: orders.expire_old(store), once=False, told_once=True)


def the_day() -> list[Step]:
    """Return every request of the day, in order."""
    day = _Day()
    day.open_kiosk()
    day.claim_lanes()
    for happens in (_a_trip, _money_back, _walks_out, _a_member, _the_balance, _goods_come_back, _left_at_the_kiosk):
        happens(day)
    _prices_change(day)
    return day.steps


def _a_trip(day: _Day) -> None:
    """A trip with change, a turn in the lane, a forgotten article, a paper bag, and out."""
    day.submit("trip", OrderLine(code=MILK, quantity=2), OrderLine(code=APPLES, weight_g=850))
    day.tender("trip", "session-1")
    notes = day.coins(5000)
    day.settle("trip", "session-1", 3660, notes)
    day.report("trip", "session-1", notes, back=1340)
    day.enter("trip", "entry-1")
    day.leave("entry-1")
    day.enter("trip", "entry-2")
    day.amend("trip", MILK)
    day.tender("trip", "session-2")
    coins = day.coins(1000, 500)
    day.settle("trip", "session-2", 1280, coins, revision=2)
    day.report("trip", "session-2", coins, back=220)
    day.enter("trip", "entry-3")
    day.amend("trip", BAG)
    day.enter("trip", "entry-4")
    day.exit("trip", 3)


def _money_back(day: _Day) -> None:
    """A basket changes that got no answer; somebody puts money in, gets most of it back, and the order is voided."""
    day.submit("not answered", OrderLine(code=MILK))
    day.submit("changed mind", OrderLine(code=WINE), replaces=("not answered", "never arrived"))
    day.tender("changed mind", "session-3")
    day.release("session-3")
    day.tender("changed mind", "session-4")
    day.tender("changed mind", "session-5")
    coins = day.coins(500, 500)
    day.report("changed mind", "session-5", coins, back=900, owed=100, outcome="owing")
    day.void("changed mind")


def _walks_out(day: _Day) -> None:
    """Somebody walks out while paying."""
    day.submit("walked out", OrderLine(code=MILK))
    day.tender("walked out", "session-6")
    day.exit("walked out", 1)
    day.command()


def _a_member(day: _Day) -> None:
    """A member pays with a coupon, the balance, a card and coins, and tops the balance up."""
    day.submit("member's", OrderLine(code=MILK, quantity=3))
    day.tender("member's", "session-7")
    day.identify("session-7")
    day.coupon("session-7", 0)
    day.hold("session-7", 1000)
    day.card("session-7", 500)
    coins = day.coins(2000)
    day.settle("member's", "session-7", 1960, coins, revision=3)
    day.report("member's", "session-7", coins, back=40)
    day.top_up("session-8", 10_000)


def _the_balance(day: _Day) -> None:
    """The balance alone; then a member who walks away, and one who is forgotten at the kiosk."""
    day.submit("from balance", OrderLine(code=WINE, quantity=3))
    day.tender("from balance", "session-9")
    day.hold("session-9", None)
    day.settle_without_cash("from balance", "session-9")
    day.submit("walked away", OrderLine(code=MILK))
    day.tender("walked away", "session-10")
    day.coupon("session-10", 1)
    day.hold("session-10", 100)
    day.release("session-10")


def _goods_come_back(day: _Day) -> None:
    """Goods come back: to the balance, as cash, with a second person's consent and without."""
    day.refund("refund-1", "hold session-9", 5000)
    day.refund("refund-2", "payment member's session-7", 1000)
    day.pay_out("refund-2")
    day.refund("refund-3", "hold session-9", 21_000)
    day.decide("refund-3", agree=False)
    day.refund("refund-4", "hold session-9", 21_970)
    day.decide("refund-4", agree=True)


def _left_at_the_kiosk(day: _Day) -> None:
    """Nobody comes back for what was set aside."""
    day.submit("left at the kiosk", OrderLine(code=MILK))
    day.tender("left at the kiosk", "session-11")
    day.coupon("session-11", 2)
    day.hold("session-11", 100)
    day.lapse()
    day.close_kiosk()


def _prices_change(day: _Day) -> None:
    """Prices change, an order is forgotten."""
    day.import_products(CHEAPER)
    day.submit("forgotten", OrderLine(code=MILK))
    day.sweep()
