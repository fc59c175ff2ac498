"""Files of products on the disk: read line by line, plain or compressed by gzip; written whole or not at all."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from program.errors import ProgramError
from store_server.domain.product_list import LINE_MAX

_GZIP_MARK = b"\x1f\x8b"
_ZIP_MARK = b"PK"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class ProductFile:
    """A file that is being read."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._is_whole = raw.seekable()
        self.size_bytes = os.fstat(raw.fileno()).st_size if self._is_whole else None
        """None where nobody knows, as of a pipe."""

    @property
    def read_bytes(self) -> int:
        """How far it has been read, on the disk."""
        return self._raw.tell() if self._is_whole else 0

    def lines(self) -> Iterator[str]:
        """Return its lines; bytes that are no UTF-8 become surrogates.

        Raises:
            ProgramError: it cannot be read to its end.
        """
        number = 0
        try:
            start = self._raw.peek(2)[:2] if isinstance(self._raw, io.BufferedReader) else b""
            if start in _UTF16_MARKS:
                raise ProgramError("The file is UTF-16. A product list must be a text file in UTF-8; save it as that.")
            if start == _ZIP_MARK:
                raise ProgramError("The file is a workbook or a ZIP archive. Save it as a text file: 'CSV UTF-8'.")
            source: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=self._raw) if start == _GZIP_MARK else self._raw
            while line := source.readline(LINE_MAX + 1):
                number += 1
                if len(line) > LINE_MAX:
                    raise ProgramError(f"Line {number} has more than {LINE_MAX} bytes. Is this a list of products?")
                yield line.decode("utf-8", errors="surrogateescape")
        except (OSError, EOFError, zlib.error) as error:
            raise ProgramError(f"The file cannot be read after line {number}: {error}. Is it whole?") from error


@contextlib.contextmanager
def opened(path: Path) -> Iterator[ProductFile]:
    """Open a file of products.

    Raises:
        ProgramError: it cannot be opened.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise ProgramError(f"Cannot read {path}: {error.strerror or error}.") from error
    with raw:
        yield ProductFile(raw)


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[IO[str]]:
    """Write a text file beside ``path`` and put it there once it is whole; ``.gz`` at the end of the name compresses it.

    A link stays, and the file that it leads to is replaced.

    Raises:
        ProgramError: the disk does not take it, or ``path`` is a folder, device or pipe; what stood there stays.
    """
    named, path = path, path.resolve()
    if path.exists() and not path.is_file():
        raise ProgramError(f"Cannot write {named}: it is there already, and is no ordinary file.")
    fresh = path.with_name(f"{path.name}.new")
    try:
        with contextlib.ExitStack() as files:
            raw = files.enter_context(fresh.open("wb"))
            packed: IO[bytes] | gzip.GzipFile = raw
            if path.suffix == ".gz":
                packed = gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0)
                files.callback(packed.close)
            text = files.enter_context(io.TextIOWrapper(packed, encoding="utf-8", newline=""))
            yield text
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ProgramError(f"Cannot write {named}: {error.strerror or error}. What stood there is unchanged.") from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
