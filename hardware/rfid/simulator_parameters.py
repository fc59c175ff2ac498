"""LLRP parameters as a simulated reader reads and writes them; shares no code with the driver."""

from __future__ import annotations

import struct
from collections.abc import Iterator


def check_part(part: int, value: bytes) -> None:
    """Raise ValueError or struct.error when a part of a ROSpec has not the form of the standard."""
    if part == 178:  # noqa: PLR2004 - ROBoundarySpec
        (start, _), (stop, duration) = walk(value)
        struct.unpack(">BI", duration)
        is_right = (start, stop) == (179, 182)
    elif part == 183:  # noqa: PLR2004 - AISpec
        (count,) = struct.unpack_from(">H", value)
        (stop, duration), (inventory, spec) = walk(value[2 + 2 * count :])
        struct.unpack(">BI", duration)
        struct.unpack(">HB", spec)
        is_right = count > 0 and (stop, inventory) == (184, 186)
    else:
        struct.unpack_from(">BH", value)
        ((selector, content),) = walk(value[3:])
        struct.unpack(">H", content)
        is_right = selector == 238  # noqa: PLR2004 - TagReportContentSelector
    if not is_right:
        raise ValueError(f"the part {part} of the ROSpec is wrong")


def walk(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each parameter; raises ValueError or struct.error when one does not fit."""
    while data:
        kind, length = struct.unpack_from(">HH", data)
        if not 4 <= length <= len(data):  # noqa: PLR2004 - a header
            raise ValueError(f"a parameter {kind} of {length} bytes does not fit")
        yield kind, data[4:length]
        data = data[length:]


def tlv(kind: int, value: bytes) -> bytes:
    """Return a parameter with its head."""
    return struct.pack(">HH", kind, 4 + len(value)) + value


def status(code: int, text: str = "") -> bytes:
    """Return how a question went."""
    return tlv(287, struct.pack(">HH", code, len(text.encode())) + text.encode())
