"""What card terminals send."""

from __future__ import annotations

import contextlib

from hardware.card_terminal import protocol_nexo as nexo
from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal import protocol_zvt_fields as fields
from hardware.card_terminal.protocol_json import parsed
from hardware.errors import DeviceError, ProtocolError
from tests.fuzz.fuzzing import Feed, Target

_TILL = nexo.Till("kiosk-1", "V400m-1")
_HEAD = (
    b'{"SaleToPOIResponse":{"MessageHeader":{"MessageCategory":"Payment","MessageType":"Response","ServiceID":"1",'
    b'"SaleID":"kiosk-1","POIID":"V400m-1"},"PaymentResponse":'
)
_POI = b'"POIData":{"POITransactionID":{"TransactionID":"a","TimeStamp":"b"}}'


def _zvt() -> Feed:
    stream = zvt.Stream()

    def feed(data: bytes) -> None:
        try:
            apdus = stream.feed(data)
        except ProtocolError:
            stream.clear()
            return
        for apdu in apdus:
            with contextlib.suppress(ProtocolError):
                fields.fields_of(apdu.data)
            with contextlib.suppress(ProtocolError):
                fields.block_of(apdu.data)
            fields.line_of(apdu.data)
            fields.shown_text(apdu.data)

    return feed


def _nexo() -> Feed:
    def feed(data: bytes) -> None:
        body = nexo.body_of(parsed(data), _TILL, "Payment", "1")
        nexo.payment_result(body, 1099, "EUR")

    return feed


TARGETS = (
    Target(
        "ZVT commands",
        _zvt,
        (
            bytes.fromhex("800000"),
            bytes.fromhex("040F0F2700040000000020400B0004708704 70"),
            bytes.fromhex("06D10781544F54414C20"),
            bytes.fromhex("06D3110 60F1F0701012509070341424307024445".replace(" ", "")),
            bytes.fromhex("04FF010A"),
            bytes.fromhex("061E016C"),
        ),
        ("hardware.card_terminal.protocol_zvt", "hardware.card_terminal.protocol_zvt_fields"),
        (ProtocolError,),
    ),
    Target(
        "nexo answers",
        _nexo,
        (
            _HEAD + b'{"Response":{"Result":"Failure","ErrorCondition":"Refusal"}}}}',
            _HEAD + b'{"Response":{"Result":"Success"},' + _POI + b',"PaymentReceipt":[{"DocumentQualifier":"CustomerReceipt",'
            b'"OutputContent":{"OutputText":[{"Text":"name=a&value=b"}]}}]}}}',
            _HEAD + b'{"Response":{"Result":"Partial"},' + _POI + b',"PaymentResult":{"AmountsResp":{"Currency":"EUR",'
            b'"AuthorizedAmount":10.99}}}}}',
        ),
        ("hardware.card_terminal.protocol_json", "hardware.card_terminal.protocol_nexo"),
        (DeviceError,),
    ),
)
