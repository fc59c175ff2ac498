"""What Alembic runs: the revisions, on the connection that :mod:`store_server.persistence.schema` hands over."""

from __future__ import annotations

from alembic import context

from store_server.persistence.crash_points import crash_point
from store_server.persistence.tables import metadata

_connection = context.config.attributes["connection"]


def _stepped(*_about: object, **_more: object) -> None:
    crash_point("migrate.stepped")


context.configure(connection=_connection, target_metadata=metadata, render_as_batch=True, on_version_apply=_stepped)
context.run_migrations()
