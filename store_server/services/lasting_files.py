"""Small files that are there whole or not at all, and stay after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

from store_server.persistence.crash_points import crash_point


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write a file under another name, then give it its own; a private one is not readable by others even for a moment."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        crash_point("file.begun")
        while content:
            content = content[os.write(handle, content) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    crash_point("file.written")
    fresh.replace(path)
    keep_names(path.parent)


def remove(path: Path) -> None:
    """Remove a file for good; one that is not there is no matter."""
    path.unlink(missing_ok=True)
    keep_names(path.parent)


def keep_names(folder: Path) -> None:
    """Make the disk keep the names in a folder as they are now."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
