"""Pictures of departments, drawn sharp at any size."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).with_name("icons")
CACHE_MAX = 64


@lru_cache(maxsize=CACHE_MAX)
def icon(name: str, size_px: int) -> QPixmap:
    """Return the picture ``name`` as a square of ``size_px``."""
    picture = QPixmap(size_px, size_px)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(str(FOLDER / f"{name}.svg")).render(painter)
    painter.end()
    return picture
