"""A second gate controller and the lanes of the first, from the command line, against a real store server."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from store_server.domain import lane_arbiter
from tests.support.gate_forker import GateForker, gate_forker
from tests.support.lane_hall import LaneHall, lane_hall
from tests.support.wire import wait_for


def said(settings: Path) -> str:
    """The last thing that a controller with these settings said."""
    path = settings.with_suffix(".said")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return lines[-1] if lines else ""


def refused(forker: GateForker, settings: Path, *options: str) -> str:
    """Start one that must not run; return what it says."""
    pid = forker.start(settings, "", *options)
    wait_for(lambda: forker.ended(pid) is not None, "the second controller to end", 15)
    return said(settings)


def runs(forker: GateForker, hall: LaneHall, settings: Path, *options: str) -> int:
    pid = forker.start(settings, "", *options)
    wait_for(lambda: said(settings).startswith("READY"), "a controller to be ready", 15)
    log = hall.folder / settings.stem / "log.jsonl"
    backs = ("lane-1-scanner is back", "lane-1-keypad is back", "lane-1-scale is back", "lane-1-io is back")
    wait_for(lambda: all(back in log.read_text(encoding="utf-8") for back in backs), "its devices to be heard", 15)
    hall.wait_in_service()
    return pid


def test_a_second_controller_runs_the_lanes_only_once_the_first_is_gone_and_a_person_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lane_hall(tmp_path) as hall, gate_forker() as forker:
        first, second = hall.settings("first"), hall.settings("second")
        pid = runs(forker, hall, first)
        assert "gate-1" in refused(forker, second)
        assert "READY" not in refused(forker, second, "--take-over"), "who is heard cannot be taken over"
        assert forker.ended(pid) is None, "the first one goes on"
        forker.stop(pid, signal.SIGKILL)
        monkeypatch.setattr(
            lane_arbiter, "SILENT_AFTER_S", -1
        )  # the store serves in this process: half a minute goes by at once
        assert "--take-over" in refused(forker, second), "time alone moves no lanes"
        runs(forker, hall, second, "--take-over")
        monkeypatch.undo()
        assert "gate-1" in refused(forker, first), "the former one has lost them for good"
        order = hall.paid()
        hall.lay(order)
        hall.show(order)
        hall.wait_outputs(gate=True, deadline_s=20)
        hall.leave()
        hall.wait_exited(order)
        assert hall.exits(order) == 1
