"""A line without a port or a clock of its own: what the driver sends, the simulated device has heard at once."""

from __future__ import annotations

import time

from hardware.bench.simulator import Simulator
from hardware.link import Link


class StraightLine(Link):
    """What a driver takes for its port."""

    def __init__(self, simulator: Simulator) -> None:
        self.url = "virtual"
        self.simulator = simulator

    def write(self, data: bytes) -> None:
        self.simulator.receive(data, time.monotonic())

    def read(self, timeout_s: float, limit: int = 4096) -> bytes:
        del timeout_s, limit
        return self.simulator.send(time.monotonic())
