from __future__ import annotations

import pytest
from pydantic import ValidationError

from hardware.bench.simulator import ActionError, JsonValue
from hardware.io_module.protocol import crc
from hardware.io_module.simulator import SILENCE_S, IoModuleSimulator, build

NOW = 10.0


def asked(module: IoModuleSimulator, request: str, now_s: float = NOW) -> str:
    """Send a frame in hexadecimal without its CRC; return the answer without its CRC, which is checked."""
    frame = bytes.fromhex(request)
    module.receive(frame + crc(frame), now_s)
    answer = module.send(now_s)
    assert answer == b"" or crc(answer[:-2]) == answer[-2:]
    return answer[:-2].hex(" ").upper()


@pytest.fixture
def module() -> IoModuleSimulator:
    return build({}, seed=0)


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        ("01 05 00 00 FF 00 8C 3A", "01 05 00 00 FF 00 8C 3A"),
        ("01 05 00 00 00 00 CD CA", "01 05 00 00 00 00 CD CA"),
        ("01 05 00 FF FF 00 BC 0A", "01 05 00 FF FF 00 BC 0A"),
        ("01 05 00 FF 00 00 FD FA", "01 05 00 FF 00 00 FD FA"),
        ("01 05 02 00 00 07 8D B0", "01 05 02 00 00 07 8D B0"),
        ("01 05 02 01 00 05 5D B1", "01 05 02 01 00 05 5D B1"),
        ("01 0F 00 00 00 08 01 FF BE D5", "01 0F 00 00 00 08 54 0D"),
        ("01 0F 00 00 00 08 01 00 FE 95", "01 0F 00 00 00 08 54 0D"),
        ("01 01 00 28 00 08 BD C4", "01 81 02 C1 91"),
    ],
)
def test_the_reference_s_vectors(module: IoModuleSimulator, request_: str, reply: str) -> None:
    module.receive(bytes.fromhex(request_), NOW)
    assert module.send(NOW) == bytes.fromhex(reply)


def test_the_reference_s_readings() -> None:
    module = build({"inputs": [True, False, False, True, False, False, False, False]}, seed=0)
    module.receive(bytes.fromhex("01 02 00 00 00 08 79 CC"), NOW)
    assert module.send(NOW) == bytes.fromhex("01 02 01 09 61 8E")
    module.receive(bytes.fromhex("01 05 00 00 FF 00 8C 3A 01 01 00 00 00 08 3D CC"), NOW)
    assert module.send(NOW)[8:] == bytes.fromhex("01 01 01 01 90 48")


def test_outputs_are_switched(module: IoModuleSimulator) -> None:
    asked(module, "01 05 00 02 FF 00")
    asked(module, "01 0F 00 04 00 03 01 05")
    assert module.outputs(NOW) == (False, False, True, False, True, False, True, False)
    assert module.facts()["outputs"] == list(module.outputs(NOW))
    asked(module, "01 05 00 FF 55 00")
    assert module.outputs(NOW) == (True, True, False, True, False, True, False, True)


def test_flash_on_ends_by_itself(module: IoModuleSimulator) -> None:
    asked(module, "01 05 02 00 00 07")
    assert module.outputs(NOW + 0.69)[0]
    assert not module.outputs(NOW + 0.7)[0]


def test_flash_off_comes_back_by_itself(module: IoModuleSimulator) -> None:
    asked(module, "01 05 00 03 FF 00")
    asked(module, "01 05 04 03 00 05")
    assert not module.outputs(NOW + 0.4)[3]
    assert module.outputs(NOW + 0.5)[3]


@pytest.mark.parametrize("restarts", [True, False])
def test_repeated_flash_on(restarts: bool) -> None:  # noqa: FBT001 - the module's switch
    module = build({"pulses_restart": restarts}, seed=0)
    asked(module, "01 05 02 00 00 0A", NOW)
    asked(module, "01 05 02 00 00 0A", NOW + 0.4)
    assert module.outputs(NOW + 0.99)[0]
    assert module.outputs(NOW + 1.1)[0] is restarts
    assert not module.outputs(NOW + 1.4)[0]
    asked(module, "01 05 02 00 00 0A", NOW + 2)
    assert module.outputs(NOW + 2.5)[0]


def test_switching_ends_a_flash(module: IoModuleSimulator) -> None:
    asked(module, "01 05 02 00 00 0A")
    asked(module, "01 05 00 00 FF 00")
    assert module.outputs(NOW + 100)[0]
    asked(module, "01 05 02 00 00 0A")
    asked(module, "01 0F 00 00 00 08 01 00")
    assert not any(module.outputs(NOW))


