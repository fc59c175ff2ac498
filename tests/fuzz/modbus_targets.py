"""What I/O modules send on a network."""

from __future__ import annotations

import itertools

from hardware.errors import DeviceError
from hardware.io_module import protocol, protocol_tcp
from tests.fuzz.fuzzing import Feed, Target

_ASKED = (
    protocol.read_inputs(1),
    protocol.read_input_registers(1, 0x10, 16),
    protocol.write_coil(1, 2, on=True),
    protocol.write_coils(1, [False] * 8),
)


def _modbus_tcp() -> Feed:
    requests = itertools.cycle(_ASKED)

    def feed(data: bytes) -> None:
        protocol_tcp.find_reply(data[:512], next(requests), 1)

    return feed


def _with_length(frame: bytes) -> bytes:
    rest = frame[6:260]
    return b"\0\1\0\0" + len(rest).to_bytes(2) + rest


TARGETS = (
    Target(
        "Modbus TCP answers",
        _modbus_tcp,
        tuple(
            _with_length(bytes(6) + bytes.fromhex(frame))
            for frame in ("01020188", "01050002FF00", "010420" + "00" * 32, "018506", "018202", "010F00000008")
        ),
        ("hardware.io_module.protocol_tcp",),
        (DeviceError,),
        seal=_with_length,
    ),
)
