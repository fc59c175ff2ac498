"""What scales, scanners, printers and I/O modules send."""

from __future__ import annotations

import contextlib
import itertools
from typing import get_args

from hardware.errors import DeviceError, ProtocolError
from hardware.io_module import protocol as modbus
from hardware.printer import protocol as escpos
from hardware.printer.commands import CommandReader
from hardware.scale import protocol as mt_sics
from hardware.scale import protocol_8217 as toledo
from hardware.scale.reading import Unavailable
from hardware.scanner import protocol as scanner
from hardware.scanner import protocol_ssi as ssi
from tests.fuzz.fuzzing import Feed, Target


def _mt_sics() -> Feed:
    lines = mt_sics.Lines()

    def feed(data: bytes) -> None:
        for line in lines.feed(data):
            with contextlib.suppress(ProtocolError):
                mt_sics.parse_weight(mt_sics.parse_reply(line))

    return feed


def _scanner() -> Feed:
    framer, clock = scanner.Framer(), itertools.count()

    def feed(data: bytes) -> None:
        for found in framer.feed(data, next(clock) / 20):
            if isinstance(found, bytes):
                with contextlib.suppress(ProtocolError):
                    scanner.parse_line(found, prefix=b"<", suffix=b">")

    return feed


def _toledo() -> Feed:
    bodies = toledo.Bodies()

    def feed(data: bytes) -> None:
        for body in bodies.feed(data):
            for unit in get_args(toledo.Unit):
                with contextlib.suppress(ProtocolError):
                    answer = toledo.parse_weight(body, unit)
                    if isinstance(answer, toledo.Status):
                        assert answer.unavailable in Unavailable
            with contextlib.suppress(ProtocolError):
                toledo.parse_test_result(body)
        toledo.has_echoed(data[:256], b"007")

    return feed


def _ssi() -> Feed:
    packets, decoded, clock = ssi.Packets(), ssi.Decoded(), itertools.count()

    def feed(data: bytes) -> None:
        now_s = next(clock) / 10
        for found in packets.feed(data, now_s):
            if isinstance(found, ssi.Packet):
                decoded.take(found, now_s)
                ssi.parse_revision(found)

    return feed


def _sealed(packet: bytes) -> bytes:
    if len(packet) < ssi.HEADER_BYTES + ssi.CHECKSUM_BYTES:
        return packet
    body = bytes([min(len(packet) - ssi.CHECKSUM_BYTES, 255)]) + packet[1 : -ssi.CHECKSUM_BYTES]
    return body + ssi.checksum(body).to_bytes(ssi.CHECKSUM_BYTES, "big")


_ASKED = (
    modbus.read_inputs(1),
    modbus.read_registers(1, modbus.MODES, 8),
    modbus.write_coil(1, 2, on=True),
    modbus.flash_on(1, 0, 0.7),
    modbus.write_coils(1, [False] * 8),
)


def _modbus() -> Feed:
    requests = itertools.cycle(_ASKED)

    def feed(data: bytes) -> None:
        modbus.find_reply(data[:512], next(requests))

    return feed


def _with_crc(frame: bytes) -> bytes:
    return frame[:-2] + modbus.crc(frame[:-2])


TARGETS = (
    Target(
        "MT-SICS replies",
        _mt_sics,
        (
            bytes.fromhex("5320532020202020313030 2E30302067 0D0A"),
            b"S S      1.234 kg\r\n",
            b"S D     129.07 g\r\n",
            b"S I\r\n",
            b"S +\r\nES\r\n",
            b"S S -  0.012 kg\r\n",
            b'I4 A "0987654321"\r\n',
            b"S S Error 10b\r\n",
        ),
        ("hardware.scale.protocol",),
    ),
    Target(
        "Toledo 8217 answers",
        _toledo,
        (
            bytes.fromhex("02 30 31 2E 32 33 34 0D"),
            bytes.fromhex("82 30 B1 2E B2 33 B4 8D"),
            bytes.fromhex("02 3F 41 0D"),
            b"\x0201.234N\r\x02?\x02\r",
            b"\x0212.50N\r",
            b"\x02?D\r\x02?B\r\x02@\r",
            b"\x02E\r007F",
            b"\x02\r",
        ),
        ("hardware.scale.protocol_8217",),
    ),
    Target(
        "SSI packets",
        _ssi,
        (
            bytes.fromhex("12 F3 00 00 0B 34 30 30 36 33 38 31 33 33 33 39 33 31 FC 54"),
            bytes.fromhex("04 D0 04 00 FF 28"),
            bytes.fromhex("05 D1 04 00 01 FF 25"),
            _sealed(b"\x00\xa4\x00\x00PAAB-R01 DS457\0\0"),
            _sealed(b"\x00\xf3\x00\x02\x1cHTTPS://SHOP\0\0"),
            _sealed(b"\x00\xf3\x00\x03\x1c/P/1\0\0"),
            _sealed(b"\x00\xf3\x00\x00\x0904252614\0\0"),
            _sealed(b"\x00\xf3\x00\x00\x08036000291452\0\0"),
        ),
        ("hardware.scanner.protocol_ssi",),
        seal=_sealed,
    ),
    Target(
        "scanner lines",
        _scanner,
        (
            b"]E04006381333931\r\n",
            b"]Q1HTTPS://SHOP.EXAMPLE/P/AB\r",
            b"<]C10104006381333931\x1d10A\r\n>",
            b"\x01\x02M9400i\x03\x02SA123\x03\x04",
            b"4006381333931\n",
        ),
        ("hardware.scanner.protocol",),
    ),
    Target(
        "Modbus RTU answers",
        _modbus,
        tuple(
            _with_crc(bytes.fromhex(frame) + b"\0\0")
            for frame in ("01020188", "0105000200FF00", "01031000010000000000000000000000000000", "018506", "010F00000008")
        ),
        ("hardware.io_module.protocol",),
        (DeviceError,),
        seal=_with_crc,
    ),
    Target(
        "ESC/POS answers",
        lambda: escpos.ReplyReader().feed,
        (b"\x12", b"\x16\x7e", b"\x10\x00\x00\x00", b"\x14\x00\x0f\x00", b"\x37\x22A1B2\x00", b"\x00\x0f"),
        ("hardware.printer.protocol",),
    ),
    Target(
        "ESC/POS commands",
        lambda: CommandReader().feed,
        (
            b"\x1b@Hello\n",
            b"\x10\x04\x01",
            b"\x1dV\x00",
            b"\x1d(H\x06\x0000ABCD",
            b"\x1dv0\x00\x02\x00\x01\x00\xff\xff",
            b"\x1br\x01",
        ),
        ("hardware.printer.commands",),
    ),
)
