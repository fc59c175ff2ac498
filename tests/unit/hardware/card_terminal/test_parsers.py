"""What the parsers of card terminals do with answers that are unusual, cut or wrong; with the vectors, every branch of them."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

import pytest

from hardware.card_terminal import protocol_nexo as nexo
from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal import protocol_zvt_fields as fields
from hardware.card_terminal.events import Reason, Verdict
from hardware.card_terminal.protocol_json import MESSAGE_BYTES_MAX, parsed, written
from hardware.card_terminal.protocol_nexo_sealed import KeyName, keys_of, opened, rooted
from hardware.card_terminal.simulator_sealing import Seal
from hardware.errors import ProtocolError, WrongDeviceError

TILL = nexo.Till("kiosk-1", "V400m-324688179")
KEYS, NAME = keys_of("secret"), KeyName("scanlane", 1)
POI = {"POITransactionID": {"TransactionID": "T1", "TimeStamp": "2026-11-22"}}


def approved(**more: Any) -> dict[str, Any]:
    return {"Response": {"Result": "Success"}, "POIData": POI, **more}


# nexo: questions.


def test_questions_name_till_terminal_and_what_they_ask_after() -> None:
    charge = UUID(int=7)
    asked = [
        nexo.reversal(TILL, charge, "T1|2026-11-22", "now"),
        nexo.status(TILL, "own", "Payment", "P1"),
        nexo.abort(TILL, "own", "P1"),
        nexo.diagnosis(TILL, "own"),
        nexo.login(TILL, "own", "now"),
    ]
    requests = [message["SaleToPOIRequest"] for message in asked]
    for request in requests:
        header = request["MessageHeader"]
        assert (header["SaleID"], header["POIID"]) == ("kiosk-1", "V400m-324688179")
        assert f"{header['MessageCategory']}Request" in request
    status, abort = requests[1]["TransactionStatusRequest"], requests[2]["AbortRequest"]
    assert status["MessageReference"]["ServiceID"] == abort["MessageReference"]["ServiceID"] == "P1"
    assert '"ReversalReason":"MerchantCancel"' in written(asked[0])
    assert json.loads(written(asked[1])) == asked[1]


# nexo: answers.


def test_an_answer_without_a_header_is_none() -> None:
    own = {"POIID": TILL.poi_id, "SaleID": TILL.sale_id}
    headless: list[Any] = [{"SaleToPOIResponse": {}}, {"SaleToPOIRequest": {"MessageHeader": own}}]
    for message in headless:
        with pytest.raises(ProtocolError, match="did not send an answer"):
            nexo.body_of(message, TILL, "Payment", "P1")
    rootless: list[Any] = [[], {}, {"Other": {}}, {"SaleToPOIResponse": 1}]
    for message in rootless:
        with pytest.raises(ProtocolError, match="no nexo message"):
            rooted(message)


def answer_of(**header: str) -> dict[str, Any]:
    usual = {"POIID": TILL.poi_id, "SaleID": TILL.sale_id, "MessageCategory": "Payment", "ServiceID": "P1"}
    content = {"MessageHeader": {**usual, "MessageType": "Response", **header}, "PaymentResponse": {}}
    return {"SaleToPOIResponse": content}


@pytest.mark.parametrize(
    ("header", "error", "told"),
    [
        ({"POIID": "V400m-7"}, WrongDeviceError, "terminal 'V400m-7' answers, the settings say 'V400m-324688179': plug in"),
        ({"SaleID": "kiosk-2"}, ProtocolError, "another kiosk, 'kiosk-2', this one is 'kiosk-1': every kiosk needs"),
        ({"ServiceID": "P2"}, ProtocolError, "another request.*'P2'.*asked was.*'P1'"),
        ({"MessageCategory": "Reversal"}, ProtocolError, "another request.*'Reversal'"),
        ({"MessageType": "Request"}, ProtocolError, "another request"),
    ],
)
def test_what_was_meant_for_somebody_else_is_told_in_a_sentence_of_its_own(
    header: dict[str, str], error: type[Exception], told: str
) -> None:
    assert nexo.body_of(answer_of(), TILL, "Payment", "P1") == {}
    with pytest.raises(error, match=told):
        nexo.body_of(answer_of(**header), TILL, "Payment", "P1")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            {"EventToNotify": "Reject", "EventDetails": "message=Wrong+POIID"},
            r"\(Wrong POIID\): plug in the right one or correct",
        ),
        ({"EventToNotify": "Reject"}, r"\(Reject\)"),
        ({}, r"\(no reason told\)"),
    ],
)
def test_a_rejection_is_told_with_the_terminal_s_own_words(event: dict[str, str], told: str) -> None:
    header = {"POIID": TILL.poi_id, "SaleID": "", "MessageCategory": "Event"}
    rejection = {"SaleToPOIRequest": {"MessageHeader": header, "EventNotification": event}}
    with pytest.raises(WrongDeviceError, match=f"rejects messages of 'kiosk-1' to 'V400m-324688179' {told}"):
        nexo.body_of(rejection, TILL, "Payment", "P1")


def test_an_approval_tells_amount_card_and_receipts() -> None:
    lines = [{"Text": "name=Total&value=10.99"}, {"Text": "plain"}, {"Text": "=&="}, {"Text": ""}, "no line"]
    receipts = [
        {"DocumentQualifier": "CustomerReceipt", "OutputContent": {"OutputText": lines}},
        {"DocumentQualifier": "CashierReceipt", "OutputContent": {}, "RequiredSignatureFlag": True},
        "no receipt",
    ]
    result = {
        "AmountsResp": {"Currency": "EUR", "AuthorizedAmount": 11},
        "PaymentInstrumentData": {"CardData": {"PaymentBrand": "visa"}},
    }
    told = nexo.payment_result(approved(PaymentReceipt=receipts, PaymentResult=result), 1099, "EUR")
    assert (told.verdict, told.amount_minor, told.card, told.signature_required) == (Verdict.APPROVED, 1100, "visa", True)
    assert told.customer_receipt == ("Total 10.99", "plain", "=&=")
    plain = nexo.payment_result(approved(), 1099, "EUR")
    assert (plain.amount_minor, plain.signature_required, plain.customer_receipt) == (1099, False, ())
    back = nexo.reversal_result(approved(), 1099)
    assert (back.verdict, back.amount_minor) == (Verdict.APPROVED, 1099)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (approved(PaymentResult={"AmountsResp": {"Currency": "USD", "AuthorizedAmount": 11}}), "charged in USD"),
        ({**approved(), "Response": {"Result": "Partial"}}, "does not say how much"),
        ({**approved(), "POIData": {"POITransactionID": {"TransactionID": ""}}}, "does not name"),
        ({**approved(), "POIData": None}, "has no POIData"),
        ({"Response": {"Result": "Perhaps"}}, "is no result"),
        ({}, "has no Response"),
    ],
)
def test_an_approval_that_cannot_be_is_not_believed(body: dict[str, Any], told: str) -> None:
    with pytest.raises(ProtocolError, match=told):
        nexo.payment_result(body, 1099, "EUR")


@pytest.mark.parametrize(
    ("condition", "words", "reason", "sentence"),
    [
        ("Refusal", "refusalReason=Not%20enough", Reason.DECLINED, "Not enough"),
        ("Cancel", "message=CANCELLED&refusalReason=x", Reason.CANCELLED, "CANCELLED"),
        ("Cancel", "&" * 300, Reason.CANCELLED, "Cancel"),
        ("Cancel", 7, Reason.CANCELLED, "Cancel"),
        ("InProgress", None, Reason.NONE, "InProgress"),
        (5, None, Reason.NONE, "the terminal does not say why it failed"),
    ],
)
def test_a_failure_says_why(condition: object, words: object, reason: Reason, sentence: str) -> None:
    body = {"Response": {"Result": "Failure", "ErrorCondition": condition, "AdditionalResponse": words}}
    for told in (nexo.payment_result(body, 1, "EUR"), nexo.reversal_result(body, 1)):
        assert (told.reason, told.sentence) == (reason, sentence)
        assert told.verdict is (Verdict.UNKNOWN if reason is Reason.NONE else Verdict.REFUSED)


def test_a_status_repeats_the_answer_to_that_very_request() -> None:
    def status(service: str) -> dict[str, Any]:
        repeated = {
            "MessageHeader": {"ServiceID": service},
            "RepeatedResponseMessageBody": {"PaymentResponse": approved()},
        }
        return {"Response": {"Result": "Success"}, "RepeatedMessageResponse": repeated}

    assert nexo.repeated(status("P1"), TILL, "Payment", "P1") == approved()
    with pytest.raises(ProtocolError, match="asked was 'P1'"):
        nexo.repeated(status("P2"), TILL, "Payment", "P1")
    unknown = {"Response": {"Result": "Failure", "ErrorCondition": "NotFound"}}
    assert nexo.repeated(unknown, TILL, "Payment", "P1") is None
    assert nexo.condition(unknown) == "NotFound"


# nexo: JSON and the envelope.


def test_a_message_that_is_too_large_or_has_a_long_number_is_refused() -> None:
    with pytest.raises(ProtocolError, match="more than"):
        parsed(b" " * (MESSAGE_BYTES_MAX + 1))
    for number in ("1" * 41, "1." + "1" * 41):
        with pytest.raises(ProtocolError, match="too long"):
            parsed(number)
    assert parsed(written(["a", [1], {"b": 'c"\\'}])) == ["a", [1], {"b": 'c"\\'}]


def _sealed(**changed: Any) -> bytes:
    envelope = json.loads(Seal("secret", "scanlane", 1).sealed("SaleToPOIResponse", {"MessageHeader": {}}, bytes(16)))
    content = envelope["SaleToPOIResponse"]
    for name, value in changed.items():
        (content if name in content else content["SecurityTrailer"])[name] = value
    return json.dumps(envelope).encode()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"SecurityTrailer": None}, "without encryption"),
        ({"NexoBlob": 7}, "is missing"),
        ({"NexoBlob": "?"}, "no base64"),
        ({"NexoBlob": ""}, "wrong length"),
        ({"Nonce": "AAAA"}, "wrong length"),
        ({"NexoBlob": base64.b64encode(bytes(16)).decode()}, "cannot be opened"),
        ({"MessageHeader": {"ServiceID": "9"}}, "clear header"),
    ],
)
def test_an_envelope_that_is_broken_is_refused(changed: dict[str, Any], told: str) -> None:
    assert opened(_sealed(), KEYS, NAME) == {"SaleToPOIResponse": {"MessageHeader": {}}}
    with pytest.raises(ProtocolError, match=told):
        opened(_sealed(**changed), KEYS, NAME)


# ZVT.


def test_the_stream_waits_for_heads_and_refuses_what_begins_no_command() -> None:
    stream = zvt.Stream()
    assert stream.feed(b"\x06") == stream.feed(b"\x0f\xff") == stream.feed(b"\x01") == []
    (apdu,) = stream.feed(b"\x00\x27")
    assert (apdu.control, apdu.data, apdu.is_ack, apdu.is_nack) == (zvt.COMPLETION, b"\x27", False, False)
    assert zvt.Apdu(0x849C).is_nack
    stream.feed(b"\x06")
    stream.clear()
    with pytest.raises(ProtocolError, match="no ZVT command begins"):
        stream.feed(b"\x99")
    with pytest.raises(ValueError, match="at most"):
        zvt.Apdu(0x0600, bytes(70_000)).encoded()


def test_a_serial_frame_of_two_commands_is_refused() -> None:
    two = zvt.Apdu(zvt.ACK).encoded() * 2
    crc = zvt._crc(two + b"\x03").to_bytes(2, "little")
    with pytest.raises(ProtocolError, match="no single APDU"):
        zvt.from_serial_frame(b"\x10\x02" + two + b"\x10\x03" + crc)


def test_commands_with_password() -> None:
    assert fields.password_only("123456") == bytes.fromhex("123456")
    assert fields.reversal("000000", 42) == bytes.fromhex("000000 87 0042")
    assert fields.registration("000000", 0xBE, "CNY") == bytes.fromhex("000000 BE 0156")
    assert fields.authorization(1000, "EUR")[-3:] == bytes.fromhex("49 0978")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "has no length"),
        ("80", "makes no sense"),
        ("83000001", "makes no sense"),
        ("8101", "is cut off"),
        ("82", "makes no"),
    ],
)
def test_a_container_whose_length_makes_no_sense_is_refused(data: str, told: str) -> None:
    with pytest.raises(ProtocolError, match=told):
        fields.fields_of(bytes([fields.TLV]) + bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "told"),
    [("1F", "tag is cut off"), ("1F07", "has no length"), ("0702 41", "TLV is cut off"), ("2102 0705", "is cut off")],
)
def test_tlvs_that_are_cut_off_are_refused(data: str, told: str) -> None:
    with pytest.raises(ProtocolError, match=told):
        list(fields.tlvs(bytes.fromhex(data)))


def test_tlvs_within_tlvs_only_so_deep() -> None:
    deep = b""
    for _ in range(20):
        deep = bytes([0x21, len(deep)]) + deep
    with pytest.raises(ProtocolError, match="too deep"):
        list(fields.tlvs(deep))
    assert [tag for tag, _content in fields.tlvs(bytes.fromhex("2104 0702 4142 1F07 01 01"))] == [0x21, 0x07, 0x1F07]


def test_a_block_of_unknown_tags_and_a_line_with_no_text() -> None:
    assert fields.block_of(bytes.fromhex("06 08 1F0700 450101 0700")) == (False, ("",))
    assert fields.block_of(bytes.fromhex("06 08 1F070101 0702 4142")) == (True, ("AB",))
    one_too_many = b"\x07\x00" * (fields.LINES_MAX + 1)
    assert len(fields.block_of(b"\x06\x82" + len(one_too_many).to_bytes(2) + one_too_many)[1]) == fields.LINES_MAX
    assert fields.block_of(b"") == (False, ())
    assert fields.line_of(b"") == fields.line_of(b"\xff\x05") == ("", False)
    assert fields.shown_text(b"") == ""
    assert fields.fields_of(bytes.fromhex("27 00 FE 01")).result == 0
