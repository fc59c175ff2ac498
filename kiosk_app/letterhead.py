"""What stands on every paper of a kiosk, and in whose words; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from store_server.contract.money import format_minor
from store_server.contract.shop_time import wall_clock


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose paper it is."""

    shop_name: str
    kiosk: str
    currency: str
    language: str
    """Of the articles' names."""
    translate: Callable[[str], str]
    """Of all other texts."""
    time_zone: str = ""
    """The shop's."""

    @property
    def head(self) -> str:
        """What stands at the top."""
        return self.shop_name or "Scanlane"

    def stamp(self, seconds: float) -> str:
        """Say when and where; seconds since 1970."""
        return f"{wall_clock(seconds, self.time_zone):%Y-%m-%d %H:%M}  {self.kiosk}"

    def money(self, minor: int) -> str:
        """Write an amount."""
        return format_minor(minor, self.currency)
