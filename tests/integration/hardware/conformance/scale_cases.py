"""Scales in the conformance suite."""

from __future__ import annotations

from hardware.scale.driver import ScaleDriver
from hardware.scale.events import WeightRead
from tests.integration.hardware.conformance.case import Case, Stand

_GRAMS = 1000


def _put(stand: Stand, attempt: int) -> None:
    stand.owner.forget()
    stand.play("put", grams=float(_GRAMS + attempt))


def _read(stand: Stand, attempt: int) -> bool:
    wanted = float(_GRAMS + attempt)
    stand.owner.first(WeightRead, lambda event: event.stable and event.grams == wanted, deadline_s=20.0)
    return True


def _is_moving(stand: Stand) -> bool:
    return any(not event.stable for event in stand.owner.heard(WeightRead))


CASES = (
    Case(
        name="scale MT-SICS",
        kind="mt-sics-scale",
        driver=lambda _stand: ScaleDriver(poll_period_s=0.05),
        begin=_put,
        finish=_read,
        middle=_is_moving,
        operation="goods are put on and weighed",
        options={"noise_g": 0.0},
    ),
)
