"""The fault table: what must happen at each fault, while the device is idle and in the middle of its main operation.

:data:`USUAL` holds for every device; a case says where it differs and why. ``docs/devices.md`` is drawn from both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """What can happen to a device, as in section 1.6 of the hardware reference."""

    UNPLUG = "unplug"
    SILENT = "silent"
    DELAYED = "delayed"
    DROPPED = "dropped"
    CORRUPTED = "corrupted"
    TRUNCATED = "truncated"
    DOUBLED = "doubled"
    GARBAGE = "garbage"
    WRONG_IDENTITY = "wrong identity"
    POWER_CYCLE = "power cycle"


class Moment(Enum):
    """When it happens."""

    IDLE = "idle"
    MIDDLE = "in the middle"


class Connection(Enum):
    """What becomes of the connection."""

    STAYS = "stays"
    RETURNS = "is lost, and back by itself when the fault ends"
    MAY_RETURN = "stays, or is lost and back by itself"
    REFUSED = "is refused with a sentence, until the right device is back"


class Work(Enum):
    """What becomes of the operation in whose middle it happens, and of the next one."""

    DONE = "is done"
    TOLD = "is done, or its failure told; what is told is what happened; the next one is done"


@dataclass(frozen=True, slots=True)
class Must:
    """One cell of the table."""

    connection: Connection
    work: Work = Work.TOLD
    why: str = ""
    """Why this device differs from the others."""


def _both(fault: Fault, connection: Connection, work: Work = Work.TOLD) -> dict[tuple[Fault, Moment], Must]:
    return {(fault, Moment.IDLE): Must(connection, Work.DONE), (fault, Moment.MIDDLE): Must(connection, work)}


USUAL: Mapping[tuple[Fault, Moment], Must] = {
    **_both(Fault.UNPLUG, Connection.RETURNS),
    **_both(Fault.SILENT, Connection.RETURNS),
    **_both(Fault.DELAYED, Connection.MAY_RETURN),
    **_both(Fault.DROPPED, Connection.STAYS, Work.DONE),
    **_both(Fault.CORRUPTED, Connection.STAYS, Work.DONE),
    **_both(Fault.TRUNCATED, Connection.STAYS, Work.DONE),
    **_both(Fault.DOUBLED, Connection.STAYS, Work.DONE),
    **_both(Fault.GARBAGE, Connection.STAYS, Work.DONE),
    **_both(Fault.WRONG_IDENTITY, Connection.REFUSED),
    **_both(Fault.POWER_CYCLE, Connection.MAY_RETURN),
}


def always(fault: Fault, connection: Connection, why: str, work: Work = Work.TOLD) -> dict[tuple[Fault, Moment], Must]:
    """Return the two cells of a fault that a device answers in its own way."""
    return {(fault, moment): Must(connection, work, why) for moment in Moment}
