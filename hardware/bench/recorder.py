"""Writes down what goes over a device's line, both ways, while the device is used."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from pathlib import Path

from hardware.bench.host import Host
from hardware.bench.recording import TITLE, Chunk, format_chunk
from hardware.bench.wrapped_host import WrappedHost
from program.errors import ProgramError

FILE_BYTES_MAX = 100_000_000
"""A recording that has grown to this is ended; the device goes on."""

_log = logging.getLogger(__name__)


class RecordingHost(WrappedHost):
    """A host that keeps what is read and written."""

    def __init__(self, host: Host, name: str, path: Path) -> None:
        """Begin a new recording in ``path``.

        Raises:
            ProgramError: the file cannot be written.
        """
        super().__init__(host)
        self._name = name
        self._written = 0
        self._begun_s = time.monotonic()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="ascii", buffering=1)
            self._file.write(f"{TITLE}: {name}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        except OSError as error:
            raise ProgramError(f"{name} cannot be recorded: {error}. Set its record to another file.") from error

    def read(self) -> bytes:
        """Return what came in, and keep it."""
        data = super().read()
        self._keep(data, from_device=False)
        return data

    def write(self, data: bytes) -> None:
        """Send, and keep what was sent."""
        self._keep(data, from_device=True)
        super().write(data)

    def unplug(self) -> None:
        """Pull the plug."""
        self._note("unplugged")
        super().unplug()

    def replug(self) -> None:
        """Put it in again."""
        self._note("plugged in")
        super().replug()

    def close(self) -> None:
        """End the recording and take the device away."""
        super().close()
        self._file.close()

    def _keep(self, data: bytes, *, from_device: bool) -> None:
        if data:
            self._write(format_chunk(Chunk(time.monotonic() - self._begun_s, from_device, data)))

    def _note(self, text: str) -> None:
        self._write(f"# {time.monotonic() - self._begun_s:.6f} {text}")

    def _write(self, line: str) -> None:
        if self._file.closed:
            return
        self._written += len(line) + 1
        try:
            self._file.write(f"{line}\n")
        except OSError as error:
            _log.warning("%s: the recording ends here: %s", self._name, error)
            self._file.close()
            return
        if self._written > FILE_BYTES_MAX:
            _log.warning("%s: the recording ends here: it has %d bytes", self._name, self._written)
            self._file.close()
