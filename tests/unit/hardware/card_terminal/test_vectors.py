"""The reference's bytes, both ways, and against Python's `cryptography` used apart from the product."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from hardware.card_terminal import protocol_nexo as nexo
from hardware.card_terminal import protocol_zvt as zvt
from hardware.card_terminal import protocol_zvt_fields as fields
from hardware.card_terminal.events import Reason, Verdict
from hardware.card_terminal.protocol_amounts import major, minor
from hardware.card_terminal.protocol_json import DEPTH_MAX, parsed, written
from hardware.card_terminal.protocol_nexo_sealed import KeyName, keys_of, opened, sealed
from hardware.card_terminal.simulator_sealing import Seal
from hardware.errors import ProtocolError, WrongDeviceError

PASSPHRASE = "mysupersecretpassphrase"
NAME = KeyName("scanlane", 1)
TILL = nexo.Till("kiosk-1", "V400m-324688179")
MESSAGE = nexo.payment(TILL, UUID(int=7), 1099, "EUR", "2026-11-22T09:00:00.000+00:00")
NONCE = bytes(range(16))


def test_the_keys_are_those_of_the_reference_and_of_cryptography() -> None:
    keys = keys_of(PASSPHRASE)
    assert keys.hmac_key.hex() == "633651f2a778f91ef37ca2eae92d2f8e58073b766d26899967dc1202c1444742"
    assert keys.cipher_key.hex() == "89b3399a5c77fc0c38762ba1529488d19b4daf8360a2ef3f7a0b06d23c89b12a"
    assert keys.iv.hex() == "17be85c2e52ba327bdce1910f4c2c7de"
    derived = PBKDF2HMAC(hashes.SHA1(), 80, b"AdyenNexoV1Salt", 4000).derive(PASSPHRASE.encode())  # noqa: S303 - the vector
    assert keys.hmac_key + keys.cipher_key + keys.iv == derived


def test_what_we_seal_another_implementation_opens_and_the_other_way_round() -> None:
    keys, other = keys_of(PASSPHRASE), Seal(PASSPHRASE, "scanlane", 1)
    envelope = json.loads(sealed(MESSAGE, keys, NAME, NONCE))["SaleToPOIRequest"]
    assert other.opened(envelope) == written(MESSAGE).encode()
    content = {"MessageHeader": {"ServiceID": "1"}, "PaymentResponse": {}}
    assert opened(other.sealed("SaleToPOIResponse", content, NONCE), keys, NAME) == {"SaleToPOIResponse": content}


@pytest.mark.parametrize("part", ["NexoBlob", "Hmac", "Nonce", "MessageHeader", "KeyVersion"])
def test_a_changed_envelope_is_not_believed(part: str) -> None:
    keys = keys_of(PASSPHRASE)
    message = json.loads(sealed(MESSAGE, keys, NAME, NONCE))
    envelope = message["SaleToPOIRequest"]
    holder = envelope["SecurityTrailer"] if part in envelope["SecurityTrailer"] else envelope
    if part == "MessageHeader":
        holder[part] = {**holder[part], "SaleID": "kiosk-2"}
    elif part == "KeyVersion":
        holder[part] = 2
    else:
        data = bytearray(base64.b64decode(holder[part]))
        data[0] ^= 1
        holder[part] = base64.b64encode(bytes(data)).decode()
    with pytest.raises(ProtocolError):
        opened(json.dumps(message).encode(), keys, NAME)
    with pytest.raises(ProtocolError):
        opened(sealed(MESSAGE, keys_of("another"), NAME, NONCE), keys, NAME)


def test_amounts_are_exact_numbers() -> None:
    assert '"RequestedAmount":10.99' in written(MESSAGE)
    for amount in (1, 10, 1090, 99_999_999):
        for currency in ("EUR", "JPY", "KWD"):
            text = written({"amount": major(amount, currency)})
            assert minor(parsed(text)["amount"], currency) == amount
    for wrong in (True, "1", Decimal("0.001"), Decimal(-1), Decimal(10) ** 13):
        with pytest.raises(ProtocolError):
            minor(wrong, "EUR")


@pytest.mark.parametrize(
    "text", ["", "{", '{"a":1,"a":2}', "NaN", "[" * (DEPTH_MAX + 1), "1" * 50, b"\xff", '{"a":1e999999999999999999999}']
)
def test_what_is_no_message(text: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        parsed(text)


def answer(body: dict[str, object], **header: str) -> dict[str, object]:
    told = {**MESSAGE["SaleToPOIRequest"]["MessageHeader"], "MessageType": "Response", **header}
    return {"SaleToPOIResponse": {"MessageHeader": told, "PaymentResponse": body}}


def test_another_terminal_or_another_request_is_not_believed() -> None:
    service = nexo.service_id(UUID(int=7))
    body: dict[str, object] = {"Response": {"Result": "Failure", "ErrorCondition": "WrongPIN"}}
    read = nexo.body_of(answer(body), TILL, "Payment", service)
    result = nexo.payment_result(read, 1099, "EUR")
    assert (result.verdict, result.reason) == (Verdict.REFUSED, Reason.WRONG_PIN)
    with pytest.raises(WrongDeviceError):
        nexo.body_of(answer(body, POIID="V400m-1"), TILL, "Payment", service)
    with pytest.raises(ProtocolError):
        nexo.body_of(answer(body, ServiceID="other"), TILL, "Payment", service)


@pytest.mark.parametrize("condition", ["InProgress", "Communication timeout", ""])
def test_a_failure_that_nobody_knows_is_asked_after(condition: str) -> None:
    body = {"Response": {"Result": "Failure", "ErrorCondition": condition}}
    assert nexo.payment_result(body, 1099, "EUR").verdict is Verdict.UNKNOWN


def test_service_ids_are_ten_letters_and_differ() -> None:
    ids = {nexo.service_id(UUID(int=number * 7919)) for number in range(2000)}
    assert len(ids) == 2000
    assert {len(one) for one in ids} == {10}


# ZVT.

ACK_FRAME = bytes.fromhex("10 02 80 00 00 10 03 F5 1F")
PAY = bytes.fromhex("06 01 07 04 00 00 00 00 10 00")
PAY_FRAME = bytes.fromhex("10 02 06 01 07 04 00 00 00 00 10 10 00 10 03 62 91")


def test_the_vectors_of_zvt_both_ways() -> None:
    pay = zvt.Apdu(zvt.AUTHORIZATION, fields.authorization(1000))
    assert pay.encoded() == PAY
    assert zvt.serial_frame(pay) == PAY_FRAME
    assert zvt.serial_frame(zvt.Apdu(zvt.ACK)) == ACK_FRAME
    assert zvt.Stream().feed(PAY) == [pay]
    assert zvt.from_serial_frame(PAY_FRAME) == pay
    assert zvt.from_serial_frame(ACK_FRAME) == zvt.Apdu(zvt.ACK)
    assert fields.fields_of(pay.data).number(fields.AMOUNT) == 1000


@pytest.mark.parametrize("frame", [PAY_FRAME[:-1], PAY_FRAME[1:], PAY_FRAME[:-1] + b"\0", b""])
def test_a_broken_serial_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        zvt.from_serial_frame(frame)


def test_a_stream_in_pieces_and_long_apdus() -> None:
    long = zvt.Apdu(zvt.PRINT_BLOCK, bytes(300))
    assert long.encoded()[:5] == bytes.fromhex("06 D3 FF 2C 01")
    stream, found = zvt.Stream(), []
    for byte in long.encoded() + zvt.Apdu(zvt.ACK).encoded():
        found += stream.feed(bytes([byte]))
    assert found == [long, zvt.Apdu(zvt.ACK)]
    with pytest.raises(ProtocolError):
        stream.feed(b"\x41")


def test_a_status_information_of_a_real_payment() -> None:
    told = fields.fields_of(
        bytes.fromhex(
            "2700 04000000002040 0B000470 0C223953 0D1006 0E2512 170001 1970 22F0F8EEEEEEEEEEEE4771 2928004869"
            "3CF0F1F447454E2E4E522E3A363131383034 490978 870470 88000470 8A2E 8BF1F74465626974204D617374657263617264 00"
        )
    )
    assert (told.result, told.number(fields.AMOUNT), told.number(fields.TRACE), told.number(fields.RECEIPT)) == (
        0,
        2040,
        470,
        470,
    )
    assert told.text(fields.ADDITIONAL_TEXT) == "GEN.NR.:611804"
    assert told.text(fields.CARD_NAME) == "Debit Mastercard"


@pytest.mark.parametrize("data", ["04 00 00", "8B F1", "8B 01 01 41", "06", "06 83 01 01 01 01", "06 81", "06 05 00"])
def test_a_field_that_is_cut_off_is_refused(data: str) -> None:
    with pytest.raises(ProtocolError):
        fields.fields_of(bytes.fromhex(data))


def test_texts_lines_and_blocks() -> None:
    assert fields.shown_text(b"\x0a") == "Please insert or hold your card"
    assert fields.shown_text(b"\x4b") == "Please take your card"
    assert fields.shown_text(b"") == fields.shown_text(b"\x99") == ""
    assert fields.line_of(b"\x81TOTAL") == ("TOTAL", True)
    assert fields.line_of(b"\x00TOTAL") == ("TOTAL", False)
    assert fields.line_of(b"\xff\x02") == fields.line_of(b"") == ("", False)
    block = bytes.fromhex("06 0F 1F07 01 01 25 09 07 03 414243 07 02 4445")
    assert fields.block_of(block) == (True, ("ABC", "DE"))
    assert fields.reason_of(0x6C) is Reason.CANCELLED
    assert fields.reason_of(0x05) is fields.reason_of(0x33) is Reason.DECLINED
    with pytest.raises(ProtocolError):
        fields.from_bcd(b"\xab")
    with pytest.raises(ValueError, match="fit"):
        fields.bcd(1000, 1)
