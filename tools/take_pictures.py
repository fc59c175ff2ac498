"""Takes the pictures of the README from a played demo: ``make demo HEADLESS=1``, then ``python -m tools.take_pictures``."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SCREENS = ROOT / "build" / "demo" / "screens"
PICTURES = ROOT / "docs" / "pictures"
HEIGHT = 640

SINGLE = {
    "handheld-shopping": "handheld/*-shopping.png",
    "handheld-reviewing": "handheld/*-reviewing.png",
    "handheld-order-code": "handheld/*-submitted.png",
    "handheld-paid": "handheld/*-paid.png",
    "handheld-welcome": "handheld/*-welcome.png",
    "handheld-left": "handheld/*-left.png",
    "kiosk-welcome": "kiosk/*-welcome.png",
    "kiosk-order": "kiosk/*-order.png",
    "kiosk-cash": "kiosk/*-cash.png",
    "kiosk-card": "kiosk/*-card.png",
    "kiosk-paid": "kiosk/*-paid.png",
    "receipt": "scanned/kiosk-receipt.png",
    "staff-audit": "staff/staff-audit.png",
    "staff-alarm": "staff/staff-alarm.png",
}
OVERVIEW = ("handheld-shopping", "handheld-order-code", "kiosk-cash", "staff-audit")


def main() -> int:
    """Copy one picture of each screen, and join four of them into the README's first picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    missing = []
    for name, pattern in SINGLE.items():
        found = sorted(SCREENS.glob(pattern))
        if not found:
            missing.append(pattern)
            continue
        (PICTURES / f"{name}.png").write_bytes(found[0].read_bytes())
    if missing:
        sys.stderr.write(f"Not in {SCREENS}: {', '.join(missing)}. Run 'make demo HEADLESS=1' first.\n")
        return 1
    strip = [_of_height(PICTURES / f"{name}.png") for name in OVERVIEW]
    gap = np.full((HEIGHT, 12, 3), 255, np.uint8)
    joined = [part for picture in strip for part in (picture, gap)][:-1]
    cv2.imwrite(str(PICTURES / "overview.png"), np.hstack(joined), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return 0


def _of_height(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    if picture is None:
        raise OSError(f"cannot read {path}")
    width = round(picture.shape[1] * HEIGHT / picture.shape[0])
    return cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    sys.exit(main())
