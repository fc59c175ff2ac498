"""nexo Retailer protocol 3.0 in JSON, as the Adyen Terminal API speaks it: requests out, results in.

::

    {"SaleToPOIRequest": {
      "MessageHeader": {"ProtocolVersion": "3.0", "MessageClass": "Service", "MessageCategory": "Payment",
        "MessageType": "Request", "ServiceID": "0123456789", "SaleID": "kiosk-1", "POIID": "V400m-324688179"},
      "PaymentRequest": {"SaleData": {"SaleTransactionID": {"TransactionID": "...", "TimeStamp": "..."}},
        "PaymentTransaction": {"AmountsReq": {"Currency": "EUR", "RequestedAmount": 10.99}}}}}

The answer's root is ``SaleToPOIResponse``, its header the request's with MessageType "Response". ``Response.Result`` is
Success, Partial or Failure; ``ErrorCondition`` says why. A condition that this file does not know is not believed to mean that
nothing was charged: the terminal is asked for the transaction's status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from hardware.card_terminal.events import Reason, Result, Verdict
from hardware.card_terminal.protocol_amounts import major, minor
from hardware.card_terminal.protocol_nexo_sealed import rooted
from hardware.errors import ProtocolError, WrongDeviceError

VERSION = "3.0"
SERVICE_ID_LETTERS = 10
REFERENCE_MAX = 100
RECEIPT_LINES_MAX = 100
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_REASONS = {
    "Aborted": Reason.CANCELLED,
    "Busy": Reason.BUSY,
    "Cancel": Reason.CANCELLED,
    "DeviceOut": Reason.UNAVAILABLE,
    "InsertedCard": Reason.BAD_CARD,
    "InvalidCard": Reason.BAD_CARD,
    "LoggedOut": Reason.UNAVAILABLE,
    "MessageFormat": Reason.NOT_POSSIBLE,
    "NotAllowed": Reason.NOT_POSSIBLE,
    "NotFound": Reason.NOT_STARTED,
    "PaymentRestriction": Reason.DECLINED,
    "Refusal": Reason.DECLINED,
    "UnavailableDevice": Reason.UNAVAILABLE,
    "UnavailableService": Reason.UNAVAILABLE,
    "UnreachableHost": Reason.UNAVAILABLE,
    "WrongPIN": Reason.WRONG_PIN,
}
_REFERENCE_PARTED_BY = "|"


@dataclass(frozen=True, slots=True)
class Till:
    """Who speaks to whom."""

    sale_id: str
    """The kiosk."""
    poi_id: str
    """The terminal: ``<model>-<serial number>``."""


def service_id(entry_id: UUID) -> str:
    """Return the ten letters by which the terminal knows a request; the same for the same id."""
    number, letters = entry_id.int, ""
    for _ in range(SERVICE_ID_LETTERS):
        number, digit = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[digit]
    return letters


def request(till: Till, category: str, service: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Compose a request of a category: Payment, Abort, TransactionStatus, Reversal, Diagnosis, Login."""
    header = {
        "ProtocolVersion": VERSION,
        "MessageClass": "Service",
        "MessageCategory": category,
        "MessageType": "Request",
        "ServiceID": service,
        "SaleID": till.sale_id,
        "POIID": till.poi_id,
    }
    return {"SaleToPOIRequest": {"MessageHeader": header, f"{category}Request": dict(body)}}


def payment(till: Till, entry_id: UUID, amount_minor: int, currency: str, time_stamp: str) -> dict[str, Any]:
    """Ask for money; ``time_stamp`` is ISO 8601."""
    amounts = {"Currency": currency, "RequestedAmount": major(amount_minor, currency)}
    body = {"SaleData": _sale_data(entry_id, time_stamp), "PaymentTransaction": {"AmountsReq": amounts}}
    return request(till, "Payment", service_id(entry_id), body)


def reversal(till: Till, entry_id: UUID, original: str, time_stamp: str) -> dict[str, Any]:
    """Ask to give a charge back; ``original`` is its reference."""
    transaction_id, _, stamp = original.partition(_REFERENCE_PARTED_BY)
    transaction = {"POITransactionID": {"TransactionID": transaction_id, "TimeStamp": stamp}}
    body = {
        "SaleData": _sale_data(entry_id, time_stamp),
        "OriginalPOITransaction": transaction,
        "ReversalReason": "MerchantCancel",
    }
    return request(till, "Reversal", service_id(entry_id), body)


def status(till: Till, own_service: str, category: str, service: str) -> dict[str, Any]:
    """Ask what became of the request ``service`` of a category."""
    body = {
        "ReceiptReprintFlag": True,
        "DocumentQualifier": ["CashierReceipt", "CustomerReceipt"],
        "MessageReference": {"MessageCategory": category, "SaleID": till.sale_id, "ServiceID": service},
    }
    return request(till, "TransactionStatus", own_service, body)


