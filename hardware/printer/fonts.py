"""Where the letters come from when text is drawn dot by dot: fonts that the system has."""

from __future__ import annotations

import functools
from pathlib import Path

from PIL import ImageFont

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
_CHINESE = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "wqy-zenhei.ttc",
    "wqy-microhei.ttc",
    "DroidSansFallbackFull.ttf",
)
_LATIN = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "NotoSansMono-Regular.ttf", "FreeMono.ttf")
_SIMPLIFIED_CHINESE_FACE = 2
"""Noto's collection holds Japanese, Korean, simplified Chinese, traditional Chinese and Hong Kong, in this order."""

AnyFont = ImageFont.FreeTypeFont | ImageFont.ImageFont


@functools.cache
def chinese_font(size_px: int) -> ImageFont.FreeTypeFont | None:
    """Return a font that has Chinese, or nothing where the system has none (Debian: install fonts-noto-cjk)."""
    path = _found(_CHINESE)
    if path is None:
        return None
    face = _SIMPLIFIED_CHINESE_FACE if path.name.startswith("NotoSansCJK-") else 0
    return ImageFont.truetype(path, size_px, index=face)


@functools.cache
def latin_font(size_px: int) -> AnyFont:
    """Return a font for Latin letters; Pillow's own where the system has none."""
    path = _found(_LATIN)
    return ImageFont.truetype(path, size_px) if path is not None else ImageFont.load_default(size_px)


@functools.cache
def _found(names: tuple[str, ...]) -> Path | None:
    installed = {path.name: path for folder in _FOLDERS if folder.is_dir() for path in folder.rglob("*.[to]t[fc]")}
    return next((installed[name] for name in names if name in installed), None)
