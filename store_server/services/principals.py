"""Who asks: an enrolled device or a member of staff."""

from __future__ import annotations

from dataclasses import dataclass

from store_server.contract.device_messages import DeviceRole
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffRole
from store_server.services.refused import RefusedError


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device."""

    name: str
    role: DeviceRole

    @property
    def principal(self) -> str:
        """How the books call it."""
        return f"device/{self.name}"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff with an open session."""

    name: str
    role: StaffRole = StaffRole.ATTENDANT

    @property
    def principal(self) -> str:
        """How the books call them."""
        return f"staff/{self.name}"


def require(staff: StaffMember, role: StaffRole) -> None:
    """Go on only for staff of this role or a higher one.

    Raises:
        RefusedError: their role is lower.
    """
    if not staff.role.covers(role):
        raise RefusedError(Refusal.FORBIDDEN, f"Only a {role.value} may do that; you are logged in as {staff.role.value}.")


Principal = Device | StaffMember
