"""How a database says no: busy, full, unsafe, or that a transaction met another one and is to be run again."""

from __future__ import annotations

from program.errors import ProgramError


class DatabaseBusyError(Exception):
    """Another writer took too long, or the database is away; repeat the request, it has an effect once at most."""


class DatabaseFullError(Exception):
    """The disk is full or does not take writes; nothing was changed. Make room, then repeat the request."""


class DatabaseUnsafeError(ProgramError):
    """The database does not keep the settings that make it safe."""


class TransactionOvertakenError(RuntimeError):
    """Somebody else changed what a transaction had read; nothing was changed, and the whole of it is run again."""
