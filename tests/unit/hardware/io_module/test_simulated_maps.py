"""The simulated ADAM, ioLogik and plain modules as bytes, from the makers' tables."""

from __future__ import annotations

import pytest

from hardware.bench.simulator import ActionError, JsonValue
from hardware.io_module.protocol import crc
from hardware.io_module.simulator import SILENCE_S, IoModuleSimulator, build, other_options

NOW = 10.0


def asked(module: IoModuleSimulator, request: str, now_s: float = NOW) -> str:
    frame = bytes.fromhex(request)
    module.receive(frame + crc(frame), now_s)
    return module.send(now_s)[:-2].hex(" ").upper()


def told(module: IoModuleSimulator, request: str, now_s: float = NOW) -> str:
    """Ask in TCP frames; return what follows the header."""
    rest = bytes.fromhex(request)
    module.receive(b"\x12\x34\0\0" + len(rest).to_bytes(2) + rest, now_s)
    answer = module.send(now_s)
    assert answer == b"" or answer[:6] == b"\x12\x34\0\0" + len(answer[6:]).to_bytes(2)
    return answer[6:].hex(" ").upper()


@pytest.fixture
def adam() -> IoModuleSimulator:
    return build({"map": "adam-4150"}, seed=0)


@pytest.fixture
def iologik() -> IoModuleSimulator:
    return build({"map": "iologik-e1212", "framing": "tcp"}, seed=0)


def test_adam_s_table(adam: IoModuleSimulator) -> None:
    assert asked(adam, "01 01 00 00 00 07") == "01 01 01 08"
    assert asked(adam, "01 02 00 00 00 07") == "01 02 01 08"
    assert asked(adam, "01 05 00 12 FF 00") == "01 05 00 12 FF 00"
    assert asked(adam, "01 01 00 10 00 08") == "01 01 01 04"
    assert asked(adam, "01 03 00 D2 00 01") == "01 03 02 41 50"
    assert asked(adam, "01 03 00 D6 00 02") == "01 03 04 00 01 00 00"
    assert asked(adam, "01 03 01 2C 00 03") == "01 03 06 00 08 00 00 00 04"
    assert asked(adam, "01 0F 00 10 00 08 01 00") == "01 0F 00 10 00 08"
    assert not any(adam.outputs(NOW))


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        ("01 01 00 07 00 01", "01 81 02"),
        ("01 05 00 00 FF 00", "01 85 02"),
        ("01 05 00 10 00 01", "01 85 03"),
        ("01 06 00 4E 00 07", "01 86 03"),
        ("01 06 01 2C 00 01", "01 86 02"),
        ("01 03 01 90 00 01", "01 83 02"),
    ],
)
def test_what_adam_refuses(adam: IoModuleSimulator, request_: str, reply: str) -> None:
    assert asked(adam, request_) == reply


def test_adam_counts_what_it_is_told_to_count(adam: IoModuleSimulator) -> None:
    adam.pulse_input(6)
    assert asked(adam, "01 03 00 0C 00 02") == "01 03 04 00 00 00 00"
    asked(adam, "01 06 00 54 00 01")
    assert asked(adam, "01 03 00 54 00 01") == "01 03 02 00 01"
    for _ in range(3):
        adam.pulse_input(6)
    assert asked(adam, "01 03 00 0C 00 02") == "01 03 04 00 03 00 00"
    adam.power_cycle(NOW)
    assert asked(adam, "01 03 00 0C 00 02") == "01 03 04 00 00 00 00"


def test_adam_s_watchdog_switches_off_and_obeys_again(adam: IoModuleSimulator) -> None:
    asked(adam, "01 05 00 10 FF 00")
    assert adam.outputs(NOW + 0.99)[0]
    assert not adam.outputs(NOW + 1.0)[0]
    assert asked(adam, "01 03 00 D7 00 01", NOW + 2) == "01 03 02 00 01"
    asked(adam, "01 05 00 10 FF 00", NOW + 2)
    assert adam.outputs(NOW + 2)[0]


def test_a_watchdog_that_is_off_switches_nothing_off() -> None:
    adam = build({"map": "adam-4055", "watchdog_s": None}, seed=0)
    assert asked(adam, "01 03 00 D6 00 01") == "01 03 02 00 00"
    asked(adam, "01 05 00 10 FF 00")
    assert adam.outputs(NOW + 1000)[0]
    assert asked(adam, "01 03 00 00 00 02") == "01 83 02", "a 4055 has no counters"


