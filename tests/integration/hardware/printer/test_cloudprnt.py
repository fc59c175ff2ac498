"""The driver over real HTTP: with a printer written down here by hand, and with the simulated one on a bench."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hardware.bench.bench import Bench
from hardware.bench.cli import build_devices
from hardware.bench.polling import PollingDevice
from hardware.bench.settings import BenchSettings
from hardware.bench.simulator import JsonValue
from hardware.connection import State
from hardware.device import ConnectionChanged, Device, DeviceEvent
from hardware.printer import cloudprnt_body, cloudprnt_job
from hardware.printer.cloudprnt_driver import CloudPrntDriver
from hardware.printer.cloudprnt_server import CloudPrntServer
from hardware.printer.driver import PrinterStatus, PrintJob, PrintOutcome
from hardware.printer.receipt import Cut, QrCode, TextLine
from hardware.printer.simulator_cloudprnt import CloudPrinterSimulator, build, other_options
from hardware.printer.simulator_cloudprnt_options import CloudPrinterOptions
from program.settings import load_settings

DEADLINE_S = 15.0
MAC = "00:11:62:0d:14:27"
RECEIPT = (TextLine("Milk", "¥3.50"), QrCode("PASS"), Cut())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Kiosk:
    """A driver and what it told."""

    def __init__(self, **options: Any) -> None:
        self.port = free_port()
        self.events: queue.Queue[DeviceEvent] = queue.Queue()
        self.driver = CloudPrntDriver(**{"poll_s": 0.3, "printing_silence_s": 1.0, **options})
        self.url = f"cloudprnt://127.0.0.1:{self.port}/secret-1"
        self.device: Device[CloudPrntServer] = Device("printer", self.url, self.driver, self.events.put)
        self.device.start()

    def wait_for(self, fits: Callable[[Any], bool]) -> Any:
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            event = self.events.get(timeout=max(0.01, deadline_s - time.monotonic()))
            if fits(event):
                return event

    def wait_state(self, state: State) -> ConnectionChanged:
        found = self.wait_for(lambda event: isinstance(event, ConnectionChanged) and event.state is state)
        assert isinstance(found, ConnectionChanged)
        return found

    def print(self) -> UUID:
        job_id = uuid4()
        self.device.perform(PrintJob(job_id, b"", RECEIPT))
        return job_id

    def outcome(self) -> tuple[str, str]:
        found = self.wait_for(lambda event: isinstance(event, PrintOutcome))
        return found.outcome, found.reason

    def ask(self, method: str, query: str = "", path: str = "/secret-1", body: bytes = b"") -> tuple[int, bytes, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            line.request(method, f"{path}?{query}" if query else path, body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            return answer.status, answer.read(), answer.headers["Content-Type"]
        finally:
            line.close()

    def poll(self, **told: Any) -> dict[str, Any]:
        status, body, media = self.ask("POST", body=json.dumps({"statusCode": "200%20OK", "printerMAC": MAC, **told}).encode())
        assert (status, media) == (200, "application/json")
        found: dict[str, Any] = json.loads(body)
        return found

    def poll_until_offered(self) -> str:
        deadline_s = time.monotonic() + DEADLINE_S
        while not (answer := self.poll())["jobReady"]:
            assert time.monotonic() < deadline_s
        return str(answer["jobToken"])

    def raw(self, data: bytes, *, piece: int = 0) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_S) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for start in range(0, len(data), piece or len(data)):
                    line.sendall(data[start : start + (piece or len(data))])
                received = b""
                while more := line.recv(65536):
                    received += more
            except ConnectionError:
                return b""
            return received


@pytest.fixture
def kiosk_with() -> Iterator[Callable[..., Kiosk]]:
    kiosks: list[Kiosk] = []

    def make(**options: Any) -> Kiosk:
        kiosks.append(Kiosk(**options))
        return kiosks[-1]

    yield make
    for kiosk in kiosks:
        kiosk.device.stop()


def ready(kiosk: Kiosk) -> ConnectionChanged:
    """Ask until the driver has met its printer."""
    deadline_s = time.monotonic() + DEADLINE_S
    while kiosk.device.connection.state is not State.READY:
        try:
            kiosk.poll(clientAction=[{"request": "ClientType", "result": "mC-Print3"}])
        except ConnectionError:
            assert time.monotonic() < deadline_s
    return kiosk.wait_state(State.READY)


def test_a_receipt_by_hand(kiosk_with: Callable[..., Kiosk]) -> None:
    kiosk = kiosk_with(poll_s=5.0)
    identity = ready(kiosk).identity
    assert (identity.model, identity.serial_number) == ("mC-Print3", MAC)
    kiosk.print()
    token = kiosk.poll_until_offered()
    status, document, media = kiosk.ask("GET", f"uid=&type=image%2Fpng&mac={MAC}&token={token}")
    assert (status, document[:8], media) == (200, b"\x89PNG\r\n\x1a\n", "image/png")
    assert kiosk.ask("GET", f"type=text%2Fplain&mac={MAC}&token={token}")[2] == "text/plain"
    assert kiosk.ask("DELETE", f"mac={MAC}&code=200%20OK&token={token}")[0] == 200
    assert kiosk.outcome() == ("printed", "")
    assert kiosk.ask("DELETE", f"mac={MAC}&code=200%20OK&token={token}")[0] == 200


def test_status_is_told_as_by_other_printers(kiosk_with: Callable[..., Kiosk]) -> None:
    kiosk = kiosk_with(poll_s=5.0)
    ready(kiosk)
    for code, told in {
        "200%20OK": PrinterStatus("printer", "ok", cover_open=False, error="", online=True),
        "211%20Paper%20low": PrinterStatus("printer", "near_end", cover_open=False, error="", online=True),
        "410%20Out%20of%20paper": PrinterStatus("printer", "out", cover_open=False, error="", online=False),
        "420%20Cover%20open": PrinterStatus("printer", "ok", cover_open=True, error="", online=False),
        "411%20Paper%20jam": PrinterStatus("printer", "ok", cover_open=False, error="paper jam (411)", online=False),
    }.items():
        kiosk.poll(statusCode=code)
        assert kiosk.wait_for(lambda event: isinstance(event, PrinterStatus)) == told


@pytest.mark.parametrize("path", ["/", "/secret-2", "/cloudprnt-setting.json", "/secret-1/x", "/secret-1%00"])
def test_other_paths_know_nothing(kiosk_with: Callable[..., Kiosk], path: str) -> None:
    kiosk = kiosk_with(poll_s=5.0)
    ready(kiosk)
    for method in ("GET", "POST", "DELETE"):
        assert kiosk.ask(method, path=path, body=b"{}" if method == "POST" else b"")[0] == 404


HEAD = b"POST /secret-1 HTTP/1.1\r\nHost: kiosk\r\n"
BODY = b'{"statusCode": "200%20OK", "printerMAC": "00:11:62:0D:14:27"}'
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
IN_CHUNKS = CHUNKED + b"5\r\n" + BODY[:5] + b"\r\n%x;a=b\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\n\r\n"
GOOD = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_a_poll_in_pieces(kiosk_with: Callable[..., Kiosk], piece: int) -> None:
    kiosk = kiosk_with(poll_s=5.0)
    ready(kiosk)
    assert kiosk.raw(GOOD, piece=piece).startswith(b"HTTP/1.1 200 ")
    assert kiosk.raw(IN_CHUNKS, piece=piece).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x00\xff\x16\x03\x01garbage\r\n\r\n", b"400"),
        (b"HELLO\r\n\r\n", b"400"),
        (b"PUT /secret-1 HTTP/1.1\r\n\r\n", b"501"),
        (HEAD + b"\r\n", b"411"),
        (HEAD + b"Content-Length: -1\r\n\r\n", b"411"),
        (HEAD + b"Content-Length: 1e9\r\n\r\n", b"411"),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", b"411"),
        (CHUNKED + b"0\r\n\r\n", b"400"),
        (CHUNKED + b"-1\r\n\r\n", b"400"),
        (CHUNKED + b"2\r\n{}x\r\n0\r\n\r\n", b"400"),
        (CHUNKED + b"fffff\r\n", b"413"),
        (HEAD + b"Content-Length: 99999999999999\r\n\r\n{}", b"413"),
        (HEAD + b"Content-Length: 2\r\n\r\n{}", b"400"),
        (b"GET /secret-1?" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"GET http://[ HTTP/1.1\r\n\r\n", b"400"),
        (HEAD + b"X: y\r\n" * 200 + b"\r\n", b"431"),
    ],
)
def test_what_is_no_request_is_refused_and_the_next_one_served(
    kiosk_with: Callable[..., Kiosk], data: bytes, status: bytes
) -> None:
    kiosk = kiosk_with(poll_s=5.0)
    ready(kiosk)
    assert kiosk.raw(data)[:12] == b"HTTP/1.1 " + status
    assert kiosk.poll() == {"jobReady": False}


def test_an_endless_head_and_a_dripping_one_end(kiosk_with: Callable[..., Kiosk], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudprnt_body, "REQUEST_WITHIN_S", 0.3)
    kiosk = kiosk_with(poll_s=5.0)
    ready(kiosk)
    assert b" 200 " not in kiosk.raw(HEAD + b"X: " + b"y" * 200_000)
    begun_s = time.monotonic()
    assert kiosk.raw(HEAD) == b""
    assert time.monotonic() - begun_s < 5.0
    assert kiosk.poll() == {"jobReady": False}


def test_connections_that_say_nothing_leave_room(kiosk_with: Callable[..., Kiosk]) -> None:
    kiosk = kiosk_with(poll_s=5.0)
    ready(kiosk)
    with contextlib.ExitStack() as stack:
        for _number in range(40):
            stack.enter_context(socket.create_connection(("127.0.0.1", kiosk.port), DEADLINE_S))
        assert kiosk.poll() == {"jobReady": False}


def test_two_printers_at_once(kiosk_with: Callable[..., Kiosk], caplog: pytest.LogCaptureFixture) -> None:
    kiosk = kiosk_with(poll_s=5.0)
    ready(kiosk)
    kiosk.print()
    token = kiosk.poll_until_offered()
    assert kiosk.poll(printerMAC="00:11:62:ff:ff:01") == {"jobReady": False}
    assert kiosk.ask("GET", f"mac=00:11:62:ff:ff:01&token={token}")[0] == 404
    assert kiosk.ask("DELETE", f"mac=00:11:62:ff:ff:01&code=200&token={token}")[0] == 403
    assert "another printer, 00:11:62:ff:ff:01, asks for jobs and gets none" in caplog.text
    assert kiosk.ask("GET", f"mac={MAC}&token={token}")[0] == 200
    assert kiosk.ask("DELETE", f"mac={MAC}&code=200&token={token}")[0] == 200
    assert kiosk.outcome()[0] == "printed"


def test_the_wrong_printer_is_told_in_a_sentence(kiosk_with: Callable[..., Kiosk]) -> None:
    kiosk = kiosk_with(pinned_mac="00:11:62:00:00:09")
    deadline_s = time.monotonic() + DEADLINE_S
    while "plug in the right device" not in kiosk.device.connection.reason:
        assert time.monotonic() < deadline_s
        if kiosk.driver._server is not None:
            assert kiosk.poll() == {"jobReady": False}
    assert kiosk.device.connection.wrong_device


def test_a_port_that_is_taken_is_told_and_the_printer_found_when_it_is_free(kiosk_with: Callable[..., Kiosk]) -> None:
    kiosk = kiosk_with()
    ready(kiosk)
    second: Device[CloudPrntServer] = Device("second", kiosk.url, CloudPrntDriver(poll_s=0.3), kiosk.events.put)
    second.start()
    try:
        lost = kiosk.wait_for(lambda event: isinstance(event, ConnectionChanged) and event.device == "second")
        assert "cannot listen" in lost.reason
    finally:
        second.stop()


class Stall:
    """The simulated printer on a bench, asking a kiosk."""

    def __init__(self, kiosk: Kiosk, **options: Any) -> None:
        self.options = {"url": kiosk.url, "mac": MAC, "poll_s": 0.2, "print_s": 0.3, "boot_s": 0.1, **options}
        simulator = CloudPrinterSimulator(CloudPrinterOptions.model_validate(self.options))
        self.bench = Bench([PollingDevice("star", "cloudprnt-printer", simulator, another=self.another)])
        self.bench.start()

    def another(self) -> CloudPrinterSimulator:
        return build(other_options(self.options), 1)

    def play(self, action: str, **arguments: JsonValue) -> None:
        self.bench.play("star", action, arguments)

    def facts(self) -> dict[str, Any]:
        facts = self.bench.describe("star")["facts"]
        assert isinstance(facts, dict)
        return facts

    def wait_facts(self, fits: Callable[[dict[str, Any]], bool]) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while not fits(self.facts()):
            assert time.monotonic() < deadline_s, self.facts()


@pytest.fixture
def stall_with(kiosk_with: Callable[..., Kiosk]) -> Iterator[Callable[..., tuple[Kiosk, Stall]]]:
    stalls: list[Stall] = []

    def make(**options: Any) -> tuple[Kiosk, Stall]:
        kiosk = kiosk_with()
        stalls.append(Stall(kiosk, **options))
        kiosk.wait_state(State.READY)
        return kiosk, stalls[-1]

    yield make
    for stall in stalls:
        stall.bench.stop()


Make = Callable[..., tuple[Kiosk, Stall]]


@pytest.mark.parametrize("options", [{}, {"takes": ["text/plain"]}, {"tells_token": False, "asks_setting": True}])
def test_the_bench_prints(stall_with: Make, options: dict[str, Any]) -> None:
    kiosk, stall = stall_with(**options)
    kiosk.print()
    assert kiosk.outcome() == ("printed", "")
    assert len(stall.facts()["receipts"]) == 1
    assert (stall.bench.picture("star") or b"").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("action", "on", "off"), [("paper", {"state": "out"}, {"state": "ok"}), ("cover", {"open": True}, {"open": False})]
)
def test_paper_out_and_cover_open_hold_a_job(stall_with: Make, action: str, on: dict[str, Any], off: dict[str, Any]) -> None:
    kiosk, stall = stall_with()
    stall.play(action, **on)
    kiosk.wait_for(lambda event: isinstance(event, PrinterStatus) and not event.online)
    kiosk.print()
    polls = stall.facts()["polls"]
    stall.wait_facts(lambda facts: facts["polls"] > polls + 2)
    assert stall.facts()["fetches"] == 0
    stall.play(action, **off)
    assert kiosk.outcome() == ("printed", "")


def test_paper_out_in_the_middle(stall_with: Make) -> None:
    kiosk, stall = stall_with(print_s=1.0)
    kiosk.print()
    stall.wait_facts(lambda facts: facts["phase"] == "printing")
    stall.play("paper", state="out")
    stall.wait_facts(lambda facts: facts["half_receipts"] == 1)
    stall.play("paper", state="ok")
    assert kiosk.outcome() == ("printed", "")
    assert stall.facts()["fetches"] == 2


@pytest.mark.parametrize("fault", ["unplug", "silent"])
def test_lost_and_back_idle_and_in_mid_job(stall_with: Make, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    kiosk, stall = stall_with(print_s=20.0)
    for job in (False, True):
        if job:
            kiosk.print()
            stall.wait_facts(lambda facts: facts["phase"] == "printing")
        begun_s = time.monotonic()
        stall.play(fault, **({"on": True} if fault == "silent" else {}))
        if job:
            assert kiosk.outcome()[0] == "uncertain"
        assert "has not asked" in kiosk.wait_state(State.LOST).reason
        assert time.monotonic() - begun_s < 3.0
        kiosk.print()
        assert kiosk.outcome() == ("not_printed", "the printer is not connected")
        stall.play("replug" if fault == "unplug" else "silent", **({"on": False} if fault == "silent" else {}))
        kiosk.wait_state(State.READY)
    told = [record.getMessage() for record in caplog.records]
    assert sum("printer is lost" in line for line in told) == 2
    assert sum("printer is back" in line for line in told) == 3


def test_power_cycles(stall_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudprnt_job, "CONFIRM_IDLE_S", 0.5)
    kiosk, stall = stall_with(print_s=20.0)
    stall.play("power_cycle")
    kiosk.print()
    stall.wait_facts(lambda facts: facts["phase"] == "printing")
    stall.play("power_cycle")
    assert kiosk.outcome() == ("uncertain", "the printer did not confirm")
    assert stall.facts()["receipts"] == []


def test_a_printer_that_never_confirms_prints_once(stall_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudprnt_job, "CONFIRM_IDLE_S", 0.5)
    kiosk, stall = stall_with()
    stall.play("mute_ends", on=True)
    kiosk.print()
    assert kiosk.outcome()[0] == "uncertain"
    assert stall.facts()["fetches"] == 1


def test_a_refused_job_and_garbage_and_lost_requests(stall_with: Make) -> None:
    kiosk, stall = stall_with()
    stall.play("refuse_next", code="511 Decode error")
    kiosk.print()
    assert kiosk.outcome()[0] == "not_printed"
    for fault in ("drop_next_reply", "truncate_next_reply", "dup_next_reply"):
        stall.play(fault)
        stall.play("garbage", hex="FF 00 16 03 01 0D 0A 0D 0A")
        kiosk.print()
        assert kiosk.outcome()[0] == "printed"


def test_another_printer_in_its_place(stall_with: Make) -> None:
    kiosk, stall = stall_with()
    polls = stall.facts()["polls"]
    stall.play("wrong_device", on=True)
    assert "has not asked" in kiosk.wait_state(State.LOST).reason
    assert stall.facts()["polls"] >= polls


def test_a_receipt_that_cannot_be_drawn_is_told(stall_with: Make) -> None:
    kiosk, _stall = stall_with()
    kiosk.device.perform(PrintJob(uuid4(), b"", (QrCode(""),)))
    assert kiosk.outcome()[0] == "not_printed"


def test_the_settings_of_the_bench_put_one_there(kiosk_with: Callable[..., Kiosk], tmp_path: Path) -> None:
    kiosk = kiosk_with()
    path = tmp_path / "bench.toml"
    path.write_text(
        f"""data_dir = "bench"
[[devices]]
name = "star"
kind = "cloudprnt-printer"
options = {{ url = "{kiosk.url}", poll_s = 0.2, print_s = 0.1 }}
""",
        encoding="utf-8",
    )
    with contextlib.ExitStack() as stack:
        (device,) = build_devices(load_settings(BenchSettings, path), stack)
        assert (device.url, device.plugged) == (kiosk.url, True)
        kiosk.wait_state(State.READY)
        kiosk.print()
        assert kiosk.outcome() == ("printed", "")
