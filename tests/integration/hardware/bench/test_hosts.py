"""Hosts with real ptys and sockets, driven through the same Link that the product uses."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice
from hardware.bench.host import UNSENT_MAX, Host, PtyHost, TcpHost
from hardware.errors import LinkLostError
from hardware.link import Link
from program.errors import ProgramError
from tests.integration.hardware.bench.echo import Echo
from tests.support.wire import wait_for

Make = Callable[[str], tuple[Bench, Host]]


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Make]:
    benches: list[Bench] = []

    def make(transport: str) -> tuple[Bench, Host]:
        host: Host = PtyHost(tmp_path / "dev", "echo") if transport == "pty" else TcpHost("echo", 0)
        bench = Bench([WiredDevice("echo", "echo", Echo(), host)])
        benches.append(bench)
        bench.start()
        return bench, host

    yield make
    for bench in benches:
        bench.stop()


both = pytest.mark.parametrize("transport", ["pty", "tcp"])


@both
def test_bytes_go_both_ways_unchanged(hosted: Make, transport: str) -> None:
    _bench, host = hosted(transport)
    link = Link(host.url)
    every_byte = bytes(byte for byte in range(256) if byte != ord("!"))
    link.write(every_byte)
    assert link.read_exactly(255, 5.0) == every_byte
    link.close()


@both
def test_an_answer_takes_a_few_milliseconds(hosted: Make, transport: str) -> None:
    _bench, host = hosted(transport)
    link = Link(host.url)
    waits_s: list[float] = []
    for _question in range(50):
        begun_s = time.monotonic()
        link.write(b"?")
        assert link.read_exactly(1, 5.0) == b"?"
        waits_s.append(time.monotonic() - begun_s)
    link.close()
    assert median(waits_s) < 0.02


@both
def test_unplug_and_replug_keep_the_name(hosted: Make, transport: str) -> None:
    bench, host = hosted(transport)
    url = host.url
    link = Link(url)
    link.write(b"a")
    assert link.read_exactly(1, 5.0) == b"a"
    bench.play("echo", "unplug", {})
    bench.play("echo", "unplug", {})
    assert not host.plugged

    def lost() -> bool:
        try:
            link.write(b"b")
            link.read(0.01)
        except LinkLostError:
            return True
        return False

    wait_for(lost, "the link to be lost")
    link.close()
    with pytest.raises(LinkLostError):
        Link(url)
    bench.play("echo", "replug", {})
    bench.play("echo", "replug", {})
    assert host.url == url
    again = Link(url)
    again.write(b"c")
    assert again.read_exactly(1, 5.0) == b"c"
    again.close()


@both
def test_the_product_may_come_and_go(hosted: Make, transport: str) -> None:
    _bench, host = hosted(transport)
    for round_number in range(5):
        link = Link(host.url)
        link.write(bytes((round_number,)))
        assert link.read_exactly(1, 5.0) == bytes((round_number,))
        link.close()


def test_a_second_product_on_a_tcp_port_is_hung_up_on(hosted: Make) -> None:
    _bench, host = hosted("tcp")
    first = Link(host.url)
    first.write(b"1")
    assert first.read_exactly(1, 5.0) == b"1"
    address, port = host.url.removeprefix("socket://").split(":")
    with socket.create_connection((address, int(port)), timeout=5.0) as second:
        assert second.recv(1) == b""
    first.write(b"2")
    assert first.read_exactly(1, 5.0) == b"2"
    first.close()


def test_a_second_product_on_a_pty_is_refused(hosted: Make) -> None:
    _bench, host = hosted("pty")
    first = Link(host.url)
    with pytest.raises(LinkLostError):
        Link(host.url)
    first.close()


def test_a_product_that_never_reads_blocks_nobody(hosted: Make) -> None:
    bench, host = hosted("pty")
    link = Link(host.url)
    for _time in range(5):
        bench.play("echo", "say", {"text": "x" * 1000, "times": UNSENT_MAX // 1000})
    assert bench.describe("echo")["plugged"]
    link.close()


@both
def test_a_simulator_that_fails_is_unplugged_and_told_about(
    hosted: Make, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench, host = hosted(transport)
    link = Link(host.url)
    link.write(b"!")
    wait_for(lambda: not host.plugged, "the device to be unplugged")
    facts = bench.describe("echo")["facts"]
    assert isinstance(facts, dict)
    assert facts["defect"] == "RuntimeError: too loud"
    assert "echo failed and was unplugged" in caplog.text
    link.close()
    bench.play("echo", "replug", {})
    again = Link(host.url)
    again.write(b"quiet")
    assert again.read_exactly(5, 5.0) == b"quiet"
    again.close()


def test_power_cycle_reaches_the_device(hosted: Make) -> None:
    bench, _host = hosted("pty")
    bench.play("echo", "power_cycle", {})
    facts = bench.describe("echo")["facts"]
    assert isinstance(facts, dict)
    assert facts["power_cycles"] == 1


def test_a_stale_name_is_replaced_and_the_name_goes_with_the_bench(tmp_path: Path) -> None:
    (tmp_path / "scale").symlink_to("/dev/pts/does-not-exist")
    host = PtyHost(tmp_path, "scale")
    assert os.path.realpath(host.url).startswith("/dev/pts/")
    host.close()
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_gets_a_sentence() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(ProgramError, match="Set its port to another, or to 0"):
        TcpHost("scale", taken.getsockname()[1])


def test_a_folder_that_cannot_be_made_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ProgramError, match="Set device_dir to another"):
        PtyHost(tmp_path / "file", "scale")


def test_an_idle_bench_hardly_works(hosted: Make) -> None:
    bench, _host = hosted("pty")
    begun_s, begun_cpu_s = time.monotonic(), time.process_time()
    wait_for(lambda: time.monotonic() - begun_s > 1.0, "a second to pass")
    bench.describe("echo")
    assert time.process_time() - begun_cpu_s < 0.3