def test_iologik_s_table(iologik: IoModuleSimulator) -> None:
    assert told(iologik, "01 02 00 00 00 08") == "01 02 01 88"
    assert told(iologik, "01 05 00 01 FF 00") == "01 05 00 01 FF 00"
    assert told(iologik, "01 01 00 00 00 08") == "01 01 01 02"
    assert told(iologik, "01 03 00 20 00 01") == "01 03 02 00 02"
    assert told(iologik, "01 04 00 30 00 01") == "01 04 02 00 88"
    assert told(iologik, "01 04 13 88 00 03") == "01 04 06 45 31 32 31 32 00"
    assert told(iologik, "01 04 13 A0 00 03") == "01 04 06 00 90 E8 00 00 01"
    assert told(iologik, "01 04 13 9C 00 02", NOW + 3590) == "01 04 04 00 00 0E 10"
    iologik.power_cycle(NOW + 3600)
    assert told(iologik, "01 04 13 9C 00 02", NOW + 3605) == "01 04 04 00 00 00 05"


def test_iologik_counts_while_its_counter_runs(iologik: IoModuleSimulator) -> None:
    told(iologik, "01 05 01 02 FF 00")
    assert told(iologik, "01 01 01 02 00 01") == "01 01 01 01"
    iologik.pulse_input(2)
    assert told(iologik, "01 04 00 14 00 02") == "01 04 04 00 00 00 01"
    assert told(iologik, "01 05 01 12 00 00") == "01 85 03"
    told(iologik, "01 05 01 12 FF 00")
    assert told(iologik, "01 04 00 14 00 02") == "01 04 04 00 00 00 00"


def test_iologik_s_safe_state_lasts_until_it_is_ended(iologik: IoModuleSimulator) -> None:
    told(iologik, "01 05 00 01 FF 00")
    assert not iologik.outputs(NOW + 1)[1]
    assert told(iologik, "01 01 10 30 00 01", NOW + 1) == "01 01 01 01"
    told(iologik, "01 05 00 01 FF 00", NOW + 1)
    assert not iologik.outputs(NOW + 1)[1]
    told(iologik, "01 05 10 30 FF 00", NOW + 1)
    told(iologik, "01 05 00 01 FF 00", NOW + 1)
    assert iologik.outputs(NOW + 1)[1]


def test_frames_on_a_network(iologik: IoModuleSimulator) -> None:
    question = bytes.fromhex("00 01 00 00 00 06 01 02 00 00 00 08")
    iologik.receive(question[:5], NOW)
    assert iologik.send(NOW) == b""
    iologik.receive(question[5:] + question, NOW)
    assert iologik.send(NOW) == 2 * bytes.fromhex("00 01 00 00 00 04 01 02 01 88")
    assert told(iologik, "07 02 00 00 00 08") == "", "another unit's"
    assert told(iologik, "FF 02 00 00 00 08") == "FF 02 01 88"
    assert told(iologik, "01 2B 0E") == "01 AB 01"
    assert told(iologik, "01 02") == "01 82 03"
    iologik.receive(bytes.fromhex("00 01 00 09 00 06 01 02 00 00 00 08"), NOW)
    iologik.receive(question[:5], NOW)
    assert iologik.send(NOW + SILENCE_S) == b""
    assert told(iologik, "01 02 00 00 00 08", NOW + 1) == "01 02 01 88"


def test_a_plain_module_has_bits_only() -> None:
    plain = build({"map": "plain-8ch"}, seed=0)
    assert asked(plain, "01 02 00 00 00 08") == "01 02 01 88"
    assert asked(plain, "01 03 00 00 00 01") == "01 83 01"
    asked(plain, "01 05 00 07 FF 00")
    assert asked(plain, "01 01 00 00 00 08") == "01 01 01 80"
    assert asked(plain, "01 05 00 08 FF 00") == "01 85 02"


def test_a_plain_module_s_table_ends_with_its_bits(adam: IoModuleSimulator, iologik: IoModuleSimulator) -> None:
    assert asked(adam, "01 06 00 4E 00 00") == "01 06 00 4E 00 00"
    assert told(iologik, "01 06 00 20 00 01") == "01 86 02"
    assert told(iologik, "01 04 00 00 00 01") == "01 84 02"
    assert told(iologik, "01 05 10 30 00 00") == "01 05 10 30 00 00"


def test_a_broken_wire_reads_as_off_whatever_the_contact_does(adam: IoModuleSimulator) -> None:
    adam.break_wire(3, broken=True)
    adam.set_input(3, on=True)
    assert adam.facts()["inputs"] == [False] * 7
    adam.break_wire(3, broken=False)
    assert adam.facts()["inputs"] == [False, False, False, True, False, False, False]


def test_another_master_s_outputs(adam: IoModuleSimulator) -> None:
    adam.write_outputs([True, False, True])
    assert adam.facts()["outputs"] == [True, False, True] + [False] * 5
    with pytest.raises(ActionError, match="There are 8 outputs"):
        adam.write_outputs([True] * 9)


@pytest.mark.parametrize("found", ["waveshare-io-8ch", "adam-4055", "adam-4150", "iologik-e1212"])
def test_another_module_is_another(found: str) -> None:
    options: dict[str, JsonValue] = {"map": found}
    assert other_options(options) != options
    build(other_options(options), seed=1)
