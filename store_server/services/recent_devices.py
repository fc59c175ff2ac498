"""Devices whose token was looked up a moment ago: their next requests need no look into the books."""

from __future__ import annotations

import threading

from store_server.services.principals import Device

RECENT_S = 1.0
"""A device that another process shuts out may ask for so long; the process that shuts it out forgets it at once."""
RECENT_MAX = 10_000


class RecentDevices:
    """Devices by the hash of their token; use it from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, tuple[Device, float]] = {}
        self._forgotten = 0

    def find(self, hashed: str, now: float) -> Device | None:
        """Return the device that held this token a moment ago."""
        device, found_at = self._found.get(hashed, (None, 0.0))
        return device if 0 <= now - found_at < RECENT_S else None

    def begin(self) -> int:
        """Return what :meth:`keep` takes, before the books are asked."""
        return self._forgotten

    def keep(self, hashed: str, device: Device, now: float, begun: int) -> None:
        """Remember what the books said, unless something was forgotten since they were asked."""
        with self._lock:
            if begun != self._forgotten:
                return
            if len(self._found) >= RECENT_MAX:
                self._found.clear()
            self._found[hashed] = (device, now)

    def forget(self) -> None:
        """Ask the books for everybody again: a device was enrolled or shut out."""
        with self._lock:
            self._forgotten += 1
            self._found.clear()
