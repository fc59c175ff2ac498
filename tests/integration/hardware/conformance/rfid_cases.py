"""RFID readers in the conformance suite. LLRP is spoken over TCP only."""

from __future__ import annotations

from hardware.rfid.driver import KEEPALIVE_PERIOD_S, KEEPALIVE_PERIODS_MISSED_MAX, LISTEN_S, RfidDriver
from hardware.rfid.events import TagSeen
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, Moment, Must, Work, always

_WAIT_S = 20.0
_ANEW = (
    "LLRP has no checksum and no mark where a message begins, because TCP needs none: a stream out of step is mended by "
    "connecting anew"
)


def _epc(attempt: int) -> str:
    return f"3034257BF7194E4000{attempt:06X}"


def _bring(stand: Stand, attempt: int) -> None:
    stand.owner.forget()
    stand.play("clear")
    stand.play("put_tag", epc=_epc(attempt), rssi_dbm=-48, antenna=2)


def _seen(stand: Stand, attempt: int) -> bool:
    event = stand.owner.first(TagSeen, lambda event: event.epc == _epc(attempt), deadline_s=_WAIT_S)
    if stand.shape.is_whole:
        assert (event.antenna, event.rssi_dbm, event.reads) == (2, -48, 1)
    return True


def _is_reading(stand: Stand) -> bool:
    return bool(stand.facts()["reports"])


CASES = (
    Case(
        name="RFID reader LLRP",
        kind="llrp-reader",
        driver=lambda _stand: RfidDriver(),
        begin=_bring,
        finish=_seen,
        middle=_is_reading,
        silence_s=KEEPALIVE_PERIODS_MISSED_MAX * KEEPALIVE_PERIOD_S + LISTEN_S,
        operation="a tag is brought before an antenna and read",
        transports=("tcp",),
        must={
            **always(Fault.CORRUPTED, Connection.MAY_RETURN, _ANEW),
            **always(Fault.TRUNCATED, Connection.MAY_RETURN, _ANEW),
            **always(Fault.GARBAGE, Connection.RETURNS, _ANEW),
            **{
                (Fault.POWER_CYCLE, moment): Must(
                    Connection.RETURNS, Work.TOLD, "a reader without power forgets its client; its silence is noticed"
                )
                for moment in Moment
            },
        },
    ),
)
