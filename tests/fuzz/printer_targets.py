"""What a printer is told: the simulated printer as a whole, and the driver's cutting of jobs into pieces."""

from __future__ import annotations

import itertools

from hardware.printer.cloudprnt_desk import Desk, Request
from hardware.printer.pieces import cut_into_pieces
from hardware.printer.simulator import PrinterOptions, PrinterSimulator
from tests.fuzz.fuzzing import Feed, Target

_PIECE = 64
_SEEDS = (
    b"\x1b@Hello\n\x1bE\x01\x1d!\x11Total\n",
    b"\x10\x04\x01\x10\x04\x04\x10\x05\x01",
    b"\x1d\x61\xff\x1dr\x01\x1dI\x43",
    b"\x1dV\x42\x00",
    b"\x1d(H\x06\x0000ABCD",
    b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x05\x1d(k\x05\x001P0AB\x1d(k\x03\x001Q0",
    b"\x1dv0\x03\x02\x00\x01\x00\xff\xff",
    b"\x1b*\x21\x01\x00\x01\x02\x03\n",
    b"\x1dk\x43\x0c952123456789\x1dk\x02952\x00",
    b"\x1d(L\x0c\x000p0\x01\x011\x08\x00\x01\x00\xff\x1d(L\x02\x0002",
    b"\x1d(L\x0d\x000C0LO\x01\x08\x00\x01\x001\xff\x1d(L\x06\x000ELO\x01\x01",
    b"\x1c&\xc5\xa3\xc4\xcc\x1c.\x1bt\x10\xe9\n",
    b"\x1bD\x08\x10\x00a\tb\x1bM\x01\x1b-\x01\x1dB\x01x\n",
)


def _simulator() -> Feed:
    printer = PrinterSimulator(PrinterOptions(speed_mm_s=1e6, chinese_font=True, buffer_bytes=4096))
    clock = itertools.count(1)

    def feed(data: bytes) -> None:
        now_s = float(next(clock))
        printer.receive(data, now_s)
        printer.send(now_s + 0.5)
        printer.paper("ok")

    return feed


def _pieces() -> Feed:
    def feed(data: bytes) -> None:
        pieces = cut_into_pieces(data, _PIECE)
        assert pieces is None or b"".join(pieces) == data

    return feed


def _polls() -> Feed:
    desk = Desk("printer", "", lambda _left: None, left_half_a_job=False)
    clock = itertools.count(1)

    def feed(data: bytes) -> None:
        now_s = float(next(clock))
        answer = desk.take(Request("POST", body=data), now_s)
        assert answer.status in {200, 400}
        query = data.decode("latin-1")
        for method in ("GET", "DELETE"):
            assert desk.take(Request(method, query), now_s).status in {200, 400, 403, 404, 415}
        assert not desk.outcomes

    return feed


_POLLS = (
    b'{"statusCode": "200%20OK"}',
    (
        b'{"status": "29 a 0 ", "printerMAC": "00:11:62:0D:14:27", "uniqueID": null, "statusCode": "410%20Out%20of%20paper",'
        b' "jobToken": "a", "printingInProgress": true, "clientAction": [{"request": "ClientType", "result": "x"}]}'
    ),
    b"uid=a&type=image%2Fpng&mac=00:11:62:0d:14:27&token=a",
    b"mac=00%3A11%3A62%3A0D%3A14%3A27&code=200%20OK&token=a&retry=1",
    b"delete&code=OK",
)
TARGETS = (
    Target(
        "simulated printer",
        _simulator,
        _SEEDS,
        ("hardware.printer.commands", "hardware.printer.simulator", "hardware.printer.head", "hardware.printer.graphics"),
    ),
    Target("CloudPRNT", _polls, _POLLS, ("hardware.printer.cloudprnt_protocol", "hardware.printer.cloudprnt_desk")),
    Target("ESC/POS jobs", _pieces, _SEEDS, ("hardware.printer.commands", "hardware.printer.pieces")),
)
