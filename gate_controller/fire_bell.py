"""Fire: every lane of the shop opens at the first sign of it, and stays open until staff resets it with all inputs at rest.

That there is a fire is on disk, so that a controller that starts again opens again. Runs on the controller's one thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import structlog

from gate_controller import words
from gate_controller.words import Event

FILE_NAME = "fire"

_log = structlog.get_logger(__name__)


class FireBell:
    """Rings in all lanes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._inputs: set[str] = set()
        self._lanes: list[Callable[[Event], None]] = []

    def join(self, hear: Callable[[Event], None]) -> None:
        """Have a lane hear of fire from now on; it hears at once of one that was not reset."""
        self._lanes.append(hear)
        if self._path.exists():
            _log.warning("there was a fire that nobody reset; the lane opens")
            hear(words.FireAlarm(by_input=False))

    def sensed(self, lane: str, *, on: bool) -> None:
        """Take a change of a lane's fire input."""
        before = bool(self._inputs)
        (self._inputs.add if on else self._inputs.discard)(lane)
        if on:
            _log.error("fire: all lanes open", lane=lane)
            self._remember()
            self._tell(words.FireAlarm(by_input=True))
        elif before and not self._inputs:
            _log.warning("the fire inputs are at rest; the lanes stay open until staff resets", lane=lane)
            self._tell(words.FireCleared())

    def declared(self, lane: str, staff: str, reason: str) -> None:
        """Open all lanes because staff says so."""
        _log.error("fire, says staff: all lanes open", lane=lane, staff=staff, reason=reason)
        self._remember()
        self._tell(words.FireAlarm(by_input=False))

    def reset(self, lane: str, staff: str) -> None:
        """End it, unless an input still says fire."""
        if self._inputs:
            _log.warning("the fire is not reset: an input still says fire", lane=lane, staff=staff, inputs=sorted(self._inputs))
            return
        _log.warning("the fire is reset", lane=lane, staff=staff)
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.error("the note of the fire cannot be removed; the lanes open again at the next start", why=str(error))
        self._tell(words.FireReset(staff))

    def _tell(self, event: Event) -> None:
        for hear in self._lanes:
            hear(event)

    def _remember(self) -> None:
        """Write it down; a disk that cannot must not keep a lane shut."""
        try:
            with self._path.open("w", encoding="utf-8") as file:
                file.write("fire\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            _log.error("the fire is not written down", why=str(error))
