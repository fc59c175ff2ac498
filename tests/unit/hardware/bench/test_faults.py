from __future__ import annotations

from collections.abc import Mapping

import pytest

from hardware.bench import actions, kinds
from hardware.bench.faults import DELAY_MAX_MS, GARBAGE_MAX, FaultyLine, NextReply, damaged
from hardware.bench.simulator import Action, ActionError, JsonValue


class Echo:
    """Says what it hears."""

    def __init__(self) -> None:
        self._heard = b""
        self.power_cycles = 0

    def receive(self, data: bytes, now_s: float) -> None:
        del now_s
        self._heard += data

    def send(self, now_s: float) -> bytes:
        del now_s
        said, self._heard = self._heard, b""
        return said

    def power_cycle(self, now_s: float) -> None:
        del now_s
        self.power_cycles += 1

    def facts(self) -> dict[str, JsonValue]:
        return {}

    def actions(self) -> Mapping[str, Action]:
        return {}


def play(line: FaultyLine, action: str, now_s: float = 0.0, /, **arguments: JsonValue) -> None:
    actions.call(action, line.actions()[action], arguments, now_s)


def said(line: FaultyLine, data: bytes, now_s: float = 0.0) -> bytes:
    line.receive(data, now_s)
    return line.send(now_s)


@pytest.mark.parametrize(
    ("damage", "arrives"),
    [
        (NextReply.WHOLE, b"ABCD"),
        (NextReply.DROPPED, b""),
        (NextReply.CORRUPT, b"ABBD"),
        (NextReply.TRUNCATED, b"AB"),
        (NextReply.DUPLICATED, b"ABCDABCD"),
    ],
)
def test_damage(damage: NextReply, arrives: bytes) -> None:
    assert damaged(b"ABCD", damage) == arrives


@pytest.mark.parametrize(
    ("action", "arrives"),
    [
        ("drop_next_reply", b""),
        ("corrupt_next_reply", b"ABBD"),
        ("truncate_next_reply", b"AB"),
        ("dup_next_reply", b"ABCDABCD"),
    ],
)
def test_only_the_next_reply_is_damaged(action: str, arrives: bytes) -> None:
    line = FaultyLine(Echo())
    play(line, action)
    assert said(line, b"") == b""
    assert said(line, b"ABCD") == arrives
    assert said(line, b"ABCD") == b"ABCD"


def test_silent() -> None:
    line = FaultyLine(Echo())
    play(line, "silent", on=True)
    assert said(line, b"hello") == b""
    play(line, "silent", on=False)
    assert said(line, b"again") == b"again"


def test_delay_keeps_the_order() -> None:
    line = FaultyLine(Echo())
    play(line, "delay_ms", delay_ms=1000)
    assert said(line, b"one", 10.0) == b""
    assert line.is_busy
    assert said(line, b"two", 10.5) == b""
    assert line.send(11.0) == b"one"
    assert line.send(11.5) == b"two"
    assert not line.is_busy


def test_garbage() -> None:
    line = FaultyLine(Echo())
    play(line, "garbage", hex="02 ff")
    assert line.send(0.0) == b"\x02\xff"


def test_power_cycle_loses_what_is_on_its_way() -> None:
    echo = Echo()
    line = FaultyLine(echo)
    play(line, "delay_ms", delay_ms=1000)
    said(line, b"lost", 10.0)
    play(line, "power_cycle", 10.1)
    assert echo.power_cycles == 1
    assert line.send(12.0) == b""


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("garbage", {"hex": "xyz"}),
        ("garbage", {"hex": "00" * (GARBAGE_MAX + 1)}),
        ("delay_ms", {"delay_ms": -1}),
        ("delay_ms", {"delay_ms": DELAY_MAX_MS + 1}),
        ("silent", {"on": "yes"}),
        ("silent", {}),
    ],
)
def test_what_cannot_be_played_is_told(action: str, arguments: dict[str, JsonValue]) -> None:
    with pytest.raises(ActionError):
        play(FaultyLine(Echo()), action, **arguments)


def test_echo_returns_what_is_sent_before_the_answer() -> None:
    line = FaultyLine(Echo())
    play(line, "echo", on=True)
    assert said(line, b"ab") == b"abab"
    play(line, "echo", on=False)
    assert said(line, b"ab") == b"ab"


def test_a_reset_loses_what_is_on_its_way_like_a_power_cycle() -> None:
    device = Echo()
    line = FaultyLine(device)
    play(line, "delay_ms", delay_ms=1000)
    said(line, b"late")
    play(line, "reset")
    assert device.power_cycles == 1
    assert line.send(99.0) == b""


class Other(Echo):
    """Another device: says everything in capitals."""

    def receive(self, data: bytes, now_s: float) -> None:
        super().receive(data.upper(), now_s)


def test_another_device_takes_the_place_and_goes_again() -> None:
    line = FaultyLine(Echo(), Other)
    play(line, "wrong_device", on=True)
    assert said(line, b"who") == b"WHO"
    play(line, "wrong_device", on=False)
    assert said(line, b"who") == b"who"


def test_without_another_device_it_is_told() -> None:
    with pytest.raises(ActionError, match="no other device"):
        play(FaultyLine(Echo()), "wrong_device", on=True)


@pytest.mark.parametrize("kind", ["mt-sics-scale", "cctalk-cash", "escpos-printer", "modbus-io"])
def test_another_device_of_a_kind_can_be_built(kind: str) -> None:
    assert type(kinds.build_another(kind, {}, 1)) is type(kinds.build_simulator(kind, {}, 1))
