"""Reading a code off a picture, as a scanner held in front of it would."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from demo.errors import DemoError


def read_qr(picture: Path | bytes) -> str:
    """Return the text of the one QR symbol in a PNG.

    Raises:
        DemoError: there is none, or it cannot be read.
    """
    raw = picture.read_bytes() if isinstance(picture, Path) else picture
    image = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise DemoError("that is no picture")
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    if not found:
        raise DemoError("no QR code can be read off the picture")
    return str(found[0].text)
