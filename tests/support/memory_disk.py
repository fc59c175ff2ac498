"""Where tests put their files: in memory where there is room, so that they do not queue for one disk's flushes.

Databases and programs still make every call that makes writes lasting; only a power cut would show the difference, and those
are played by tests of their own.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - the one place that is memory; folders in it are made by mkdtemp or pytest
_ROOM_B = 4 << 30
"""Containers often have 64 MB there; the tests at work at one time need some hundred."""


def roomy_folder() -> Path:
    """Return a folder on a memory disk with room, or the usual folder for temporary files."""
    if os.access(_MEMORY_DISK, os.W_OK) and shutil.disk_usage(_MEMORY_DISK).free >= _ROOM_B:
        return _MEMORY_DISK
    return Path(tempfile.gettempdir())
