"""Bringing the tables up to date, and finding out whether they are."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from store_server.persistence import (
    access_tables,
    audit_tables,
    cash_tables,
    catalogue_tables,
    lane_tables,
    member_tables,
    tender_tables,
)
from store_server.persistence.crash_points import crash_point
from store_server.persistence.database import Database

TABLES = (access_tables, audit_tables, cash_tables, catalogue_tables, lane_tables, member_tables, tender_tables)
"""The modules beside ``tables`` whose tables the migrations make."""

# It tells at every start which kind of database it sees.
logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)
_MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(database: Database) -> None:
    """Run every migration that this database has not seen, all in one transaction."""

    def upgrade(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        crash_point("migrate.begun")
        command.upgrade(config, "head")
        crash_point("migrate.run")

    database.write(upgrade)


def revision_of(database: Database) -> str | None:
    """Return the revision that a database stands at; None when it has no tables yet."""
    return database.read(lambda connection: MigrationContext.configure(connection).get_current_revision())


def newest_revision() -> str | None:
    """Return the revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str | None) -> bool:
    """Tell whether books at a revision can be brought up to date: not those of a later version of this program."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
