"""Barcode scanners in the conformance suite."""

from __future__ import annotations

from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.scanner.driver import HEALTH_PERIOD_S, HEALTH_TIMEOUT_S, LISTEN_S, Dialect, ScannerDriver
from hardware.scanner.driver_ssi import SsiDriver
from hardware.scanner.events import CodeScanned
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always
from tests.support.wire import wait_for

_HEARD_S = 2.0
_SILENCE_S = HEALTH_PERIOD_S + FAILED_EXCHANGES_MAX * (LISTEN_S + HEALTH_TIMEOUT_S)
_DEAF = "a plain scanner answers nothing: whether it is there, and which it is, nobody can ask"


def _text(attempt: int) -> str:
    return f"HTTPS://SHOP.EXAMPLE/P/{attempt:04d}"


def scan(stand: Stand, attempt: int) -> None:
    """Hold a code before the scanner."""
    stand.play("scan", text=_text(attempt))


def heard(stand: Stand, attempt: int) -> bool:
    """Wait for the code; on bad lines it may be lost, but is never doubled."""
    try:
        wait_for(lambda: any(event.text == _text(attempt) for event in stand.owner.heard(CodeScanned)), "the code", _HEARD_S)
    except AssertionError:
        return False
    assert [event.text for event in stand.owner.heard(CodeScanned)].count(_text(attempt)) == 1
    return True


CASES = (
    Case(
        name="scanner plain ASCII",
        kind="ascii-scanner",
        driver=lambda _stand: ScannerDriver(),
        begin=scan,
        finish=heard,
        silence_s=_SILENCE_S,
        operation="a code is read",
        must={
            **always(Fault.SILENT, Connection.STAYS, _DEAF),
            **always(Fault.WRONG_IDENTITY, Connection.MAY_RETURN, _DEAF),
        },
    ),
    Case(
        name="scanner Datalogic",
        kind="ascii-scanner",
        driver=lambda _stand: ScannerDriver(dialect=Dialect.DATALOGIC_STD),
        begin=scan,
        finish=heard,
        silence_s=_SILENCE_S,
        operation="a code is read",
        options={"dialect": "datalogic_std"},
    ),
    Case(
        name="scanner Zebra SSI",
        kind="ssi-scanner",
        driver=lambda _stand: SsiDriver(),
        begin=scan,
        finish=heard,
        silence_s=_SILENCE_S,
        operation="a code is read",
    ),
)
