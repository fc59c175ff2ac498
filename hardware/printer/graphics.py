"""The picture memory of a simulated printer: what GS ( L stores for one print, or for good; pure.

::

    store for one print    30 70 30 bx by c xL xH yL yH d...          fn 112
    print it               30 32 (or 30 02)                           fn 50
    store for good         30 43 30 kc1 kc2 b xL xH yL yH (c d...)    fn 67, raster, kept without power
    delete for good        30 42 kc1 kc2                              fn 66
    print what is kept     30 45 kc1 kc2 x y                          fn 69
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.printer.commands import BitImage

PICTURE_BYTES_MAX = 200_000
KEPT_MAX = 20
_HEAD = 10
_STORE, _KEEP, _DELETE, _PRINT_KEPT = 112, 67, 66, 69
_PRINT = frozenset((2, 50))


@dataclass(slots=True)
class Graphics:
    """Pictures by their key codes, and the one that waits for printing."""

    kept: dict[bytes, BitImage] = field(default_factory=dict)
    waiting: BitImage | None = None

    def take(self, data: bytes) -> tuple[BitImage | None, bool]:
        """Carry out GS ( L; return what is to be printed, and whether the command was known."""
        function = data[1] if len(data) > 1 else -1
        if function == _STORE:
            self.waiting = _picture(data, data[3:5])
            return None, self.waiting is not None
        if function in _PRINT:
            printed, self.waiting = self.waiting, None
            return printed, True
        if function == _KEEP:
            return None, self._keep(data)
        if function == _DELETE:
            return None, self.kept.pop(data[2:4], None) is not None
        if function == _PRINT_KEPT and len(data) == 6:  # noqa: PLR2004 - m fn kc1 kc2 x y
            kept = self.kept.get(data[2:4])
            scaled = kept and BitImage(kept.width_bytes, kept.height, kept.data, *map(_scale, data[4:6]))
            return scaled, kept is not None
        return None, False

    def _keep(self, data: bytes) -> bool:
        # One colour: the byte that names it stands before the dots, so everything is one place later.
        picture = _picture(data[:_HEAD] + data[_HEAD + 1 :], b"\x01\x01") if data[5:6] == b"\x01" else None
        if picture is None or (len(self.kept) >= KEPT_MAX and data[3:5] not in self.kept):
            return False
        self.kept[data[3:5]] = picture
        return True


def _picture(data: bytes, scales: bytes) -> BitImage | None:
    if len(data) < _HEAD:
        return None
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    width_bytes = (width + 7) // 8
    if not 0 < width_bytes * height <= PICTURE_BYTES_MAX or len(data) - _HEAD != width_bytes * height:
        return None
    return BitImage(width_bytes, height, data[_HEAD:], *map(_scale, scales))


def _scale(value: int) -> int:
    return min(2, max(1, value))
