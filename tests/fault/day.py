"""A day in the shop as one fixed list of requests: each has its ids, and the second in which it is asked.

The same day gives the same books, row for row, so books after a kill, a recovery and the rest of the day can be held against
books of an undisturbed day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from store_server.contract.messages import (
    AddArticle,
    Answer,
    BeginTendering,
    CashEvent,
    CashReport,
    DeviceRole,
    EnterLane,
    GiveCommand,
    LaneReport,
    LeaveLane,
    OrderLine,
    Payout,
    ReportExit,
    SettleCash,
    StaffCommandKind,
    SubmitOrder,
)
from store_server.services import amendments, catalogue, exits, lanes, orders, payments, tendering
from store_server.services.principals import Device, StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from tests.fault.books import APPLES, BAG, BEGINNING_S, MILK, PRODUCTS, WINE, Clock

HANDHELD = Device("handheld-1", DeviceRole.HANDHELD)
KIOSK = Device("kiosk-1", DeviceRole.KIOSK)
GATE = Device("gate-1", DeviceRole.GATE)
STAFF = StaffMember("mei")
CHEAPER = PRODUCTS.replace("1280", "1180")
FIRST_VERSION = BEGINNING_S + 1
"""Of the price book that the day begins with: made by the import in the second after init's empty one."""
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

    def add(self, name: str, ask: Callable[[Store, Known], Any], *, once: bool = True) -> None:
        self.now += 10
        self.steps.append(Step(f"{len(self.steps):02d} {name}", ask, self.now, once))

    def submit(self, order: str, *lines: OrderLine) -> None:
        def ask(store: Store, _known: Known) -> Answer:
            request = SubmitOrder(order_id=an_id(order), price_book_version=FIRST_VERSION, lines=list(lines))
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

    def void(self, order: str) -> None:
        self.add(f"void {order}", lambda store, _known: orders.void(store, STAFF, an_id(order)), once=False)

    def command(self) -> None:
        def ask(store: Store, _known: Known) -> Answer:
            lanes.report(store, LaneReport(lane="lane-1", state="idle", headline={"en": "Welcome"}))
            request = GiveCommand(command_id=an_id("command"), kind=StaffCommandKind.WEIGH_AGAIN)
            return lanes.give_command(store, STAFF, "lane-1", request)

        self.add("command", ask)

    def import_products(self, text: str) -> None:
        def ask(store: Store, _known: Known) -> int:
            return catalogue.import_products(store, text).articles

        self.add("import", ask)

    def sweep(self) -> None:
        self.now += SWEEP_AFTER_S
        self.add("sweep", lambda store, _known: orders.expire_old(store), once=False)


def the_day() -> list[Step]:
    """Return every request of the day, in order."""
    day = _Day()
    # A trip with change, a turn in the lane, a forgotten article, a paper bag, and out.
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
    # Somebody puts money in, changes their mind, gets most of it back, and the order is voided.
    day.submit("changed mind", OrderLine(code=WINE))
    day.tender("changed mind", "session-3")
    day.release("session-3")
    day.tender("changed mind", "session-4")
    day.tender("changed mind", "session-5")
    coins = day.coins(500, 500)
    day.report("changed mind", "session-5", coins, back=900, owed=100, outcome="owing")
    day.void("changed mind")
    # Somebody walks out while paying.
    day.submit("walked out", OrderLine(code=MILK))
    day.tender("walked out", "session-6")
    day.exit("walked out", 1)
    day.command()
    # Prices change, an order is forgotten.
    day.import_products(CHEAPER)
    day.submit("forgotten", OrderLine(code=MILK))
    day.sweep()
    return day.steps
