"""``device-bench`` as a process."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from hardware.device import ConnectionChanged, Device, DeviceEvent
from hardware.printer.driver import PrinterDriver, PrintJob, PrintOutcome
from hardware.printer.receipt import Cut, QrCode, TextLine
from hardware.printer.rendering import rendered

PROGRAM = [sys.executable, "-c", "from hardware.bench.cli import main; main()"]
TIMEOUT_S = 30.0
PRINTERS = """
[[devices]]
name = "printer"
kind = "escpos-printer"
[[devices]]
name = "second-printer"
kind = "escpos-printer"
transport = "tcp"
"""


def settings_in(folder: Path, text: str = PRINTERS) -> Path:
    path = folder / "bench.toml"
    path.write_text(f'data_dir = "bench"\n{text}', encoding="utf-8")
    return path


def start(settings: Path) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SCANLANE_")}
    return subprocess.Popen(
        [*PROGRAM, "--settings", str(settings)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


@contextlib.contextmanager
def running(settings: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    process = start(settings)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("READY "), process.communicate(timeout=TIMEOUT_S)
        yield process, json.loads(line.removeprefix("READY "))
    finally:
        process.kill()
        process.communicate(timeout=TIMEOUT_S)


def failed(settings: Path) -> str:
    """Return the sentence with which it refuses to start."""
    _out, err = (process := start(settings)).communicate(timeout=TIMEOUT_S)
    assert process.returncode == 2, err
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize("name", ["printer", "second-printer"])
def test_a_receipt_is_printed_across_processes(tmp_path: Path, name: str) -> None:
    with running(settings_in(tmp_path)) as (_process, ready):
        url = requests.get(f"{ready['control_url']}/devices/{name}", timeout=TIMEOUT_S).json()["url"]
        assert Path(url).is_absolute() or url.startswith("socket://")
        events: queue.Queue[DeviceEvent] = queue.Queue()
        device = Device(name, url, PrinterDriver(), events.put)
        device.start()
        job = PrintJob(uuid4(), rendered((TextLine("Milk", "3.50"), QrCode("HTTPS://A/P/B"), Cut())))
        event = events.get(timeout=TIMEOUT_S)
        while not isinstance(event, PrintOutcome):
            if isinstance(event, ConnectionChanged) and event.is_ready:
                device.perform(job)
            event = events.get(timeout=TIMEOUT_S)
        device.stop()
        assert event.outcome == "printed"
        taken = requests.post(f"{ready['control_url']}/devices/{name}/take_receipt", timeout=TIMEOUT_S).json()["result"]
        assert taken["qr_texts"] == ["HTTPS://A/P/B"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_gracefully(tmp_path: Path, number: signal.Signals) -> None:
    with running(settings_in(tmp_path)) as (process, _ready):
        assert (tmp_path / "bench" / "dev" / "printer").is_symlink()
        process.send_signal(number)
        assert process.wait(timeout=TIMEOUT_S) == 0
    assert list((tmp_path / "bench" / "dev").iterdir()) == []


def test_a_second_instance_is_told_so(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with running(settings) as (process, ready):
        assert f"device-bench is already running with the folder {tmp_path / 'bench'} (process {process.pid})" in failed(
            settings
        )
        assert requests.get(f"{ready['control_url']}/devices", timeout=TIMEOUT_S).ok
    with running(settings):
        pass


@pytest.mark.parametrize("key", ["control_port = {port}\n" + PRINTERS, PRINTERS + "port = {port}\n"])
def test_a_port_that_is_in_use(tmp_path: Path, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = failed(settings_in(tmp_path, key.format(port=port)))
    assert f"cannot listen on port {port}" in sentence
    assert "or to 0" in sentence
    assert list((tmp_path / "bench" / "dev").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("control_prot = 1", "Did you mean 'control_port'?"),
        ('[[devices]]\nname = "a"\nkind = "escpos-printr"', "Did you mean 'escpos-printer'?"),
        (
            '[[devices]]\nname = "a"\nkind = "escpos-printer"\noptions = {speed = 1}',
            "The options of the kind escpos-printer are wrong",
        ),
        ("devices = 5", "devices"),
        ("[[[", "is no valid TOML"),
    ],
)
def test_wrong_settings(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in failed(settings_in(tmp_path, text))


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    assert "Cannot read the settings file" in failed(tmp_path / "nothing.toml")
