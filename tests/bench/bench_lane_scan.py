"""A lane's whole I/O scan, inputs and outputs, against the time that its bytes and their silences need on the wire.

The module is a process of its own that paces every byte at the line's speed. Modbus parts frames by 3.5 characters of silence
(1.75 ms above 19200 baud): before an answer, and before the next question. They belong to the wire's time; the ratio to the
bytes alone is told beside it, and no master can bring it near 1. A busy machine wakes both ends late; what a bare loop of
system calls takes for the same questions in the same run shows how much of a ratio is the machine's.
"""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hardware.device import DeviceEvent
from hardware.io_module import protocol
from hardware.io_module.driver import IoModuleDriver
from hardware.io_module.protocol import Request
from hardware.io_module.register_maps import MAPS, RegisterMap
from hardware.io_module.wiring import IoModuleSetup
from hardware.link import LineSettings, Link
from tests.bench.paced_module import byte_s, silence_s
from tests.bench.rows import Row, below, ratio

BAUDS = (9_600, 38_400, 115_200)
MODULES = ("waveshare-io-8ch", "adam-4055")
SCANS = 60
AIM = 1.1


def measure() -> Iterator[Row]:
    """Scan each kind of module at each speed."""
    for module in MODULES:
        for baud in BAUDS:
            yield from _measured(MAPS[module], baud)


def _measured(found: RegisterMap, baud: int) -> Iterator[Row]:
    driven, bare = _scans(found, baud)
    took_s, bare_s = statistics.median(driven), statistics.median(bare)
    lengths = [len(request.frame) + _answer_bytes(request) for request in _questions(found)]
    bytes_s = sum(lengths) * byte_s(baud)
    wire_s = bytes_s + 2 * len(lengths) * silence_s(baud)
    subject = f"lane I/O scan, {found.name}, {baud} baud"
    yield Row(subject, "p50", round(1000 * took_s, 3), "ms")
    yield Row(subject, "best", round(1000 * min(driven), 3), "ms")
    yield Row(subject, "wire", round(1000 * wire_s, 3), "ms")
    yield ratio(subject, "bare loop", bare_s, wire_s, "the same questions by bare system calls / the time on the wire")
    yield ratio(subject, "bytes only", took_s, bytes_s, f"time of a scan / its {sum(lengths)} bytes without the silences")
    against = f"time of a scan / its {sum(lengths)} bytes and {2 * len(lengths)} silences on the wire"
    yield below(ratio(subject, "ratio", took_s, wire_s, against), AIM)


def _questions(found: RegisterMap) -> list[Request]:
    rows = [found.together] if found.together is not None else [found.inputs, found.outputs]
    return [protocol.read(1, row.function, row.start, row.count) for row in rows]


def _answer_bytes(request: Request) -> int:
    """Address, function, count, data and CRC."""
    assert request.data_bytes is not None
    return 3 + request.data_bytes + 2


def _scans(found: RegisterMap, baud: int) -> tuple[list[float], list[float]]:
    """Return how long each scan took, one right after the other: the driver's, and those of a bare loop."""
    driver = IoModuleDriver(IoModuleSetup(found), line=LineSettings(baud=baud))
    driver.name, driver.publish = "io", _unheard
    spans = []
    with _paced(found.name, baud) as url:
        port = driver.open(url)
        try:
            driver.probe(port)
            _settle(driver, port)
            for _scan in range(SCANS):
                begun_s = time.perf_counter()
                driver.scan(port, outputs=True)
                spans.append(time.perf_counter() - begun_s)
        finally:
            driver.close(port)
        return spans, _bare_scans(url, _questions(found), baud)


def _bare_scans(url: str, questions: list[Request], baud: int) -> list[float]:
    """Ask the same with nothing but system calls."""
    spans, port = [], os.open(url, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        for _scan in range(SCANS):
            begun_s = time.perf_counter()
            for question in questions:
                select.select([port], [], [], silence_s(baud))
                os.write(port, question.frame)
                missing = _answer_bytes(question)
                while missing:
                    select.select([port], [], [], 1.0)
                    missing -= len(os.read(port, missing))
            spans.append(time.perf_counter() - begun_s)
    finally:
        os.close(port)
    return spans


def _settle(driver: IoModuleDriver, port: Link) -> None:
    """The first scan tells the inputs and asks about restarts."""
    for _scan in range(3):
        driver.scan(port, outputs=True)


@contextmanager
def _paced(module: str, baud: int) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.bench.paced_module", module, str(baud)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(10)


def _unheard(_event: DeviceEvent) -> None:
    """Nobody owns this device."""