def abort(till: Till, own_service: str, service: str) -> dict[str, Any]:
    """Ask to give a running payment up."""
    reference = {"MessageCategory": "Payment", "SaleID": till.sale_id, "ServiceID": service}
    return request(till, "Abort", own_service, {"AbortReason": "MerchantAbort", "MessageReference": reference})


def diagnosis(till: Till, own_service: str) -> dict[str, Any]:
    """Ask how the terminal is."""
    return request(till, "Diagnosis", own_service, {"HostDiagnosisFlag": False})


def login(till: Till, own_service: str, time_stamp: str) -> dict[str, Any]:
    """Log in, where a terminal wants that."""
    software = {
        "ManufacturerID": "Scanlane",
        "ApplicationName": "Scanlane kiosk",
        "SoftwareVersion": "1",
        "CertificationCode": "1",
    }
    body = {"DateTime": time_stamp, "SaleSoftware": software, "OperatorLanguage": "en"}
    return request(till, "Login", own_service, body)


def check_sender(message: Any, till: Till) -> None:
    """See who sent a message; what is sealed shows it in its clear header, also to somebody with another key.

    Raises:
        WrongDeviceError: another terminal answered, or this one wants nothing of what is sent to the settings' one.
        ProtocolError: it is no answer.
    """
    root, content = rooted(message)
    header = content.get("MessageHeader")
    if not isinstance(header, dict):
        raise ProtocolError("the terminal did not send an answer")
    if header.get("POIID") != till.poi_id:
        raise WrongDeviceError(
            f"the terminal {header.get('POIID')!r} answers, the settings say {till.poi_id!r}: plug in the right one or "
            "correct poi_id in the settings"
        )
    if root == "SaleToPOIRequest" and header.get("MessageCategory") == "Event":
        raise WrongDeviceError(
            f"the terminal rejects messages of {till.sale_id!r} to {till.poi_id!r} ({_rejection(content)}): plug in the right "
            "one or correct poi_id, sale_id and key in the settings"
        )


def body_of(message: Any, till: Till, category: str, service: str) -> dict[str, Any]:
    """Return the body of the answer to a request.

    Raises:
        WrongDeviceError: as :func:`check_sender`.
        ProtocolError: it is no answer to this request.
    """
    check_sender(message, till)
    root, content = rooted(message)
    header = content["MessageHeader"]
    if root != "SaleToPOIResponse":
        raise ProtocolError("the terminal did not send an answer")
    if header.get("SaleID") != till.sale_id:
        raise ProtocolError(
            f"the terminal answered another kiosk, {header.get('SaleID')!r}, this one is {till.sale_id!r}: every kiosk needs a "
            "sale_id and a terminal of its own"
        )
    told = (header.get("MessageCategory"), header.get("ServiceID"), header.get("MessageType"))
    if told != (category, service, "Response"):
        raise ProtocolError(f"the terminal answered another request, {told}; asked was {(category, service)}")
    return _object(content.get(f"{category}Response"), f"{category}Response")


def _rejection(content: Mapping[str, Any]) -> str:
    """Return why, out of an EventNotification ``EventToNotify: Reject, EventDetails: message=...``."""
    event = _optional(content, "EventNotification")
    return _additional(event.get("EventDetails")) or str(event.get("EventToNotify", "no reason told"))[:REFERENCE_MAX]


def is_success(body: Mapping[str, Any]) -> bool:
    """Whether an answer says Success.

    Raises:
        ProtocolError: it says nothing of the kind.
    """
    return _result(body)[0] == "Success"


def condition(body: Mapping[str, Any]) -> str:
    """Return why an answer is no success; empty when it does not say."""
    return _result(body)[1]


def payment_result(body: Mapping[str, Any], amount_minor: int, currency: str) -> Result:
    """Read a PaymentResponse; UNKNOWN when the terminal must be asked for the status."""
    told, error = _result(body)
    if told == "Failure":
        return _refused(body, error)
    reference = _reference(body)
    data = _optional(body, "PaymentResult")
    amounts = _optional(data, "AmountsResp")
    moved = amount_minor
    if "AuthorizedAmount" in amounts:
        moved = minor(amounts["AuthorizedAmount"], str(amounts.get("Currency", currency)))
        if amounts.get("Currency", currency) != currency:
            raise ProtocolError(f"the terminal charged in {amounts['Currency']}, asked was {currency}")
    elif told == "Partial":
        raise ProtocolError("the terminal charged a part and does not say how much")
    instrument = _optional(_optional(data, "PaymentInstrumentData"), "CardData")
    receipts = receipts_of(body)
    return Result(
        Verdict.APPROVED,
        amount_minor=moved,
        reference=reference,
        card=str(instrument.get("PaymentBrand", ""))[:REFERENCE_MAX],
        customer_receipt=receipts.get("CustomerReceipt", ()),
        merchant_receipt=receipts.get("CashierReceipt", ()),
        signature_required=_signature(body),
    )


