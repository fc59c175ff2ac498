"""The exit lane: from the pass shown to the gate open, without what physics and the scale's rest need; ten lanes on a core.

The gate controller is a process of its own; devices are simulated behind ptys and tell, to the tick, what happened physically;
the store server is the measuring process. A pty has no wire: what is measured is the programs. What the goods need is taken
off: the belt's way to the exit barrier, the scale's own rest and the time that it must stay at rest (``settle_s``), the way off
the belt and the run-on after it (``carry_s``).
"""

from __future__ import annotations

import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from gate_controller.passes_used import PassesUsed
from hardware.bench.lane_world import Input, Output
from store_server.contract.order_messages import Order
from tests.bench.rows import Row, below
from tests.support.gate_forker import gate_forker
from tests.support.lane_hall import LaneHall, lane_hall
from tests.support.memory_disk import roomy_folder

PASSAGES, PASSAGES_ON_DISK = 100, 20
COMMITS = 500
PARTS = ("pass to belt", "rest to belt and deactivator", "goods off to gate")
SWITCH_S = 0.0005
SETTLE_S, CARRY_S = 0.5, 0.5
OVERHEAD_MS, OVERHEAD_SHARE = 50.0, 5.0
LANES, BUSY_S, CORE_SHARE = 10, 20.0, 50.0
HANDS_S = 0.2
"""Whoever has put the goods on the belt needs this and more to show the pass."""
BELT_M_S, QUICK_BELT_M_S = 0.3, 2.0
"""As fast as the demo's belt; a quicker one hides nothing, but makes the whole shorter than it is."""
TIMING = f"""[timing]
carry_s = {CARRY_S}
[weighing]
settle_s = {SETTLE_S}
[checks]
ceiling = 0
"""
IO = "[lanes.io]\nbaud = 115200"
"""The shortest silences between frames: at 9600 baud they are 4 ms each, and belong to the wire."""


@dataclass
class Witness:
    """Notes when an output or input of a simulated I/O module changed, and when the scale came to rest."""

    module: Any
    scale: Any
    changes: list[tuple[str, bool, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._last: dict[str, bool] = {}
        receive, pan = self.module.receive, self.scale._pan
        advance = pan.advance

        def received(data: bytes, now_s: float) -> None:
            receive(data, now_s)
            self._note(now_s)

        def advanced(now_s: float) -> None:
            advance(now_s)
            self._see("rest", pan.is_stable, now_s)

        self.module.receive, pan.advance = received, advanced
        set_input = self.module.set_input

        def input_set(index: int, on: bool) -> None:  # noqa: FBT001 - the simulator's own signature
            set_input(index, on)
            self._see(Input(index).name, on, time.monotonic())

        self.module.set_input = input_set

    def _note(self, now_s: float) -> None:
        outputs = self.module.outputs(now_s)
        for output in Output:
            self._see(output.name, bool(outputs[output]), now_s)

    def _see(self, name: str, on: bool, now_s: float) -> None:  # noqa: FBT001 - a fact
        if self._last.get(name) is not on:
            self._last[name] = on
            self.changes.append((name, on, now_s))

    def when(self, name: str, since_s: float, *, on: bool = True) -> float:
        """When it first became so after a moment."""
        return next(at_s for what, state, at_s in self.changes if (what, state) == (name, on) and at_s >= since_s)

    def last(self, name: str, until_s: float, *, on: bool = True) -> float:
        """When it last became so before a moment."""
        return next(at_s for what, state, at_s in reversed(self.changes) if (what, state) == (name, on) and at_s <= until_s)


@dataclass
class Passages:
    """What passages took, in milliseconds."""

    parts: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})
    own: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def add(self, found: dict[str, float]) -> None:
        """Count one, as :func:`_passage_times` found it."""
        for part in PARTS:
            self.parts[part].append(1000 * found[part])
        self.own.append(1000 * sum(found[part] for part in PARTS))
        self.whole.append(1000 * found["whole"])


def measure() -> Iterator[Row]:
    """Measure one lane's passages with its record in memory and on this machine's disk, then ten lanes at work."""
    usual_s = sys.getswitchinterval()
    # The simulated devices share this interpreter with the store server; a real device waits for nobody's.
    sys.setswitchinterval(SWITCH_S)
    try:
        yield from _measured()
    finally:
        sys.setswitchinterval(usual_s)


def _measured() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(dir=roomy_folder()) as folder:
        passages = _passages(Path(folder), PASSAGES, QUICK_BELT_M_S)
        yield from _own_rows("lane, pass shown to gate open, record in memory", passages)
    with tempfile.TemporaryDirectory() as folder:
        passages, commits_ms = _passages(Path(folder), PASSAGES_ON_DISK, BELT_M_S), _commits_ms(Path(folder))
        subject = "lane, pass shown to gate open, record on disk"
        yield from _own_rows(subject, passages)
        share = 100 * statistics.median(mine / all_ for mine, all_ in zip(passages.own, passages.whole, strict=True))
        yield below(Row(subject, "own share", round(share, 2), "%", "own time / whole, p50"), OVERHEAD_SHARE)
        subject = "lane, a bare commit on that disk"
        yield Row(subject, "p50", round(statistics.median(commits_ms), 1), "ms", "two are waited for")
        yield Row(subject, "p99", round(_p99(commits_ms), 1), "ms")
    with tempfile.TemporaryDirectory() as folder:
        yield from _busy_lanes(Path(folder))


