"""The lane's world between the real simulators of its I/O module and its scale, spoken to by bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.bench import kinds
from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice, WorldDevice
from hardware.bench.host import PtyHost
from hardware.bench.simulator import ActionError
from hardware.link import Link
from tests.support.wire import wait_for

READ_INPUTS = bytes.fromhex("01 02 00 00 00 08 79 CC")
ALL_OFF = bytes.fromhex("01 05 00 FF 00 00 FD FA")
BELT_ON = bytes.fromhex("01 05 00 00 FF 00 8C 3A")
DEACTIVATOR_ON = bytes.fromhex("01 05 00 01 FF 00 DD FA")
ALL_ON = bytes.fromhex("01 05 00 FF FF 00 BC 0A")
WIRED, ENTRY, EXIT, EAS, PASSAGE = 0x88, 0x02, 0x04, 0x01, 0x40


class Lane:
    """A gate controller's hands."""

    def __init__(self, folder: Path) -> None:
        simulators = {kind: kinds.build_simulator(kind, {}, 1) for kind in ("modbus-io", "mt-sics-scale")}
        hosts = {kind: PtyHost(folder, kind) for kind in simulators}
        world = kinds.build_world("lane", {}, simulators["modbus-io"], simulators["mt-sics-scale"])
        wired = [WiredDevice(kind, kind, simulators[kind], hosts[kind]) for kind in simulators]
        self.bench = Bench([*wired, WorldDevice("lane-1", "lane", world)])
        self.bench.start()
        self.io, self.scale = Link(hosts["modbus-io"].url), Link(hosts["mt-sics-scale"].url)

    def close(self) -> None:
        self.io.close()
        self.scale.close()
        self.bench.stop()

    def play(self, action: str, **arguments: Any) -> Any:
        return self.bench.play("lane-1", action, arguments)

    def write(self, request: bytes) -> None:
        self.io.write(request)
        assert len(self.io.read_exactly(8, 5.0)) == 8

    def inputs(self) -> int:
        self.io.write(READ_INPUTS)
        return self.io.read_exactly(6, 5.0)[3]

    def places(self) -> list[str]:
        facts: Any = self.bench.describe("lane-1")["facts"]
        return [goods["place"] for goods in facts["goods"]]

    def stable_weight_g(self) -> float:
        self.scale.write(b"S\r\n")
        line = b""
        while not line.endswith(b"\r\n"):
            line += self.scale.read(5.0)
        words = line.split()
        assert words[:2] == [b"S", b"S"], line
        return float(words[2])


@pytest.fixture
def lane(tmp_path: Path) -> Iterator[Lane]:
    lane = Lane(tmp_path)
    yield lane
    lane.close()


def test_goods_pass_the_lane(lane: Lane) -> None:
    assert lane.inputs() == WIRED
    lane.play("put_goods", grams=1234.0, live_tags=2)
    wait_for(lambda: lane.inputs() == WIRED | ENTRY, "the entry barrier")
    lane.write(BELT_ON)
    wait_for(lambda: lane.inputs() == WIRED | EXIT, "the exit barrier")
    lane.write(ALL_OFF)
    assert lane.stable_weight_g() == pytest.approx(1234.0, abs=2.0)
    with pytest.raises(ActionError, match="the gate is closed"):
        lane.play("walk_through")
    lane.write(DEACTIVATOR_ON)
    lane.write(BELT_ON)
    wait_for(lambda: lane.inputs() == WIRED, "the goods to leave the scale")
    wait_for(lambda: lane.places() == ["end"], "the end of the belt")
    assert lane.stable_weight_g() == pytest.approx(0.0, abs=2.0)
    lane.write(ALL_ON)
    assert lane.play("walk_through") == {"grams": 1234.0, "live_tags": 0, "alarm": False}
    wait_for(lambda: bool(lane.inputs() & PASSAGE), "the passage sensor")
    wait_for(lambda: lane.inputs() == WIRED, "the passage sensor's end")


def test_a_live_tag_closes_the_contact(lane: Lane) -> None:
    assert lane.play("carry_tag") == {"alarm": True}
    wait_for(lambda: lane.inputs() == WIRED | EAS, "the EAS contact")
    wait_for(lambda: lane.inputs() == WIRED, "its end")