def reversal_result(body: Mapping[str, Any], amount_minor: int) -> Result:
    """Read a ReversalResponse."""
    told, error = _result(body)
    if told != "Success":
        return _refused(body, error)
    receipts = receipts_of(body)
    return Result(
        Verdict.APPROVED,
        amount_minor=amount_minor,
        customer_receipt=receipts.get("CustomerReceipt", ()),
        merchant_receipt=receipts.get("CashierReceipt", ()),
    )


def repeated(body: Mapping[str, Any], till: Till, category: str, service: str) -> dict[str, Any] | None:
    """Return the original answer's body out of a TransactionStatusResponse; None when it holds none.

    Raises:
        ProtocolError: it speaks of another request.
    """
    if not is_success(body):
        return None
    message = _object(body.get("RepeatedMessageResponse"), "RepeatedMessageResponse")
    header = _object(message.get("MessageHeader"), "MessageHeader")
    if (header.get("ServiceID"), header.get("SaleID", till.sale_id)) != (service, till.sale_id):
        raise ProtocolError(f"the terminal told of the request {header.get('ServiceID')!r}, asked was {service!r}")
    inner = _object(message.get("RepeatedResponseMessageBody"), "RepeatedResponseMessageBody")
    return _object(inner.get(f"{category}Response"), f"{category}Response")


def receipts_of(body: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the lines of each receipt by its DocumentQualifier."""
    found: dict[str, tuple[str, ...]] = {}
    receipts = body.get("PaymentReceipt")
    for receipt in receipts if isinstance(receipts, list) else ():
        if isinstance(receipt, dict):
            lines = _optional(receipt, "OutputContent").get("OutputText")
            texts = [_line(line) for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
            found[str(receipt.get("DocumentQualifier", ""))] = tuple(text for text in texts if text)[:RECEIPT_LINES_MAX]
    return found


def _line(line: Mapping[str, Any]) -> str:
    """Read ``name=Total&value=%E2%82%AC10.99&key=...``, or plain text."""
    text = str(line.get("Text", ""))
    fields = parse_qs(text, max_num_fields=20) if "=" in text and text.count("&") < 20 else {}  # noqa: PLR2004 - one line has few
    if not fields:
        return text
    return " ".join(part for part in (fields.get("name", [""])[0], fields.get("value", [""])[0]) if part)


def _signature(body: Mapping[str, Any]) -> bool:
    receipts = body.get("PaymentReceipt")
    return isinstance(receipts, list) and any(
        isinstance(receipt, dict) and receipt.get("RequiredSignatureFlag") is True for receipt in receipts
    )


def _refused(body: Mapping[str, Any], error: str) -> Result:
    sentence = _additional(_optional(body, "Response").get("AdditionalResponse")) or error
    reason = _REASONS.get(error)
    if reason is None:  # InProgress, or a condition nobody told us of
        return Result(Verdict.UNKNOWN, sentence=sentence or "the terminal does not say why it failed")
    return Result(Verdict.REFUSED, reason=reason, sentence=sentence)


def _additional(text: object) -> str:
    """Return the terminal's own words out of ``key=value&...``."""
    if not isinstance(text, str):
        return ""
    fields = parse_qs(text) if text.count("&") < 200 else {}  # noqa: PLR2004 - more is no message of a terminal
    words = fields.get("message") or fields.get("refusalReason") or [""]
    return words[0][:REFERENCE_MAX]


def _result(body: Mapping[str, Any]) -> tuple[str, str]:
    response = _object(body.get("Response"), "Response")
    told = response.get("Result")
    if told not in {"Success", "Partial", "Failure"}:
        raise ProtocolError(f"{told!r} is no result")
    error = response.get("ErrorCondition", "")
    return str(told), error if isinstance(error, str) else ""


def _reference(body: Mapping[str, Any]) -> str:
    transaction = _object(_object(body.get("POIData"), "POIData").get("POITransactionID"), "POITransactionID")
    found, stamp = transaction.get("TransactionID"), transaction.get("TimeStamp", "")
    if not isinstance(found, str) or not isinstance(stamp, str) or not found or len(found) + len(stamp) > REFERENCE_MAX:
        raise ProtocolError("the terminal does not name its transaction")
    return f"{found}{_REFERENCE_PARTED_BY}{stamp}"


def _sale_data(entry_id: UUID, time_stamp: str) -> dict[str, Any]:
    return {"SaleTransactionID": {"TransactionID": str(entry_id), "TimeStamp": time_stamp}}


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProtocolError(f"the terminal's answer has no {name}")
    return value


def _optional(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
