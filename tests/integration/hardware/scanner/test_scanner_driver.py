"""The scanner's driver over a kernel pty, plain and Datalogic, on good and bad lines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.connection import State
from hardware.device import ConnectionChanged, Device
from hardware.link import Link
from hardware.scanner.driver import Dialect, ScannerDriver
from hardware.scanner.events import AllowScanning, CodeScanned, ScanDiscarded, SoundGoodRead, SoundNotOnFile
from hardware.scanner.protocol import Symbology
from hardware.scanner.simulator import ScannerSimulator, build
from tests.support.owner import Owner, lines_about
from tests.support.wire import Shape, Wire, wait_for

PASS = "HTTPS://952.EXAMPLE/P/" + "ABCDEFGH23456789" * 15


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture(params=Dialect, ids=lambda dialect: dialect.value)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    found: Dialect = request.param
    return found


@pytest.fixture
def scanner(dialect: Dialect) -> ScannerSimulator:
    return build({"dialect": dialect.value}, seed=0)


@pytest.fixture
def wire(tmp_path: Path, scanner: ScannerSimulator) -> Iterator[Wire]:
    with Wire(tmp_path, scanner) as wire:
        yield wire


@pytest.fixture
def device(wire: Wire, owner: Owner, dialect: Dialect) -> Iterator[Device[Link]]:
    device = Device("scanner-1", wire.url, ScannerDriver(dialect=dialect), owner.publish)
    device.start()
    owner.wait_for_state(State.READY)
    yield device
    device.stop()


only_datalogic = pytest.mark.parametrize("dialect", [Dialect.DATALOGIC_STD], indirect=True)
only_plain = pytest.mark.parametrize("dialect", [Dialect.NONE], indirect=True)


def texts(owner: Owner) -> list[str]:
    return [event.text for event in owner.heard(CodeScanned)]


def asked_more_than(wire: Wire, count: int) -> Callable[[], bool]:
    return lambda: wire.heard.count(b"h") > count


def scan(wire: Wire, scanner: ScannerSimulator, text: str, symbology: str = "QR") -> None:
    with wire.paused():
        scanner.scan(text, symbology)


@pytest.mark.usefixtures("device")
def test_it_says_who_it_is(owner: Owner, dialect: Dialect) -> None:
    identity = owner.heard(ConnectionChanged)[0].identity
    assert (
        str(identity)
        == {Dialect.NONE: "serial scanner", Dialect.DATALOGIC_STD: "Magellan 1500i no. S22F00417 610016740"}[dialect]
    )


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("shape", [Shape.GOOD, Shape.SPLIT, Shape.ONE_BYTE], ids=lambda shape: shape.name.lower())
def test_every_code_arrives_once(owner: Owner, wire: Wire, scanner: ScannerSimulator, shape: Shape) -> None:
    wire.shape = shape
    codes = [PASS, "4006381333931", "苹果"]
    with wire.paused():
        scanner.scan(codes[0])
        scanner.scan(codes[1], "EAN13")
        scanner.scan(codes[2], "CODE128")
    wait_for(lambda: len(texts(owner)) == len(codes), "all codes")
    assert owner.heard(CodeScanned) == [
        CodeScanned("scanner-1", codes[0], Symbology.QR),
        CodeScanned("scanner-1", codes[1], Symbology.EAN13),
        CodeScanned("scanner-1", codes[2], Symbology.CODE128),
    ]
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_line_may_garble_codes_but_never_the_driver(
    tmp_path: Path, owner: Owner, scanner: ScannerSimulator, dialect: Dialect, seed: int
) -> None:
    print(f"noise seed {seed}")
    folder = tmp_path / "noisy"
    folder.mkdir()
    with Wire(folder, scanner, Shape.NOISY, seed) as wire:
        device = Device("scanner-2", wire.url, ScannerDriver(dialect=dialect), owner.publish)
        device.start()
        owner.first(ConnectionChanged, lambda event: event.device == "scanner-2" and event.is_ready)
        for number in range(60):
            scan(wire, scanner, f"code number {number}")
        wire.shape = Shape.GOOD
        wait_for(lambda: not wire.busy, "all bytes sent")
        scan(wire, scanner, "the last one")
        owner.first(CodeScanned, lambda event: event.text.endswith("the last one"))
        device.stop()
    whole = [text for text in texts(owner) if text in {f"code number {number}" for number in range(60)}]
    assert len(whole) > 40
    assert whole == sorted(set(whole), key=lambda text: int(text.split()[-1]))


@pytest.mark.usefixtures("device")
def test_a_code_held_before_it_is_one_scan(owner: Owner, wire: Wire, scanner: ScannerSimulator) -> None:
    for _ in range(5):
        scan(wire, scanner, "same")
    scan(wire, scanner, "other")
    owner.first(CodeScanned, lambda event: event.text == "other")
    assert texts(owner) == ["same", "other"]


@pytest.mark.usefixtures("device")
def test_a_broken_line_is_discarded_and_the_next_is_read(owner: Owner, wire: Wire, scanner: ScannerSimulator) -> None:
    with wire.paused():
        scanner.scan_truncated(PASS)
    assert "a line stopped after" in owner.first(ScanDiscarded).reason
    scan(wire, scanner, "whole")
    owner.first(CodeScanned)
    assert texts(owner) == ["whole"]


@pytest.mark.usefixtures("device")
def test_an_oversize_line_and_a_wrong_check_digit_are_discarded(owner: Owner, wire: Wire, scanner: ScannerSimulator) -> None:
    scan(wire, scanner, "x" * 5000)
    assert "longer than 512 bytes" in owner.first(ScanDiscarded).reason
    scan(wire, scanner, "4006381333930", "EAN13")
    owner.first(ScanDiscarded, lambda event: "check digit" in event.reason)
    assert texts(owner) == []


@pytest.mark.usefixtures("device")
def test_garbage_loses_nothing(owner: Owner, wire: Wire, scanner: ScannerSimulator) -> None:
    wire.inject(bytes(range(256)) * 20)
    owner.first(ScanDiscarded)
    wait_for(lambda: not wire.busy, "all bytes sent")
    wire.inject(b"\r")
    scan(wire, scanner, "clean")
    owner.first(CodeScanned, lambda event: event.text == "clean")
    assert owner.states() == [State.READY]


@pytest.mark.usefixtures("device")
def test_unplugged_lost_within_two_seconds_and_healed_with_one_log_line_each(
    owner: Owner, wire: Wire, scanner: ScannerSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wire.unplug()
    assert owner.wait_for_state(State.LOST) < 2
    wire.replug()
    owner.wait_for_state(State.READY, times=2)
    scan(wire, scanner, "again")
    owner.first(CodeScanned)
    assert [line.split(":")[0] for line in lines_about("scanner-1", caplog)] == ["scanner-1 is lost", "scanner-1 is back"]


@only_datalogic
@pytest.mark.usefixtures("device")
def test_silent_lost_within_two_seconds_and_healed_with_one_log_line_each(
    owner: Owner, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wire.silent = True
    assert owner.wait_for_state(State.LOST) < 2
    wire.silent = False
    owner.wait_for_state(State.READY, times=2)
    assert [line.split(":")[0] for line in lines_about("scanner-1", caplog)] == ["scanner-1 is lost", "scanner-1 is back"]


@only_plain
@pytest.mark.usefixtures("device")
def test_a_plain_scanner_is_never_spoken_to(owner: Owner, wire: Wire, scanner: ScannerSimulator, device: Device[Link]) -> None:
    for command in (AllowScanning(on=False), SoundGoodRead(), SoundNotOnFile()):
        device.perform(command)
    scan(wire, scanner, "read")
    owner.first(CodeScanned)
    assert bytes(wire.heard) == b""
    assert owner.states() == [State.READY]


@only_datalogic
def test_a_datalogic_scanner_is_switched_and_beeps(
    device: Device[Link], owner: Owner, wire: Wire, scanner: ScannerSimulator
) -> None:
    device.perform(AllowScanning(on=False))
    wait_for(lambda: scanner.facts()["enabled"] is False, "switched off")
    scan(wire, scanner, "unread")
    device.perform(SoundGoodRead())
    device.perform(SoundNotOnFile())
    device.perform(AllowScanning(on=True))
    wait_for(lambda: scanner.facts()["enabled"] is True, "switched on")
    scan(wire, scanner, "read")
    owner.first(CodeScanned)
    assert texts(owner) == ["read"]
    assert (scanner.facts()["good_read_sounds"], scanner.facts()["not_on_file_sounds"]) == (1, 1)


@only_datalogic
@pytest.mark.usefixtures("device")
def test_it_is_switched_on_after_every_connection(owner: Owner, wire: Wire, scanner: ScannerSimulator) -> None:
    wire.unplug()
    owner.wait_for_state(State.LOST)
    scanner.receive(b"D", wire.now_s)
    wire.replug()
    owner.wait_for_state(State.READY, times=2)
    wait_for(lambda: scanner.facts()["enabled"] is True, "switched on")


@only_datalogic
@pytest.mark.usefixtures("device")
def test_codes_and_health_answers_do_not_disturb_each_other(owner: Owner, wire: Wire, scanner: ScannerSimulator) -> None:
    wire.shape = Shape.SPLIT
    for number in range(4):
        asked = wire.heard.count(b"h")
        wait_for(asked_more_than(wire, asked), "a question for its health")
        scan(wire, scanner, f"code {number}")
    wait_for(lambda: len(texts(owner)) == 4, "all codes")
    assert texts(owner) == [f"code {number}" for number in range(4)]
    assert owner.states() == [State.READY]


@only_datalogic
def test_only_the_scanner_of_the_settings_is_used(owner: Owner, wire: Wire) -> None:
    driver = ScannerDriver(dialect=Dialect.DATALOGIC_STD, serial_number="other")
    device = Device("scanner-1", wire.url, driver, owner.publish)
    device.start()
    owner.wait_for_state(State.LOST)
    assert "the scanner has serial number 'S22F00417', the settings say 'other'" in owner.heard(ConnectionChanged)[0].reason
    device.stop()


def test_a_prefix_and_a_suffix_of_its_own(tmp_path: Path, owner: Owner) -> None:
    scanner = build({"prefix": "~", "suffix": "#\r"}, seed=0)
    with Wire(tmp_path, scanner) as wire:
        device = Device("scanner-1", wire.url, ScannerDriver(prefix=b"~", suffix=b"#"), owner.publish)
        device.start()
        owner.wait_for_state(State.READY)
        scan(wire, scanner, "A#B")
        assert owner.first(CodeScanned).text == "A#B"
        device.stop()
