"""A real device behind the bench: what the product says goes to it, what it says goes back, and both can be recorded.

The product's URL is the bench's pty; the device's own is an option. So a line can be recorded, and faults be played on it,
without touching the product or the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from hardware.bench.simulator import Action, JsonValue
from hardware.errors import LinkLostError
from hardware.link import LineSettings, Link

RETRY_S = 1.0


class TapOptions(BaseModel):
    """Where the real device is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    """``/dev/serial/by-id/...`` or ``socket://host:port``."""
    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


def build(options: Mapping[str, JsonValue], seed: int) -> Tap:
    """Make a tap from the bench's settings; raises ValueError when they make no sense. It has no use for the seed."""
    del seed
    return Tap(TapOptions.model_validate(dict(options)))


class Tap:
    """Passes bytes on, both ways; opens the device again when it was lost."""

    def __init__(self, options: TapOptions) -> None:
        self._url = options.url
        self._line = LineSettings(options.baud, options.data_bits, options.parity, options.stop_bits)
        self._link: Link | None = None
        self._retry_s = 0.0
        self._reason = ""
        self._lost_bytes = 0

    def receive(self, data: bytes, now_s: float) -> None:
        """Pass on what the product says; without a device it is lost, as on an open wire."""
        link = self._opened(now_s)
        if link is None:
            self._lost_bytes += len(data)
            return
        try:
            link.write(data)
        except LinkLostError as error:
            self._lose(error)

    def send(self, now_s: float) -> bytes:
        """Pass on what the device says."""
        link = self._opened(now_s)
        if link is None:
            return b""
        try:
            return link.read(0.0)
        except LinkLostError as error:
            self._lose(error)
            return b""

    def power_cycle(self, now_s: float) -> None:
        """Close and open the line; the real device's switch cannot be reached from here."""
        del now_s
        self._lose(LinkLostError("closed by hand"))

    def actions(self) -> Mapping[str, Action]:
        """What is done to a real device is done by hand."""
        return {}

    def facts(self) -> dict[str, JsonValue]:
        """Whether the device is there."""
        return {"url": self._url, "open": self._link is not None, "reason": self._reason, "lost_bytes": self._lost_bytes}

    def _opened(self, now_s: float) -> Link | None:
        if self._link is None and now_s >= self._retry_s:
            self._retry_s = now_s + RETRY_S
            try:
                self._link = Link(self._url, self._line)
                self._reason = ""
            except LinkLostError as error:
                self._reason = str(error)
        return self._link

    def _lose(self, error: LinkLostError) -> None:
        self._reason = str(error)
        if self._link is not None:
            self._link.close()
            self._link = None
