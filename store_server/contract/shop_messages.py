"""What goes over the wire about the shop itself: its name, its keys, how far a lane may trust a signature alone."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from store_server.contract.wire import Answer


class PassKey(Answer):
    """A public key that verifies passes of one kind."""

    key_id: str
    """16 hexadecimal digits."""
    kind: Literal["claim", "exit"]
    public_key: str
    """Ed25519 public key (RFC 8032), 64 hexadecimal digits."""


class OfflineCaps(Answer):
    """How far a lane may trust a signature alone while the server is away."""

    value_minor: int
    """Largest order."""
    exits: int
    """Number of exits before the server must have been heard again."""
    away_s: int
    """Seconds since the server was last heard."""
    exits_per_hour: int = 60
    """Number of exits on a signature alone in any hour."""


class VoidedPass(Answer):
    """A genuine exit pass that lets nobody out any more, although its time is not over."""

    order_id: UUID
    revision: int
    """The highest revision that is withdrawn."""


class Shop(Answer):
    """What every device needs to know about its shop."""

    shop_id: int
    name: dict[str, str]
    host: str
    """The host name inside passes."""
    currency: str
    cash_rounding_minor: int
    pass_keys: list[PassKey]
    offline_caps: OfflineCaps
    voided_passes: list[VoidedPass] = Field(default=[])
    """So that a lane knows them also while the server is away."""
    time_zone: str = ""
    """IANA name, for the times that people read; empty where the device's own zone is meant."""
