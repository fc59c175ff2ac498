"""The program's own folder: made when missing, held by one instance, with room left on the disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from program.errors import ProgramError, reason

FREE_MIN_BYTES = 100 * 1024 * 1024
"""A program that handles money does not start with less room for its journal."""

_LOCK_NAME = "running.lock"


@contextlib.contextmanager
def claimed(folder: Path, program: str, *, free_min_bytes: int = FREE_MIN_BYTES) -> Iterator[Path]:
    """Hold ``folder`` for this process alone while the block runs.

    Raises:
        ProgramError: the folder cannot be made or written, the disk is full, or another instance holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < free_min_bytes:
            raise ProgramError(
                f"The disk of {folder} has {free // 2**20} MiB free; {program} needs {free_min_bytes // 2**20} MiB so that"
                f" nothing is lost. Make room and start again."
            )
        lock = os.open(folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ProgramError(f"{program} cannot use its folder {folder}: {reason(error)}. Set data_dir to another.") from error
    try:
        _take(lock, folder, program)
        yield folder
    finally:
        os.close(lock)


def _take(lock: int, folder: Path, program: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
        raise ProgramError(
            f"{program} is already running with the folder {folder} (process {holder}). Stop it first, or give this one"
            f" another data_dir."
        ) from error
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
    except OSError as error:
        raise ProgramError(
            f"{program} cannot write into {folder}: {reason(error)}. Make room or set another data_dir."
        ) from error
