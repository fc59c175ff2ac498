"""SMS modems in the conformance suite."""

from __future__ import annotations

from hardware.connection import FAILED_EXCHANGES_MAX
from hardware.sms.conversation import ANSWER_TIMEOUT_S, QUIET_S, TRIES_MAX
from hardware.sms.driver import HEALTH_PERIOD_S, LISTEN_S, SmsDriver
from hardware.sms.events import Outcome, SendText, TextFinished
from tests.integration.hardware.conformance.case import Case, Stand
from tests.integration.hardware.conformance.faults import Connection, Fault, always

_NUMBER = "+4915112345678"
_WAIT_S = 40.0
_SEND_S = 3.0
_LOOK_S = LISTEN_S + ANSWER_TIMEOUT_S
_WAKE_S = TRIES_MAX * (QUIET_S + ANSWER_TIMEOUT_S)


def _key(attempt: int) -> str:
    return f"receipt-{attempt}"


def _text(attempt: int) -> str:
    return f"您的收据 Nr. {attempt}" if attempt % 2 else f"Your receipt no. {attempt}: 12.30 €"


def _send(stand: Stand, attempt: int) -> None:
    stand.device.perform(SendText(_key(attempt), _NUMBER, _text(attempt)))


def _sent(stand: Stand, attempt: int) -> bool:
    told = stand.owner.first(TextFinished, lambda event: event.key == _key(attempt), deadline_s=_WAIT_S)
    times = stand.facts()["texts"].count({"number": _NUMBER, "text": _text(attempt)})
    if told.outcome is Outcome.SENT:
        assert times == 1 or (times == 2 and told.may_arrive_twice)
    elif told.outcome is Outcome.NOT_SENT:
        assert times == 0
    else:
        assert times <= 2
    return told.outcome is Outcome.SENT


def _is_on_the_way(stand: Stand) -> bool:
    return bool(stand.facts()["on_the_way"])


CASES = tuple(
    Case(
        name=f"SMS modem {name}",
        kind="at-modem",
        driver=lambda _stand, text_mode=text_mode: SmsDriver(send_timeout_s=_SEND_S, text_mode=text_mode, pin="1234"),  # type: ignore[misc]
        begin=_send,
        finish=_sent,
        middle=_is_on_the_way,
        silence_s=HEALTH_PERIOD_S + FAILED_EXCHANGES_MAX * _LOOK_S,
        silence_middle_s=_SEND_S + _WAKE_S + (FAILED_EXCHANGES_MAX - 1) * _LOOK_S,
        operation="a text is sent to a phone",
        options={"pin": "1234", "send_s": 0.3},
        must=always(
            Fault.POWER_CYCLE,
            Connection.RETURNS,
            "a modem that started anew echoes and has forgotten its settings; it is noticed and set up again",
        ),
    )
    for name, text_mode in (("PDU mode", False), ("text mode", True))
)
