"""The SSI driver over a kernel pty: what comes merged, truncated, damaged, doubled, too long; what is not acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.bench.simulator import JsonValue
from hardware.connection import Identity, State
from hardware.device import ConnectionChanged, Device
from hardware.link import Link
from hardware.scanner.driver_ssi import SsiDriver
from hardware.scanner.events import AllowScanning, CodeScanned, Light, ScanDiscarded, SoundGoodRead, SoundNotOnFile
from hardware.scanner.protocol import Symbology
from hardware.scanner.simulator_ssi import SsiSimulator, build
from tests.support.owner import Owner
from tests.support.wire import Wire, wait_for

LONG_PASS = "HTTPS://952.EXAMPLE/P/" + "ABCDEFGH23456789" * 20
ACK = bytes.fromhex("04 D0 04 00 FF 28")
NAK = bytes.fromhex("05 D1 04 00 01 FF 25")


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def options() -> dict[str, JsonValue]:
    return {}


@pytest.fixture
def scanner(options: dict[str, JsonValue]) -> SsiSimulator:
    return build({"response_timeout_s": 0.5, **options}, seed=0)


@pytest.fixture
def wire(tmp_path: Path, scanner: SsiSimulator) -> Iterator[Wire]:
    with Wire(tmp_path, scanner) as wire:
        yield wire


@pytest.fixture
def device(wire: Wire, owner: Owner) -> Iterator[Device[Link]]:
    device = Device("scanner-1", wire.url, SsiDriver(), owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    yield device
    device.stop()


def texts(owner: Owner) -> list[str]:
    return [event.text for event in owner.heard(CodeScanned)]


def wait_for_text(owner: Owner, text: str) -> None:
    owner.first(CodeScanned, lambda event: event.text == text)


@pytest.mark.usefixtures("device")
def test_it_says_what_it_is_and_is_told_to_speak_in_packets(owner: Owner, wire: Wire, scanner: SsiSimulator) -> None:
    assert owner.heard(ConnectionChanged)[0].identity == Identity("DS457 SE4500 0001", "", "PAABLS00-005-R01")
    assert bytes(wire.heard).startswith(bytes.fromhex("04 A3 04 00 FF 55"))
    assert bytes.fromhex("04 E9 04 00 FF 0F") in wire.heard
    assert scanner.facts()["packeted"] is True


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("options", [{}, {"type_in_every_packet": False}])
def test_codes_are_acknowledged_and_published_once(owner: Owner, wire: Wire, scanner: SsiSimulator) -> None:
    with wire.paused():
        scanner.scan("4006381333931", "EAN13")
        scanner.scan(LONG_PASS)
        scanner.scan_doubled("036000291452", "UPCA")
    wait_for_text(owner, "0036000291452")
    assert owner.heard(CodeScanned) == [
        CodeScanned("scanner-1", "4006381333931", Symbology.EAN13),
        CodeScanned("scanner-1", LONG_PASS, Symbology.QR),
        CodeScanned("scanner-1", "0036000291452", Symbology.EAN13),
    ]
    wait_for(lambda: scanner.facts()["acknowledged"] == 5, "all acknowledged")
    assert scanner.facts()["resent"] == 0


@pytest.mark.usefixtures("device")
def test_a_lost_acknowledgement_doubles_nothing(owner: Owner, wire: Wire, scanner: SsiSimulator) -> None:
    with wire.paused():
        scanner.scan("once")
        packet = scanner.send(wire.now_s)
    wire.inject(packet)
    wait_for_text(owner, "once")
    with wire.paused():
        again = bytearray(packet)
        again[3] |= 1
        again[-1] = (again[-1] - 1) % 256
    count = wire.heard.count(ACK)
    wire.inject(bytes(again))
    wait_for(lambda: wire.heard.count(ACK) > count, "an acknowledgement of the repetition")
    assert texts(owner) == ["once"]


@pytest.mark.usefixtures("device")
def test_a_damaged_packet_is_refused_and_comes_again(owner: Owner, wire: Wire, scanner: SsiSimulator) -> None:
    with wire.paused():
        scanner.scan("whole after all")
        packet = bytearray(scanner.send(wire.now_s))
    packet[6] ^= 0x01
    wire.inject(bytes(packet))
    wait_for_text(owner, "whole after all")
    assert "checksum of a packet is wrong" in owner.heard(ScanDiscarded)[0].reason
    assert NAK in wire.heard
    assert scanner.facts()["resent"] == 1


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("deed", ["scan_truncated", "scan_damaged"])
def test_what_the_scanner_takes_for_sent_is_discarded_and_the_next_is_read(
    owner: Owner, wire: Wire, scanner: SsiSimulator, deed: str
) -> None:
    with wire.paused():
        scanner.actions()[deed](text="HTTPS://SHOP.EXAMPLE/P/1")
    owner.first(ScanDiscarded)
    with wire.paused():
        scanner.scan("next")
    wait_for_text(owner, "next")
    assert texts(owner) == ["next"]
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_merged_too_long_and_wrong_codes(owner: Owner, wire: Wire, scanner: SsiSimulator) -> None:
    with wire.paused():
        scanner.scan_merged("first", "second")
    wait_for_text(owner, "second")
    with wire.paused():
        scanner.scan("x" * 2000)
        scanner.scan("4006381333930", "EAN13")
        scanner.scan("last")
    wait_for_text(owner, "last")
    assert texts(owner) == ["first", "second", "last"]
    reasons = [event.reason for event in owner.heard(ScanDiscarded)]
    assert reasons == ["a code is longer than 512 bytes", "the check digit is wrong: '4006381333930'"]


@pytest.mark.usefixtures("device")
def test_a_scanner_that_lost_its_power_speaks_in_packets_again(owner: Owner, wire: Wire, scanner: SsiSimulator) -> None:
    with wire.paused():
        scanner.power_cycle(wire.now_s)
        scanner.scan("in plain text")
    owner.first(ScanDiscarded)
    wait_for(lambda: scanner.facts()["packeted"] is True, "packets")
    with wire.paused():
        scanner.scan("in a packet")
    wait_for_text(owner, "in a packet")
    assert texts(owner) == ["in a packet"]


def test_it_is_switched_beeps_and_shines(device: Device[Link], owner: Owner, wire: Wire, scanner: SsiSimulator) -> None:
    device.perform(AllowScanning(on=False))
    device.perform(SoundGoodRead())
    device.perform(SoundNotOnFile())
    device.perform(Light(on=True))
    wait_for(lambda: scanner.facts()["led"] is True, "the lamp")
    assert scanner.facts()["enabled"] is False
    assert (scanner.facts()["good_read_sounds"], scanner.facts()["not_on_file_sounds"]) == (1, 1)
    with wire.paused():
        scanner.scan("unread")
    device.perform(AllowScanning(on=True))
    device.perform(Light(on=False))
    wait_for(lambda: scanner.facts()["led"] is False, "the lamp off")
    with wire.paused():
        scanner.scan("read")
    wait_for_text(owner, "read")
    assert texts(owner) == ["read"]


def test_an_order_whose_answer_is_lost_is_repeated_and_done_once(
    device: Device[Link], wire: Wire, scanner: SsiSimulator, owner: Owner
) -> None:
    with wire.paused():
        wire.drop_replies = 1
    device.perform(SoundGoodRead())
    device.perform(Light(on=True))
    wait_for(lambda: scanner.facts()["led"] is True, "the lamp")
    assert scanner.facts()["good_read_sounds"] == 1
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_silent_is_lost_within_two_seconds_and_healed(owner: Owner, wire: Wire) -> None:
    wire.silent = True
    assert owner.wait_for_state(State.LOST) < 2.2
    wire.silent = False
    owner.wait_for_state(State.READY, times=2)