def test_modes_give_outputs_to_inputs(module: IoModuleSimulator) -> None:
    asked(module, "01 06 10 00 00 01")
    asked(module, "01 10 10 01 00 02 04 00 02 00 03")
    module.set_input(0, on=True)
    assert module.outputs(NOW)[0]
    asked(module, "01 05 00 00 00 00")
    asked(module, "01 05 02 00 00 01")
    assert module.outputs(NOW + 9)[0], "a linked output does not listen to the host"
    for on in (True, False, True):
        module.set_input(1, on=on)
        module.set_input(2, on=on)
    assert module.outputs(NOW)[1:3] == (False, True)
    assert asked(module, "01 03 10 00 00 03") == "01 03 06 00 01 00 02 00 03"
    module.power_cycle(NOW)
    assert module.facts()["modes"] == [1, 2, 3, 0, 0, 0, 0, 0]


def test_without_power_all_outputs_are_off(module: IoModuleSimulator) -> None:
    asked(module, "01 05 00 FF FF 00")
    asked(module, "01 05 02 00 00 FF")
    module.power_cycle(NOW)
    assert not any(module.outputs(NOW))


def test_registers(module: IoModuleSimulator) -> None:
    assert asked(module, "01 03 80 00 00 01") == "01 03 02 00 C8"
    assert asked(module, "01 03 40 00 00 01") == "01 03 02 00 01"


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        ("01 04 00 00 00 01", "01 84 01"),
        ("01 01 00 00 00 09", "01 81 02"),
        ("01 02 00 00 00 00", "01 82 03"),
        ("01 02 00 00 07 D1", "01 82 03"),
        ("01 03 12 34 00 01", "01 83 02"),
        ("01 03 10 00 00 7E", "01 83 03"),
        ("01 05 00 08 FF 00", "01 85 02"),
        ("01 05 00 00 12 34", "01 85 03"),
        ("01 05 02 00 00 00", "01 85 03"),
        ("01 05 02 00 80 00", "01 85 03"),
        ("01 05 02 08 00 05", "01 85 02"),
        ("01 06 80 00 00 01", "01 86 02"),
        ("01 06 10 00 00 04", "01 86 03"),
        ("01 0F 00 04 00 08 01 FF", "01 8F 02"),
        ("01 0F 00 00 00 00 00", "01 8F 03"),
        ("01 0F 00 00 00 08 02 FF FF", "01 8F 03"),
        ("01 10 10 00 00 02 02 00 01", "01 90 03"),
    ],
)
def test_refusals(module: IoModuleSimulator, request_: str, reply: str) -> None:
    assert asked(module, request_) == reply


def test_a_function_of_unknown_length_is_refused_after_silence(module: IoModuleSimulator) -> None:
    frame = bytes.fromhex("01 2B 0E 01 00")
    module.receive(frame + crc(frame), NOW)
    assert module.send(NOW) == b""
    assert module.send(NOW + SILENCE_S)[:3] == bytes.fromhex("01 AB 01")


def test_other_modules_frames_and_broadcasts_are_not_answered(module: IoModuleSimulator) -> None:
    assert asked(module, "02 05 00 00 FF 00") == ""
    assert not any(module.outputs(NOW))
    assert asked(module, "00 05 00 00 FF 00") == ""
    assert module.outputs(NOW)[0]


def test_a_bad_crc_is_not_answered_and_forgotten_after_silence(module: IoModuleSimulator) -> None:
    module.receive(bytes.fromhex("01 05 00 00 FF 00 8C 3B"), NOW)
    assert module.send(NOW) == b""
    assert asked(module, "01 01 00 00 00 08", NOW + SILENCE_S) == "01 01 01 00"


def test_a_frame_in_pieces_is_understood(module: IoModuleSimulator) -> None:
    for step, byte in enumerate(bytes.fromhex("01 05 00 00 FF 00 8C 3A")):
        module.receive(bytes([byte]), NOW + 0.01 * step)
    assert module.send(NOW + 0.1) == bytes.fromhex("01 05 00 00 FF 00 8C 3A")


def test_endless_noise_is_forgotten(module: IoModuleSimulator) -> None:
    for step in range(100):
        module.receive(b"\x01" * 100, NOW + 0.001 * step)
    assert asked(module, "01 01 00 00 00 08", NOW + 1) == "01 01 01 00"


def test_the_operator_s_actions(module: IoModuleSimulator) -> None:
    module.actions()["set_input"](index=0, on=True)
    assert module.facts()["inputs"] == [True, False, False, True, False, False, False, True]
    with pytest.raises(ActionError, match="There is no input 8; the module has 0 to 7"):
        module.set_input(8, on=True)


@pytest.mark.parametrize("options", [{"unit": 0}, {"unit": 248}, {"inputs": [True]}, {"restart": True}])
def test_options_that_make_no_sense_are_refused(options: dict[str, JsonValue]) -> None:
    with pytest.raises(ValidationError):
        build(options, seed=0)
