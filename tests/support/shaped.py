"""A line between the bench and a driver that cuts, damages or loses what goes over it, from a seed."""

from __future__ import annotations

import random
import time
from enum import Enum

from hardware.bench.host import Host
from hardware.bench.wrapped_host import WrappedHost

PIECE_GAP_S = 0.002
NOISE = 0.001
"""Each of changed, lost and added: this share of the device's bytes."""
LOSS = 0.03
"""This share of the chunks is lost whole, each way."""


class Shape(Enum):
    """How bytes travel."""

    GOOD = "good"
    SPLIT = "split"
    """Cut at random places, pieces apart in time."""
    ONE_BYTE = "one byte at a time"
    NOISY = "noisy"
    """Three of the device's bytes in a thousand are changed, lost or joined by another."""
    LOSSY = "lossy"
    """Three chunks in a hundred do not arrive, in either direction."""

    @property
    def is_whole(self) -> bool:
        """Whether every byte arrives as it was sent."""
        return self not in {Shape.NOISY, Shape.LOSSY}


class ShapedHost(WrappedHost):
    """A host whose line is bad."""

    def __init__(self, host: Host, shape: Shape, seed: int) -> None:
        super().__init__(host)
        self.shape = shape
        self._random = random.Random(seed)
        self._outgoing = bytearray()
        self._next_piece_s = 0.0
        self.last_byte_s = 0.0
        """When the last byte was handed to the line."""

    def read(self) -> bytes:
        """Take what the product sent."""
        data = super().read()
        return b"" if data and self._loses() else data

    def write(self, data: bytes) -> None:
        """Send on, in the line's way."""
        if data and not self._loses():
            self._outgoing += self._noisy(data) if self.shape is Shape.NOISY else data
        now_s = time.monotonic()
        if not self._outgoing or now_s < self._next_piece_s:
            super().write(b"")
            return
        size = len(self._outgoing)
        if self.shape in {Shape.ONE_BYTE, Shape.SPLIT}:
            size = 1 if self.shape is Shape.ONE_BYTE else self._random.randint(1, size)
            self._next_piece_s = now_s + PIECE_GAP_S
        super().write(bytes(self._outgoing[:size]))
        self.last_byte_s = time.monotonic()
        del self._outgoing[:size]

    def unplug(self) -> None:
        """Pull the plug."""
        self._outgoing.clear()
        super().unplug()

    def _loses(self) -> bool:
        return self.shape is Shape.LOSSY and self._random.random() < LOSS

    def _noisy(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            throw = self._random.random()
            if throw < NOISE:
                out.append(byte ^ (1 << self._random.randrange(8)))
            elif throw < 2 * NOISE:
                continue
            else:
                out.append(byte)
            if throw > 1 - NOISE:
                out.append(self._random.randrange(256))
        return bytes(out)
