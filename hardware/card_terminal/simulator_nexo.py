"""A simulated terminal that speaks nexo Retailer JSON; the bench gives it an HTTPS port.

It is told whole messages and asked for whole answers: :meth:`NexoSimulator.take` and :meth:`NexoSimulator.answer`. What it does
with a payment is :mod:`hardware.card_terminal.simulator_cards`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, JsonValue
from hardware.card_terminal.simulator_cards import LIMIT_S, Answer, CardDesk, Dealing, End
from hardware.card_terminal.simulator_sealing import Seal

TICKETS_MAX = 1000
_CONDITIONS = {
    End.REFUSED: "Refusal",
    End.WRONG_PIN: "WrongPIN",
    End.CANCELLED: "Cancel",
    End.ABORTED: "Aborted",
    End.PUZZLING: "Communication timeout",
}
_STAMP = "2026-11-22T09:00:00.000Z"
_ZERO_DIGITS = frozenset({"JPY", "KRW"})


Waiting: TypeAlias = tuple[dict[str, Any], Dealing]
"""A request's header and what is done about it."""


class HangUpError(Exception):
    """The terminal closes the connection without an answer."""


class NexoOptions(BaseModel):
    """Which terminal it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    poi_id: str = Field(default="V400m-324688179", pattern=r"^.+-.+$")
    passphrase: str = "mysupersecretpassphrase"  # noqa: S105 - the reference's own vector
    key_identifier: str = "scanlane"
    key_version: int = 1
    limit_s: float = Field(default=LIMIT_S, gt=0)
    """After how long it gives up a payment."""


def build(options: Mapping[str, JsonValue], seed: int) -> NexoSimulator:
    """Make a terminal from the bench's settings; raises ValueError when they make no sense."""
    return NexoSimulator(NexoOptions.model_validate(dict(options)), seed)


