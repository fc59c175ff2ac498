"""The control API over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hardware.bench.bench import Bench
from hardware.bench.control import BODY_MAX, ControlServer
from hardware.bench.devices import WiredDevice
from hardware.bench.host import PtyHost
from hardware.link import Link
from hardware.printer.simulator import PrinterSimulator
from program.errors import ProgramError
from tests.integration.hardware.bench.echo import Echo

TIMEOUT_S = 10.0


@pytest.fixture
def control(tmp_path: Path) -> Iterator[ControlServer]:
    echo = WiredDevice("echo", "echo", Echo(), PtyHost(tmp_path, "echo"))
    printer = WiredDevice("printer", "escpos-printer", PrinterSimulator(), PtyHost(tmp_path, "printer"))
    bench = Bench([echo, printer])
    bench.start()
    control = ControlServer(bench, 0)
    control.start()
    yield control
    control.stop()
    bench.stop()


def get(control: ControlServer, path: str) -> requests.Response:
    return requests.get(control.url + path, timeout=TIMEOUT_S)


def post(control: ControlServer, path: str, body: Any = None) -> requests.Response:
    return requests.post(control.url + path, json=body, timeout=TIMEOUT_S)


def said_by(control: ControlServer, data: bytes) -> bytes:
    """Return the whole answer to a request that no HTTP library would send."""
    with socket.create_connection(("127.0.0.1", control.port), timeout=TIMEOUT_S) as wire:
        wire.sendall(data)
        wire.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
        return answer


def test_devices_tell_about_themselves(control: ControlServer, tmp_path: Path) -> None:
    devices = get(control, "/devices").json()["devices"]
    assert [device["name"] for device in devices] == ["echo", "printer"]
    echo = get(control, "/devices/echo").json()
    assert echo["name"] == "echo"
    assert echo["kind"] == "echo"
    assert echo["url"] == str(tmp_path / "echo")
    assert echo["plugged"] is True
    assert echo["facts"] == {"power_cycles": 0, "chimes": 0}
    said = next(action for action in echo["actions"] if action["name"] == "say")
    assert said == {
        "name": "say",
        "doc": "Say something unasked.",
        "parameters": [
            {"name": "text", "type": "str", "required": True},
            {"name": "times", "type": "int", "required": False, "default": 1},
        ],
    }
    faults = {"unplug", "replug", "power_cycle", "silent", "garbage", "drop_next_reply", "corrupt_next_reply"}
    assert faults <= {action["name"] for action in echo["actions"]}
    assert all(action["doc"] for action in echo["actions"])


def test_the_world_is_played(control: ControlServer, tmp_path: Path) -> None:
    link = Link(str(tmp_path / "echo"))
    answer = post(control, "/devices/echo/say", {"text": "牛奶", "times": 2})
    assert (answer.status_code, answer.json()) == (200, {"result": 4})
    assert link.read_exactly(12, 5.0).decode() == "牛奶牛奶"
    assert post(control, "/devices/echo/garbage", {"hex": "02 FF"}).json() == {"result": None}
    assert link.read_exactly(2, 5.0) == b"\x02\xff"
    link.close()
    assert post(control, "/devices/echo/unplug").status_code == 200
    assert get(control, "/devices/echo").json()["plugged"] is False


def test_picture(control: ControlServer) -> None:
    picture = get(control, "/devices/printer/picture.png")
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    none = get(control, "/devices/echo/picture.png")
    assert (none.status_code, none.json()) == (404, {"error": "echo has no picture."})


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("/devices/echo/say", {}, 400, "say needs 'text'. It takes: text, times."),
        ("/devices/echo/say", {"text": 5}, 400, "say: text is wrong"),
        ("/devices/echo/say", {"text": "a", "loud": 1}, 400, "say takes no 'loud'"),
        ("/devices/echo/say", {"text": "a", "times": 0}, 400, "Say it once at least."),
        ("/devices/echo/say", [1], 400, "The arguments are a JSON object"),
        ("/devices/echo/dance", {}, 400, "echo has no action 'dance'. It has: "),
        ("/devices/echo/break_down", {}, 500, "The bench made a mistake of its own"),
        ("/devices/toaster/say", {}, 404, "There is no 'toaster' on the bench. There are: echo, printer."),
        ("/devices/printer/take_receipt", {}, 400, "No receipt hangs out of the printer."),
        ("/devices/printer/paper", {"state": "wet"}, 400, "paper: state is wrong"),
        ("/devices/echo", {}, 404, "To play the world, POST to /devices/NAME/ACTION."),
        ("/nothing", {}, 404, "There is only /devices here."),
        ("/devices/echo/say/again", {}, 404, "To play the world"),
    ],
)
def test_mistakes_get_a_sentence(control: ControlServer, path: str, body: Any, status: int, sentence: str) -> None:
    answer = post(control, path, body)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(sentence)


@pytest.mark.parametrize("path", ["/", "/nothing", "/devices/toaster", "/devices/echo/say", "/devices/echo/picture.png/x"])
def test_nothing_to_see_gets_a_sentence(control: ControlServer, path: str) -> None:
    answer = get(control, path)
    assert answer.status_code == 404
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"text": NaN', b"[" * 100_000, b'{"times": ' + b"9" * 5000 + b', "text": "a"}', b'"text"', b"null"],
)
def test_bodies_that_are_no_arguments(control: ControlServer, body: bytes) -> None:
    answer = requests.post(f"{control.url}/devices/echo/say", data=body, timeout=TIMEOUT_S)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x00\x01\x02\r\n\r\n", b"400"),
        (b"HELLO\r\n\r\n", b"400"),
        (b"DELETE /devices HTTP/1.1\r\nHost: a\r\n\r\n", b"501"),
        (b"GET " + b"/x" * 32_900 + b" HTTP/1.1\r\n\r\n", b"414"),  # just too long: what nobody reads ends in a reset
        (b"POST /devices/echo/say HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"POST /devices/echo/say HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST /devices/echo/say HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (f"POST /devices/echo/say HTTP/1.1\r\nContent-Length: {BODY_MAX + 1}\r\n\r\n".encode(), b"413"),
        (b"POST /devices/echo/say HTTP/1.1\r\nContent-Length: 50\r\n\r\n{}", b"400"),
    ],
)
def test_requests_that_are_none(control: ControlServer, data: bytes, status: bytes) -> None:
    answer = said_by(control, data)
    assert status in answer.split(b"\r\n")[0]
    assert b'{"error": ' in answer
    assert get(control, "/devices/echo").status_code == 200


def test_a_port_in_use_gets_a_sentence(control: ControlServer) -> None:
    with pytest.raises(ProgramError, match="Set control_port to another"):
        ControlServer(Bench([]), control.port)
