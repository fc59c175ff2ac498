"""Where the picture of a product of Open Food Facts lies.

The CSV export says its address. The JSONL dump only says which pictures were chosen, in which revision; the address is made of
the code in groups (``301/762/042/2003``), the picture's name with its language, the revision and the width.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from store_server.domain.product_cells import TEXT_MAX

_FOLDER = "https://images.openfoodfacts.org/images/products"
_WIDTH = 400
_GROUPED_FROM = 9
"""Digits from which on a code is written in groups."""


def address(record: Mapping[str, Any], code: str) -> str:
    """Return the address of the picture of the front; empty where there is none."""
    for name in ("image_front_url", "image_url"):
        text = record.get(name)
        if isinstance(text, str) and re.fullmatch(r"https?://[\x21-\x7e]+", text.strip()) and len(text) <= TEXT_MAX:
            return text.strip()
    images = record.get("images")
    if not isinstance(images, Mapping) or not (code.isascii() and code.isdigit()):
        return ""
    fronts = _fronts(images)
    language = next((chosen for chosen in ("en", str(record.get("lc")), *sorted(fronts)) if chosen in fronts), None)
    if language is None:
        return ""
    path = re.sub(r"^(...)(...)(...)(.+)$", r"\1/\2/\3/\4", code) if len(code) >= _GROUPED_FROM else code
    return f"{_FOLDER}/{path}/front_{language}.{fronts[language]}.{_WIDTH}.jpg"


def _fronts(images: Mapping[str, Any]) -> dict[str, str]:
    """Return language to revision of the pictures that were chosen for the front, of the older form and of the newer."""
    selected = images.get("selected")
    if isinstance(selected, Mapping):
        chosen = selected.get("front")
        found = chosen if isinstance(chosen, Mapping) else {}
    else:
        found = {name.removeprefix("front_"): item for name, item in images.items() if name.startswith("front_")}
    revisions = {name: str(item.get("rev", "")) for name, item in found.items() if isinstance(item, Mapping)}
    return {name: rev for name, rev in revisions.items() if re.fullmatch(r"[a-z]{2,3}", name) and re.fullmatch(r"[0-9]+", rev)}
