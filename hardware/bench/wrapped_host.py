"""A host behind something that changes or watches what goes over its line; the base of such things."""

from __future__ import annotations

from hardware.bench.host import Host
from hardware.bench.place import Plugged


class WrappedHost(Plugged):
    """Passes everything on. Called by the bench's thread only."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._host = host

    @property
    def connections(self) -> int:
        """How many clients have connected so far."""
        return self._host.connections

    def sources(self) -> list[int]:
        """Return the file descriptors that become readable when something comes in."""
        return self._host.sources()

    def read(self) -> bytes:
        """Return what came in."""
        return self._host.read()

    def write(self, data: bytes) -> None:
        """Send."""
        self._host.write(data)
