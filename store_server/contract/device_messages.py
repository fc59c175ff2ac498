"""What goes over the wire about devices, and how one is let in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from store_server.contract.wire import Answer, DeviceName, Request


class DeviceRole(StrEnum):
    """What an enrolled device may do."""

    HANDHELD = "handheld"
    KIOSK = "kiosk"
    GATE = "gate"


class DeviceView(Answer):
    """An enrolled device."""

    name: DeviceName
    role: DeviceRole
    enrolled_at: int
    revoked_at: int | None
    """When its credential stopped working."""


class EnrolmentCode(Answer):
    """A code that lets one device ask to come in."""

    enrolment_id: UUID
    code: str
    """As people read and type it, such as ABC-DEF-GHJ."""
    expires_at: int


class EnrolmentStatus(StrEnum):
    """How an enrolment stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class AskEnrolment(Request):
    """A device uses a code. ``fingerprint`` is the SHA-256 of the credential that it made for itself."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    name: DeviceName
    role: DeviceRole
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Enrolment(Answer):
    """A device that asks to come in."""

    enrolment_id: UUID
    status: EnrolmentStatus
    name: DeviceName
    role: DeviceRole
    fingerprint: str
    """The short one, which staff compares with the device's screen."""


class ApproveEnrolment(Request):
    """Staff lets a device in whose screen shows this fingerprint."""

    fingerprint: Annotated[str, Field(min_length=8, max_length=20)]
