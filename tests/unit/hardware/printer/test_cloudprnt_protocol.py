"""What CloudPRNT printers say, with the reference's vectors, and what they are answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hardware.errors import ProtocolError
from hardware.printer import cloudprnt_protocol as protocol
from hardware.printer.cloudprnt_protocol import Poll, Query, Status

MAC = "00:11:62:0d:14:27"


def poll(**told: Any) -> bytes:
    return json.dumps({"statusCode": "200%20OK", **told}).encode()


def test_a_whole_poll() -> None:
    told = protocol.parse_poll(
        poll(
            status="29 a 0 0 0 0 0 0 0 ",
            printerMAC="00:11:62:0D:14:27",
            uniqueID="till-4",
            jobToken="job-1",
            printingInProgress=True,
            clientAction=[
                {"request": "ClientType", "result": "mC-Print3"},
                {"request": "PageInfo", "result": {"paperWidth": 80}},
            ],
            barcodeReader=[{"name": "a"}],
            keyboard=[],
            display=None,
        )
    )
    assert (told.mac, told.unique_id, told.job_token, told.printing) == (MAC, "till-4", "job-1", True)
    assert told.status == Status(200, "OK")
    assert told.answers["ClientType"] == "mC-Print3"


def test_only_the_status_must_be_there() -> None:
    assert protocol.parse_poll(b'{"statusCode": "200 OK"}') == Poll(Status(200, "OK"))
    assert (
        protocol.parse_poll(b'{"statusCode": 211, "printerMAC": null, "clientAction": null, "uniqueID": 4}').status.code == 211
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"statusCode": true}',
        b'{"statusCode": null}',
        b'{"statusCode": "fine"}',
        b'{"statusCode": "20"}',
        b'{"statusCode": "20000"}',
        b'{"statusCode": "999"}',
        b'{"statusCode": "200", "printerMAC": "printer"}',
        b"[" * 100_000,
        b'{"statusCode": "200", "x": ' + b"1" * 5000 + b"}",
        b" " * (protocol.POLL_BYTES_MAX + 1),
    ],
)
def test_what_is_no_poll_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.parse_poll(body)


@pytest.mark.parametrize(
    ("text", "status", "meaning"),
    [
        ("200%20OK", Status(200, "OK"), ("ok", False, "", "")),
        ("200 OK", Status(200, "OK"), ("ok", False, "", "")),
        ("OK", Status(200, "OK"), ("ok", False, "", "")),
        ("201%20Paper%20taken", Status(201, "Paper taken"), ("ok", False, "", "")),
        ("210", Status(210), ("near_end", False, "", "")),
        ("211%20Paper%20low", Status(211, "Paper low"), ("near_end", False, "", "")),
        ("221%20Output%20paper%20is%20present", Status(221, "Output paper is present"), ("ok", False, "", "")),
        ("410%20Out%20of%20paper", Status(410, "Out of paper"), ("out", False, "", "out of paper")),
        ("411", Status(411), ("ok", False, "paper jam (411)", "paper jam (411)")),
        ("412%20Roll", Status(412, "Roll"), ("ok", False, "Roll (412)", "Roll (412)")),
        ("420%20Cover%20open", Status(420, "Cover open"), ("ok", True, "", "the cover is open")),
        ("430", Status(430), ("ok", False, "stopped by a fault (430)", "stopped by a fault (430)")),
        ("511%20Decode", Status(511, "Decode"), ("ok", False, "Decode (511)", "Decode (511)")),
        ("2001", Status(2001), ("ok", False, "", "")),
    ],
)
def test_codes(text: str, status: Status, meaning: tuple[str, bool, str, str]) -> None:
    found = protocol.parse_code(text)
    assert found == status
    assert (found.paper, found.cover_open, found.error, found.obstacle) == meaning


def test_queries() -> None:
    get = "uid=a&type=image%2Fpng&mac=00%3A11%3A62%3A0D%3A14%3A27&token=job-1"
    assert protocol.parse_query(get) == Query(MAC, "image/png", "job-1")
    delete = "mac=00:11:62:0d:14:27&code=200%20OK&token=job-1&retry=2"
    assert protocol.parse_query(delete) == Query(MAC, "", "job-1", Status(200, "OK"))
    assert protocol.parse_query("mac=0011620d1427&delete&code=OK") == Query(MAC, "", "", Status(200, "OK"), is_delete=True)
    assert protocol.parse_query("") == Query()
    for wrong in ("code=never", "mac=x", "code=", "&".join("a=1" for _ in range(40))):
        with pytest.raises(ProtocolError):
            protocol.parse_query(wrong)


@pytest.mark.parametrize(
    ("media_type", "accept", "chosen"),
    [
        ("image/png", "", "image/png"),
        ("text/plain", "image/png", "text/plain"),
        ("application/vnd.star.starprnt", "", None),
        ("", "", "image/png"),
        ("", "*/*", "image/png"),
        ("", "text/plain; q=0.9, text/vnd.star.markup", "text/plain"),
        ("", "application/vnd.star.line, image/*", "image/png"),
        ("", "application/vnd.star.line", None),
    ],
)
def test_the_printer_picks_the_media(media_type: str, accept: str, chosen: str | None) -> None:
    assert protocol.chosen_media(media_type, accept) == chosen


def test_answers() -> None:
    assert json.loads(protocol.poll_answer()) == {"jobReady": False}
    assert json.loads(protocol.poll_answer("job-1")) == {
        "jobReady": True,
        "mediaTypes": ["image/png", "text/plain"],
        "jobToken": "job-1",
        "deleteMethod": "DELETE",
    }
    asked = json.loads(protocol.poll_answer(actions=("ClientType",)))
    assert asked == {"jobReady": False, "clientAction": [{"request": "ClientType", "options": ""}]}


def test_addresses() -> None:
    assert protocol.address_of("cloudprnt://0.0.0.0:8777/secret/") == ("0.0.0.0", 8777, "/secret")  # noqa: S104 - what settings say
    assert protocol.address_of("cloudprnt://[::]:80/a/b")[0] == "::"
    for wrong in ("cloudprnt://h/x", "cloudprnt://h:0/x", "cloudprnt://h:99999/x", "cloudprnt://h:8777/", "http://h:1/x"):
        with pytest.raises(ValueError, match="such as cloudprnt://"):
            protocol.address_of(wrong)
    with pytest.raises(ValueError, match="twelve"):
        protocol.parse_mac("00:11")
