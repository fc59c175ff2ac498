from __future__ import annotations

import pytest
from pydantic import ValidationError

from hardware.bench.simulator import ActionError, JsonValue
from hardware.scanner.simulator_ssi import SsiSimulator, build, other_options

ACK = bytes.fromhex("04 D0 04 00 FF 28")
FROM_IT_ACK = bytes.fromhex("04 D0 00 00 FF 2C")
DECODE_EAN13 = bytes.fromhex("12 F3 00 00 0B 34 30 30 36 33 38 31 33 33 33 39 33 31 FC 54")


def scanner(**options: JsonValue) -> SsiSimulator:
    return build({"packeted": True, **options}, seed=0)


def ask(device: SsiSimulator, hex_bytes: str, now_s: float = 1.0) -> bytes:
    device.receive(bytes.fromhex(hex_bytes), now_s)
    return device.send(now_s)


def test_the_reference_s_code_and_its_repetitions() -> None:
    device = scanner()
    device.scan("4006381333931", "EAN13")
    assert device.send(1.0) == DECODE_EAN13
    assert device.send(2.9) == b""
    again = device.send(3.1)
    assert again[3] == 0x01
    assert (again[4:-2], sum(again[:-2]) + int.from_bytes(again[-2:], "big")) == (DECODE_EAN13[4:-2], 0x10000)
    assert device.send(5.2) == again
    assert device.send(7.3) == b""
    assert device.facts()["given_up"] == 1


def test_acknowledged_it_goes_on_and_refused_it_repeats_at_once() -> None:
    device = scanner()
    device.scan("A")
    device.scan("B")
    first = device.send(1.0)
    assert ask(device, "05 D1 04 00 01 FF 25", 1.1)[4:-2] == first[4:-2]
    assert ask(device, "04 D0 04 00 FF 28", 1.2)[5:-2] == b"B"
    assert ask(device, "04 D0 04 00 FF 28", 1.3) == b""
    assert device.facts()["acknowledged"] == 2
    assert ask(device, "04 D0 04 00 FF 28", 1.4) == b""


def test_the_reference_s_orders() -> None:
    device = scanner()
    assert ask(device, "04 EA 04 00 FF 0E") == FROM_IT_ACK
    device.scan("unread")
    assert (device.facts()["enabled"], device.facts()["unread"]) == (False, 1)
    assert ask(device, "04 E9 04 00 FF 0F") == FROM_IT_ACK
    assert ask(device, "05 E6 04 00 01 FF 10") == FROM_IT_ACK
    assert device.facts()["good_read_sounds"] == 1
    for session in ("04 E4 04 00 FF 14", "04 E5 04 00 FF 13"):
        assert ask(device, session) == FROM_IT_ACK
    assert ask(device, "04 A3 04 00 FF 55")[4:-2] == b"PAABLS00-005-R01 DS457 SE4500 0001"


@pytest.mark.parametrize(
    ("order", "reason"),
    [("05 E6 04 00 40 FE D1", 6), ("04 99 04 00 FF 5F", 2), ("04 E9 04 00 FF 0E", 1), ("05 C6 04 00 FF FE 32", 6)],
)
def test_what_it_cannot_obey_is_refused(order: str, reason: int) -> None:
    answer = ask(scanner(), order)
    assert (answer[1], answer[4]) == (0xD1, reason)


def test_half_an_order_is_forgotten_after_silence() -> None:
    device = scanner()
    assert ask(device, "04 E9 04", 1.0) == b""
    assert ask(device, "04 E9 04 00 FF 0F", 1.3) == FROM_IT_ACK


def test_parameters_flush_and_power() -> None:
    device = build({}, seed=0)
    device.scan("plain")
    assert device.send(1.0) == b"plain\r"
    assert ask(device, "07 C6 04 00 FF EE 01 FD 41") == FROM_IT_ACK
    device.scan("packet")
    assert ask(device, "04 D2 04 00 FF 26")[:2] == FROM_IT_ACK[:2]
    assert device.facts()["waiting"] == 0
    assert ask(device, "04 C8 04 00 FF 30") == FROM_IT_ACK
    assert device.facts()["packeted"] is False
    assert ask(device, "04 D3 04 00 FF 25")[1] == 0xD4
    device.scan("lost")
    device.power_cycle(2.0)
    assert device.send(2.0) == b""


def test_a_long_code_and_nonsense() -> None:
    device = scanner()
    device.scan("x" * 600)
    lengths = []
    for _ in range(3):
        lengths.append(len(device.send(1.0)))
        device.receive(ACK, 1.0)
    assert lengths == [257, 257, 107]
    for text, symbology in (("", "QR"), ("x" * 7090, "QR"), ("A", "MAXICODE")):
        with pytest.raises(ActionError):
            device.scan(text, symbology)
    for number in range(500):
        device.scan(f"code {number}")
    assert device.facts()["waiting"] == 100
    assert all(action.__doc__ for action in device.actions().values())
    assert other_options({})["model"] != "DS457 SE4500 0001"


@pytest.mark.parametrize("options", [{"serial_number": "1"}, {"resends": -1}, {"response_timeout_s": 0}])
def test_options_that_make_no_sense_are_refused(options: dict[str, JsonValue]) -> None:
    with pytest.raises(ValidationError):
        build(options, seed=0)
