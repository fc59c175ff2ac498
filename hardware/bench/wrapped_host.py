"""A host behind something that changes or watches what goes over its line; the base of such things."""

from __future__ import annotations

from hardware.bench.host import Host


class WrappedHost:
    """Passes everything on. Called by the bench's thread only."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def url(self) -> str:
        """What the product's settings hold."""
        return self._host.url

    @property
    def plugged(self) -> bool:
        """Whether the device is plugged in."""
        return self._host.plugged

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

    def unplug(self) -> None:
        """Pull the plug."""
        self._host.unplug()

    def replug(self) -> None:
        """Put it in again."""
        self._host.replug()

    def close(self) -> None:
        """Take the device away."""
        self._host.close()
