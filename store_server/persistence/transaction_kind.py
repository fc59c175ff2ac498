"""Whether a transaction writes: what it reads in order to decide is then locked until it ends."""

from __future__ import annotations

from sqlalchemy import Connection

WRITES = "scanlane_writes"
"""Execution option of connections that write."""


def writes(connection: Connection) -> bool:
    """Tell whether this transaction may write."""
    return bool(connection.get_execution_options().get(WRITES, False))
