from __future__ import annotations

from collections.abc import Mapping

import pytest

from hardware.bench import actions
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
