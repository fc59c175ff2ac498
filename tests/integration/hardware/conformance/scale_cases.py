"""Scales in the conformance suite."""

from __future__ import annotations

from hardware.scale.driver import ScaleDriver
from hardware.scale.driver_8217 import ToledoDriver
from hardware.scale.events import WeightRead, WeightUnavailable
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always

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


def _is_not_weighed(stand: Stand) -> bool:
    return bool(stand.owner.heard(WeightUnavailable))


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
    Case(
        name="scale Toledo 8217",
        kind="toledo-8217-scale",
        driver=lambda _stand: ToledoDriver(poll_period_s=0.05),
        begin=_put,
        finish=_read,
        middle=_is_not_weighed,
        operation="goods are put on and weighed",
        options={"noise_g": 0.0},
        must=always(Fault.WRONG_IDENTITY, Connection.MAY_RETURN, "an 8217 scale does not say which one it is"),
    ),
)
