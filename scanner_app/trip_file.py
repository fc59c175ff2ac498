"""The trip on disk: one JSON file, replaced whole and forced to the disk at every change.

A crash at any instant leaves the trip before or after the change, never half of it: the new text is written beside the old
file, flushed, and renamed over it; then the folder is flushed (POSIX rename(2) is atomic).
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from scanner_app.trip import Trip

FILE_NAME = "trip.json"
DAMAGED_NAME = "trip.damaged.json"
SIZE_LIMIT_BYTES = 4 * 1024 * 1024

_log = structlog.get_logger(__name__)
_TRIP = TypeAdapter(Trip)


class TripFile:
    """Where one handheld keeps its trip."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME

    def read(self) -> Trip | None:
        """Return the trip that was going on, or None. A damaged file is put aside and logged."""
        try:
            with self._path.open("rb") as file:
                return _TRIP.validate_json(file.read(SIZE_LIMIT_BYTES))
        except FileNotFoundError:
            return None
        except (ValidationError, OSError) as error:
            _log.error("the stored trip cannot be read; it was put aside", file=DAMAGED_NAME, reason=str(error))
            with contextlib.suppress(OSError):
                self._path.replace(self._folder / DAMAGED_NAME)
            return None

    def write(self, trip: Trip) -> None:
        """Replace the stored trip; durable when this returns. The undo history is not kept.

        Raises:
            OSError: the disk is full or broken; the stored trip is what it was before.
        """
        text = _TRIP.dump_json(replace(trip, history=()))
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_all(descriptor, text)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(self._path)
        self._flush_folder()

    def wipe(self) -> None:
        """Delete the stored trip and every trace of one beside it."""
        for name in (FILE_NAME, DAMAGED_NAME, self._path.with_suffix(".new").name):
            with contextlib.suppress(FileNotFoundError):
                (self._folder / name).unlink()
        self._flush_folder()

    def _flush_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
