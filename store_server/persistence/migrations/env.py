"""What Alembic runs: the revisions, on the connection that :mod:`store_server.persistence.schema` hands over."""

from __future__ import annotations

from alembic import context

from store_server.persistence.tables import metadata

_connection = context.config.attributes["connection"]

context.configure(connection=_connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
