"""The newest frame, whatever the source: a thread reads a feed at the feed's own speed and keeps only the last picture.

A frame's age matters more than its number: whoever looks gets the newest one, and older ones are dropped. Every failure is a
:class:`LinkLostError` with a sentence.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.errors import LinkLostError

_log = logging.getLogger(__name__)

Image = NDArray[np.uint8]

FIRST_FRAME_TIMEOUT_S = 5.0
STALL_S = 1.5
"""A source that brought no frame for so long is lost."""
CLOSE_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and when it came."""

    number: int
    """Counts from 1 in each opened source."""
    taken_s: float
    """Monotonic seconds."""
    image: Image
    """Rows x columns x BGR."""


class Feed(Protocol):
    """Brings frames one after the other, at the source's own speed; used by one thread only."""

    description: str
    """What an operator may call it, for example ``webcam 0, 1280x720``."""

    def next_image(self, stopping: threading.Event) -> Image:
        """Wait for the next picture; return early, with any picture, when ``stopping`` is set. Raises LinkLostError."""

    def close(self) -> None:
        """Let go of the device; never fails."""


class FrameSource:
    """An open source of frames, read by its own thread; the newest frame waits for whoever looks."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._arrived = threading.Condition()
        self._newest: Frame | None = None
        self._failure: str | None = None
        self._opened_s = time.monotonic()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera-reader", daemon=True)
        self._thread.start()

    @property
    def description(self) -> str:
        """What an operator may call it."""
        return self._feed.description

    def newest(self, after: int = 0, timeout_s: float = 0.0) -> Frame | None:
        """Return the newest frame if its number is above ``after``, waiting up to ``timeout_s`` for one; else None.

        Raises:
            LinkLostError: the source failed, or brought nothing for :data:`STALL_S` (:data:`FIRST_FRAME_TIMEOUT_S` at first).
        """
        with self._arrived:
            self._arrived.wait_for(lambda: self._failure is not None or self._is_newer(after), timeout_s)
            if self._failure is not None:
                raise LinkLostError(self._failure)
            frame = self._newest
        quiet_s = time.monotonic() - (frame.taken_s if frame else self._opened_s)
        if quiet_s > (STALL_S if frame else FIRST_FRAME_TIMEOUT_S):
            raise LinkLostError(f"{self.description} sent no picture for {quiet_s:.1f} s")
        return frame if frame is not None and frame.number > after else None

    def close(self) -> None:
        """Stop reading; the reading thread lets go of the device, at the latest when its present read times out."""
        self._stopping.set()
        self._thread.join(CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            _log.warning("%s is still being read; it is let go when that read ends", self.description)

    def _is_newer(self, after: int) -> bool:
        return self._newest is not None and self._newest.number > after

    def _run(self) -> None:
        number = 0
        try:
            while not self._stopping.is_set():
                image = self._feed.next_image(self._stopping)
                number += 1
                with self._arrived:
                    self._newest = Frame(number, time.monotonic(), image)
                    self._arrived.notify_all()
        except LinkLostError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - a decoder library's own failure must not end the thread in silence
            _log.exception("%s", self.description)
            self._fail(f"{self.description}: {error}")
        finally:
            self._feed.close()

    def _fail(self, sentence: str) -> None:
        with self._arrived:
            self._failure = sentence
            self._arrived.notify_all()
