"""Where a job can be cut into pieces, so that the printer can be asked how it is in between; pure."""

from __future__ import annotations

from hardware.printer.commands import BarCode, BitImage, Block, Command, CommandReader, Control, RealTime, Setting

_LINE_FEED = 0x0A
_PRINT_CODE = b"\x51"
_STORE_PICTURE = b"\x70"
_ROW_ENDS = frozenset(("ESC @", "ESC d", "ESC J", "GS V", "ESC i", "ESC m", "ESC p"))


def cut_into_pieces(data: bytes, limit: int) -> list[bytes] | None:
    """Cut a job where rows end, into pieces of at most ``limit`` bytes.

    Inside a command a printer would take a question as data, and a code's contents are lost when power fails between storing
    and printing it. A row longer than ``limit`` is cut between commands; a single command that is longer stays whole, unless it
    is text. Returns nothing when the job ends inside a command.
    """
    rows = _rows(data)
    if rows is None:
        return None
    pieces: list[bytes] = []
    for row in rows:
        if pieces and len(pieces[-1]) + sum(map(len, row)) <= limit:
            pieces[-1] += b"".join(row)
        elif sum(map(len, row)) <= limit:
            pieces.append(b"".join(row))
        else:
            pieces += _packed(row, limit)
    return pieces


def _rows(data: bytes) -> list[list[bytes]] | None:
    """Return the commands of each row; nothing when the last one is not whole."""
    reader = CommandReader()
    rows: list[list[bytes]] = []
    row: list[bytes] = []
    at = 0
    for command, length in reader.feed(data):
        row.append(data[at : at + length])
        at += length
        if _ends_a_row(command):
            rows.append(row)
            row = []
    if not reader.is_between_commands:
        return None
    return [*rows, row] if row else rows


def _packed(row: list[bytes], limit: int) -> list[bytes]:
    packed: list[bytes] = []
    for command in row:
        if packed and len(packed[-1]) + len(command) <= limit:
            packed[-1] += command
        elif len(command) > limit and command[0] >= 0x20:  # noqa: PLR2004 - text, which can be cut anywhere
            packed += [command[start : start + limit] for start in range(0, len(command), limit)]
        else:
            packed.append(command)
    return packed


def _ends_a_row(command: Command) -> bool:
    if isinstance(command, Control):
        return command.code == _LINE_FEED
    if isinstance(command, Setting):
        return command.name in _ROW_ENDS
    if isinstance(command, Block):
        function = command.data[1:2]
        return function == _PRINT_CODE if command.letter == "k" else function != _STORE_PICTURE
    return isinstance(command, BitImage | BarCode | RealTime)
