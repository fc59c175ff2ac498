from __future__ import annotations

import pytest

from hardware.printer.commands import CommandReader
from hardware.printer.pieces import cut_into_pieces
from hardware.printer.rendering import native_qr

PICTURE = bytes.fromhex("1D 76 30 00 40 00 40 00") + bytes(64 * 64)


def test_pieces_end_where_rows_end() -> None:
    job = b"\x1b@" + b"x" * 700 + b"\n" + b"y" * 700 + b"\n" + native_qr("R" * 300, 5) + PICTURE + b"\x1dV\x01"
    pieces = cut_into_pieces(job, 1024)
    assert pieces is not None
    assert b"".join(pieces) == job
    reader = CommandReader()
    for piece in pieces:
        reader.feed(piece)
        assert reader.is_between_commands
        assert len(piece) <= 1024 or piece == PICTURE
    assert PICTURE in pieces
    assert all(piece.endswith(b"\n") for piece in pieces[:2])


@pytest.mark.parametrize(
    "together",
    [
        native_qr("A" * 600, 5),
        bytes.fromhex("1D 28 4C 12 00 30 70 30 01 01 31 40 00 01 00") + bytes(8) + bytes.fromhex("1D 28 4C 02 00 30 32"),
    ],
)
def test_what_is_stored_and_printed_is_never_parted(together: bytes) -> None:
    for before in range(1, 1024, 37):
        pieces = cut_into_pieces(b"x" * before + b"\n" + together + b"\n", 1024)
        assert pieces is not None
        assert any(together in piece for piece in pieces)


def test_a_row_longer_than_a_piece_is_cut_between_commands() -> None:
    row = b"".join(b"\x1bE\x01" + b"z" * 400 for _run in range(5)) + b"\n"
    pieces = cut_into_pieces(row, 1024)
    assert pieces is not None
    assert b"".join(pieces) == row
    assert all(len(piece) <= 1024 for piece in pieces)


def test_long_text_is_cut_too() -> None:
    pieces = cut_into_pieces(b"z" * 5000, 1024)
    assert pieces is not None
    assert [len(piece) for piece in pieces] == [1024, 1024, 1024, 1024, 904]


@pytest.mark.parametrize("job", [b"text\n" + native_qr("A", 5)[:-1], b"\x1b"])
def test_a_job_that_ends_inside_a_command_is_none(job: bytes) -> None:
    assert cut_into_pieces(job, 1024) is None


def test_an_empty_job_has_no_pieces() -> None:
    assert cut_into_pieces(b"", 1024) == []
