"""A small shop over a real database, with a clock that the test turns."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from store_server.contract.cash_messages import CashEvent, CashReport, Payout, SettleCash, Settlement
from store_server.contract.device_messages import DeviceRole
from store_server.contract.lane_messages import EnterLane, ReportExit
from store_server.contract.order_messages import AddArticle, Order, OrderLine, SubmitOrder
from store_server.contract.product_code import LabelTemplate
from store_server.contract.tender_messages import BeginTendering
from store_server.services import amendments, books_check, catalogue, exits, orders, payments, tendering
from store_server.services.principals import Device, StaffMember
from store_server.services.store import Store, make_store, open_store
from store_server.settings import DatabaseSettings, ServerSettings

WEIGHED = LabelTemplate("21IIIIIWWWWWC")
PRICED = LabelTemplate("22IIIIIPPPPPC")
MILK = "09520000000011"
WINE = "09520000000028"
APPLES = "02112345000008"
CHEESE = "02200017000002"

PRODUCTS = """code,name_en,name_zh,department,sold_by,unit_price_minor,tax_class,mean_g,sd_g,eas,minimum_age
9520000000011,Milk 1 l,牛奶,Dairy,piece,1280,reduced,1042.5,4.2,0,0
9520000000028,Red wine,红酒,Drinks,piece,8990,standard,1310,15,1,18
2112345000008,Apples,苹果,Fruit,weight,1290,reduced,,,0,0
2200017000002,Cheese,奶酪,Deli,weight,9800,reduced,,,0,0
"""

HANDHELD = Device("handheld-1", DeviceRole.HANDHELD)
KIOSK = Device("kiosk-1", DeviceRole.KIOSK)
OTHER_KIOSK = Device("kiosk-2", DeviceRole.KIOSK)
GATE = Device("gate-1", DeviceRole.GATE)
STAFF = StaffMember("mei")
BEGINNING_S = 1_800_000_000


@dataclass
class Clock:
    """Shows what the test says."""

    now: float = BEGINNING_S

    def __call__(self) -> float:
        return self.now


@dataclass
class Market:
    """The shop, and the steps of a trip as one-liners."""

    store: Store
    clock: Clock
    next_seq: int = field(default=1)

    @property
    def version(self) -> int:
        return catalogue.newest_price_book(self.store).version

    def submit(self, *lines: OrderLine, order_id: UUID | None = None, version: int | None = None) -> Order:
        return orders.submit(self.store, HANDHELD, self.basket(*lines, order_id=order_id, version=version))

    def basket(self, *lines: OrderLine, order_id: UUID | None = None, version: int | None = None) -> SubmitOrder:
        chosen = list(lines) or [OrderLine(code=MILK)]
        return SubmitOrder(order_id=order_id or uuid4(), price_book_version=version or self.version, lines=chosen)

    def tender(self, order: Order, kiosk: Device = KIOSK, session_id: UUID | None = None) -> UUID:
        session = session_id or uuid4()
        tendering.begin(self.store, kiosk, BeginTendering(session_id=session, claim=order.claim))
        return session

    def coins(self, *values: int) -> list[CashEvent]:
        events = [
            CashEvent(device="coin-box", epoch=1, seq=self.next_seq + index, value_minor=value)
            for index, value in enumerate(values)
        ]
        self.next_seq += len(values)
        return events

    def payment(self, order: Order, session: UUID, taken: Sequence[CashEvent], cash_due_minor: int) -> SettleCash:
        return SettleCash(
            payment_id=uuid4(),
            session_id=session,
            order_id=order.order_id,
            revision=order.revision,
            cash_due_minor=cash_due_minor,
            taken=list(taken),
            change_minor=sum(event.value_minor for event in taken) - cash_due_minor,
        )

    def pay(self, order: Order, kiosk: Device = KIOSK) -> Settlement:
        """Pay exactly what is due with one coin, and report the session's end."""
        session = self.tender(order, kiosk)
        cash_due = (order.due_minor + 5) // 10 * 10
        request = self.payment(order, session, self.coins(cash_due), cash_due)
        settled = payments.settle(self.store, kiosk, request)
        payments.report_cash(self.store, kiosk, self.report(session, order, request.taken))
        return settled

    def report(
        self, session: UUID, order: Order | None, taken: Sequence[CashEvent], payouts: Sequence[Payout] = (), owed: int = 0
    ) -> CashReport:
        return CashReport(
            session_id=session,
            order_id=None if order is None else order.order_id,
            outcome="owing" if owed else "paid",
            taken=list(taken),
            payouts=list(payouts),
            owed_minor=owed,
        )

    def doubt(self, session: UUID, order: Order, amount: int, charge_id: UUID | None = None) -> CashReport:
        """Report that nobody knows whether a card was charged."""
        report = self.report(session, order, ()).model_copy(
            update={"outcome": "owing", "card_charge_id": charge_id or uuid4(), "card_doubt_minor": amount}
        )
        payments.report_cash(self.store, KIOSK, report)
        return report

    def enter(self, exit_pass: str | None, lane: str = "lane-1", entry_id: UUID | None = None) -> Order:
        return exits.enter_lane(self.store, GATE, EnterLane(entry_id=entry_id or uuid4(), lane=lane, exit_pass=exit_pass))

    def enter_by_number(self, number: str, lane: str = "lane-1") -> Order:
        return exits.enter_lane(self.store, GATE, EnterLane(entry_id=uuid4(), lane=lane, order_number=number))

    def leaving(self, order: Order, lane: str = "lane-1") -> ReportExit:
        return ReportExit(
            exit_id=uuid4(),
            order_id=order.order_id,
            revision=order.revision,
            lane=lane,
            opened_at=int(self.clock.now),
            measured_g=1040,
            decided_by="server",
        )

    def rescan(self, order: Order, code: str) -> Order:
        return amendments.add_article(self.store, STAFF, order.order_id, AddArticle(amendment_id=uuid4(), code=code))

    def look(self, order: Order) -> Order:
        return orders.get(self.store, GATE, order.order_id)

    def balances(self) -> dict[str, int]:
        return {balance.account: balance.balance_minor for balance in books_check.balances(self.store)}

    def findings(self) -> list[str]:
        return books_check.findings(self.store)


def open_market(folder: Path, database_url: str = "") -> Market:
    """Make and open a shop in an empty folder; without a URL its books are a SQLite file there."""
    clock = Clock()
    settings = _settings(folder, database_url)
    make_store(settings, clock)
    store = open_store(settings, clock)
    catalogue.import_products(store, PRODUCTS)
    return Market(store, clock)


def open_copied_market(first: Path, folder: Path, database_url: str = "") -> Market:
    """Open a copy of a closed shop: of its folder, beside a database that is a copy of its database."""
    shutil.copytree(first, folder)
    clock = Clock()
    return Market(open_store(_settings(folder, database_url), clock), clock)


def _settings(folder: Path, database_url: str) -> ServerSettings:
    return ServerSettings(data_dir=folder, database=DatabaseSettings(url=database_url))
