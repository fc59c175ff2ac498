"""The open store: everything that a use case needs, made once at start."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DatabaseError

from program.errors import ProgramError, reason
from store_server.persistence.audit import head
from store_server.persistence.crash_points import crash_point
from store_server.persistence.database import Database, DatabaseBusyError, DatabaseFullError
from store_server.persistence.schema import bring_up_to_date, newest_revision, revision_of
from store_server.persistence.tables import orders, price_books
from store_server.services.guess_limits import GuessLimits, OwnGuessLimits, guess_limits
from store_server.services.keys import PassKeys, make_keys, read_keys
from store_server.services.lane_board import LaneBoard, OwnLaneBoard, lane_board
from store_server.services.price_books import PriceBooks, publish
from store_server.services.recent_devices import RecentDevices
from store_server.services.taking_over import begin_audit_log
from store_server.settings import ServerSettings, ShopSettings


@dataclass(frozen=True, slots=True)
class Store:
    """A shop's books, keys and settings."""

    settings: ServerSettings
    database: Database
    keys: PassKeys
    clock: Callable[[], float] = time.time
    books: PriceBooks = field(default_factory=PriceBooks)
    guesses: GuessLimits = field(default_factory=OwnGuessLimits)
    recent_devices: RecentDevices = field(default_factory=RecentDevices)
    lanes: LaneBoard = field(default_factory=OwnLaneBoard)

    @property
    def shop(self) -> ShopSettings:
        """The shop's rules."""
        return self.settings.shop

    def now_s(self) -> int:
        """Whole seconds since 1970 UTC."""
        return int(self.clock())


def make_store(settings: ServerSettings, clock: Callable[[], float] = time.time) -> None:
    """Make or update the books, the keys and the first price book; what exists already stays.

    Raises:
        ProgramError: the database or the keys cannot be made.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    now_s = int(clock())

    def fill(connection: Connection) -> None:
        begin_audit_log(connection, settings.shop.id, now_s)
        make_keys(settings.data_dir, connection, now_s)
        if connection.execute(select(func.count()).select_from(price_books)).scalar_one() == 0:
            publish(connection, settings.shop, now_s)

    try:
        bring_up_to_date(database)
        crash_point("init.migrated")
        database.write(fill)
        crash_point("init.filled")
    except (DatabaseError, DatabaseBusyError, DatabaseFullError, OSError) as error:
        raise _unusable(database, error) from error
    finally:
        database.close()
    _keep_private(database)


def open_store(settings: ServerSettings, clock: Callable[[], float] = time.time, *, any_version: bool = False) -> Store:
    """Open the books that ``init`` made.

    Args:
        settings: of the server.
        clock: seconds since 1970 UTC.
        any_version: also books that another version of this program made, which can be copied but not used.

    Raises:
        ProgramError: they are missing, of another version, another shop's, unsafe or damaged.
    """
    database = Database(settings.database_url)
    try:
        return _opened(settings, database, clock, any_version=any_version)
    except (DatabaseError, DatabaseBusyError, DatabaseFullError) as error:
        database.close()
        raise _unusable(database, error) from error
    except BaseException:
        database.close()
        raise


def _opened(settings: ServerSettings, database: Database, clock: Callable[[], float], *, any_version: bool) -> Store:
    revision = revision_of(database) if _is_there(database) else None
    if revision is None:
        raise ProgramError("There are no books yet. Run 'store-server init' with the same settings first.")
    if revision != newest_revision() and not any_version:
        copying = "pg_dump" if database.is_shared else "'store-server backup'"
        raise ProgramError(
            f"The books are at revision {revision}, this program needs {newest_revision()}."
            f" Make a copy of them with {copying}, then run 'store-server init'."
        )
    if not any_version:
        database.read(lambda connection: _refuse_others(connection, settings.shop))
    return Store(
        settings=settings,
        database=database,
        keys=read_keys(settings.data_dir),
        clock=clock,
        guesses=guess_limits(database),
        lanes=lane_board(database),
    )


def _refuse_others(connection: Connection, shop: ShopSettings) -> None:
    """Refuse books that other settings of ``[shop]`` belong to: passes and amounts in them would be read as something else."""
    begun = head(connection)
    if begun is not None and begun.shop_id != shop.id:
        raise ProgramError(f"These are the books of shop {begun.shop_id}, but id in [shop] is {shop.id}. Set it as it was.")
    currency = connection.execute(select(orders.c.currency).order_by(orders.c.submitted_at.desc()).limit(1)).scalar()
    if currency not in {None, shop.currency}:
        raise ProgramError(
            f"There are orders in {currency} in these books, but currency in [shop] is {shop.currency}. Set it as it was,"
            " or make new books with another data_dir."
        )


def _is_there(database: Database) -> bool:
    path = _file(database)
    return path is None or path.exists()


def _file(database: Database) -> Path | None:
    """Return the books' file; None where a server keeps them."""
    path = database.engine.url.database
    return Path(path) if path and not database.is_shared else None


def _keep_private(database: Database) -> None:
    path = _file(database)
    if path is not None:
        path.chmod(0o600)


def _unusable(database: Database, error: Exception) -> ProgramError:
    told = reason(getattr(error, "orig", None) or error)
    return ProgramError(f"The books at {database.engine.url.render_as_string()} cannot be used: {told}.")
