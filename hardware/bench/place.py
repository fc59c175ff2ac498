"""The place where something is plugged in, and what speaks for it."""

from __future__ import annotations

from typing import Protocol


class Place(Protocol):
    """A pty, a port: something with a plug."""

    @property
    def url(self) -> str:
        """What the product's settings hold."""

    @property
    def plugged(self) -> bool:
        """Whether the device is plugged in."""

    def unplug(self) -> None:
        """Pull the plug."""

    def replug(self) -> None:
        """Put it in again under the same name."""

    def close(self) -> None:
        """Take the device away for good."""


class Plugged:
    """Has a place, and is asked in its stead."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @property
    def url(self) -> str:
        """What the product's settings hold."""
        return self._place.url

    @property
    def plugged(self) -> bool:
        """Whether it is plugged in."""
        return self._place.plugged

    def unplug(self) -> None:
        """Pull the plug."""
        self._place.unplug()

    def replug(self) -> None:
        """Put the plug in again."""
        self._place.replug()

    def close(self) -> None:
        """Unplug for good."""
        self._place.close()