def _own_rows(subject: str, passages: Passages) -> Iterator[Row]:
    yield Row(subject, "passages", len(passages.own), "")
    yield Row(subject, "whole p50", round(statistics.median(passages.whole), 1), "ms")
    for part, values in passages.parts.items():
        yield Row(subject, f"{part}, p50", round(statistics.median(values), 1), "ms")
    yield Row(subject, "own time p50", round(statistics.median(passages.own), 1), "ms")
    yield below(Row(subject, "own time p99", round(_p99(passages.own), 1), "ms"), OVERHEAD_MS)


def _passages(folder: Path, count: int, belt_m_s: float) -> Passages:
    passages = Passages()
    with lane_hall(folder, belt_m_s=belt_m_s) as hall, gate_forker() as forker:
        devices = hall.bench._devices
        witness = Witness(devices["lane-1-io"]._playable, devices["lane-1-scale"]._playable)
        hall.lane_lines = IO
        pid = forker.start(hall.settings(timing=TIMING))
        hall.wait_in_service()
        for _passage in range(count):
            passages.add(_passage_times(hall, witness, hall.paid()))
        forker.stop(pid)
    return passages


def _passage_times(hall: LaneHall, witness: Witness, order: Order) -> dict[str, float]:
    """Let one shopper leave; return what took how long."""
    hall.lay(order)
    time.sleep(HANDS_S)
    witness.changes.clear()
    witness._last.clear()
    shown_s = time.monotonic()
    hall.show(order)
    hall.wait_outputs(gate=True, deadline_s=30)
    open_s = witness.when("GATE", shown_s)
    there_s = witness.when("EXIT_BARRIER", shown_s)
    belt_s, again_s = witness.when("BELT", shown_s), witness.when("BELT", there_s)
    rest_s = max(there_s, witness.last("rest", again_s - SETTLE_S))
    off_s = witness.last("EXIT_BARRIER", open_s, on=False)
    hall.leave()
    hall.wait_exited(order)
    hall.wait_in_service()
    return {
        "whole": open_s - shown_s,
        PARTS[0]: belt_s - shown_s,
        PARTS[1]: again_s - rest_s - SETTLE_S,
        PARTS[2]: open_s - off_s - CARRY_S,
    }


def _commits_ms(folder: Path) -> list[float]:
    """What the disk needs for each commit of the record, with nothing else going on."""
    folder.joinpath("commits").mkdir()
    record, spans = PassesUsed(folder / "commits"), []
    for _commit in range(COMMITS):
        begun_s = time.perf_counter()
        record.begin_entry(uuid4())
        spans.append(1000 * (time.perf_counter() - begun_s))
    record.close()
    return spans


def _p99(values: list[float]) -> float:
    """The smallest value that 99 of 100 do not exceed."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


def _busy_lanes(folder: Path) -> Iterator[Row]:
    """Every lane has a shopper all the time; the controller's own processor time is counted by the system."""
    left = 0
    with lane_hall(folder, LANES) as hall, gate_forker() as forker:
        hall.lane_lines = IO
        pid = forker.start(hall.settings(timing=TIMING))
        for lane in hall.lanes:
            hall.wait_in_service(lane, 60)
        orders = iter([hall.paid() for _order in range(LANES * int(BUSY_S))])
        steps: dict[str, Iterator[None]] = {}
        began_s, cpu_s = time.monotonic(), _cpu_s(pid)
        while time.monotonic() - began_s < BUSY_S:
            for lane in hall.lanes:
                if next(steps.get(lane, iter(())), _OVER) is _OVER:
                    left += lane in steps
                    steps[lane] = _shopper(hall, lane, next(orders))
        took_s, used_s = time.monotonic() - began_s, _cpu_s(pid) - cpu_s
        forker.stop(pid)
    subject = f"lane, {LANES} busy lanes on one controller"
    yield Row(subject, "shoppers in a minute", round(60 * left / took_s), "")
    yield below(Row(subject, "share of a core", round(100 * used_s / took_s, 1), "%"), CORE_SHARE)


_OVER = object()


def _shopper(hall: LaneHall, lane: str, order: Order) -> Iterator[None]:
    """One shopper's way out, a step at a time, so that ten go side by side."""
    hall.lay(order, lane)
    hall.show(order, lane)
    while (now := hall.outputs(lane)) and (now["belt"] or now["deactivator"] or not now["gate"]):
        yield
    hall.play(lane, "walk_through")
    while hall.outputs(lane)["gate"] or hall.facts(f"{lane}-io")["inputs"][Input.PASSAGE]:
        yield


def _cpu_s(pid: int) -> float:
    """Processor time that a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
