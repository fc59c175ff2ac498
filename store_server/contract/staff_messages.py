"""What goes over the wire about people who work here."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from store_server.contract.wire import Answer, Request


class StaffRole(StrEnum):
    """What a member of staff may do; each role may do what those before it may."""

    ATTENDANT = "attendant"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"

    def covers(self, needed: StaffRole) -> bool:
        """Tell whether this role is ``needed`` or a higher one."""
        ranks = list(StaffRole)
        return ranks.index(self) >= ranks.index(needed)


class StaffLogin(Request):
    """A member of staff opens a session."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class StaffSession(Answer):
    """The bearer token of a staff session."""

    token: str
    name: str
    role: StaffRole = StaffRole.ATTENDANT


class ChangePassword(Request):
    """A member of staff takes another password; their other sessions end."""

    old: Annotated[str, Field(min_length=1, max_length=200)]
    new: Annotated[str, Field(min_length=8, max_length=200)]


class StaffView(Answer):
    """A member of staff as managers see them."""

    name: str
    role: StaffRole
    locked_until: int
    left_at: int | None
    """When they were sent away; None for those who may log in."""
