"""Scales in the conformance suite."""

from __future__ import annotations

from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.scale.driver import REPLY_TIMEOUT_S, ScaleDriver
from hardware.scale.driver_8217 import ECHO_TIMEOUT_S, WEIGHT_TIMEOUT_S, ToledoDriver
from hardware.scale.events import WeightRead, WeightUnavailable
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always

_GRAMS = 1000
_PERIOD_S = 0.05


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
        driver=lambda _stand: ScaleDriver(poll_period_s=_PERIOD_S),
        begin=_put,
        finish=_read,
        middle=_is_moving,
        silence_s=FAILED_EXCHANGES_MAX * (_PERIOD_S + REPLY_TIMEOUT_S),
        operation="goods are put on and weighed",
        options={"noise_g": 0.0},
    ),
    Case(
        name="scale Toledo 8217",
        kind="toledo-8217-scale",
        driver=lambda _stand: ToledoDriver(poll_period_s=_PERIOD_S),
        begin=_put,
        finish=_read,
        middle=_is_not_weighed,
        silence_s=WEIGHT_TIMEOUT_S + (FAILED_EXCHANGES_MAX - 1) * ECHO_TIMEOUT_S + FAILED_EXCHANGES_MAX * _PERIOD_S,
        operation="goods are put on and weighed",
        options={"noise_g": 0.0},
        must=always(Fault.WRONG_IDENTITY, Connection.MAY_RETURN, "an 8217 scale does not say which one it is"),
    ),
)