def other_options(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what makes another terminal."""
    return {**options, "poi_id": "V400m-000000001"}


class NexoSimulator:
    """One terminal."""

    def __init__(self, options: NexoOptions, seed: int = 0) -> None:
        self._options = options
        self._seal = Seal(options.passphrase, options.key_identifier, options.key_version) if options.passphrase else None
        self._seed = seed
        self._nonces = 0
        self._tickets: dict[int, Waiting | bytes] = {}
        self._newest = 0
        self._heard: dict[str, int] = {}
        self.desk = CardDesk(options.limit_s)

    # The bench's side.

    def facts(self) -> dict[str, JsonValue]:
        """Return what was really booked, and what was asked."""
        return {**self.desk.facts(), "poi_id": self._options.poi_id, "heard": dict(self._heard)}

    def actions(self) -> Mapping[str, Action]:
        """What a person can do at the terminal."""
        return self.desk.actions()

    def power_cycle(self, now_s: float) -> None:
        """Forget what is under way, keep what is booked."""
        self.desk.step(now_s)
        self.desk.lose_power()
        self._tickets.clear()

    # The wire's side.

    def take(self, body: bytes, now_s: float) -> int:
        """Take a message; return the ticket by which its answer is fetched.

        Raises:
            HangUpError: the terminal closes the connection at once.
            ValueError: it is no message for this terminal.
        """
        try:
            content = self._opened(body)
            header = content["MessageHeader"]
            category = str(header["MessageCategory"])
            if not 1 <= len(header["ServiceID"]) <= 10:  # noqa: PLR2004 - nexo
                raise ValueError("no ServiceID")
            if header["POIID"] != self._options.poi_id:
                return self._kept(self._rejection(header))
            request = content[f"{category}Request"]
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no nexo request: {error!r}") from error
        self._heard[category] = self._heard.get(category, 0) + 1
        return self._kept(self._work(category, header, request, now_s))

    def _kept(self, answer: Waiting | bytes) -> int:
        self._newest += 1
        self._tickets[self._newest] = answer
        while len(self._tickets) > TICKETS_MAX:
            del self._tickets[min(self._tickets)]
        return self._newest

    def answer(self, ticket: int, now_s: float) -> bytes | None:
        """Return the answer; None while there is none.

        Raises:
            HangUpError: there will be none, the connection is closed.
        """
        self.desk.step(now_s)
        waiting = self._tickets.get(ticket)
        if waiting is None:
            raise HangUpError
        if isinstance(waiting, bytes):
            return waiting
        header, dealing = waiting
        if dealing.is_running or dealing.answer is Answer.NEVER:
            return None
        if dealing.answer is Answer.HANG_UP:
            raise HangUpError
        return self._message(header, self._outcome(header["MessageCategory"], dealing))

    def _work(self, category: str, header: dict[str, Any], request: Any, now_s: float) -> Waiting | bytes:
        self.desk.step(now_s)
        if category in {"Payment", "Reversal"}:
            return (self._pay if category == "Payment" else self._reverse)(header, request, now_s)
        body = _failure("UnavailableService")
        if category == "TransactionStatus":
            body = self._status(request["MessageReference"])
        elif category == "Abort":
            self.desk.abort(request["MessageReference"]["ServiceID"])
            body = _success()
        elif category in {"Diagnosis", "Login"}:
            body = {**_success(), "POIStatus": {"GlobalStatus": "Busy" if self.desk.running else "OK"}}
        return self._message(header, body)

    def _pay(self, header: dict[str, Any], request: Any, now_s: float) -> Waiting | bytes:
        asked = request["PaymentTransaction"]["AmountsReq"]
        currency, amount = asked["Currency"], asked["RequestedAmount"]
        if not isinstance(amount, int | Decimal):
            raise ValueError(f"{amount!r} is no amount")  # noqa: TRY004 - the till's mistake, told like all others
        behaviour = self.desk.take_behaviour()
        if behaviour[0] == "lost":
            raise HangUpError
        if behaviour[0] == "busy" or self.desk.running is not None:
            return self._message(header, _failure("Busy"))
        minor = int(Decimal(amount) * (1 if currency in _ZERO_DIGITS else 100))
        return header, self.desk.begin(header["ServiceID"], minor, currency, now_s, behaviour)

    def _reverse(self, header: dict[str, Any], request: Any, now_s: float) -> Waiting | bytes:
        told = request["OriginalPOITransaction"]["POITransactionID"]["TransactionID"]
        original = next((one for one in self.desk.dealings if _transaction_id(one) == told), None)
        behaviour = self.desk.take_behaviour()
        if behaviour[0] == "lost":
            raise HangUpError
        if original is None or original.moved_minor <= 0 or self.desk.is_given_back(original):
            return self._message(header, _failure("NotAllowed"))
        return header, self.desk.give_back(header["ServiceID"], original, now_s, behaviour)

    def _status(self, reference: Any) -> dict[str, Any]:
        dealing = self.desk.named(reference["ServiceID"])
        category = reference["MessageCategory"]
        if dealing is None or (category == "Reversal") != (dealing.reversal_of is not None):
            return _failure("NotFound")
        if dealing.is_running:
            return _failure("InProgress")
        header = {
            "MessageCategory": category,
            "ServiceID": reference["ServiceID"],
            "SaleID": reference["SaleID"],
            "MessageType": "Response",
            "POIID": self._options.poi_id,
        }
        inner = {f"{category}Response": self._outcome(category, dealing)}
        return {**_success(), "RepeatedMessageResponse": {"MessageHeader": header, "RepeatedResponseMessageBody": inner}}

    def _outcome(self, category: str, dealing: Dealing) -> dict[str, Any]:
        assert dealing.end is not None
        if dealing.end in _CONDITIONS:
            return _failure(_CONDITIONS[dealing.end])
        result = "Partial" if dealing.end is End.PARTLY else "Success"
        body: dict[str, Any] = {
            "Response": {"Result": result},
            "POIData": {"POITransactionID": {"TransactionID": _transaction_id(dealing), "TimeStamp": _STAMP}},
            "PaymentReceipt": [_receipt(dealing, kind) for kind in ("CashierReceipt", "CustomerReceipt")],
        }
        if category == "Payment":
            moved = abs(dealing.moved_minor)
            digits = 1 if dealing.currency in _ZERO_DIGITS else 100
            body["PaymentResult"] = {
                "AmountsResp": {"Currency": dealing.currency, "AuthorizedAmount": moved / digits},
                "PaymentInstrumentData": {"CardData": {"PaymentBrand": "mc", "MaskedPan": "541333 **** 9999"}},
            }
        return body

    def _rejection(self, header: dict[str, Any]) -> bytes:
        """Say, in the clear, that a message was for another terminal."""
        own = {
            "ProtocolVersion": "3.0",
            "MessageClass": "Event",
            "MessageCategory": "Event",
            "MessageType": "Notification",
            "SaleID": header["SaleID"],
            "POIID": self._options.poi_id,
        }
        details = urlencode({"message": f"simulated: this is {self._options.poi_id}"})
        event = {"TimeStamp": _STAMP, "EventToNotify": "Reject", "EventDetails": details}
        return json.dumps({"SaleToPOIRequest": {"MessageHeader": own, "EventNotification": event}}).encode()

    def _message(self, header: dict[str, Any], body: dict[str, Any]) -> bytes:
        category = header["MessageCategory"]
        content = {"MessageHeader": {**header, "MessageType": "Response"}, f"{category}Response": body}
        if self._seal is None:
            return json.dumps({"SaleToPOIResponse": content}).encode()
        self._nonces += 1
        nonce = hashlib.sha256(f"{self._seed}/{self._nonces}".encode()).digest()[:16]
        return self._seal.sealed("SaleToPOIResponse", content, nonce)

    def _opened(self, body: bytes) -> dict[str, Any]:
        envelope = json.loads(body, parse_float=Decimal)["SaleToPOIRequest"]
        if self._seal is None:
            return dict(envelope)
        content = json.loads(self._seal.opened(envelope), parse_float=Decimal)["SaleToPOIRequest"]
        if content["MessageHeader"] != envelope["MessageHeader"]:
            raise ValueError("the clear header is another")
        return dict(content)


def _success() -> dict[str, Any]:
    return {"Response": {"Result": "Success"}}


def _failure(condition: str) -> dict[str, Any]:
    words = urlencode({"message": f"simulated: {condition}", "tid": "00000001"})
    return {"Response": {"Result": "Failure", "ErrorCondition": condition, "AdditionalResponse": words}}


def _transaction_id(dealing: Dealing) -> str:
    return f"BV0q{dealing.number:09d}"


def _receipt(dealing: Dealing, kind: str) -> dict[str, Any]:
    amount = f"{dealing.currency} {abs(dealing.moved_minor) / 100:.2f}"
    lines = [("MERCHANT COPY" if kind == "CashierReceipt" else "CARDHOLDER COPY", ""), ("Card", "**** 9999"), ("TOTAL", amount)]
    texts = [{"Text": urlencode({"name": name, **({"value": value} if value else {}), "key": "line"})} for name, value in lines]
    output = {"OutputFormat": "Text", "OutputText": texts}
    return {"DocumentQualifier": kind, "RequiredSignatureFlag": False, "OutputContent": output}
