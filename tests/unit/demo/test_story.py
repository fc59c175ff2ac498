from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.errors import DemoError
from demo.story import Story, TripFailedError


def _fail() -> None:
    raise DemoError("the gate stayed shut")


def test_a_failed_step_is_told_and_ends_the_trip(tmp_path: Path) -> None:
    told: list[str] = []
    story = Story(told.append)
    story.begin("honest", "somebody shops")
    assert story.step("press Start", "ready", lambda: 7, lambda number: f"got {number}") == 7
    with pytest.raises(TripFailedError, match="the gate stayed shut"):
        story.step("walk out", "the gate opens", _fail)
    story.write(tmp_path / "summary.json")
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert [(step["passed"], step["happened"]) for step in summary["steps"]] == [
        (True, "got 7"),
        (False, "the gate stayed shut"),
    ]
    assert not summary["passed"]
    assert any("FAIL" in line for line in told)


def test_a_story_without_steps_has_not_passed() -> None:
    assert not Story(lambda _: None).all_passed
