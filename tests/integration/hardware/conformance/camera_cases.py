"""Network cameras in the conformance suite: an article is shown and read. A camera has no line whose bytes could be split."""

from __future__ import annotations

import io
from collections.abc import Mapping

import qrcode

from hardware.bench.simulator import Action, JsonValue
from hardware.camera.driver import CameraDriver, CodeSeen
from hardware.camera.frames import STALL_S
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always

_WAIT_S = 20.0
_NO_PICTURE = "a picture that is none is skipped, or ends the stream"
_LOOK_PERIOD_S = 0.2
"""Seldomer than a shop's: reading costs most of what a row costs."""


class StillCamera:
    """Sees one small sharp picture; the bench's own camera draws large ones, which costs more than all else in a row."""

    def __init__(self) -> None:
        self._jpeg = _drawn("NOTHING TO BUY")

    def jpeg(self, now_s: float) -> bytes:
        """The same picture each time."""
        del now_s
        return self._jpeg

    def show(self, code: str) -> None:
        """Show another picture."""
        self._jpeg = _drawn(code)

    def facts(self) -> dict[str, JsonValue]:
        """Nothing that a row asks for."""
        return {}

    def actions(self) -> Mapping[str, Action]:
        """What can be shown."""
        return {"show": self.show}


def _drawn(text: str) -> bytes:
    file = io.BytesIO()
    qrcode.make(text, box_size=6).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def _text(attempt: int) -> str:
    return f"HTTPS://SHOP.EXAMPLE/{attempt}"


def _driver(_stand: Stand) -> CameraDriver:
    driver = CameraDriver(symbologies=frozenset({"QR"}), preview=False)
    driver.poll_period_s = _LOOK_PERIOD_S
    return driver


def _show(stand: Stand, attempt: int) -> None:
    stand.play("show", code=_text(attempt))


def _read(stand: Stand, attempt: int) -> bool:
    stand.owner.first(CodeSeen, lambda event: event.text == _text(attempt), _WAIT_S)
    return True


CASES = (
    Case(
        name="camera, MJPEG",
        kind="mjpeg-camera",
        driver=_driver,
        begin=_show,
        finish=_read,
        silence_s=STALL_S + _LOOK_PERIOD_S,
        build=StillCamera,
        operation="an article is shown and read, once",
        transports=("mjpeg",),
        faults=tuple(fault for fault in Fault if fault is not Fault.WRONG_IDENTITY),  # it does not say which one it is
        must={
            **{
                cell: must
                for fault in (Fault.CORRUPTED, Fault.TRUNCATED, Fault.GARBAGE)
                for cell, must in always(fault, Connection.MAY_RETURN, _NO_PICTURE).items()
            },
            **always(Fault.POWER_CYCLE, Connection.RETURNS, "its stream ends with its power"),
        },
    ),
)
