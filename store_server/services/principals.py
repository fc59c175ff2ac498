"""Who asks: an enrolled device or a member of staff."""

from __future__ import annotations

from dataclasses import dataclass

from store_server.contract.messages import DeviceRole


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

    @property
    def principal(self) -> str:
        """How the books call them."""
        return f"staff/{self.name}"


Principal = Device | StaffMember
